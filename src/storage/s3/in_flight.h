#pragma once

#include <coreshed/error.h>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace coreshed::storage::s3 {

/// Keeps the requests of one stage side by side, within bounds of their number and bytes.
/// Thread-safe. Ends with the last of them.
class Gate {
 public:
  /// Wait for room, then run `task` in a thread of its own; where there is none to be had, when its
  /// result is asked for.
  template <typename T>
  std::future<Result<T>> Run(int64_t bytes, std::function<Result<T>()> task) {
    Enter(bytes);
    const auto shared = std::make_shared<std::function<Result<T>()>>(std::move(task));
    const auto run = [shared]() -> Result<T> {
      try {
        auto answer = (*shared)();
        *shared = nullptr;  // and what it holds
        return answer;
      } catch (const std::exception& error) {  // memory that is not there
        return Error{ErrorKind::kIo, std::string("out of memory or worse: ") + error.what()};
      }
    };
    try {
      return std::async(std::launch::async, [this, bytes, run] {
        const Leaver leaver{this, bytes};
        return run();
      });
    } catch (const std::system_error&) {
      Leave(bytes);
      return std::async(std::launch::deferred, run);
    }
  }

 private:
  struct Leaver {
    Gate* gate;
    int64_t bytes;
    ~Leaver() { gate->Leave(bytes); }
  };

  void Enter(int64_t bytes);
  void Leave(int64_t bytes);

  static constexpr int kMost = 16;
  static constexpr int64_t kBytesMost = int64_t{64} << 20;

  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
  int64_t bytes_ = 0;
};

/// What one stage has sent off and not heard of yet. Thread-safe.
class InFlight {
 public:
  /// An object given `wanted`; `put` answers with the name it has in the end.
  void AddObject(std::string wanted, int64_t bytes, std::function<Result<std::string>()> put);
  void AddMarker(std::function<Result<void>()> put);
  Gate& gate() { return gate_; }

  /// Wait for all of them: Stage::Settle.
  Result<std::map<std::string, std::string>> Settle();

 private:
  struct Object {
    std::string wanted;
    std::future<Result<std::string>> name;
  };

  Gate gate_;  // before the futures, which use it to their end
  std::mutex mutex_;
  std::vector<Object> objects_;
  std::vector<std::future<Result<void>>> markers_;
};

}  // namespace coreshed::storage::s3
