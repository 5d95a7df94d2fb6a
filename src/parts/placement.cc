#include "parts/placement.h"

#include <algorithm>
#include <map>
#include <set>

#include "parts/hash.h"

namespace coreshed::parts {

TableParts ListParts(const std::vector<PlacedPart>& parts, const std::vector<PartFile>& base_files,
                     const std::vector<PartFile>& new_files) {
  TableParts table;
  std::set<int64_t> used;
  for (const auto& part : parts) {
    if (!part.is_new) used.insert(part.place.file);
  }
  std::map<int64_t, int64_t> numbers;
  for (const int64_t file : used) {
    numbers[file] = static_cast<int64_t>(table.files.size());
    table.files.push_back(base_files[static_cast<size_t>(file)]);
  }
  const auto first_new = static_cast<int64_t>(table.files.size());
  table.files.insert(table.files.end(), new_files.begin(), new_files.end());
  Sum128 sum;
  std::vector<Hash256> hashes;
  for (const auto& part : parts) {
    const int64_t file = part.is_new ? first_new + part.place.file : numbers[part.place.file];
    const bool follows = !table.runs.empty() && table.runs.back().file == file &&
                         table.runs.back().first + table.runs.back().count == part.place.part;
    if (follows) {
      ++table.runs.back().count;
    } else {
      table.runs.push_back({file, part.place.part, 1});
    }
    table.rows += part.entry.rows;
    sum.Add(part.entry.sum);
    hashes.push_back(part.entry.hash);
  }
  table.parts = static_cast<int64_t>(parts.size());
  table.exact_hash = TableExactHash(hashes);
  table.duplicate_sum = ToHex(sum);
  return table;
}

std::vector<size_t> ScatteredParts(const std::vector<PlacedPart>& parts,
                                   const std::vector<PartFile>& base_files) {
  struct Use {
    int64_t parts = 0, file = 0;
  };
  std::map<int64_t, Use> by_file;
  int64_t bytes = 0;
  bool writes = false;
  for (const auto& part : parts) {
    writes = writes || part.is_new;
    if (part.is_new) continue;
    auto& use = by_file[part.place.file];
    if (use.parts++ == 0) bytes += base_files[static_cast<size_t>(part.place.file)].size_bytes;
    use.file = part.place.file;
  }
  const int64_t files_max = kFilesMax + std::max<int64_t>(0, (bytes >> 30) - kFilesMax);
  const auto files = static_cast<int64_t>(by_file.size());
  if (files + (writes ? 1 : 0) <= files_max) return {};
  std::vector<Use> uses;
  for (const auto& [file, use] : by_file)
    uses.push_back(use);
  std::stable_sort(uses.begin(), uses.end(),
                   [](const Use& a, const Use& b) { return a.parts < b.parts; });
  const int64_t keep = kFilesAfter + files_max - kFilesMax;
  std::set<int64_t> anew;
  for (int64_t i = 0; i < files - keep; ++i)
    anew.insert(uses[static_cast<size_t>(i)].file);
  std::vector<size_t> scattered;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].is_new && anew.contains(parts[i].place.file)) scattered.push_back(i);
  }
  return scattered;
}

}  // namespace coreshed::parts
