#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/storage.h"

namespace coreshed::catalog {

/// The index in memory: every record's stamp and packed bytes, by segment and in the order of ids.
/// The const calls may come from any number of threads, also during Compare, but not during Apply.
class RecordTable {
 public:
  struct Row {
    std::string stamp;  ///< empty: not to be believed again
    std::string packed;
    uint64_t sweep = 0;  ///< the last sweep that saw it; for Compare alone
  };
  struct NewRow {
    std::string segment;
    std::string stamp, packed;
  };
  /// What a sweep shows against this table.
  struct Difference {
    std::vector<const storage::RecordStamp*>
        changed;                    ///< new, other or unknown stamp: to be loaded
    std::vector<std::string> gone;  ///< segments
  };

  /// The difference points into `sweep`.
  Difference Compare(const std::vector<storage::RecordStamp>& sweep);
  /// Put rows in the place of those of the same segment, and remove others.
  void Apply(std::vector<NewRow> put, const std::vector<std::string>& gone);

  /// No stamp is to be believed again. Not during any other call.
  void Distrust();

  const Row* Find(const std::string& segment) const;
  /// All rows, by the bytes of their ids.
  const std::vector<const Row*>& sorted() const { return sorted_; }
  /// Where in `sorted` the ids after `id` begin.
  size_t IndexAfter(std::string_view id) const;

 private:
  std::unordered_map<std::string, Row> rows_;  // by segment; a row never moves while it lives
  std::vector<const Row*> sorted_;
  uint64_t sweep_ = 0;
};

}  // namespace coreshed::catalog
