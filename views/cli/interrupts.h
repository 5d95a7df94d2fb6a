#pragma once

#include <atomic>
#include <stop_token>

namespace coreshed::cli {

/// Ctrl-C and SIGTERM. While a call of the store is under way that can stop by itself, the first
/// one asks it to and the second ends the process; at any other time the first one ends it. Both
/// are safe: a commit is there or not, and what else is left `vacuum` removes.
class Interrupts {
 public:
  /// Before any other thread is started: those that follow leave the signals to this one's.
  Interrupts();

  std::stop_token token() const { return stop_.get_token(); }
  bool requested() const { return stop_.stop_requested(); }
  /// 128 + the signal's number, as shells count.
  int exit_code() const { return 128 + signal_; }

  /// Says while it lives that the token is looked at.
  class Listening {
   public:
    explicit Listening(Interrupts* interrupts) : interrupts_(interrupts) {
      ++interrupts_->listening_;
    }
    ~Listening() { --interrupts_->listening_; }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

   private:
    Interrupts* interrupts_;
  };

 private:
  void Watch();

  std::stop_source stop_;
  std::atomic<int> listening_ = 0;
  std::atomic<int> signal_ = 0;
};

}  // namespace coreshed::cli
