#include "validate/references.h"

#include <arrow/record_batch.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/result.h"
#include "validate/table_check.h"

namespace coreshed::validate {
namespace {

/// How often a value occurs that is there already: it never goes.
constexpr uint64_t kAlways = uint64_t{1} << 39;

bool Less(const ValueHash& a, const ValueHash& b) {
  return std::tie(a.low, a.high) < std::tie(b.low, b.high);
}

/// The places of a column, by table and column of a schema.
std::map<std::pair<std::string, std::string>, std::pair<int, int>> PlacesOf(
    const SchemaDefinition& schema) {
  std::map<std::pair<std::string, std::string>, std::pair<int, int>> places;
  for (size_t t = 0; t < schema.tables.size(); ++t) {
    const auto& columns = schema.tables[t].columns;
    for (size_t c = 0; c < columns.size(); ++c) {
      places[{schema.tables[t].name, columns[c].name}] = {static_cast<int>(t), static_cast<int>(c)};
    }
  }
  return places;
}

}  // namespace

References::References(const SchemaDefinition& schema, const ValueHasher& hasher)
    : schema_(schema), hasher_(hasher), rows_(schema.tables.size()) {
  const auto places = PlacesOf(schema);
  std::map<std::pair<int, int>, size_t> targets;
  for (size_t t = 0; t < schema.tables.size(); ++t) {
    const auto& columns = schema.tables[t].columns;
    for (size_t c = 0; c < columns.size(); ++c) {
      if (!columns[c].references) continue;
      const auto& to = *columns[c].references;
      const auto place = places.at({to.table, to.column});
      const auto [target, is_new] = targets.try_emplace(place, targets_.size());
      if (is_new) targets_.push_back({place.first, place.second, {}, {}});
      sources_.push_back({static_cast<int>(t), static_cast<int>(c), target->second, {}, {}});
    }
  }
}

bool References::Concerns(int table) const {
  const auto is_of = [table](const auto& column) { return column.table == table; };
  return std::any_of(targets_.begin(), targets_.end(), is_of) ||
         std::any_of(sources_.begin(), sources_.end(), is_of);
}

Result<void> References::AddKnown(int table, const arrow::RecordBatch& rows) {
  for (auto& target : targets_) {
    if (target.table != table) continue;
    const auto& columns = schema_.tables[static_cast<size_t>(table)].columns;
    CORESHED_ASSIGN(const auto array,
                    KnownColumn(rows, columns[static_cast<size_t>(target.column)]));
    if (array == nullptr) continue;
    CORESHED_ASSIGN(const auto hashes, hasher_.Hash(array));
    for (const auto& hash : hashes) {
      if (!hash.is_none()) target.counts.FindOrAdd(hash, kAlways);
    }
  }
  return {};
}

Result<void> References::Add(int table, const arrow::RecordBatch& rows,
                             const std::vector<bool>& is_rejected) {
  const auto append = [&](auto& columns) -> Result<void> {
    for (auto& column : columns) {
      if (column.table != table) continue;
      CORESHED_ASSIGN(const auto hashes, hasher_.Hash(rows.column(column.column)));
      column.hashes.insert(column.hashes.end(), hashes.begin(), hashes.end());
    }
    return {};
  };
  CORESHED_TRY(append(targets_));
  CORESHED_TRY(append(sources_));
  auto& all = rows_[static_cast<size_t>(table)].is_rejected;
  all.insert(all.end(), is_rejected.begin(), is_rejected.end());
  return {};
}

void References::Resolve(bool splits, int64_t faults_max) {
  Count(splits);
  std::vector<Lost> lost;
  auto has_own_fault = Find(splits, &lost);
  Cascade(&lost);
  Name(has_own_fault, faults_max);
}

/// Values that only rejected rows have are counted 0 times.
void References::Count(bool splits) {
  for (auto& target : targets_) {
    const auto& is_rejected = rows_[static_cast<size_t>(target.table)].is_rejected;
    for (size_t row = 0; row < target.hashes.size(); ++row) {
      const auto& hash = target.hashes[row];
      if (hash.is_none()) continue;
      const uint64_t one = splits && is_rejected[row] ? 0 : 1;
      const auto count = target.counts.FindOrAdd(hash, one);
      if (count != HashTable::kNone) target.counts.Set(hash, count + one);
    }
  }
}

/// Rows with values that are nowhere, or only in rejected rows, are lost. Gives which rows have
/// faults of their own, by table.
std::vector<std::vector<bool>> References::Find(bool splits, std::vector<Lost>* lost) {
  std::vector<std::vector<bool>> has_own_fault;
  for (const auto& rows : rows_)
    has_own_fault.push_back(rows.is_rejected);
  for (const auto& source : sources_) {
    const auto& counts = targets_[source.target].counts;
    const auto table = static_cast<size_t>(source.table);
    for (size_t row = 0; row < source.hashes.size(); ++row) {
      if (source.hashes[row].is_none()) continue;
      const auto count = counts.Find(source.hashes[row]);
      if (count != HashTable::kNone && count > 0) continue;
      if (count == HashTable::kNone) has_own_fault[table][row] = true;
      if (splits) Lose(source.table, static_cast<int64_t>(row), lost);
    }
  }
  return has_own_fault;
}

void References::Lose(int table, int64_t row, std::vector<Lost>* lost) {
  auto& is_rejected = rows_[static_cast<size_t>(table)].is_rejected;
  if (is_rejected[static_cast<size_t>(row)]) return;
  is_rejected[static_cast<size_t>(row)] = true;
  lost->push_back({table, row});
}

/// Take the values of lost rows away, and with them the rows that refer to these, and so on.
void References::Cascade(std::vector<Lost>* lost) {
  while (!lost->empty()) {
    const Lost row = lost->back();
    lost->pop_back();
    for (size_t t = 0; t < targets_.size(); ++t) {
      auto& target = targets_[t];
      if (target.table != row.table) continue;
      const ValueHash hash = target.hashes[static_cast<size_t>(row.row)];
      if (hash.is_none()) continue;
      const auto count = target.counts.Find(hash);
      target.counts.Set(hash, count - 1);
      if (count == 1) LoseValue(hash, t, lost);
    }
  }
}

void References::LoseValue(const ValueHash& hash, size_t target, std::vector<Lost>* lost) {
  for (auto& source : sources_) {
    if (source.target != target) continue;
    const auto hash_of = [&](int64_t row) { return source.hashes[static_cast<size_t>(row)]; };
    if (source.by_hash.empty()) {
      source.by_hash.resize(source.hashes.size());
      std::iota(source.by_hash.begin(), source.by_hash.end(), int64_t{0});
      std::sort(source.by_hash.begin(), source.by_hash.end(),
                [&](int64_t a, int64_t b) { return Less(hash_of(a), hash_of(b)); });
    }
    const auto first =
        std::lower_bound(source.by_hash.begin(), source.by_hash.end(), hash,
                         [&](int64_t row, const ValueHash& h) { return Less(hash_of(row), h); });
    for (auto row = first; row != source.by_hash.end() && hash_of(*row) == hash; ++row)
      Lose(source.table, *row, lost);
  }
}

/// A row with faults of its own is told only of values that are nowhere.
void References::Name(const std::vector<std::vector<bool>>& has_own_fault, int64_t faults_max) {
  int64_t faults = 0;
  for (const auto& source : sources_) {
    const auto& counts = targets_[source.target].counts;
    const auto table = static_cast<size_t>(source.table);
    for (size_t row = 0; row < source.hashes.size(); ++row) {
      if (source.hashes[row].is_none()) continue;
      const auto count = counts.Find(source.hashes[row]);
      const bool is_nowhere = count == HashTable::kNone;
      if (!is_nowhere && (count > 0 || has_own_fault[table][row])) continue;
      if (faults++ > faults_max) break;
      rows_[table].broken.push_back({static_cast<int64_t>(row), source.column, !is_nowhere});
    }
  }
  for (auto& rows : rows_) {
    std::sort(rows.broken.begin(), rows.broken.end(), [](const auto& a, const auto& b) {
      return std::tie(a.row, a.column) < std::tie(b.row, b.column);
    });
  }
}

const std::vector<BrokenReference>& References::BrokenOf(int table) const {
  return rows_[static_cast<size_t>(table)].broken;
}

bool References::IsRejected(int table, int64_t row) const {
  return rows_[static_cast<size_t>(table)].is_rejected[static_cast<size_t>(row)];
}

std::string References::Target(int table, int column) const {
  const auto& to =
      *schema_.tables[static_cast<size_t>(table)].columns[static_cast<size_t>(column)].references;
  return to.table.empty() ? to.column : to.table + "." + to.column;
}

}  // namespace coreshed::validate
