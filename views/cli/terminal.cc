#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace coreshed::cli {
namespace {

size_t WidthOf(int descriptor, bool is_terminal) {
  if (const char* columns = std::getenv("COLUMNS")) {
    if (const long width = std::strtol(columns, nullptr, 10); width > 0) {
      return static_cast<size_t>(width);
    }
  }
  winsize size{};
  if (is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0) return size.ws_col;
  return 0;
}

}  // namespace

Terminal Terminal::Of(std::FILE* stream) {
  const int descriptor = fileno(stream);
  Terminal terminal;
  terminal.is_terminal = isatty(descriptor) == 1;
  const char* no_color = std::getenv("NO_COLOR");
  const char* name = std::getenv("TERM");
  terminal.has_colors = terminal.is_terminal && (no_color == nullptr || *no_color == '\0') &&
                        name != nullptr && std::string_view(name) != "dumb";
  terminal.width = WidthOf(descriptor, terminal.is_terminal);
  return terminal;
}

std::string Terminal::Styled(std::string_view text, Style style) const {
  const char* code = nullptr;
  switch (style) {
    case Style::kPlain:
      break;
    case Style::kBold:
      code = "1";
      break;
    case Style::kDim:
      code = "2";
      break;
    case Style::kRed:
      code = "31";
      break;
    case Style::kGreen:
      code = "32";
      break;
    case Style::kYellow:
      code = "33";
      break;
  }
  if (code == nullptr || !has_colors) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace coreshed::cli
