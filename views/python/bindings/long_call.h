#pragma once

#include <coreshed/options.h>
#include <nanobind/nanobind.h>

#include <exception>
#include <functional>
#include <stop_token>

namespace coreshed::python {

namespace nb = nanobind;

/// A call that is within the library. When the interpreter ends, threads that nobody waits for may
/// still be: they could not come back to it, and the process would abort. So its end waits for them
/// (EndCalls), and who calls after that waits for ever. The same goes for code of Python's that a
/// call runs after it was within the library. Made and freed with the interpreter's lock.
class Inside {
 public:
  /// `stop`: of a call that can be stopped; null: of one that is soon over.
  explicit Inside(std::stop_source* stop = nullptr);
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  std::stop_source* const stop_;
};

/// In a process that was forked: the threads that made them are not here.
void ForgetCalls();

/// Stop the calls of other threads, and wait until they have ended, some seconds at most.
void EndCalls();

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
  [[noreturn]] void RaiseInterrupted(const std::exception_ptr& failure);
  void RunBeside(const std::function<void()>& work, std::exception_ptr* failure);
  void Call(const std::string& phase, double fraction, const std::string& message);
  void LookForSignals();
  void Keep();

  nb::object callback_;
  std::stop_source stop_;
  std::exception_ptr interrupted_;  // under the interpreter's lock
};

}  // namespace coreshed::python
