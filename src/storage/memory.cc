#include "storage/memory.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arrow_error.h"
#include "base/result.h"
#include "storage/etag.h"

namespace coreshed::storage {
namespace {

int64_t SystemClock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

bool IsKey(std::string_view key) {
  const std::string padded = "/" + std::string(key) + "/";
  return padded.find("//") == padded.npos && padded.find("/./") == padded.npos &&
         padded.find("/../") == padded.npos;
}

Result<void> CheckKey(std::string_view key) {
  if (IsKey(key)) return {};
  return Error{ErrorKind::kInvalidArgument, "'" + std::string(key) + "' is no key of a store."};
}

/// The bucket: every method is one request.
class Bucket {
 public:
  struct Object {
    std::shared_ptr<arrow::Buffer> bytes;
    std::string etag;
    int64_t modified_us = 0;
  };

  explicit Bucket(std::function<int64_t()> clock) : clock_(std::move(clock)) {}

  int64_t Now() const { return clock_(); }

  std::optional<Object> Get(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto entry = objects_.find(key);
    if (entry == objects_.end()) return std::nullopt;
    return entry->second;
  }

  void Put(const std::string& key, std::string_view bytes) {
    Object object = MakeObject(bytes);
    const std::lock_guard lock(mutex_);
    objects_.insert_or_assign(key, std::move(object));
  }

  /// With If-None-Match: * (`expected_etag` empty) or If-Match. False: the condition fails.
  bool PutIf(const std::string& key, std::string_view bytes, const std::string& expected_etag) {
    Object object = MakeObject(bytes);
    const std::lock_guard lock(mutex_);
    const auto entry = objects_.find(key);
    const std::string present = entry == objects_.end() ? "" : entry->second.etag;
    if (present != expected_etag) return false;
    objects_.insert_or_assign(key, std::move(object));
    return true;
  }

  void Delete(const std::string& key) {
    const std::lock_guard lock(mutex_);
    objects_.erase(key);
  }

  /// A copy, so that the caller may change the bucket while it goes through the answer.
  std::vector<std::pair<std::string, Object>> List(const std::string& prefix) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<std::string, Object>> found;
    for (auto i = objects_.lower_bound(prefix); i != objects_.end() && i->first.starts_with(prefix);
         ++i) {
      found.emplace_back(i->first, i->second);
    }
    return found;
  }

 private:
  Object MakeObject(std::string_view bytes) const {
    return {arrow::Buffer::FromString(std::string(bytes)), EtagOf(bytes), Now()};
  }

  const std::function<int64_t()> clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Object> objects_;
};

/// Objects on their way: whether their names are taken is found out by Settle, as on S3.
struct OnTheWay {
  struct Object {
    std::string wanted, fallback, bytes;
  };
  std::mutex mutex;
  std::vector<Object> objects;
};

class MemoryUpload final : public Upload {
 public:
  MemoryUpload(std::shared_ptr<OnTheWay> on_the_way, std::string wanted, std::string fallback)
      : on_the_way_(std::move(on_the_way)),
        wanted_(std::move(wanted)),
        fallback_(std::move(fallback)) {}

  Result<void> Write(const void* data, int64_t size) override {
    if (is_finished_) return Ended();
    bytes_.append(static_cast<const char*>(data), static_cast<size_t>(size));
    return {};
  }

  Result<std::string> Finish() override {
    if (is_finished_) return Ended();
    is_finished_ = true;
    const std::lock_guard lock(on_the_way_->mutex);
    on_the_way_->objects.push_back({wanted_, fallback_, std::move(bytes_)});
    return wanted_;
  }

 private:
  Error Ended() const {
    return Error{ErrorKind::kIo, "Writing " + wanted_ + " has ended already."};
  }

