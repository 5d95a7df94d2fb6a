#include "sources/csv_reader.h"

#include <arrow/api.h>

#include <algorithm>
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
constexpr int64_t kLineBytesMin = 2'097'152;  // what DuckDB takes by itself

/// The call of DuckDB's reader.
std::string ReaderSql(const InputFile& input, const CsvShape& shape, bool na_is_null) {
  // DuckDB would have to guess in the middle of the file where quotes begin, and then gives up.
  const bool parallel = !shape.has_hard_quotes;
  const int64_t line_max = std::max(kLineBytesMin, shape.longest_record + 1);
  const int64_t buffer = std::max(4 * kLineBytesMin, 2 * line_max);
  std::string sql = "read_csv(" + duckdb::Quote(input.descriptor_path()) +
                    ", auto_detect = false, header = true, compression = 'none', quote = '\"', "
                    "escape = '\"', strict_mode = false, allow_quoted_nulls = false, nullstr = ";
  sql += na_is_null ? "['', 'NA']" : "['']";
  sql += ", delim = " + duckdb::Quote(std::string(1, shape.delimiter));
  sql += ", skip = " + std::to_string(shape.blank_lines_first);
  sql += ", parallel = " + std::string(parallel ? "true" : "false");
  sql += ", null_padding = " + std::string(shape.has_short_rows ? "true" : "false");
  sql += ", max_line_size = " + std::to_string(line_max);
  sql += ", buffer_size = " + std::to_string(buffer);
  sql += ", columns = {";
  for (size_t i = 0; i < shape.names.size(); ++i) {  // our own names: theirs may be anything
    sql += (i > 0 ? ", 'c" : "'c") + std::to_string(i) + "': 'VARCHAR'";
  }
  return sql + "})";
}

/// Whether every text is in quotes, so that an unquoted NA can't be one.
bool QuotesText(const CsvShape& shape, const std::vector<CsvColumn>& columns) {
  bool quoted = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!IsTextType(*columns[i].type)) continue;
    if (shape.columns[i].has_bare) return false;
    quoted = quoted || shape.columns[i].has_quoted;
  }
  return quoted;
}

/// The type of one column, from what is wanted of it and from its cells.
class ColumnFinder {
 public:
  static Result<ColumnFinder> Make(const std::string& name, const CsvCells& cells,
                                   const CsvTypes& wanted) {
    ColumnFinder finder;
    finder.name_ = name;
    finder.na_is_text_ = cells.has_quoted_na;
    finder.has_values_ = cells.values > 0;
    if (const auto given = wanted.given.find(name); given != wanted.given.end()) {
      finder.given_ = CsvParser::Of(given->second);
      if (finder.given_ == nullptr && !IsTextType(*given->second)) {
        return Error{
            ErrorKind::kUnsupported,
            "column '" + name + "': a CSV file holds no values of " + given->second->ToString()}
            .With("column", name);
      }
      finder.wanted_ = given->second;
    } else if (wanted.like != nullptr && wanted.like->GetFieldByName(name) != nullptr) {
      finder.wanted_ = wanted.like->GetFieldByName(name)->type();
    }
    finder.type_ = CsvColumnType(finder.wanted_);
    return finder;
  }

  /// `row` counts from 1.
  Result<void> Add(std::string_view cell, int64_t row) {
    const auto value = TrimBlanks(cell);
    if (value == "NA" && !na_is_text_) return {};
    if (given_ == nullptr) {
      type_.Add(value);
    } else if (!value.empty() && !given_->Takes(value)) {
      return Error{ErrorKind::kValidation,
                   "row " + std::to_string(row) + ": '" + std::string(value) + "' is no " +
                       given_->type()->ToString() + ", which column '" + name_ + "' must be"}
          .With("column", name_)
          .With("row", std::to_string(row));
    }
    return {};
  }
  bool is_open() const { return given_ != nullptr || type_.is_open(); }
  CsvColumn Get() const {
    if (given_ != nullptr) return {given_->type()};
    const bool is_known = wanted_ != nullptr && IsTextType(*wanted_);
    return {type_.Get(), !has_values_ && !is_known};
  }

 private:
  std::string name_;
  bool na_is_text_ = false;  ///< one is in quotes
  bool has_values_ = false;
  std::shared_ptr<arrow::DataType> wanted_;
  std::shared_ptr<const CsvParser> given_;  ///< of a type that all values must have
  CsvColumnType type_;
};

