// JSON lines, perhaps packed.
#include <cstddef>
#include <cstdint>

#include "fuzz/read_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  coreshed::fuzz::ReadAll({reinterpret_cast<const char*>(data), size}, "fuzz.jsonl");
  return 0;
}
