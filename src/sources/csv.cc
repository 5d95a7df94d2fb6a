#include "sources/csv.h"

#include <arrow/record_batch.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "base/result.h"
#include "sources/csv_columns.h"
#include "sources/csv_reader.h"
#include "sources/csv_scan.h"
#include "sources/duckdb.h"
#include "sources/utf8_check.h"

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

}  // namespace

Result<OpenedCsv> OpenCsv(std::shared_ptr<InputFile> input, bool tabs, const CsvTypes& wanted) {
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
  return OpenedCsv{std::move(source), std::move(rows)};
}

}  // namespace coreshed::sources
