// A CSV file in any encoding, perhaps packed.
#include <cstddef>
#include <cstdint>

#include "fuzz/read_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  coreshed::fuzz::ReadAll({reinterpret_cast<const char*>(data), size}, "fuzz.csv");
  return 0;
}
