#pragma once

#include <coreshed/error.h>

#include <atomic>
#include <mutex>
#include <stop_token>

namespace coreshed::cli {

/// Ctrl-C and SIGTERM. While a call of the store is under way that can stop by itself, the first
/// one asks it to and the second ends the process; at any other time the first one ends it. Both
/// are safe: a commit is there or not, and what else is left `vacuum` removes.
class Interrupts {
 public:
  /// Before any other thread is started: those that follow leave the signals to this one's.
  /// `json`: what is said is an error object, as all that fails then is.
  explicit Interrupts(bool json);

  std::stop_token token() const { return stop_.get_token(); }
  bool requested() const { return stop_.stop_requested(); }
  /// 128 + the signal's number, as shells count.
  int exit_code() const { return 128 + signal_; }

  /// From now on the token is looked at. It stays so to the end: what is committed is also told.
  void Listen() { listening_ = true; }
  bool is_listening() const { return listening_; }
  /// The error that ends the process is about to be told: nothing else is, whoever asks again.
  void EndWith();

 private:
  void Watch();
  void Say(const Error& error) const;

  const bool json_;
  std::stop_source stop_;
  std::atomic<bool> listening_ = false;
  std::atomic<int> signal_ = 0;
  std::mutex telling_;
  bool is_told_ = false;
};

}  // namespace coreshed::cli
