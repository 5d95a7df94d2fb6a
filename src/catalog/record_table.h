#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/storage.h"

namespace coreshed::catalog {

/// The index in memory: every record's stamp and packed bytes, by segment and in the order of ids.
/// Any number of threads may read while none calls Apply; all the rest is for one thread at a time.
class RecordTable {
 public:
  struct Row {
    std::string stamp;   ///< empty: not to be believed again
    std::string packed;
    uint64_t sweep = 0;  ///< the last sweep that saw it; for Compare alone
  };
  struct NewRow {
    std::string segment;
    std::string stamp, packed;
  };
  /// What a sweep shows against this table.
  struct Difference {
    std::vector<const storage::RecordStamp*> changed;  ///< new, other or unknown stamp: to be loaded
    std::vector<std::string> gone;                     ///< segments
    bool empty() const { return changed.empty() && gone.empty(); }
  };

  /// The difference points into `sweep`.
  Difference Compare(const std::vector<storage::RecordStamp>& sweep);
  /// Put rows in the place of those of the same segment, and remove others.
  void Apply(std::vector<NewRow> put, const std::vector<std::string>& gone);

  const Row* Find(const std::string& segment) const;
  /// The packed bytes of all records, sorted by id.
  const std::vector<const std::string*>& sorted() const { return sorted_; }
  /// Where in `sorted` the ids after `id` begin.
  size_t IndexAfter(std::string_view id) const;
  /// Calls `visit(row)` in the order of ids.
  template <typename Visit>
  void EachRow(Visit visit) const;

 private:
  void Sort(size_t sorted_count);

  std::unordered_map<std::string, Row> rows_;  // by segment; rows never move while they live
  std::vector<const std::string*> sorted_;     // their packed bytes
  uint64_t sweep_ = 0;
};

}  // namespace coreshed::catalog
