#include "sources/csv.h"

#include <arrow/api.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"
#include "sources/csv_scan.h"
#include "sources/csv_types.h"
#include "sources/duckdb.h"

namespace coreshed::sources {
namespace {

using duckdb::DataChunk;

constexpr int64_t kBatchRows = 65'536;
constexpr int64_t kBatchBytes = int64_t{16} << 20;
constexpr int64_t kRecordBytesMax = int64_t{64} << 20;
constexpr unsigned kThreadsMax = 4;

/// Finds the first line that is not UTF-8, over pieces that may cut characters in two.
class Utf8Check {
 public:
  explicit Utf8Check(const std::string& label) : label_(label) {}

  Result<void> Feed(std::string_view piece) {
    if (first_ && (piece.starts_with("\xFF\xFE") || piece.starts_with("\xFE\xFF"))) {
      return Error{ErrorKind::kValidation, label_ + " is UTF-16. Save it as UTF-8."};
    }
    first_ = false;
    std::string_view text = piece;
    std::string joined;
    if (!cut_.empty()) {
      joined = cut_ + std::string(piece);
      text = joined;
    }
    const size_t whole = text.size() - CutBytes(text);
    if (!IsUtf8(text.substr(0, whole))) return NotUtf8(text);
    cut_ = std::string(text.substr(whole));
    line_ += std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(whole), '\n');
    return {};
  }
  Result<void> Finish() const { return cut_.empty() ? Result<void>() : NotUtf8(cut_); }

 private:
  /// How many bytes at the end begin a character that goes on.
  static size_t CutBytes(std::string_view text) {
    for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
      const auto byte = static_cast<unsigned char>(text[text.size() - back]);
      if (byte < 0x80) return 0;
      if (byte >= 0xC0) {
        const size_t needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        return needed > back ? back : 0;
      }
    }
    return 0;
  }
  Error NotUtf8(std::string_view text) const {
    int64_t line = line_;
    while (true) {
      const auto end = text.find('\n');
      if (end == text.npos || !IsUtf8(text.substr(0, end))) break;
      text.remove_prefix(end + 1);
      ++line;
    }
    return Error{ErrorKind::kValidation, label_ + ", line " + std::to_string(line) +
                                             ": not UTF-8. Save the file as UTF-8, or is it no "
                                             "text file?"}
        .With("file", label_)
        .With("line", std::to_string(line));
  }

  const std::string& label_;
  bool first_ = true;
  std::string cut_;
  int64_t line_ = 1;
};

std::string ColumnName(size_t index) { return "c" + std::to_string(index); }

