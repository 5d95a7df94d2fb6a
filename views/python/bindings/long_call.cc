#include "python/bindings/long_call.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "python/bindings/failure.h"
#include "python/bindings/text.h"

namespace coreshed::python {
namespace {

constexpr std::chrono::milliseconds kLookForSignals(50);

bool IsMainThread() {
  static nb::object& main_thread =
      *new nb::object(nb::module_::import_("threading").attr("main_thread"));
  return nb::cast<unsigned long>(main_thread().attr("ident")) == PyThread_get_thread_ident();
}

// Under the interpreter's lock; never freed, as threads may outlive what is freed at the end.
bool is_ending = false;
int64_t calls_inside = 0;
thread_local int depth = 0;  ///< of this thread's calls
std::set<std::stop_source*>& Stoppable() {
  static auto& all = *new std::set<std::stop_source*>;
  return all;
}

}  // namespace

Inside::Inside(std::stop_source* stop) : stop_(stop) {
  if (is_ending && depth == 0 && !IsMainThread()) {
    const nb::gil_scoped_release unlocked;
    while (true)
      std::this_thread::sleep_for(std::chrono::hours(1));
  }
  ++depth;
  ++calls_inside;
  if (stop_ != nullptr) Stoppable().insert(stop_);
}

Inside::~Inside() {
  --depth;
  --calls_inside;
  if (stop_ != nullptr) Stoppable().erase(stop_);
}

void ForgetCalls() {
  calls_inside = depth;
  Stoppable().clear();
}

void EndCalls() {
  constexpr std::chrono::seconds kPatience(10);
  constexpr std::chrono::milliseconds kPause(2);
  is_ending = true;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (calls_inside > 0 && std::chrono::steady_clock::now() < until) {
    for (std::stop_source* stop : Stoppable())
      stop->request_stop();
    const nb::gil_scoped_release unlocked;
    std::this_thread::sleep_for(kPause);
  }
}

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
    callback_(Text(phase), fraction, Text(message));
  } catch (const nb::python_error&) {
    Keep();
  }
}

void LongCall::Keep() {
  interrupted_ = std::current_exception();
  stop_.request_stop();
}

void LongCall::Run(const std::function<void()>& work, bool is_short) {
  const Inside inside(&stop_);
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
  if (interrupted_) RaiseInterrupted(failure);
  // While the call still counts as inside: the interpreter may end as soon as it does not.
  if (failure) RethrowInPython(failure);
}

void LongCall::RaiseInterrupted(const std::exception_ptr& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const Failure& hidden) {
    try {
      std::rethrow_exception(interrupted_);
    } catch (const nb::python_error& error) {
      if (hidden.error().kind != ErrorKind::kCancelled) AddContext(error, hidden.error());
      throw;
    }
  } catch (...) {
    // Nothing that a caller could do something about.
  }
  std::rethrow_exception(interrupted_);
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
