#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coreshed {

/// Microseconds since 1970 as `2026-01-27T10:00:00.000000Z`: always the same width, so that texts
/// sort as times do. Years 1 to 9999; others are clamped.
std::string FormatTime(int64_t micros);

/// The other way; also takes fewer or no fraction digits, and an offset (`+01:00`) for `Z`.
std::optional<int64_t> ParseTime(std::string_view text);

/// Whether `text` is a time as FormatTime writes it.
bool IsStoredTime(std::string_view text);

}  // namespace coreshed
