#include "storage/etag.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hex.h"

namespace coreshed::storage {

std::string EtagOf(std::string_view bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  return ToHex(canonical.digest, sizeof canonical.digest);
}

}  // namespace coreshed::storage
