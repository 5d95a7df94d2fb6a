#include "catalog/record_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "catalog/packed_record.h"

namespace coreshed::catalog {
namespace {

bool IsBefore(const RecordTable::Row* one, const RecordTable::Row* other) {
  return PackedId(one->packed) < PackedId(other->packed);
}

}  // namespace

RecordTable::Difference RecordTable::Compare(const std::vector<storage::RecordStamp>& sweep) {
  Difference difference;
  ++sweep_;
  size_t seen_count = 0;
  for (const storage::RecordStamp& record : sweep) {
    const auto found = rows_.find(record.segment);
    if (found != rows_.end()) {
      ++seen_count;
      found->second.sweep = sweep_;
      if (!record.stamp.empty() && found->second.stamp == record.stamp) continue;
    }
    difference.changed.push_back(&record);
  }
  if (seen_count == rows_.size()) return difference;
  for (const auto& [segment, row] : rows_) {
    if (row.sweep != sweep_) difference.gone.push_back(segment);
  }
  return difference;
}

void RecordTable::Apply(std::vector<NewRow> put, const std::vector<std::string>& gone) {
  for (const std::string& segment : gone) {
    if (const auto found = rows_.find(segment); found != rows_.end()) found->second.packed.clear();
  }
  if (!gone.empty()) {
    std::erase_if(sorted_, [](const Row* row) { return row->packed.empty(); });
    for (const std::string& segment : gone)
      rows_.erase(segment);
  }
  if (rows_.empty()) rows_.reserve(put.size());
  const auto old_count = static_cast<std::ptrdiff_t>(sorted_.size());
  for (NewRow& fresh : put) {
    const auto [place, is_new] = rows_.try_emplace(std::move(fresh.segment));
    Row& row = place->second;
    row.stamp = std::move(fresh.stamp);
    row.packed = std::move(fresh.packed);
    if (is_new) sorted_.push_back(&row);
  }
  // Rows out of a file come in their order, and most changes add none: then nothing is to be done.
  const auto middle = sorted_.begin() + old_count;
  if (!std::is_sorted(middle, sorted_.end(), IsBefore)) std::sort(middle, sorted_.end(), IsBefore);
  const bool is_apart =
      middle == sorted_.begin() || middle == sorted_.end() || IsBefore(*std::prev(middle), *middle);
  if (!is_apart) std::inplace_merge(sorted_.begin(), middle, sorted_.end(), IsBefore);
}

void RecordTable::Distrust() {
  for (auto& [segment, row] : rows_)
    row.stamp.clear();
}

const RecordTable::Row* RecordTable::Find(const std::string& segment) const {
  const auto found = rows_.find(segment);
  return found == rows_.end() ? nullptr : &found->second;
}

size_t RecordTable::IndexAfter(std::string_view id) const {
  const auto place = std::upper_bound(
      sorted_.begin(), sorted_.end(), id,
      [](std::string_view wanted, auto* row) { return wanted < PackedId(row->packed); });
  return static_cast<size_t>(place - sorted_.begin());
}

}  // namespace coreshed::catalog
