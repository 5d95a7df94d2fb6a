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
#include "sources/duckdb.h"
#include "sources/encoding.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kRecordBytesMax = int64_t{64} << 20;
constexpr int kThreadsMax = 4;

// DuckDB holds 2,048 rows of every column, some times over, for each thread.
constexpr int64_t kColumnsMax = 32'768;
constexpr int64_t kColumnsOfOneThread = 1'000;
constexpr int64_t kColumnBytes = int64_t{128} << 10;

duckdb::SessionOptions OptionsFor(const InputFile& input, int64_t columns) {
  duckdb::SessionOptions options;
  options.readable_file = input.descriptor_path();
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  options.threads = columns > kColumnsOfOneThread ? 1 : std::min(cores, kThreadsMax);
  options.memory_bytes = std::max(options.memory_bytes, columns * kColumnBytes * options.threads);
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

Result<Scanned> Scan(const InputFile& input, bool tabs, const OpenFileOptions& options) {
  CORESHED_ASSIGN(const GivenEncoding given, EncodingNamed(options.encoding));
  EncodingWatch watch(given);
  CsvScanner scanner(input.label(), tabs);
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

/// The file without the fields that rows have too many.
Result<std::shared_ptr<InputFile>> WithoutSurplus(const InputFile& input, const CsvShape& shape) {
  return input.Rewritten([&](const InputFile::Sink& sink) -> Result<void> {
    constexpr int64_t kPiece = int64_t{1} << 20;
    int64_t at = 0;
    const auto copy_to = [&](int64_t end) -> Result<void> {
      while (at < end) {
        CORESHED_ARROW_ASSIGN(const auto piece,
                              input.file()->ReadAt(at, std::min(kPiece, end - at)),
                              "reading " + input.label());
        if (piece->size() == 0) return input.Changed();
        CORESHED_TRY(sink(std::string_view(*piece)));
        at += piece->size();
      }
      return {};
    };
    for (const auto& surplus : shape.surplus) {
      CORESHED_TRY(copy_to(surplus.begin));
      at = surplus.end;
    }
    return copy_to(input.size());
  });
}

/// Note where rows come from, and leave out of `input` what they have too much.
Result<void> TakeCells(std::shared_ptr<InputFile>* input, const CsvShape& shape,
                       TableOrigin* origin) {
  constexpr int64_t kShown = 1'000;
  for (const auto& surplus : shape.surplus) {
    const int64_t size = std::min(surplus.end - surplus.begin - 1, kShown);
    CORESHED_ARROW_ASSIGN(const auto value, (*input)->file()->ReadAt(surplus.begin + 1, size),
                          "reading " + (*input)->label());
    origin->wide_rows.push_back(
        {surplus.record, value->ToString(),
         std::to_string(surplus.fields) + " fields, but the header names " +
             std::to_string(shape.names.size()) +
             " columns. Is a text with the delimiter in it not in quotes?"});
  }
  auto lines = std::make_shared<CsvShape>();
  lines->line_shifts = shape.line_shifts;
  origin->line_of = [lines = std::move(lines)](int64_t record) { return lines->LineOf(record); };
  if (shape.surplus.empty()) return {};
  CORESHED_ASSIGN(*input, WithoutSurplus(**input, shape));
  return {};
}

}  // namespace

Result<OpenedCsv> OpenCsv(std::shared_ptr<InputFile> input, bool tabs, const CsvTypes& wanted,
                          const OpenFileOptions& options) {
  std::vector<std::string> warnings;
  CORESHED_ASSIGN(Scanned scanned, Scan(*input, tabs, options));
  Source source = std::move(scanned.source);
  if (!scanned.shape) {
    CORESHED_ASSIGN(input, Decode(*input, scanned.encoding, scanned.bad_at, options, &warnings));
    OpenFileOptions decoded = options;
    decoded.encoding = "utf-8";
    decoded.progress = {};
    CORESHED_ASSIGN(scanned, Scan(*input, tabs, decoded));
  }
  CsvShape shape = *std::move(scanned.shape);
  if (shape.longest_record > kRecordBytesMax) {
    return Error{ErrorKind::kValidation, input->label() + " has a row of " +
                                             std::to_string(shape.longest_record) +
                                             " bytes. Is a quote missing?"};
  }
  const auto columns = static_cast<int64_t>(shape.names.size());
  if (columns > kColumnsMax) {
    return Error{ErrorKind::kValidation,
                 input->label() + " has " + std::to_string(columns) + " columns, and at most " +
                     std::to_string(kColumnsMax) +
                     " can be read of a CSV file. Is it on its side? Else write it as Parquet."};
  }
  OpenedCsv opened{std::move(source), nullptr, std::move(warnings), {input->name()}};
  if (options.as_cells) CORESHED_TRY(TakeCells(&input, shape, &opened.origin));
  CORESHED_ASSIGN(auto session, duckdb::Session::Open(OptionsFor(*input, columns)));
  auto types = options.as_cells ? CellsOf(shape, wanted)
                                : FindTypes(*input, shape, wanted, *session, options.stop);
  if (!types) {
    types.error().message = "reading " + input->label() + ": " + types.error().message;
    return std::move(types).error();
  }
  opened.rows = std::make_shared<CsvReader>(std::move(input), std::move(session), std::move(shape),
                                            std::move(*types));
  return opened;
}

}  // namespace coreshed::sources
