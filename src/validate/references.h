#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/validation.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "validate/value_hash.h"

namespace coreshed::validate {

/// A value that refers to nothing that will be there.
struct BrokenReference {
  int64_t row = 0;  ///< from 0, of its table
  int column = 0;
  bool to_rejected = false;  ///< to a row that is rejected itself
};

/// Checks which values of columns occur in the columns that they refer to, when all rows of all
/// tables are known.
class References {
 public:
  References(const SchemaDefinition& schema, const ValueHasher& hasher);

  /// Whether the n-th table of the schema refers to one or is referred to.
  bool Concerns(int table) const;

  /// Rows that are there already, with columns as they are, by name.
  Result<void> AddKnown(int table, const arrow::RecordBatch& rows);
  /// The next rows of a table as its schema has them; `is_rejected`: of each, whether it is
  /// already.
  Result<void> Add(int table, const arrow::RecordBatch& rows, const std::vector<bool>& is_rejected);

  /// After all rows. `splits`: rejected rows will not be there, and neither will those that refer
  /// to them; else all will. `faults_max`: with more, not all are told.
  void Resolve(bool splits, int64_t faults_max);
  /// By row and column.
  const std::vector<BrokenReference>& BrokenOf(int table) const;
  /// After Resolve: whether a row is rejected for whatever reason.
  bool IsRejected(int table, int64_t row) const;
  /// "holes.hole": where the column of a table refers to.
  std::string Target(int table, int column) const;

 private:
  /// A column that is referred to.
  struct TargetColumn {
    int table = 0, column = 0;
    HashTable counts;  ///< of rows that will be there
    std::vector<ValueHash> hashes;
  };
  /// A column that refers.
  struct SourceColumn {
    int table = 0, column = 0;
    size_t target = 0;
    std::vector<ValueHash> hashes;
    std::vector<int64_t> by_hash;  ///< its rows, sorted, when they were first asked for
  };
  struct Rows {
    std::vector<bool> is_rejected;
    std::vector<BrokenReference> broken;
  };
  struct Lost {
    int table = 0;
    int64_t row = 0;
  };

  void Count(bool splits);
  std::vector<std::vector<bool>> Find(bool splits, std::vector<Lost>* lost);
  void Lose(int table, int64_t row, std::vector<Lost>* lost);
  void Cascade(std::vector<Lost>* lost);
  void LoseValue(const ValueHash& hash, size_t target, std::vector<Lost>* lost);
  void Name(const std::vector<std::vector<bool>>& has_own_fault, int64_t faults_max);

  const SchemaDefinition& schema_;
  const ValueHasher& hasher_;
  std::vector<TargetColumn> targets_;
  std::vector<SourceColumn> sources_;
  std::vector<Rows> rows_;  ///< by table
};

}  // namespace coreshed::validate
