#include "sources/csv.h"

#include <arrow/record_batch.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "base/result.h"
#include "sources/csv_reader.h"
#include "sources/csv_scan.h"
#include "sources/duckdb.h"
#include "sources/utf8_check.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kRecordBytesMax = int64_t{64} << 20;
constexpr unsigned kThreadsMax = 4;

}  // namespace

Result<OpenedCsv> OpenCsv(std::shared_ptr<InputFile> input, bool tabs,
                          const std::shared_ptr<arrow::Schema>& like) {
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
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  options.threads = static_cast<int>(std::min(cores, kThreadsMax));
  CORESHED_ASSIGN(auto session, duckdb::Session::Open(options));
  auto types = FindTypes(*input, shape, like.get(), *session);
  if (!types) {
    types.error().message = "reading " + input->label() + ": " + types.error().message;
    return std::move(types).error();
  }
  auto rows = std::make_shared<CsvReader>(std::move(input), std::move(session), std::move(shape),
                                          std::move(*types));
  return OpenedCsv{std::move(source), std::move(rows)};
}

}  // namespace coreshed::sources
