#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace coreshed {

/// Bytes as lower-case hex digits.
inline std::string ToHex(const uint8_t* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex(size * 2, '0');
  for (size_t i = 0; i < size; ++i) {
    hex[2 * i] = kDigits[bytes[i] >> 4];
    hex[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return hex;
}

/// Whether `text` is `size` lower-case hex digits.
inline bool IsHex(std::string_view text, size_t size) {
  return text.size() == size && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace coreshed
