// Any bytes as a ZIP file: opened, and every table of it read to its end. Start from ZIP files with
// members of JSON lines, which open quickly.
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <coreshed/sources.h>

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  coreshed::OpenFileOptions options;
  options.limits.unpacked_bytes = 16 << 20;
  const auto bytes = arrow::Buffer::FromString({reinterpret_cast<const char*>(data), size});
  auto opened = coreshed::OpenFile({"", bytes, "fuzz.zip"}, options);
  if (!opened) return 0;
  for (const auto& table : opened->tables) {
    std::shared_ptr<arrow::RecordBatch> batch;
    while (table.reader->ReadNext(&batch).ok() && batch != nullptr) {
      if (!batch->ValidateFull().ok()) __builtin_trap();
    }
  }
  return 0;
}
