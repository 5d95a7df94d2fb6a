// A record's metadata.json, as it lies in a folder where others write, too.
#include <coreshed/content.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto checked = coreshed::CheckMetadata({reinterpret_cast<const char*>(data), size});
  if (checked) return 0;
  const auto kind = checked.error().kind;
  if (kind != coreshed::ErrorKind::kCorruption && kind != coreshed::ErrorKind::kUnsupported)
    std::abort();
  return 0;
}
