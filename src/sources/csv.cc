#include "sources/csv.h"

#include <arrow/record_batch.h>

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>

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

Result<Scanned> Scan(const InputFile& input, bool tabs, const OpenFileOptions& options) {
  CORESHED_ASSIGN(const GivenEncoding given, EncodingNamed(options.encoding));
  EncodingWatch watch(given);
  CsvScanner scanner(input.label(), tabs);
  Scanned scanned;
  CORESHED_ASSIGN(scanned.source, input.Digest([&](std::string_view piece) -> Result<void> {
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

}  // namespace

Result<OpenedCsv> OpenCsv(std::shared_ptr<InputFile> input, bool tabs, const CsvTypes& wanted,
                          const OpenFileOptions& options) {
  std::vector<std::string> warnings;
  CORESHED_ASSIGN(Scanned scanned, Scan(*input, tabs, options));
  Source source = std::move(scanned.source);
  if (!scanned.shape) {
    CORESHED_ASSIGN(input, Decode(*input, scanned.encoding, scanned.bad_at, options, &warnings));
    OpenFileOptions decoded;
    decoded.encoding = "utf-8";
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
  CORESHED_ASSIGN(auto session, duckdb::Session::Open(OptionsFor(*input, columns)));
  auto types = FindTypes(*input, shape, wanted, *session);
  if (!types) {
    types.error().message = "reading " + input->label() + ": " + types.error().message;
    return std::move(types).error();
  }
  auto rows = std::make_shared<CsvReader>(std::move(input), std::move(session), std::move(shape),
                                          std::move(*types));
  return OpenedCsv{std::move(source), std::move(rows), std::move(warnings)};
}

}  // namespace coreshed::sources
