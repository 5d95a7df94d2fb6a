#include "sources/csv.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/csv_columns.h"
#include "sources/csv_reader.h"
#include "sources/csv_scan.h"
#include "sources/csv_split.h"
#include "sources/duckdb.h"
#include "sources/encoding.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kColumnsMax = 32'768;

// DuckDB holds 2,048 rows of every column, some times over, for each thread, however short they
// are.
constexpr int64_t kDuckDbColumnsMax = 1'000;
constexpr int kThreadsMax = 4;

duckdb::SessionOptions OptionsFor(const InputFile& input) {
  duckdb::SessionOptions options;
  options.readable_file = input.descriptor_path();
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  options.threads = std::min(cores, kThreadsMax);
  return options;
}

/// What one reading of the bytes tells.
struct Scanned {
  Source source;
  Encoding encoding = Encoding::kUtf8;
  int64_t bad_at = -1;
  std::optional<CsvShape> shape;  ///< none: the bytes must be decoded first
};

Error Cancelled(const InputFile& input) {
  return Error{ErrorKind::kCancelled, "Reading " + input.label() + " was cancelled."};
}

Result<Scanned> Scan(const InputFile& input, bool tabs, const OpenOptions& options) {
  CORESHED_ASSIGN(const GivenEncoding given, EncodingNamed(options.encoding));
  EncodingWatch watch(given);
  CsvScanner scanner(input.label(), tabs, std::min(options.limits.columns, kColumnsMax));
  if (options.as_cells) scanner.Collect();
  Scanned scanned;
  int64_t read = 0;
  CORESHED_ASSIGN(scanned.source, input.Digest([&](std::string_view piece) -> Result<void> {
    if (options.stop.stop_requested()) return Cancelled(input);
    read += static_cast<int64_t>(piece.size());
    if (options.progress) {
      options.progress("read", static_cast<double>(read) / static_cast<double>(input.size()), "");
    }
    watch.Feed(piece);
    return watch.may_be_utf8() ? scanner.Feed(piece) : Result<void>();
  }));
  CORESHED_ASSIGN(scanned.encoding, watch.Finish(input));
  scanned.bad_at = watch.bad_at();
  if (scanned.encoding == Encoding::kUtf8) {
    CORESHED_ASSIGN(scanned.shape, scanner.Finish());
  }
  return scanned;
}

/// Every column as text, whatever it stands for.
Result<std::vector<CsvColumn>> CellsOf(const CsvShape& shape, const CsvTypes& wanted) {
  std::vector<CsvColumn> columns;
  for (const auto& name : shape.names) {
    const auto given = wanted.given.find(name);
    columns.push_back(
        {arrow::utf8(), false, given != wanted.given.end() ? given->second : nullptr});
  }
  return columns;
}

/// The fields that the row of this record has too many, as they are to be written behind it.
Result<std::string> SurplusOf(const InputFile& input, const std::vector<CsvShape::Surplus>& rows,
                              char delimiter, int64_t record) {
  const auto found = std::lower_bound(
      rows.begin(), rows.end(), record,
      [](const CsvShape::Surplus& row, int64_t wanted) { return row.record < wanted; });
  if (found == rows.end() || found->record != record) return std::string();
  CORESHED_ARROW_ASSIGN(const auto bytes,
                        input.file()->ReadAt(found->begin, found->end - found->begin),
                        "reading " + input.label());
  CORESHED_TRY(input.CheckUnchanged());
  return FieldsWritten(bytes->ToString(), delimiter);
}

/// Note where rows come from, and what they have too much.
Result<void> TakeCells(const std::shared_ptr<InputFile>& input, const CsvShape& shape,
                       TableOrigin* origin) {
  constexpr int64_t kShown = 1'000;
  for (const auto& surplus : shape.surplus) {
    const int64_t size = std::min(surplus.end - surplus.begin - 1, kShown);
    CORESHED_ARROW_ASSIGN(const auto value, input->file()->ReadAt(surplus.begin + 1, size),
                          "reading " + input->label());
    origin->wide_rows.push_back(
        {surplus.record, value->ToString(),
         std::to_string(surplus.fields) + " fields, but the header names " +
             std::to_string(shape.names.size()) +
             " columns. Is a text with the delimiter in it not in quotes?"});
  }
  auto lines = std::make_shared<CsvShape>();
  lines->line_shifts = shape.line_shifts;
  lines->lines_unknown_from = shape.lines_unknown_from;
  origin->line_of = [lines = std::move(lines)](int64_t record) { return lines->LineOf(record); };
  origin->surplus_of = [input, rows = shape.surplus, delimiter = shape.delimiter](int64_t record) {
    return SurplusOf(*input, rows, delimiter, record);
  };
  return {};
}

/// Whether DuckDB is up to the file; what it is not: CsvSplitter.
bool IsForDuckDb(const CsvShape& shape, const OpenOptions& options) {
  return !options.as_cells && !shape.has_gaps &&
         static_cast<int64_t>(shape.names.size()) <= kDuckDbColumnsMax;
}

}  // namespace

Result<OpenedCsv> OpenCsv(std::shared_ptr<InputFile> input, bool tabs, const CsvTypes& wanted,
                          const OpenOptions& options) {
  std::vector<std::string> warnings;
  CORESHED_ASSIGN(Scanned scanned, Scan(*input, tabs, options));
  Source source = std::move(scanned.source);
  if (!scanned.shape) {
    CORESHED_ASSIGN(input, Decode(*input, scanned.encoding, scanned.bad_at, options, &warnings));
    OpenOptions decoded = options;
    decoded.encoding = "utf-8";
    decoded.progress = {};
    CORESHED_ASSIGN(scanned, Scan(*input, tabs, decoded));
  }
  CsvShape shape = *std::move(scanned.shape);
  OpenedCsv opened{std::move(source), nullptr, std::move(warnings), {input->name()}};
  if (options.as_cells) CORESHED_TRY(TakeCells(input, shape, &opened.origin));
  std::shared_ptr<duckdb::Session> session;
  if (IsForDuckDb(shape, options)) {
    CORESHED_ASSIGN(session, duckdb::Session::Open(OptionsFor(*input)));
  }
  auto types = options.as_cells ? CellsOf(shape, wanted)
                                : FindTypes(*input, shape, wanted, session.get(), options.stop);
  if (!types) {
    types.error().message = "reading " + input->label() + ": " + types.error().message;
    return std::move(types).error();
  }
  opened.rows = std::make_shared<CsvReader>(std::move(input), std::move(session), std::move(shape),
                                            std::move(*types));
  return opened;
}

}  // namespace coreshed::sources
