#include "sources/csv_reader.h"

#include <arrow/api.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/csv_parser.h"
#include "sources/csv_types.h"
#include "sources/csv_values.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kBatchRows = 65'536;
constexpr int64_t kBatchBytes = int64_t{16} << 20;

/// Whether every text is in quotes, so that an unquoted NA can't be one.
bool QuotesText(const CsvShape& shape, const std::vector<CsvColumn>& columns) {
  bool quoted = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto& means = columns[i].means != nullptr ? columns[i].means : columns[i].type;
    if (!IsTextType(*means)) continue;
    if (shape.columns[i].has_bare) return false;
    quoted = quoted || shape.columns[i].has_quoted;
  }
  return quoted;
}

NaRule NaRuleOf(const CsvShape& shape, const std::vector<CsvColumn>& columns) {
  NaRule rule{QuotesText(shape, columns)};
  for (const auto& column : columns)
    rule.in_columns.push_back(column.means != nullptr && !IsTextType(*column.means));
  return rule;
}

using Texts = duckdb::Values<duckdb::String>;

bool IsNa(std::string_view text) {
  return !text.empty() && (text.front() == 'N' || text.front() == ' ') && TrimBlanks(text) == "NA";
}

}  // namespace

/// Makes the array of one column from its cells.
class CsvReader::Cells {
 public:
  explicit Cells(const CsvColumn& column)
      : parser_(CsvParser::Of(column.type)), na_is_null_(column.na_is_null) {
    // Fails for no type of ours.
    builder_ = arrow::MakeBuilder(column.type).ValueOrDie();
  }

  arrow::Status Append(const Texts& cells, uint64_t rows) {
    if (cells.all_null(rows)) return builder_->AppendNulls(static_cast<int64_t>(rows));
    Count(cells, rows);
    return parser_ == nullptr ? AppendTexts(cells, rows) : AppendParsed(cells, rows);
  }
  /// `nulls`: arrays of nothing but nulls, one for all columns of its type: wide files have many.
  arrow::Result<std::shared_ptr<arrow::Array>> Finish(arrow::ArrayVector* nulls) {
    if (builder_->null_count() < builder_->length()) return builder_->Finish();
    for (const auto& array : *nulls) {
      if (array->type()->Equals(*builder_->type())) return array;
    }
    ARROW_ASSIGN_OR_RAISE(auto array, arrow::MakeArrayOfNull(builder_->type(), builder_->length()));
    nulls->push_back(array);
    return array;
  }
  /// Of the texts that were appended, but for NA.
  int64_t text_bytes() const { return text_bytes_; }
  /// In memory.
  int64_t bytes() const {
    constexpr int64_t kValueBytes = 16;    // of nearly all types; texts: their offset
    constexpr int64_t kArrayBytes = 1000;  // what every array has, with its buffers
    const int64_t texts =
        parser_ == nullptr ? static_cast<const arrow::StringBuilder&>(*builder_).value_data_length()
                           : 0;
    return kArrayBytes + texts + builder_->length() * kValueBytes;
  }

 private:
  void Count(const Texts& cells, uint64_t rows) {
    for (uint64_t row = 0; row < rows; ++row) {
      if (cells.is_null(row)) continue;
      const auto text = cells[row].view();
      if (!IsNa(text)) text_bytes_ += static_cast<int64_t>(text.size());
    }
  }
  arrow::Status AppendParsed(const Texts& cells, uint64_t rows) {
    for (uint64_t row = 0; row < rows; ++row) {
      const auto text = cells.is_null(row) ? std::string_view() : TrimBlanks(cells[row].view());
      if (text.empty() || text == "NA") {  // an NA in quotes would have made the column text
        ARROW_RETURN_NOT_OK(builder_->AppendNull());
      } else {
        ARROW_RETURN_NOT_OK(parser_->Append(text, builder_.get()));
      }
    }
    return arrow::Status::OK();
  }
  arrow::Status AppendTexts(const Texts& cells, uint64_t rows) {
    auto& builder = static_cast<arrow::StringBuilder&>(*builder_);
    for (uint64_t row = 0; row < rows; ++row) {
      if (cells.is_null(row) || (na_is_null_ && cells[row].view() == "NA")) {
        ARROW_RETURN_NOT_OK(builder.AppendNull());
      } else {
        ARROW_RETURN_NOT_OK(builder.Append(cells[row].view()));
      }
    }
    return arrow::Status::OK();
  }

