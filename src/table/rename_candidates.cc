#include "table/rename_candidates.h"

#include <functional>
#include <map>

#include "base/text.h"

namespace coreshed::table {
namespace {

using Key = std::pair<std::string, std::string>;
using KeyOf = std::function<Key(const Column&)>;

/// A name as somebody might have meant it: "Depth (m)" and "depth_m" are the same.
std::string Meaning(const std::string& name) {
  std::string meaning;
  for (char c : FoldCase(name)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (letter) meaning += c;
  }
  return meaning;
}

/// Pair what shares a key that nothing else has, and take it out of both lists.
void PairUnique(std::vector<Column>& removed, std::vector<Column>& added, const KeyOf& key_of,
                std::vector<std::pair<std::string, std::string>>& pairs) {
  std::map<Key, std::pair<std::vector<std::string>, std::vector<std::string>>> groups;
  for (const auto& column : removed)
    groups[key_of(column)].first.push_back(column.name);
  for (const auto& column : added)
    groups[key_of(column)].second.push_back(column.name);
  const auto take = [&](const Column& column) {
    const auto& [old_names, new_names] = groups[key_of(column)];
    return old_names.size() == 1 && new_names.size() == 1;
  };
  for (const auto& column : removed) {
    if (take(column)) pairs.emplace_back(column.name, groups[key_of(column)].second.front());
  }
  std::erase_if(removed, take);
  std::erase_if(added, take);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> RenameCandidates(
    const std::vector<Column>& removed, const std::vector<Column>& added) {
  std::vector<std::pair<std::string, std::string>> pairs;
  auto old_columns = removed;
  auto new_columns = added;
  PairUnique(
      old_columns, new_columns,
      [](const Column& column) { return Key(column.type, Meaning(column.name)); }, pairs);
  PairUnique(
      old_columns, new_columns, [](const Column& column) { return Key(column.type, ""); }, pairs);
  return pairs;
}

}  // namespace coreshed::table
