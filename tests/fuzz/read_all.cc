#include "fuzz/read_all.h"

#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "sources/formats.h"
#include "sources/unpack.h"

namespace coreshed::fuzz {
namespace {

/// What is read of one table: a few bytes may well say a billion rows.
constexpr int64_t kRowsMax = 1'000'000;
constexpr int64_t kBytesMax = int64_t{64} << 20;
constexpr size_t kMessageMax = 20'000;

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << "fuzz: " << what << "\n";
  std::abort();
}

void ReadRows(arrow::RecordBatchReader& rows) {
  int64_t count = 0, bytes = 0;
  while (count < kRowsMax && bytes < kBytesMax) {
    std::shared_ptr<arrow::RecordBatch> batch;
    const auto status = rows.ReadNext(&batch);
    if (!status.ok()) return CheckError(ErrorOf(status));
    if (batch == nullptr) return;
    if (!batch->schema()->Equals(*rows.schema())) Fail("a batch of another schema");
    if (const auto valid = batch->ValidateFull(); !valid.ok()) Fail(valid.ToString());
    count += batch->num_rows();
    bytes += arrow::util::TotalBufferSize(*batch);
  }
}

}  // namespace

OpenFileOptions SmallLimits() {
  OpenFileOptions options;
  options.limits.bytes = int64_t{1} << 20;
  options.limits.columns = 1'000;
  options.limits.entries = 20;
  options.limits.unpacked_bytes = int64_t{4} << 20;
  return options;
}

void CheckError(const Error& error) {
  if (error.kind != ErrorKind::kValidation && error.kind != ErrorKind::kUnsupported)
    Fail(std::string(ErrorKindName(error.kind)) + ": " + error.message);
  if (error.message.empty()) Fail("an error without a message");
  if (error.message.size() > kMessageMax) Fail("a long message: " + error.message.substr(0, 500));
  if (!IsUtf8(error.message)) Fail("a message that is no UTF-8: " + error.message);
  for (const auto& [name, value] : error.fields) {
    if (!IsUtf8(value)) Fail("a field that is no UTF-8: " + name + " of: " + error.message);
  }
}

void ReadAll(std::string_view bytes, const std::string& name, const OpenFileOptions& options) {
  std::string ending;
  if (const auto format = FormatOfFile(name); format && sources::InfoOf(*format).is_text) {
    const auto packing = sources::PackingOfBytes(bytes);
    if (packing == sources::Packing::kGzip) ending = ".gz";
    if (packing == sources::Packing::kZstd) ending = ".zst";
  }
  const auto buffer = arrow::Buffer::FromString(std::string(bytes));
  const auto opened = OpenFile({"", buffer, name + ending}, options);
  if (!opened) return CheckError(opened.error());
  for (const auto& table : opened->tables)
    ReadRows(*table.reader);
}

}  // namespace coreshed::fuzz
