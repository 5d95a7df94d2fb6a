#include "cli/interrupts.h"

#include <unistd.h>

#include <csignal>
#include <string_view>
#include <thread>

namespace coreshed::cli {
namespace {

/// Those that whoever started this process has not told it to ignore (a job in the background).
sigset_t Watched() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    const bool ignored = sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
    if (!ignored) sigaddset(&signals, signal);
  }
  return signals;
}

void Say(std::string_view line) {
  if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;  // nobody reads it: so be it
}

}  // namespace

Interrupts::Interrupts() {
  std::signal(SIGPIPE, SIG_DFL);  // whoever reads has had enough: end without a word
  const sigset_t signals = Watched();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([this] { Watch(); }).detach();
}

void Interrupts::Watch() {
  const sigset_t signals = Watched();
  for (int signal = 0; sigwait(&signals, &signal) == 0;) {
    const bool first = !stop_.stop_requested();
    signal_ = signal;
    if (!first || !listening_) {
      Say(first ? "\nStopped.\n" : "\nStopped at once.\n");
      _exit(exit_code());
    }
    Say("\nStopping (once more: at once) …\n");
    stop_.request_stop();
  }
}

}  // namespace coreshed::cli
