#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Texts for a terminal.
namespace coreshed::cli {

/// `text` with nothing in it that a terminal would obey: control characters as their pictures (␛,
/// ␊), what turns the direction of writing as \u202e, bytes that are no UTF-8 as \xff.
std::string Printable(std::string_view text);

/// How many places printable text takes on a terminal: East Asian characters take two.
size_t DisplayWidth(std::string_view text);

/// Cut to `width` places, with … at the end if anything is missing.
std::string Cut(std::string_view text, size_t width);

/// Filled up with blanks to `width` places.
std::string Padded(std::string_view text, size_t width, bool right);

/// Broken into lines of at most `width` places, between words where there are any.
std::vector<std::string> Wrapped(std::string_view text, size_t width);

/// 12345 → 12,345
std::string Grouped(int64_t number);

/// "1 row", "2,501 rows"
std::string Counted(int64_t number, const std::string& noun);

/// 183412 → 183 kB
std::string Bytes(int64_t bytes);

/// 2026-01-27T10:00:00.123456Z → 2026-01-27 10:00:00
std::string ShortTime(const std::string& time);

}  // namespace coreshed::cli
