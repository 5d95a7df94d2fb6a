#include "storage/s3/in_flight.h"

#include <optional>
#include <utility>

#include "base/result.h"

namespace coreshed::storage::s3 {

void Gate::Enter(int64_t bytes) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [&] { return count_ == 0 || (count_ < kMost && bytes_ + bytes <= kBytesMost); });
  ++count_;
  bytes_ += bytes;
}

void Gate::Leave(int64_t bytes) {
  const std::lock_guard lock(mutex_);
  --count_;
  bytes_ -= bytes;
  changed_.notify_all();
}

void InFlight::AddObject(std::string wanted, int64_t bytes,
                         std::function<Result<std::string>()> put) {
  auto name = gate_.Run<std::string>(bytes, std::move(put));
  const std::lock_guard lock(mutex_);
  objects_.push_back({std::move(wanted), std::move(name)});
}

void InFlight::AddMarker(std::function<Result<void>()> put) {
  auto done = gate_.Run<void>(0, std::move(put));
  const std::lock_guard lock(mutex_);
  markers_.push_back(std::move(done));
}

Result<std::map<std::string, std::string>> InFlight::Settle() {
  std::unique_lock lock(mutex_);
  auto objects = std::exchange(objects_, {});
  auto markers = std::exchange(markers_, {});
  lock.unlock();
  std::map<std::string, std::string> renamed;
  std::optional<Error> failure;  // the first; the others are waited for all the same
  for (auto& object : objects) {
    auto name = object.name.get();
    if (!name) {
      if (!failure) failure = std::move(name).error();
    } else if (*name != object.wanted) {
      renamed.insert_or_assign(std::move(object.wanted), std::move(*name));  // the last one counts
    } else {
      renamed.erase(object.wanted);
    }
  }
  for (auto& marker : markers) {
    auto done = marker.get();
    if (!done && !failure) failure = std::move(done).error();
  }
  if (failure) return *std::move(failure);
  return renamed;
}

}  // namespace coreshed::storage::s3
