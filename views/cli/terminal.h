#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace coreshed::cli {

enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow };

/// What a stream of the process can show.
struct Terminal {
  bool is_terminal = false;
  bool has_colors = false;
  size_t width = 0;  ///< places in a line; 0: as many as it takes

  /// Of stdout or stderr, by the environment (COLUMNS, NO_COLOR, TERM).
  static Terminal Of(std::FILE* stream);

  /// `text` in a style, if there are colours.
  std::string Styled(std::string_view text, Style style) const;
};

}  // namespace coreshed::cli
