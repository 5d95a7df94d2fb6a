#include "cli/progress.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <mutex>

#include "cli/text.h"

namespace coreshed::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::milliseconds(500);  // quicker work needs no bar
constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr int kBarWidth = 30;

}  // namespace

struct ProgressBar::State {
  std::mutex mutex;  // the store calls from its threads
  Clock::time_point start = Clock::now();
  Clock::time_point shown;
  bool is_shown = false;
};

ProgressBar::ProgressBar(const Terminal& terminal)
    : terminal_(terminal), state_(std::make_unique<State>()) {}

ProgressBar::~ProgressBar() {
  const std::lock_guard lock(state_->mutex);
  if (state_->is_shown) std::fputs("\r\x1b[K", stderr);
}

Progress ProgressBar::callback() {
  if (!terminal_.is_terminal) return nullptr;
  return [this](const std::string& phase, double fraction, const std::string& message) {
    Show(phase, fraction, message);
  };
}

void ProgressBar::Show(const std::string& phase, double fraction, const std::string& message) {
  const std::lock_guard lock(state_->mutex);
  const auto now = Clock::now();
  if (now - state_->start < kPatience || now - state_->shown < kInterval) return;
  state_->shown = now;
  state_->is_shown = true;
  std::string line = Padded(Printable(phase), 8, false) + " ";
  if (fraction >= 0) {
    const int filled = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * kBarWidth));
    for (int i = 0; i < kBarWidth; ++i)
      line += i < filled ? "█" : "░";
    line += Padded(std::to_string(static_cast<int>(fraction * 100)), 4, true) + " % ";
  }
  line += Printable(message);
  const size_t width = terminal_.width > 1 ? terminal_.width - 1 : 79;
  std::fprintf(stderr, "\r%s\x1b[K", Cut(line, width).c_str());
  std::fflush(stderr);
}

}  // namespace coreshed::cli
