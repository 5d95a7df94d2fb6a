#pragma once

#include <algorithm>
#include <string_view>

namespace coreshed::sources {

inline bool IsAgsWord(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

/// Rule 19.
inline bool IsAgsGroupName(std::string_view name) {
  return !name.empty() && name.size() <= 4 && IsAgsWord(name);
}

/// Rule 19a.
inline bool IsAgsHeadingName(std::string_view name) {
  return !name.empty() && name.size() <= 9 && std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || IsAgsWord({&c, 1});
  });
}

/// Rule 19b, as far as a name alone can tell.
inline bool NamesGroup(std::string_view heading) {
  return heading.size() > 5 && heading[4] == '_' && IsAgsWord(heading.substr(0, 4)) &&
         IsAgsWord(heading.substr(5));
}

}  // namespace coreshed::sources
