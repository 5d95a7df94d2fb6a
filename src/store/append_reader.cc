#include "store/append_reader.h"

#include <arrow/api.h>
#include <arrow/compute/cast.h>
#include <coreshed/content.h>

#include <map>

#include "base/arrow_error.h"

namespace coreshed::store {
namespace {

arrow::Result<std::shared_ptr<arrow::RecordBatch>> FitBatch(
    const arrow::RecordBatch& batch, const std::shared_ptr<arrow::Schema>& schema) {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const auto& field : schema->fields()) {
    auto column = batch.GetColumnByName(field->name());
    if (column == nullptr) return arrow::Status::Invalid("column '", field->name(), "' is missing");
    if (!column->type()->Equals(*field->type())) {
      ARROW_ASSIGN_OR_RAISE(column, arrow::compute::Cast(*column, field->type()));
    }
    if (!field->nullable() && column->null_count() > 0) {
      return arrow::Status::Invalid("column '", field->name(), "' is required and has nulls");
    }
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(schema, batch.num_rows(), std::move(columns));
}

/// Batches of another reader, each fitted.
class FittedReader : public arrow::RecordBatchReader {
 public:
  FittedReader(std::shared_ptr<arrow::RecordBatchReader> reader,
               std::shared_ptr<arrow::Schema> schema)
      : reader_(std::move(reader)), schema_(std::move(schema)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    std::shared_ptr<arrow::RecordBatch> given;
    ARROW_RETURN_NOT_OK(reader_->ReadNext(&given));
    if (given == nullptr) {
      *batch = nullptr;
      return arrow::Status::OK();
    }
    return FitBatch(*given, schema_).Value(batch);
  }

 private:
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

Result<void> CheckSameColumns(const arrow::Schema& stored, const arrow::Schema& given,
                              const std::string& table) {
  CORESHED_ASSIGN(const auto before, ColumnsOf(stored));
  CORESHED_ASSIGN(const auto after, ColumnsOf(given));
  std::map<std::string, std::string> types;
  for (const auto& column : after)
    types[column.name] = column.type;
  std::string faults;
  const auto fault = [&](const std::string& text) {
    faults += (faults.empty() ? "" : "; ") + text;
  };
  for (const auto& column : before) {
    const auto found = types.find(column.name);
    if (found == types.end()) {
      fault("column '" + column.name + "' is missing");
    } else if (found->second != column.type) {
      fault("column '" + column.name + "' is " + found->second + ", not " + column.type);
    }
    types.erase(column.name);
  }
  for (const auto& [name, type] : types)
    fault("column '" + name + "' is not in the record");
  if (faults.empty()) return {};
  return Error{ErrorKind::kSchemaDrift, "The rows do not fit table '" + table +
                                            "' that they should "
                                            "be appended to: " +
                                            faults + "."};
}

Result<std::shared_ptr<arrow::Table>> FitTable(const arrow::Table& table,
                                               const std::shared_ptr<arrow::Schema>& schema) {
  arrow::TableBatchReader batches(table);
  FittedReader fitted(std::shared_ptr<arrow::RecordBatchReader>(&batches, [](auto*) {}), schema);
  CORESHED_ARROW_ASSIGN(auto result, fitted.ToTable(), "fitting the appended rows");
  return result;
}

std::shared_ptr<arrow::RecordBatchReader> FitReader(
    std::shared_ptr<arrow::RecordBatchReader> reader, std::shared_ptr<arrow::Schema> schema) {
  return std::make_shared<FittedReader>(std::move(reader), std::move(schema));
}

}  // namespace coreshed::store
