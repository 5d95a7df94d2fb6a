#pragma once

#include <coreshed/options.h>

#include <memory>
#include <string>

#include "cli/terminal.h"

namespace coreshed::cli {

/// A bar on standard error for work that takes a while; nothing where that is no terminal.
class ProgressBar {
 public:
  explicit ProgressBar(const Terminal& terminal);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// What a call of the store takes; it must not outlive this.
  Progress callback();

 private:
  struct State;
  void Show(const std::string& phase, double fraction, const std::string& message);

  const Terminal terminal_;
  const std::unique_ptr<State> state_;
};

}  // namespace coreshed::cli