using Texts = duckdb::Values<duckdb::String>;

}  // namespace

Result<CsvTexts> CsvTexts::Open(const InputFile& input, const CsvShape& shape,
                                duckdb::Session& session, bool na_is_null) {
  CORESHED_ASSIGN(auto statement,
                  session.Prepare("SELECT * FROM " + ReaderSql(input, shape, na_is_null)));
  CORESHED_ASSIGN(auto rows, statement.Stream());
  return CsvTexts(std::move(statement), std::move(rows));
}

Result<std::vector<CsvColumn>> FindTypes(const InputFile& input, const CsvShape& shape,
                                         const CsvTypes& wanted, duckdb::Session& session) {
  std::vector<ColumnFinder> found;
  for (size_t i = 0; i < shape.names.size(); ++i) {
    CORESHED_ASSIGN(auto finder, ColumnFinder::Make(shape.names[i], shape.columns[i], wanted));
    found.push_back(std::move(finder));
  }
  CORESHED_ASSIGN(auto texts, CsvTexts::Open(input, shape, session, true));
  int64_t rows = 0;
  while (std::any_of(found.begin(), found.end(), [](const auto& type) { return type.is_open(); })) {
    CORESHED_ASSIGN(const auto chunk, texts.Next());
    if (!chunk) break;
    for (size_t column = 0; column < found.size(); ++column) {
      if (!found[column].is_open()) continue;
      const Texts cells(session.api(), chunk.column(column));
      for (uint64_t row = 0; row < chunk.rows(); ++row) {
        if (cells.is_null(row)) continue;
        CORESHED_TRY(found[column].Add(cells[row].view(), rows + static_cast<int64_t>(row) + 1));
      }
    }
    rows += static_cast<int64_t>(chunk.rows());
  }
  std::vector<CsvColumn> columns;
  for (const auto& column : found)
    columns.push_back(column.Get());
  return columns;
}

/// Makes the array of one column from its cells.
class CsvReader::Cells {
 public:
  explicit Cells(const CsvColumn& column)
      : parser_(CsvParser::Of(column.type)), na_is_null_(column.na_is_null) {
    // Fails for no type of ours.
    builder_ = arrow::MakeBuilder(column.type).ValueOrDie();
  }

  arrow::Status Append(const Texts& cells, uint64_t rows) {
    return parser_ == nullptr ? AppendTexts(cells, rows) : AppendParsed(cells, rows);
  }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() { return builder_->Finish(); }
  int64_t bytes() const {
    constexpr int64_t kValueBytes = 16;  // of nearly all types; texts: their offset
    const int64_t texts =
        parser_ == nullptr ? static_cast<const arrow::StringBuilder&>(*builder_).value_data_length()
                           : 0;
    return texts + builder_->length() * kValueBytes;
  }

 private:
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
  std::unique_ptr<arrow::ArrayBuilder> builder_;
};

CsvReader::CsvReader(std::shared_ptr<InputFile> input, std::shared_ptr<duckdb::Session> session,
                     CsvShape shape, std::vector<CsvColumn> columns)
    : input_(std::move(input)),
      session_(std::move(session)),
      shape_(std::move(shape)),
      columns_(std::move(columns)) {
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
                    CsvTexts::Open(*input_, shape_, *session_, QuotesText(shape_, columns_)));
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
  arrow::ArrayVector arrays;
  for (auto& column : columns) {
    CORESHED_ARROW_ASSIGN(auto array, column.Finish(), "DuckDB");
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
      const Texts cells(session_->api(), chunk.column(i));
      CORESHED_ARROW_TRY(column.Append(cells, chunk.rows()), "column " + shape_.names[i]);
      bytes += column.bytes();
    }
    rows += static_cast<int64_t>(chunk.rows());
  }
  return rows;
}

/// No row vanishes silently: what was seen in the bytes must have been read.
Result<void> CsvReader::CheckEnd() {
  CORESHED_TRY(input_->CheckUnchanged());
  if (rows_read_ == shape_.rows) return {};
  return Error{ErrorKind::kValidation, "there are " + std::to_string(shape_.rows) + " rows, but " +
                                           std::to_string(rows_read_) + " can be read."};
}

Error CsvReader::Unreadable(Error error) const {
  if (auto untouched = input_->CheckUntouched(); !untouched) return std::move(untouched).error();
  error.message = "reading " + input_->label() + ": " + error.message;
  return error;
}

}  // namespace coreshed::sources
