// Any bytes as JSON lines: opened, and read to the end.
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <coreshed/sources.h>

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  coreshed::OpenFileOptions options;
  options.limits.columns = 1'000;
  const auto bytes = arrow::Buffer::FromString({reinterpret_cast<const char*>(data), size});
  auto opened = coreshed::OpenFile({"", bytes, "fuzz.jsonl"}, options);
  if (!opened) return 0;
  for (const auto& table : opened->tables) {
    std::shared_ptr<arrow::RecordBatch> batch;
    while (table.reader->ReadNext(&batch).ok() && batch != nullptr) {
      if (!batch->ValidateFull().ok()) __builtin_trap();
    }
  }
  return 0;
}
