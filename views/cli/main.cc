#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <string_view>

#include "cli/app.h"
#include "cli/interrupts.h"
#include "cli/invocation.h"

namespace {

/// Where standard input, output or error is closed, the next file opened would take its place: what
/// is printed would go into a store's file, or a file be read as input.
void TakeStandardDescriptors() {
  for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1) open("/dev/null", O_RDONLY);  // writing to it fails
  }
}

}  // namespace

int main(int count, char** words) {
  TakeStandardDescriptors();
  std::setlocale(LC_CTYPE, "C.UTF-8");  // for the widths of characters
  // Never taken down: its thread waits for signals until the process ends.
  const bool json = std::any_of(
      words, words + count, [](const char* word) { return std::string_view(word) == "--json"; });
  static auto* interrupts = new coreshed::cli::Interrupts(json);
  coreshed::cli::Invocation invocation(interrupts);
  return coreshed::cli::RunApp(count, words, invocation);
}
