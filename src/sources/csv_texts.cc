#include "sources/csv_texts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kLineBytesMin = 2'097'152;  // what DuckDB takes by itself

/// The call of DuckDB's reader.
std::string ReaderSql(const InputFile& input, const CsvShape& shape, bool na_is_null) {
  // DuckDB would have to guess in the middle of the file where quotes or lines begin, and gives up.
  const bool parallel = !shape.has_hard_quotes && !(shape.has_crlf && shape.has_lf);
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
  // DuckDB takes the first line's end for that of all, and \r\n where it expects \n for two; but \n
  // where it expects \r\n for one.
  if (shape.has_crlf) sql += ", new_line = '\\r\\n'";
  sql += ", max_line_size = " + std::to_string(line_max);
  sql += ", buffer_size = " + std::to_string(buffer);
  sql += ", columns = {";
  for (size_t i = 0; i < shape.names.size(); ++i) {  // our own names: theirs may be anything
    sql += (i > 0 ? ", 'c" : "'c") + std::to_string(i) + "': 'VARCHAR'";
  }
  return sql + "})";
}

}  // namespace

Result<CsvTexts> CsvTexts::Open(const InputFile& input, const CsvShape& shape,
                                duckdb::Session* session, const NaRule& na) {
  if (session == nullptr) return CsvTexts(std::make_unique<CsvSplitter>(input, shape, na));
  CORESHED_ASSIGN(auto statement,
                  session->Prepare("SELECT * FROM " + ReaderSql(input, shape, na.everywhere)));
  CORESHED_ASSIGN(auto rows, statement.Stream());
  return CsvTexts(Query{&session->api(), std::move(statement), std::move(rows)});
}

Result<CsvChunk> CsvTexts::Next() {
  if (splitter_ != nullptr) {
    CORESHED_ASSIGN(auto rows, splitter_->Next());
    return CsvChunk(std::move(rows));
  }
  CORESHED_ASSIGN(auto chunk, query_->rows.Next());
  return CsvChunk(*query_->api, std::move(chunk));
}

}  // namespace coreshed::sources
