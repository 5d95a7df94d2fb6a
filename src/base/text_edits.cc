#include "base/text_edits.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace coreshed {
namespace {

bool BeginsCharacter(std::string_view text, size_t at) {
  return at == text.size() || (static_cast<uint8_t>(text[at]) & 0xC0) != 0x80;
}

/// The bytes with which both begin, in whole characters.
size_t CommonHead(std::string_view a, std::string_view b) {
  const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  auto size = static_cast<size_t>(end - a.begin());
  while (!BeginsCharacter(a, size) || !BeginsCharacter(b, size))
    --size;
  return size;
}

/// The bytes with which both end, in whole characters.
size_t CommonTail(std::string_view a, std::string_view b) {
  const auto [end, other] = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  auto size = static_cast<size_t>(end - a.rbegin());
  while (!BeginsCharacter(a, a.size() - size))
    --size;
  return size;
}

/// The edit that makes `to` of `from`, which begins at `at`; none where they are equal.
void AddEdit(size_t at, std::string_view from, std::string_view to, std::vector<TextEdit>* edits) {
  if (from == to) return;
  const size_t head = CommonHead(from, to);
  from.remove_prefix(head);
  to.remove_prefix(head);
  const size_t tail = CommonTail(from, to);
  edits->push_back({at + head, from.size() - tail, std::string(to.substr(0, to.size() - tail))});
}

/// Take off what stands before the next quote, and the quote; all where there is none.
std::string_view NextPiece(std::string_view* text) {
  const auto piece = text->substr(0, text->find('"'));
  text->remove_prefix(std::min(piece.size() + 1, text->size()));
  return piece;
}

}  // namespace

std::vector<TextEdit> EditsBetween(std::string_view from, std::string_view to) {
  std::vector<TextEdit> edits;
  if (std::count(from.begin(), from.end(), '"') != std::count(to.begin(), to.end(), '"')) {
    AddEdit(0, from, to, &edits);
    return edits;
  }
  for (size_t at = 0; !from.empty() || !to.empty();) {
    const auto piece = NextPiece(&from);
    AddEdit(at, piece, NextPiece(&to), &edits);
    at += piece.size() + 1;
  }
  return edits;
}

std::optional<std::string> ApplyEdits(std::string_view from, std::span<const TextEdit> edits) {
  std::string to;
  size_t done = 0;
  for (const auto& edit : edits) {
    if (edit.at < done || edit.at > from.size() || edit.drop > from.size() - edit.at) {
      return std::nullopt;
    }
    to.append(from.substr(done, edit.at - done)).append(edit.put);
    done = edit.at + edit.drop;
  }
  return to.append(from.substr(done));
}

}  // namespace coreshed
