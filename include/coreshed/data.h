#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace coreshed {

/// One table handed in: whole (`table`) or as a stream of batches (`reader`); exactly one is set.
/// A whole table can be looked at twice, so a write of it survives a race with `vacuum`; a stream
/// is consumed once. Neither is changed.
struct TableInput {
  std::string name;
  std::shared_ptr<arrow::Table> table;
  std::shared_ptr<arrow::RecordBatchReader> reader;
};

/// The tables of a record, as handed in. A single table without a name is called `data`, or, on a
/// record that has exactly one table, what that one is called.
class Data {
 public:
  Data(std::shared_ptr<arrow::Table> table) {  // NOLINT: implicit
    tables_.push_back({"", std::move(table), nullptr});
  }
  Data(std::shared_ptr<arrow::RecordBatchReader> reader) {  // NOLINT: implicit
    tables_.push_back({"", nullptr, std::move(reader)});
  }
  explicit Data(std::vector<TableInput> tables) : tables_(std::move(tables)) {}

  const std::vector<TableInput>& tables() const { return tables_; }

 private:
  std::vector<TableInput> tables_;
};

}  // namespace coreshed
