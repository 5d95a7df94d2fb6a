#include "cli/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/failure.h"

namespace coreshed::cli {

Output::Output() : out_(Terminal::Of(stdout)), error_(Terminal::Of(stderr)) {}

void Output::Print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) Flush();
}

void Output::PrintJson(const Json& document) {
  Print(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void Output::Flush() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw Failure(Error{
      ErrorKind::kIo,
      std::string("The answer can't be written to standard output: ") + std::strerror(errno) + "."}
                    .With(kOutputField, "stdout"));
}

void Output::Remark(std::string_view line) {
  std::fflush(stdout);
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

}  // namespace coreshed::cli
