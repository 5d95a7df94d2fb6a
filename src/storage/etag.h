#pragma once

#include <string>
#include <string_view>

namespace coreshed::storage {

/// The tag of an object whose storage gives none: XXH3 (128 bits) of its bytes, 32 hex digits.
/// Enough because every metadata.json holds a fresh commit id: no two contents are equal.
std::string EtagOf(std::string_view bytes);

}  // namespace coreshed::storage
