#include "sources/csv_reader.h"

#include <arrow/api.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kBatchRows = 65'536;
constexpr int64_t kBatchBytes = int64_t{16} << 20;
constexpr int64_t kLineBytesMin = 2'097'152;  // what DuckDB takes by itself

/// The call of DuckDB's reader.
std::string ReaderSql(const InputFile& input, const CsvShape& shape, bool na_is_null) {
  const bool parallel = !shape.has_quoted_breaks;  // DuckDB would have to guess where quotes begin
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
bool QuotesText(const CsvShape& shape, const std::vector<CsvType>& types) {
  bool quoted = false;
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i] != CsvType::kText) continue;
    if (shape.columns[i].has_bare) return false;
    quoted = quoted || shape.columns[i].has_quoted;
  }
  return quoted;
}

using Texts = duckdb::Values<duckdb::String>;

}  // namespace

Result<CsvTexts> CsvTexts::Open(const InputFile& input, const CsvShape& shape,
                                duckdb::Session& session, bool na_is_null) {
  CORESHED_ASSIGN(auto statement,
                  session.Prepare("SELECT * FROM " + ReaderSql(input, shape, na_is_null)));
  CORESHED_ASSIGN(auto rows, statement.Stream());
  return CsvTexts(std::move(statement), std::move(rows));
}

Result<std::vector<CsvType>> FindTypes(const InputFile& input, const CsvShape& shape,
                                       const arrow::Schema* like, duckdb::Session& session) {
  std::vector<CsvColumnType> found;
  for (const auto& name : shape.names) {
    const auto field = like == nullptr ? nullptr : like->GetFieldByName(name);
    found.emplace_back(field == nullptr ? std::nullopt : CsvTypeOf(*field->type()));
  }
  // An NA in quotes comes as a text here and so decides for text; one without says nothing.
  CORESHED_ASSIGN(auto texts, CsvTexts::Open(input, shape, session, true));
  while (std::any_of(found.begin(), found.end(), [](const auto& type) { return type.is_open(); })) {
    CORESHED_ASSIGN(const auto chunk, texts.Next());
    if (!chunk) break;
    for (size_t column = 0; column < found.size(); ++column) {
      if (!found[column].is_open()) continue;
      const Texts cells(session.api(), chunk.column(column));
      for (uint64_t row = 0; row < chunk.rows(); ++row) {
        if (!cells.is_null(row)) found[column].Add(cells[row].view());
      }
    }
  }
  std::vector<CsvType> types;
  types.reserve(found.size());
  for (const auto& type : found)
    types.push_back(type.Get());
  return types;
}

/// Makes the array of one column from its cells.
class CsvReader::Column {
 public:
  Column(CsvType type, bool na_is_null) : type_(type), na_is_null_(na_is_null) {
    // Fails for no type of ours.
    builder_ = arrow::MakeBuilder(ArrowType(type)).ValueOrDie();
  }

  arrow::Status Append(const Texts& cells, uint64_t rows) {
    switch (type_) {
      case CsvType::kText:
        return AppendTexts(cells, rows);
      case CsvType::kWhole:
        return AppendParsed<arrow::Int64Builder>(cells, rows, ParseWhole);
      case CsvType::kFraction:
        return AppendParsed<arrow::DoubleBuilder>(cells, rows, ParseFraction);
      case CsvType::kDate:
        return AppendParsed<arrow::Date32Builder>(cells, rows, ParseDate);
      case CsvType::kTime:
        return AppendParsed<arrow::Time64Builder>(cells, rows, ParseTime);
      case CsvType::kTimestamp:
      case CsvType::kTimestampUtc:
        return AppendParsed<arrow::TimestampBuilder>(cells, rows, ParseTimestamp);
      case CsvType::kBoolean:
        return AppendParsed<arrow::BooleanBuilder>(cells, rows, ParseBoolean);
    }
    return arrow::Status::OK();
  }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() { return builder_->Finish(); }
  int64_t bytes() const {
    constexpr int64_t kValueBytes = 8;  // of the widest type; texts: their offset
    const int64_t texts =
        type_ == CsvType::kText
            ? static_cast<const arrow::StringBuilder&>(*builder_).value_data_length()
            : 0;
    return texts + builder_->length() * kValueBytes;
  }

 private:
  template <typename Builder, typename Parse>
  arrow::Status AppendParsed(const Texts& cells, uint64_t rows, const Parse& parse) {
    auto& builder = static_cast<Builder&>(*builder_);
    for (uint64_t row = 0; row < rows; ++row) {
      const auto text = cells.is_null(row) ? std::string_view() : TrimBlanks(cells[row].view());
      if (text.empty() || text == "NA") {  // an NA in quotes would have made the column text
        ARROW_RETURN_NOT_OK(builder.AppendNull());
        continue;
      }
      const auto value = parse(text);
      if (!value) return arrow::Status::Invalid("'", text, "' is of another type than before");
      ARROW_RETURN_NOT_OK(builder.Append(*value));
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

  const CsvType type_;
  const bool na_is_null_;
  std::unique_ptr<arrow::ArrayBuilder> builder_;
};

CsvReader::CsvReader(std::shared_ptr<InputFile> input, std::shared_ptr<duckdb::Session> session,
                     CsvShape shape, std::vector<CsvType> types)
    : input_(std::move(input)),
      session_(std::move(session)),
      shape_(std::move(shape)),
      types_(std::move(types)) {
  arrow::FieldVector fields;
  for (size_t i = 0; i < types_.size(); ++i) {
    fields.push_back(arrow::field(shape_.names[i], ArrowType(types_[i])));
  }
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
                    CsvTexts::Open(*input_, shape_, *session_, QuotesText(shape_, types_)));
    texts_.emplace(std::move(texts));
  }
  std::vector<Column> columns;
  for (size_t i = 0; i < types_.size(); ++i) {
    columns.emplace_back(types_[i], shape_.columns[i].values == 0);
  }
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
Result<int64_t> CsvReader::Fill(std::vector<Column>* columns) {
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
