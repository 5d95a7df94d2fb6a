#include <algorithm>
#include <clocale>
#include <string_view>

#include "cli/app.h"
#include "cli/interrupts.h"
#include "cli/invocation.h"

int main(int count, char** words) {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // for the widths of characters
  // Never taken down: its thread waits for signals until the process ends.
  const bool json = std::any_of(
      words, words + count, [](const char* word) { return std::string_view(word) == "--json"; });
  static auto* interrupts = new coreshed::cli::Interrupts(json);
  coreshed::cli::Invocation invocation(interrupts);
  return coreshed::cli::RunApp(count, words, invocation);
}
