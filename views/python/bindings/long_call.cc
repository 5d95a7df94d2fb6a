#include "python/bindings/long_call.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace coreshed::python {
namespace {

constexpr std::chrono::milliseconds kLookForSignals(50);

bool IsMainThread() {
  static nb::object& main_thread =
      *new nb::object(nb::module_::import_("threading").attr("main_thread"));
  return nb::cast<unsigned long>(main_thread().attr("ident")) == PyThread_get_thread_ident();
}

}  // namespace

Progress LongCall::progress() {
  if (callback_.is_none()) return {};
  return [this](const std::string& phase, double fraction, const std::string& message) {
    Call(phase, fraction, message);
  };
}

void LongCall::Call(const std::string& phase, double fraction, const std::string& message) {
  const nb::gil_scoped_acquire lock;
  if (interrupted_) return;
  try {
    callback_(nb::str(phase.data(), phase.size()), fraction,
              nb::str(message.data(), message.size()));
  } catch (const nb::python_error&) {
    Keep();
  }
}

void LongCall::Keep() {
  interrupted_ = std::current_exception();
  stop_.request_stop();
}

void LongCall::Run(const std::function<void()>& work, bool is_short) {
  std::exception_ptr failure;
  if (is_short || !IsMainThread()) {
    const nb::gil_scoped_release unlocked;
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  } else {
    RunBeside(work, &failure);
  }
  // What was stopped raises why; what was done all the same does so afterwards.
  if (interrupted_) std::rethrow_exception(interrupted_);
  if (failure) std::rethrow_exception(failure);
}

void LongCall::RunBeside(const std::function<void()>& work, std::exception_ptr* failure) {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_done = false;
  const nb::gil_scoped_release unlocked;
  std::jthread thread([&] {
    try {
      work();
    } catch (...) {
      *failure = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    is_done = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  while (!changed.wait_for(lock, kLookForSignals, [&] { return is_done; })) {
    lock.unlock();
    LookForSignals();
    lock.lock();
  }
}

void LongCall::LookForSignals() {
  const nb::gil_scoped_acquire locked;
  if (interrupted_ || PyErr_CheckSignals() == 0) return;
  try {
    throw nb::python_error();
  } catch (const nb::python_error&) {
    Keep();
  }
}

}  // namespace coreshed::python