  const std::shared_ptr<OnTheWay> on_the_way_;
  const std::string wanted_, fallback_;
  std::string bytes_;
  bool is_finished_ = false;
};

class MemoryStage final : public Stage {
 public:
  MemoryStage(std::shared_ptr<Bucket> bucket, const std::string& segment)
      : bucket_(std::move(bucket)), folder_("records/" + segment + "/") {}
  ~MemoryStage() override { (void)Settle(); }  // what was sent off arrives

  Result<std::unique_ptr<Upload>> NewObject(const std::string& wanted,
                                            const std::string& fallback) override {
    CORESHED_TRY(CheckKey(wanted));
    CORESHED_TRY(CheckKey(fallback));
    return std::unique_ptr<Upload>(std::make_unique<MemoryUpload>(on_the_way_, wanted, fallback));
  }

  Result<void> Include(const std::string&) override { return {}; }
  Result<void> PutMarker(const std::string& key) override {
    CORESHED_TRY(CheckKey(key));
    if (key.starts_with("records/") && !key.starts_with(folder_)) {
      return Error{ErrorKind::kInvalidArgument, "'" + key + "' is in another record's folder."};
    }
    bucket_->Put(key, "");
    return {};
  }

  Result<std::map<std::string, std::string>> Settle() override {
    std::unique_lock lock(on_the_way_->mutex);
    const auto objects = std::exchange(on_the_way_->objects, {});
    lock.unlock();
    std::map<std::string, std::string> renamed;
    std::optional<Error> failure;
    for (const auto& object : objects) {
      if (bucket_->PutIf(folder_ + object.wanted, object.bytes, "")) {
        renamed.erase(object.wanted);
      } else if (bucket_->PutIf(folder_ + object.fallback, object.bytes, "")) {
        renamed.insert_or_assign(object.wanted, object.fallback);
      } else {
        failure = Error{ErrorKind::kIo, "Both " + folder_ + object.wanted + " and " +
                                            object.fallback + " exist already."};
      }
    }
    is_failed_ = is_failed_ || failure.has_value();
    if (failure) return *std::move(failure);
    return renamed;
  }

  Result<SwapOutcome> Swap(const std::string& expected_etag, std::string_view bytes,
                           bool /*base_is_first*/) override {
    CORESHED_ASSIGN(const auto renamed, Settle());
    if (is_failed_ || !renamed.empty()) {
      return Error{ErrorKind::kIo, "Not settled before the swap."};
    }
    const bool is_swapped = bucket_->PutIf(folder_ + "metadata.json", bytes, expected_etag);
    return is_swapped ? SwapOutcome::kSwapped : SwapOutcome::kMoved;
  }

 private:
  const std::shared_ptr<Bucket> bucket_;
  const std::string folder_;
  const std::shared_ptr<OnTheWay> on_the_way_ = std::make_shared<OnTheWay>();
  bool is_failed_ = false;  // something that a commit would refer to is not there
};

class MemoryStorage final : public Storage {
 public:
  explicit MemoryStorage(std::function<int64_t()> clock)
      : bucket_(std::make_shared<Bucket>(std::move(clock))) {}

  std::string Describe() const override { return "memory"; }

  Result<Blob> Get(const std::string& key) override {
    CORESHED_ASSIGN(auto object, Find(key));
    return Blob{std::move(object.bytes), std::move(object.etag), bucket_->Now()};
  }

  Result<std::shared_ptr<arrow::io::RandomAccessFile>> Open(const std::string& key,
                                                            int64_t size_bytes) override {
    CORESHED_ASSIGN(auto object, Find(key));
    if (size_bytes >= 0 && size_bytes != object.bytes->size()) {
      return Error{ErrorKind::kCorruption, key + " has " + std::to_string(object.bytes->size()) +
                                               " bytes, but " + std::to_string(size_bytes) +
                                               " were committed. Restore it from a backup."};
    }
    return std::shared_ptr<arrow::io::RandomAccessFile>(
        std::make_shared<arrow::io::BufferReader>(std::move(object.bytes)));
  }

