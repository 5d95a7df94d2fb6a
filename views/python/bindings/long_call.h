#pragma once

#include <coreshed/options.h>
#include <nanobind/nanobind.h>

#include <exception>
#include <functional>
#include <stop_token>

namespace coreshed::python {

namespace nb = nanobind;

/// Runs what may take long without the interpreter's lock, and meanwhile sees to it that Ctrl-C,
/// and an exception in the caller's callback, stop it at the next safe place. Since signals are
/// handled by the main thread alone, work that was called from there has a thread of its own; other
/// threads, and what is short, do it themselves: on a busy machine to wait for another thread can
/// take longer than the work. The call ends when the work has ended: what was interrupted before it
/// was done raises that exception; what was done all the same returns, and Ctrl-C is raised after
/// it.
class LongCall {
 public:
  /// `callback`: of (phase, fraction, message), or None.
  explicit LongCall(nb::object callback) : callback_(std::move(callback)) {}

  std::stop_token stop() { return stop_.get_token(); }
  /// To be handed to the library; empty where there is no callback.
  Progress progress();

  /// Errors  what `work` throws; an exception of the callback; KeyboardInterrupt
  void Run(const std::function<void()>& work, bool is_short = false);

 private:
  void RunBeside(const std::function<void()>& work, std::exception_ptr* failure);
  void Call(const std::string& phase, double fraction, const std::string& message);
  void LookForSignals();
  void Keep();

  nb::object callback_;
  std::stop_source stop_;
  std::exception_ptr interrupted_;  // under the interpreter's lock
};

}  // namespace coreshed::python
