// A schema that a person wrote: what is read is written, and reads as the same.
#include <coreshed/validation.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "fuzz/read_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto schema = coreshed::ParseSchema({reinterpret_cast<const char*>(data), size});
  if (!schema) {
    coreshed::fuzz::CheckError(schema.error());
    return 0;
  }
  const auto again = coreshed::ParseSchema(coreshed::SchemaToJson(*schema));
  if (!again || *again != *schema) std::abort();
  return 0;
}