  Result<bool> PutIfAbsent(const std::string& key, std::string_view bytes) override {
    CORESHED_TRY(CheckKey(key));
    return bucket_->PutIf(key, bytes, "");
  }

  Result<CopyOutcome> CopyIn(const CopyPlace& to, arrow::io::RandomAccessFile& from,
                             int64_t size_bytes) override {
    const std::string key = "records/" + to.segment + "/" + to.name;
    CORESHED_ARROW_ASSIGN(const auto bytes, from.ReadAt(0, size_bytes), "copying to " + key);
    CORESHED_ASSIGN(const bool is_put,
                    PutIfAbsent(key, {reinterpret_cast<const char*>(bytes->data()),
                                      static_cast<size_t>(bytes->size())}));
    return is_put ? CopyOutcome::kPut : CopyOutcome::kTaken;
  }
  Result<bool> HoldsCopy(const CopyPlace& to, int64_t /*size_bytes*/) override {
    const auto found = Get("records/" + to.segment + "/" + to.name);
    if (!found && found.error().kind != ErrorKind::kNotFound) return found.error();
    return found.has_value();
  }

  Result<void> PrepareNew(const std::vector<std::string>& /*keys*/) override { return {}; }

  Result<void> List(const std::string& prefix,
                    const std::function<bool(const ObjectStat&)>& visit) override {
    for (const auto& [key, object] : bucket_->List(prefix)) {
      if (!visit({key, object.bytes->size(), object.modified_us})) break;
    }
    return {};
  }

  Result<std::vector<RecordStamp>> SweepRecords() override {
    constexpr std::string_view kFolder = "records/";
    constexpr std::string_view kName = "/metadata.json";
    std::vector<RecordStamp> stamps;
    for (auto& [key, object] : bucket_->List(std::string(kFolder))) {
      if (!key.ends_with(kName) || key.size() <= kFolder.size() + kName.size()) continue;
      std::string segment = key.substr(kFolder.size(), key.size() - kFolder.size() - kName.size());
      if (segment.find('/') != segment.npos) continue;
      stamps.push_back({std::move(segment), std::move(object.etag)});
    }
    return stamps;
  }

  Result<void> MakeDurable(const std::string& /*segment*/) override { return {}; }

  Result<void> Delete(const std::string& key) override {
    CORESHED_TRY(CheckKey(key));
    bucket_->Delete(key);
    return {};
  }

  Result<std::unique_ptr<Stage>> OpenStage(const std::string& segment, bool /*fresh*/) override {
    CORESHED_TRY(CheckKey(segment));
    if (segment.find('/') != segment.npos || segment.front() == '.') {
      return Error{ErrorKind::kInvalidArgument, "'" + segment + "' is no record's folder."};
    }
    return std::unique_ptr<Stage>(std::make_unique<MemoryStage>(bucket_, segment));
  }

  Result<void> SweepTemporary(int64_t /*before_us*/, bool /*dry_run*/,
                              const std::function<void(const ObjectStat&)>& /*visit*/) override {
    return {};  // a put is whole or not at all
  }
  Result<void> SweepTemporaryOf(const std::string&,
                                const std::function<void(const ObjectStat&)>&) override {
    return {};
  }

  Result<int64_t> NowMicros() override { return bucket_->Now(); }

 private:
  Result<Bucket::Object> Find(const std::string& key) const {
    CORESHED_TRY(CheckKey(key));
    auto object = bucket_->Get(key);
    if (!object) return Error{ErrorKind::kNotFound, "There is no " + key + "."};
    return *std::move(object);
  }

  const std::shared_ptr<Bucket> bucket_;
};

}  // namespace

std::shared_ptr<Storage> MakeMemoryStorage(std::function<int64_t()> clock) {
  return std::make_shared<MemoryStorage>(clock ? std::move(clock) : SystemClock);
}

}  // namespace coreshed::storage
