#pragma once

#include <string>
#include <string_view>

namespace coreshed {

/// Lower case of the letters of ASCII alone, whatever the locale.
inline char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
inline std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    c = LowerAscii(c);
  return lower;
}

}  // namespace coreshed
