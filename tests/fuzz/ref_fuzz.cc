// A ref (`id@selector#table`), as people type it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "store/refs.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto ref =
      coreshed::store::ParseRef(std::string(reinterpret_cast<const char*>(data), size));
  if (!ref && ref.error().kind != coreshed::ErrorKind::kInvalidArgument) std::abort();
  return 0;
}
