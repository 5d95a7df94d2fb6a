#pragma once

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <coreshed/error.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace coreshed::storage::s3 {

/// Fetches the ranges of an object that are going to be read, in large pieces and several at once,
/// and keeps each until all that was announced of it has been taken. Thread-safe.
class ReadAhead {
 public:
  using Fetch = std::function<Result<std::shared_ptr<arrow::Buffer>>(int64_t begin, int64_t size)>;

  explicit ReadAhead(Fetch fetch) : fetch_(std::move(fetch)) {}
  /// Waits for the requests that are under way.
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// These are going to be read.
  void Announce(std::vector<arrow::io::ReadRange> ranges);
  /// The bytes of a range; nothing: they were not announced, or are taken.
  Result<std::shared_ptr<arrow::Buffer>> Take(int64_t begin, int64_t size);

 private:
  struct Piece {
    int64_t begin = 0, end = 0;
    int64_t left = 0;  ///< bytes announced and not taken yet
    std::optional<Result<std::shared_ptr<arrow::Buffer>>> bytes;  ///< none: on its way
  };

  void Work();

  static constexpr size_t kConnections = 8;

  const Fetch fetch_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<int64_t, std::shared_ptr<Piece>> pieces_;  ///< by begin
  std::deque<std::shared_ptr<Piece>> queue_;
  size_t working_ = 0;
  bool is_ended_ = false;
  std::vector<std::jthread> workers_;
};

}  // namespace coreshed::storage::s3