/// The call of DuckDB's reader. `na_is_null`: also an unquoted NA.
std::string ReaderSql(const InputFile& input, const CsvShape& shape, bool na_is_null) {
  const bool parallel = !shape.has_quoted_breaks;  // DuckDB would have to guess where quotes begin
  const int64_t line_max = std::max<int64_t>(2'097'152, shape.longest_record + 1);
  const int64_t buffer = std::max<int64_t>(4 * 2'097'152, 2 * line_max);
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
  for (size_t i = 0; i < shape.names.size(); ++i) {
    sql += (i > 0 ? ", '" : "'") + ColumnName(i) + "': 'VARCHAR'";
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

/// The query whose rows are the table.
std::string SelectSql(const InputFile& input, const CsvShape& shape,
                      const std::vector<CsvType>& types) {
  const bool na_is_null = QuotesText(shape, types);
  std::string sql = "SELECT ";
  for (size_t i = 0; i < types.size(); ++i) {
    std::string column = ColumnName(i);
    if (shape.columns[i].values == 0) {
      column = "CASE WHEN " + column + " <> 'NA' THEN " + column + " END";  // "" in quotes stays
    } else if (types[i] != CsvType::kText && !na_is_null) {
      column = "NULLIF(" + column + ", 'NA')";
    }
    sql += (i > 0 ? ", " : "") + CastSql(types[i], column);
  }
  return sql + " FROM " + ReaderSql(input, shape, na_is_null);
}

/// Adds the values of one DuckDB vector to a builder.
class ColumnCopier {
 public:
  ColumnCopier(const duckdb::Api& api, CsvType type) : api_(api), type_(type) {
    const auto status = arrow::MakeBuilder(arrow::default_memory_pool(), ArrowType(type), &builder_);
    if (!status.ok()) builder_ = nullptr;  // a simple type: there is one
  }

  arrow::Status Append(duckdb::Vector vector, int64_t rows) {
    const void* data = api_.vector_get_data(vector);
    const uint64_t* validity = api_.vector_get_validity(vector);
    switch (type_) {
      case CsvType::kText:
        return AppendTexts(static_cast<const duckdb::String*>(data), validity, rows);
      case CsvType::kWhole:
        return AppendFixed<arrow::Int64Builder, int64_t>(data, validity, rows);
      case CsvType::kFraction:
        return AppendFixed<arrow::DoubleBuilder, double>(data, validity, rows);
      case CsvType::kDate:
        return AppendFixed<arrow::Date32Builder, int32_t>(data, validity, rows);
      case CsvType::kTime:
        return AppendFixed<arrow::Time64Builder, int64_t>(data, validity, rows);
      case CsvType::kTimestamp:
      case CsvType::kTimestampUtc:
        return AppendFixed<arrow::TimestampBuilder, int64_t>(data, validity, rows);
      case CsvType::kBoolean:
        return AppendFixed<arrow::BooleanBuilder, uint8_t>(data, validity, rows);
    }
    return arrow::Status::OK();
  }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() { return builder_->Finish(); }
  int64_t text_bytes() const {
    return type_ == CsvType::kText
               ? static_cast<arrow::StringBuilder&>(*builder_).value_data_length()
               : 0;
  }

 private:
  template <typename Builder, typename Value>
  arrow::Status AppendFixed(const void* data, const uint64_t* validity, int64_t rows) {
    auto& builder = static_cast<Builder&>(*builder_);
    const auto* values = static_cast<const Value*>(data);
    if (validity == nullptr) return builder.AppendValues(values, rows);
    valid_.resize(static_cast<size_t>(rows));
    for (size_t row = 0; row < valid_.size(); ++row) valid_[row] = duckdb::IsValid(validity, row);
    return builder.AppendValues(values, rows, valid_.data());
  }
  arrow::Status AppendTexts(const duckdb::String* texts, const uint64_t* validity, int64_t rows) {
    auto& builder = static_cast<arrow::StringBuilder&>(*builder_);
    for (int64_t row = 0; row < rows; ++row) {
      if (duckdb::IsValid(validity, static_cast<uint64_t>(row))) {
        ARROW_RETURN_NOT_OK(
            builder.Append(texts[row].data(), static_cast<int32_t>(texts[row].length())));
      } else {
        ARROW_RETURN_NOT_OK(builder.AppendNull());
      }
    }
    return arrow::Status::OK();
  }

  const duckdb::Api& api_;
  const CsvType type_;
  std::unique_ptr<arrow::ArrayBuilder> builder_;
  std::vector<uint8_t> valid_;
};

class CsvReader : public arrow::RecordBatchReader {
 public:
  CsvReader(std::shared_ptr<InputFile> input, std::shared_ptr<duckdb::Session> session,
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

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    if (ended_) return arrow::Status::OK();
    auto next = Next();
    if (!next) return ToArrow(next.error());
    *batch = std::move(*next);
    return arrow::Status::OK();
  }

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> Next() {
    if (!rows_) {
      CORESHED_ASSIGN(auto statement, session_->Prepare(SelectSql(*input_, shape_, types_)));
      statement_.emplace(std::move(statement));
      CORESHED_ASSIGN(auto rows, statement_->Stream());
      rows_.emplace(std::move(rows));
    }
    std::vector<ColumnCopier> copiers;
    for (const CsvType type : types_) copiers.emplace_back(session_->api(), type);
    int64_t rows = 0, bytes = 0;
    while (rows < kBatchRows && bytes < kBatchBytes) {
      auto next = rows_->Next();
      if (!next) return ReadError(std::move(next).error());
      DataChunk chunk = *next;
      if (chunk == nullptr) break;
      const auto size = static_cast<int64_t>(session_->api().data_chunk_get_size(chunk));
      const auto status = AppendChunk(chunk, size, &copiers);
      session_->api().destroy_data_chunk(&chunk);
      CORESHED_ARROW_TRY(status, "reading " + input_->label());
      if (size == 0) break;
      rows += size;
      bytes = 0;
      for (const auto& copier : copiers) bytes += copier.text_bytes();
    }
    rows_read_ += rows;
    if (rows == 0) return End();
    arrow::ArrayVector columns;
    for (auto& copier : copiers) {
      CORESHED_ARROW_ASSIGN(auto column, copier.Finish(), "reading " + input_->label());
      columns.push_back(std::move(column));
    }
    return arrow::RecordBatch::Make(schema_, rows, std::move(columns));
  }

  arrow::Status AppendChunk(DataChunk chunk, int64_t rows, std::vector<ColumnCopier>* copiers) {
    for (size_t i = 0; i < copiers->size(); ++i) {
      ARROW_RETURN_NOT_OK(
          (*copiers)[i].Append(session_->api().data_chunk_get_vector(chunk, i), rows));
    }
    return arrow::Status::OK();
  }

  /// No row vanishes silently: what was seen in the bytes must have been read.
  Result<std::shared_ptr<arrow::RecordBatch>> End() {
    ended_ = true;
    rows_.reset();
    CORESHED_TRY(input_->CheckUnchanged());
    if (rows_read_ != shape_.rows) {
      return Error{ErrorKind::kValidation, input_->label() + " has " + std::to_string(shape_.rows) +
                                               " rows, but " + std::to_string(rows_read_) +
                                               " can be read."};
    }
    return std::shared_ptr<arrow::RecordBatch>();
  }

  Error ReadError(Error error) const {
    if (auto unchanged = input_->CheckUnchanged(); !unchanged) return std::move(unchanged).error();
    error.message = "reading " + input_->label() + ": " + error.message;
    return error;
  }

  std::shared_ptr<InputFile> input_;
  std::shared_ptr<duckdb::Session> session_;
  CsvShape shape_;
  std::vector<CsvType> types_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<duckdb::Statement> statement_;
  std::optional<duckdb::Rows> rows_;
  int64_t rows_read_ = 0;
  bool ended_ = false;
};

}  // namespace

Result<OpenedCsv> OpenCsv(std::shared_ptr<InputFile> input, bool tabs) {
  CsvScanner scanner(input->label(), tabs);
  Utf8Check utf8(input->label());
  CORESHED_ASSIGN(Source source, input->Digest([&](std::string_view piece) -> Result<void> {
    CORESHED_TRY(utf8.Feed(piece));
    return scanner.Feed(piece);
  }));
  CORESHED_TRY(utf8.Finish());
  CORESHED_ASSIGN(CsvShape shape, scanner.Finish());
  if (shape.longest_record > kRecordBytesMax) {
    return Error{ErrorKind::kValidation, input->label() + " has a row of " +
                                             std::to_string(shape.longest_record) +
                                             " bytes. Is a quote missing?"};
  }
  duckdb::SessionOptions options;
  options.readable_file = input->descriptor_path();
  options.threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax));
  CORESHED_ASSIGN(auto session, duckdb::Session::Open(options));
  std::vector<std::string> columns;
  for (size_t i = 0; i < shape.names.size(); ++i) columns.push_back(ColumnName(i));
  auto types = TypesOf(*session, ReaderSql(*input, shape, true), columns);
  if (!types) {
    types.error().message = "reading " + input->label() + ": " + types.error().message;
    return std::move(types).error();
  }
  auto rows = std::make_shared<CsvReader>(std::move(input), std::move(session), std::move(shape),
                                          std::move(*types));
  return OpenedCsv{std::move(source), std::move(rows)};
}

}  // namespace coreshed::sources
