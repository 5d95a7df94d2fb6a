#include <clocale>

#include "cli/app.h"
#include "cli/interrupts.h"
#include "cli/invocation.h"

int main(int count, char** words) {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // for the widths of characters
  // Never taken down: its thread waits for signals until the process ends.
  static auto* interrupts = new coreshed::cli::Interrupts();
  coreshed::cli::Invocation invocation(interrupts);
  return coreshed::cli::RunApp(count, words, invocation);
}