  const std::shared_ptr<const CsvParser> parser_;  ///< null: text
  const bool na_is_null_;
  int64_t text_bytes_ = 0;
  std::unique_ptr<arrow::ArrayBuilder> builder_;
};

CsvReader::CsvReader(std::shared_ptr<InputFile> input, std::shared_ptr<duckdb::Session> session,
                     CsvShape shape, std::vector<CsvColumn> columns)
    : input_(std::move(input)),
      session_(std::move(session)),
      shape_(std::move(shape)),
      columns_(std::move(columns)),
      text_bytes_(columns_.size()) {
  arrow::FieldVector fields;
  for (size_t i = 0; i < columns_.size(); ++i)
    fields.push_back(arrow::field(shape_.names[i], columns_[i].type));
  schema_ = arrow::schema(std::move(fields));
}

arrow::Status CsvReader::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  batch->reset();
  if (ended_) return arrow::Status::OK();
  auto next = Next();
  if (!next) return ToArrow(Unreadable(std::move(next).error()));
  *batch = std::move(*next);
  return arrow::Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> CsvReader::Next() {
  if (!texts_) {
    CORESHED_ASSIGN(auto texts,
                    CsvTexts::Open(*input_, shape_, session_.get(), NaRuleOf(shape_, columns_)));
    texts_.emplace(std::move(texts));
  }
  std::vector<Cells> columns;
  for (const auto& column : columns_)
    columns.emplace_back(column);
  CORESHED_ASSIGN(const int64_t rows, Fill(&columns));
  if (rows == 0) {
    ended_ = true;
    CORESHED_TRY(CheckEnd());
    return std::shared_ptr<arrow::RecordBatch>();
  }
  rows_read_ += rows;
  arrow::ArrayVector arrays, nulls;
  for (size_t i = 0; i < columns.size(); ++i) {
    text_bytes_[i] += columns[i].text_bytes();
    CORESHED_ARROW_ASSIGN(auto array, columns[i].Finish(&nulls), "column " + shape_.names[i]);
    arrays.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(schema_, rows, std::move(arrays));
}

/// Take cells until there are enough for a batch; returns how many rows.
Result<int64_t> CsvReader::Fill(std::vector<Cells>* columns) {
  int64_t rows = 0, bytes = 0;
  while (rows < kBatchRows && bytes < kBatchBytes) {
    CORESHED_ASSIGN(const auto chunk, texts_->Next());
    if (!chunk) break;
    bytes = 0;
    for (size_t i = 0; i < columns->size(); ++i) {
      auto& column = (*columns)[i];
      CORESHED_ARROW_TRY(column.Append(chunk.column(i), chunk.rows()), "column " + shape_.names[i]);
      bytes += column.bytes();
    }
    rows += static_cast<int64_t>(chunk.rows());
  }
  return rows;
}

/// Nothing vanishes silently: what was seen in the bytes must have been read.
Result<void> CsvReader::CheckEnd() {
  CORESHED_TRY(input_->CheckUnchanged());
  if (rows_read_ != shape_.rows) {
    return Error{ErrorKind::kUnsupported, "there are " + std::to_string(shape_.rows) +
                                              " rows, but " + std::to_string(rows_read_) +
                                              " can be read."};
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (text_bytes_[i] == shape_.columns[i].bytes) continue;
    return Error{ErrorKind::kUnsupported,
                 "column '" + shape_.names[i] + "' has " + std::to_string(shape_.columns[i].bytes) +
                     " bytes of text, but " + std::to_string(text_bytes_[i]) +
                     " can be read. Write the file without blanks around quotes, or as Parquet."}
        .With("column", shape_.names[i]);
  }
  return {};
}

Error CsvReader::Unreadable(Error error) const {
  if (auto untouched = input_->CheckUntouched(); !untouched) return std::move(untouched).error();
  error.message = "reading " + input_->label() + ": " + error.message;
  return error;
}

}  // namespace coreshed::sources
