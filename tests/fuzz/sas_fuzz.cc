#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <coreshed/sources.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// Files of SAS: the first byte chooses between the two kinds, the rest is the file.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  coreshed::OpenFileOptions options;
  options.limits.unpacked_bytes = int64_t{64} << 20;
  options.format =
      data[0] % 2 == 0 ? coreshed::FileFormat::kSasXpt : coreshed::FileFormat::kSas7bdat;
  const auto bytes =
      arrow::Buffer::FromString(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  auto opened = coreshed::OpenFile({"", bytes, "fuzzed"}, options);
  if (!opened) return 0;
  for (const auto& table : opened->tables) {
    const auto read = table.reader->ToTable();
    if (read.ok() && !(*read)->ValidateFull().ok()) std::abort();
  }
  return 0;
}
