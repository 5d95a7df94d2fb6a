#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/validation.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "validate/convert.h"
#include "validate/value_hash.h"
#include "validate/value_rules.h"

namespace coreshed::validate {

/// A value of a batch that breaks a rule.
struct CellFault {
  int64_t row = 0;
  int column = 0;  ///< of the schema's table
  std::string rule;
  std::string what;  ///< goes on after the value: "is no int64."
};

/// Checks the rows of one table, batch by batch, by all rules but references.
class TableCheck {
 public:
  /// What of the columns can't be is added to `faults`.
  static Result<TableCheck> Make(const TableRule& rule, const arrow::Schema& from,
                                 const ValueHasher& hasher, std::vector<std::string>* faults);

  /// Of what comes out: the schema's columns.
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }

  /// Rows that are there already, whose keys and unique values no row may have. Columns as they
  /// are in `rows`, by name; before all Check.
  Result<void> AddKnown(const arrow::RecordBatch& rows);

  struct Checked {
    std::shared_ptr<arrow::RecordBatch> rows;  ///< all rows; null where a value could not be made
    std::vector<CellFault> faults;             ///< by row and column
  };
  /// `faults_max`: of more faults in these rows not all are told.
  Result<Checked> Check(const arrow::RecordBatch& batch, int64_t faults_max);
  /// The rows in the schema's types, not checked again.
  Result<std::shared_ptr<arrow::RecordBatch>> Convert(const arrow::RecordBatch& batch) const;

  /// A cell as it was handed in; of a fault of the key the whole key's.
  std::optional<std::string> Written(const arrow::RecordBatch& batch, const CellFault& fault) const;
  /// The column's name; of a fault of the key all of them.
  std::string ColumnsOf(const CellFault& fault) const;

 private:
  struct Column {
    const ColumnRule* rule = nullptr;
    int from = -1;  ///< its place in what comes in; -1: it is missing
    std::optional<Converter> converter;
    ValueRules values;
    HashTable taken;  ///< of a unique column: the record that has a value
  };
  class Batch;

  Result<void> AddColumn(const ColumnRule& rule, const arrow::Schema& from,
                         const ValueHasher& hasher, arrow::FieldVector* fields,
                         std::vector<std::string>* faults);
  Result<std::shared_ptr<arrow::Array>> ConvertColumn(const Column& column,
                                                      const arrow::RecordBatch& batch,
                                                      std::vector<int64_t>* bad) const;

  const ValueHasher* hasher_ = nullptr;
  std::vector<Column> columns_;
  std::vector<int> key_;  ///< its columns
  HashTable keys_taken_;
  std::shared_ptr<arrow::Schema> schema_;
  int64_t records_ = 0, known_ = 0;
};

/// A column of `rows` by its rule's name, in the rule's type; null where there is none, or none
/// that has it. Values that can't be made are null.
Result<std::shared_ptr<arrow::Array>> KnownColumn(const arrow::RecordBatch& rows,
                                                  const ColumnRule& rule);

}  // namespace coreshed::validate
