#include "cli/interrupts.h"

#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "cli/error_text.h"

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

void Write(std::string_view text) {
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // nobody reads it: so be it
}

}  // namespace

Interrupts::Interrupts(bool json) : json_(json) {
  std::signal(SIGPIPE, SIG_DFL);  // whoever reads has had enough: end without a word
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow (ulimit -f) is an error of the write
  const sigset_t signals = Watched();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([this] { Watch(); }).detach();
}

void Interrupts::Watch() {
  const sigset_t signals = Watched();
  for (int signal = 0; sigwait(&signals, &signal) == 0;) {
    const bool first = !stop_.stop_requested();
    signal_ = signal;
    const std::lock_guard lock(telling_);
    if (std::exchange(is_told_, false)) continue;  // once more, should telling it hang
    if (!first || !listening_) {
      Say(first ? Error{ErrorKind::kCancelled, "Stopped: nothing was changed."}
                : Error{ErrorKind::kOutcomeUnknown,
                        "Stopped at once: what was asked for may have been done or not. Look with "
                        "coreshed log."});
      _exit(exit_code());
    }
    if (!json_) Write("\nStopping (once more: at once) …\n");
    stop_.request_stop();
  }
}

void Interrupts::EndWith() {
  const std::lock_guard lock(telling_);
  is_told_ = true;
}

void Interrupts::Say(const Error& error) const {
  // Past the ^C that terminals show.
  const std::string begin = isatty(STDERR_FILENO) == 1 ? "\n" : "";
  Write(begin + ErrorText(error, json_) + "\n");
}

}  // namespace coreshed::cli
