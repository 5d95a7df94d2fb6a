#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace coreshed::parts {

/// Rows by the cells of some of their columns, their key.
class KeyIndex {
 public:
  /// `rows`: all columns; `keys`: which of them.
  ///
  /// Errors  kInvalidArgument   no key column
  ///         kNotFound          a key column that there isn't
  ///         kValidation        a key that is null, or that two rows have
  static Result<KeyIndex> Make(std::shared_ptr<arrow::RecordBatch> rows,
                               const std::vector<std::string>& keys);

  /// A row of another table, and the row of this index with the same key.
  struct Match {
    int64_t row = 0, own_row = 0;
  };
  /// The matches in a batch of the key columns alone, in the order of `keys`, by ascending row.
  Result<std::vector<Match>> Find(const arrow::RecordBatch& batch) const;

  const std::shared_ptr<arrow::RecordBatch>& rows() const { return rows_; }
  /// The n-th column of the key.
  std::shared_ptr<arrow::Array> key_column(int n) const;
  /// A row's key as a person would write it: "depth 0.5, sample 7".
  std::string Describe(int64_t row) const;

 private:
  KeyIndex() = default;
  static Result<std::string> CellsOf(const arrow::RecordBatch& keys, int64_t row);

  std::shared_ptr<arrow::RecordBatch> rows_;
  std::vector<int> columns_;
  std::shared_ptr<arrow::RecordBatch> keys_;  ///< the key columns, without dictionaries
  std::vector<std::string> cells_;            ///< of each row, to compare exactly
  std::unordered_multimap<uint64_t, int64_t> rows_by_hash_;
  std::vector<uint64_t> sieve_;  ///< a bit for some bits of each hash: most rows match none
};

}  // namespace coreshed::parts
