#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <coreshed/sources.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/csv_split.h"
#include "sources/csv_types.h"
#include "sources/table_file.h"

namespace coreshed::sources {
namespace {

constexpr const char* kWhat = "writing CSV";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // none if it begins the file
constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr int64_t kSliceRows = 8192;

class CsvLines {
 public:
  explicit CsvLines(char delimiter) : needs_quotes_{delimiter, '"', '\n', '\r'} {
    needs_quotes_.resize(4);
  }

  /// Whoever reads the first line guesses the delimiter from it.
  void Name(std::string_view name) { Text(name, name.find_first_of(",;\t|") != name.npos); }
  void Text(std::string_view text, bool always = false) {
    const bool quotes = always || text.empty() || text == "NA" || text.front() == ' ' ||
                        text.back() == ' ' || text.starts_with(kByteOrderMark) ||
                        text.find_first_of(needs_quotes_) != text.npos;
    if (!quotes) {
      bytes_ += text;
      return;
    }
    bytes_ += '"';
    for (const char c : text) {
      bytes_ += c;
      if (c == '"') bytes_ += c;
    }
    bytes_ += '"';
  }
  void Bare(std::string_view text) { bytes_ += text; }
  void Next() { bytes_ += needs_quotes_.front(); }
  void End() { bytes_ += "\n"; }
  std::string& bytes() { return bytes_; }

 private:
  std::string needs_quotes_;  // the delimiter first
  std::string bytes_;
};

/// `first`: how many rows are before these.
Result<void> AppendRows(const arrow::RecordBatch& batch, int64_t first, const RowTail& tail,
                        CsvLines* lines) {
  std::vector<std::shared_ptr<arrow::StringArray>> columns;
  std::vector<bool> is_text;
  for (int i = 0; i < batch.num_columns(); ++i) {
    auto texts = CellTexts(batch.column(i));
    if (!texts) {
      Error error = std::move(texts).error();
      error.message = "CSV can't hold column '" + batch.column_name(i) + "': " + error.message +
                      " Leave it out, or take Parquet or Arrow.";
      return std::move(error).With("column", batch.column_name(i));
    }
    columns.push_back(std::static_pointer_cast<arrow::StringArray>(*texts));
    is_text.push_back(IsTextType(*batch.column(i)->type()));
  }
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) lines->Next();
      if (columns[i]->IsNull(row)) continue;
      if (is_text[i]) {
        lines->Text(columns[i]->GetView(row));
      } else {
        lines->Bare(columns[i]->GetView(row));
      }
    }
    if (tail) {
      CORESHED_ASSIGN(const auto further, tail(first + row));
      lines->Bare(further);
    }
    lines->End();
  }
  return {};
}

}  // namespace

std::string FieldsWritten(std::string surplus, char delimiter) {
  surplus.erase(0, 1);  // the delimiter before them
  std::vector<CsvField> fields;
  char* const begin = surplus.data();
  CsvFields(delimiter).Find(begin, begin + surplus.size(), true, &fields);
  CsvLines line(',');
  for (const auto& field : fields) {
    line.Next();
    const auto text = field.Take();
    const bool means_null = !field.is_quoted && (text.empty() || text == "NA");
    means_null ? line.Bare(text) : line.Text(text, field.is_quoted);
  }
  return std::move(line.bytes());
}

Result<int64_t> WriteCsv(arrow::RecordBatchReader& rows,
                         const std::shared_ptr<arrow::io::OutputStream>& sink, char delimiter,
                         const RowTail& tail) {
  CsvLines lines(delimiter);
  for (int i = 0; i < rows.schema()->num_fields(); ++i) {
    if (i > 0) lines.Next();
    lines.Name(rows.schema()->field(i)->name());
  }
  lines.End();
  // A type that CSV can't hold is told before the first byte is written.
  CORESHED_ARROW_ASSIGN(const auto empty, arrow::RecordBatch::MakeEmpty(rows.schema()), kWhat);
  CORESHED_TRY(AppendRows(*empty, 0, tail, &lines));
  int64_t written = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    CORESHED_ARROW_TRY(rows.ReadNext(&batch), "reading the rows");
    if (batch == nullptr) break;
    for (int64_t row = 0; row < batch->num_rows(); row += kSliceRows) {
      CORESHED_TRY(AppendRows(*batch->Slice(row, kSliceRows), written + row, tail, &lines));
      if (lines.bytes().size() < kPieceBytes) continue;
      CORESHED_ARROW_TRY(sink->Write(lines.bytes()), kWhat);
      lines.bytes().clear();
    }
    written += batch->num_rows();
  }
  CORESHED_ARROW_TRY(sink->Write(lines.bytes()), kWhat);
  return written;
}

}  // namespace coreshed::sources
