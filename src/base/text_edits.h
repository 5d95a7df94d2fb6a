#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coreshed {

/// `drop` bytes of a text from byte `at` on make room for `put`.
struct TextEdit {
  size_t at = 0, drop = 0;
  std::string put;
};

/// Edits that make `to` of `from` (both UTF-8), in the order of their places, none within a
/// character. Texts with as many quotes (") are compared piece by piece between them, so that JSON
/// of the same form needs edits only where its values differ; others get one edit.
std::vector<TextEdit> EditsBetween(std::string_view from, std::string_view to);

/// The other way; nothing where the edits overlap, are out of order or reach beyond the text.
std::optional<std::string> ApplyEdits(std::string_view from, std::span<const TextEdit> edits);

}  // namespace coreshed
