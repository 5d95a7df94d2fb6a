#include "sources/excel_reader.h"

#include <arrow/api.h>

#include <string>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kBatchRows = 65'536;
constexpr int64_t kBatchBytes = int64_t{16} << 20;
constexpr int64_t kValueBytes = 16;  // of nearly all types; texts: their offset

}  // namespace

ExcelReader::ExcelReader(std::shared_ptr<InputFile> input,
                         std::shared_ptr<const ExcelWorkbook> workbook,
                         const ExcelSheetEntry& sheet, ExcelTable table,
                         std::vector<std::shared_ptr<const ExcelType>> types)
    : input_(std::move(input)),
      sheet_(std::make_unique<ExcelSheet>(std::move(workbook), sheet)),
      table_(std::move(table)),
      types_(std::move(types)) {
  arrow::FieldVector fields;
  for (size_t i = 0; i < types_.size(); ++i)
    fields.push_back(arrow::field(table_.columns[i].name, types_[i]->type()));
  schema_ = arrow::schema(std::move(fields));
}

ExcelReader::~ExcelReader() = default;

arrow::Status ExcelReader::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  batch->reset();
  if (ended_) return arrow::Status::OK();
  auto next = Next();
  if (!next) {
    auto untouched = input_->CheckUntouched();
    return ToArrow(untouched ? std::move(next).error() : std::move(untouched).error());
  }
  *batch = std::move(*next);
  return arrow::Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> ExcelReader::Next() {
  if (builders_.empty()) {
    for (const auto& type : types_) {
      CORESHED_ARROW_ASSIGN(auto builder, arrow::MakeBuilder(type->type()), "making a column");
      builders_.push_back(std::move(builder));
    }
  }
  const ExcelSheet::RowSink sink = [this](const ExcelRow& row) { return Append(row); };
  const auto columns = static_cast<int64_t>(types_.size());
  while (!ended_ && rows_ < kBatchRows &&
         rows_ * columns * kValueBytes + text_bytes_ < kBatchBytes) {
    CORESHED_ASSIGN(const bool more, sheet_->Step(sink));
    ended_ = !more;
  }
  if (ended_) CORESHED_TRY(input_->CheckUnchanged());
  if (rows_ == 0) return std::shared_ptr<arrow::RecordBatch>();
  arrow::ArrayVector arrays;
  for (auto& builder : builders_) {
    CORESHED_ARROW_ASSIGN(auto array, builder->Finish(), "making a column");
    arrays.push_back(std::move(array));
  }
  text_bytes_ = 0;
  return arrow::RecordBatch::Make(schema_, std::exchange(rows_, 0), std::move(arrays));
}

Result<void> ExcelReader::Append(const ExcelRow& row) {
  if (row.number <= table_.header_row) return {};
  auto cell = row.cells.begin();
  for (size_t i = 0; i < types_.size(); ++i) {
    const auto& column = table_.columns[i];
    while (cell != row.cells.end() && cell->column < column.place)
      ++cell;
    const bool has_cell = cell != row.cells.end() && cell->column == column.place;
    if (has_cell) text_bytes_ += static_cast<int64_t>(cell->value.text().size());
    CORESHED_ARROW_TRY(
        has_cell ? types_[i]->Append(cell->value, builders_[i].get()) : builders_[i]->AppendNull(),
        "column " + column.name);
  }
  ++rows_;
  return {};
}

}  // namespace coreshed::sources
