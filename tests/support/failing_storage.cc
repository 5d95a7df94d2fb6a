#include "support/failing_storage.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "storage/local_stage.h"

namespace coreshed::storage {
namespace {

Error Injected(const std::string& name, const std::string& key) {
  return Error{ErrorKind::kIo, "An injected failure of " + name + " " + key + "."}.With("injected",
                                                                                        name);
}

// A killed process cleans nothing up; only local stages do.
void LeaveAsKilled(Stage& stage) {
  if (auto* local = dynamic_cast<LocalStage*>(&stage)) local->Abandon();
}

}  // namespace

class FailingStorage::Faults {
 public:
  /// Count and log a call. Nothing where it goes on undisturbed.
  std::optional<Fault> Begin(const std::string& name, const std::string& key) {
    std::unique_lock lock(mutex_);
    const Call call{static_cast<int64_t>(log_.size()) + 1, name, key};
    log_.push_back(call);
    const auto before = before_;
    lock.unlock();
    if (before) before(call);
    lock.lock();
    std::optional<Fault> fault;
    if (const auto entry = by_name_.find(name); entry != by_name_.end()) {
      fault = entry->second;
      by_name_.erase(entry);
    }
    if (const auto entry = by_number_.find(call.number); entry != by_number_.end()) {
      fault = entry->second;
    }
    if (fault == Fault::kStop) is_stopped_ = true;
    if (fault == Fault::kFailForGood) is_failing_ = true;
    return is_stopped_ || is_failing_ ? Fault::kFail : fault;
  }

  /// A call that changes nothing.
  template <typename Effect>
  auto Read(const std::string& name, const std::string& key, const Effect& effect)
      -> decltype(effect()) {
    const auto fault = Begin(name, key);
    if (fault == Fault::kFail || fault == Fault::kDelay) return Injected(name, key);
    auto result = effect();
    if (fault == Fault::kLoseAnswer) return Injected(name, key);
    return result;
  }

  /// A call that changes something: `late` is its effect when delivered later, `lost` the answer
  /// to a caller who gets none.
  template <typename Effect>
  auto Change(const std::string& name, const std::string& key, const Effect& effect,
              std::function<void()> late, decltype(effect()) lost) -> decltype(effect()) {
    const auto fault = Begin(name, key);
    if (fault == Fault::kFail) return Injected(name, key);
    if (fault == Fault::kDelay || fault == Fault::kRepeat) {
      const std::lock_guard lock(mutex_);
      late_.push_back(std::move(late));
    }
    if (fault == Fault::kDelay) return lost;
    auto result = effect();
    if (fault == Fault::kLoseAnswer) return lost;
    return result;
  }

  bool is_stopped() const {
    const std::lock_guard lock(mutex_);
    return is_stopped_;
  }

  mutable std::mutex mutex_;
  std::vector<Call> log_;
  std::map<int64_t, Fault> by_number_;
  std::map<std::string, Fault> by_name_;
  std::function<void(const Call&)> before_;
  std::vector<std::function<void()>> late_;
  bool is_stopped_ = false;
  bool is_failing_ = false;
};

namespace {

using Faults = FailingStorage::Faults;

class FailingUpload final : public Upload {
 public:
  FailingUpload(std::shared_ptr<Faults> faults, std::shared_ptr<Storage> storage,
                std::shared_ptr<Stage> stage, std::unique_ptr<Upload> inner, std::string key)
      : faults_(std::move(faults)),
        storage_(std::move(storage)),
        stage_(std::move(stage)),
        inner_(std::move(inner)),
        key_(std::move(key)) {}
  ~FailingUpload() override {
    if (faults_->is_stopped()) LeaveAsKilled(*stage_);
  }

  Result<void> Write(const void* data, int64_t size) override {
    return faults_->Read("Write", key_, [&] {
      bytes_.append(static_cast<const char*>(data), static_cast<size_t>(size));
      return inner_->Write(data, size);
    });
  }

  Result<std::string> Finish() override {
    auto late = [storage = storage_, key = key_, bytes = bytes_] {
      (void)storage->PutIfAbsent(key, bytes);
    };
    return faults_->Change(
        "Finish", key_, [&] { return inner_->Finish(); }, std::move(late),
        Injected("Finish", key_));
  }

 private:
  const std::shared_ptr<Faults> faults_;
  const std::shared_ptr<Storage> storage_;
  const std::shared_ptr<Stage> stage_;  // before inner_, which it has to outlive
  const std::unique_ptr<Upload> inner_;
  const std::string key_;
  std::string bytes_;
};

class FailingStage final : public Stage {
 public:
  FailingStage(std::shared_ptr<Faults> faults, std::shared_ptr<Storage> storage,
               std::unique_ptr<Stage> inner, const std::string& segment)
      : faults_(std::move(faults)),
        storage_(std::move(storage)),
        inner_(std::move(inner)),
        folder_("records/" + segment + "/") {}
  ~FailingStage() override {
    if (faults_->is_stopped()) LeaveAsKilled(*inner_);
  }

  Result<std::unique_ptr<Upload>> NewObject(const std::string& wanted,
                                            const std::string& fallback) override {
    const std::string key = folder_ + wanted;
    return faults_->Read("NewObject", key, [&]() -> Result<std::unique_ptr<Upload>> {
      auto upload = inner_->NewObject(wanted, fallback);
      if (!upload) return upload;
      return std::unique_ptr<Upload>(std::make_unique<FailingUpload>(
          faults_, storage_, inner_, std::move(upload).value(), key));
    });
  }

  Result<void> Include(const std::string& name) override { return inner_->Include(name); }
  Result<void> PutMarker(const std::string& key) override {
    auto late = [inner = inner_, key] { (void)inner->PutMarker(key); };
    return faults_->Change(
        "PutMarker", key, [&] { return inner_->PutMarker(key); }, std::move(late),
        Injected("PutMarker", key));
  }

  Result<std::map<std::string, std::string>> Settle() override {
    return faults_->Read("Settle", folder_, [&] { return inner_->Settle(); });
  }

  Result<SwapOutcome> Swap(const std::string& expected_etag, std::string_view bytes,
                           bool base_is_first) override {
    auto late = [inner = inner_, expected_etag, bytes = std::string(bytes), base_is_first] {
      (void)inner->Swap(expected_etag, bytes, base_is_first);
    };
    return faults_->Change(
        "Swap", folder_ + "metadata.json",
        [&] { return inner_->Swap(expected_etag, bytes, base_is_first); }, std::move(late),
        SwapOutcome::kUnclear);
  }

  bool has_turn() const override { return inner_->has_turn(); }

 private:
  const std::shared_ptr<Faults> faults_;
  const std::shared_ptr<Storage> storage_;
  const std::shared_ptr<Stage> inner_;
  const std::string folder_;
};

}  // namespace

FailingStorage::FailingStorage(std::shared_ptr<Storage> inner)
    : inner_(std::move(inner)), faults_(std::make_shared<Faults>()) {}

void FailingStorage::SetFault(int64_t number, Fault fault) {
  const std::lock_guard lock(faults_->mutex_);
  faults_->by_number_[number] = fault;
}

void FailingStorage::SetFaultAtNext(const std::string& name, Fault fault) {
  const std::lock_guard lock(faults_->mutex_);
  faults_->by_name_[name] = fault;
}

void FailingStorage::Restart() {
  const std::lock_guard lock(faults_->mutex_);
  faults_->log_.clear();
  faults_->by_number_.clear();
  faults_->by_name_.clear();
  faults_->is_stopped_ = false;
  faults_->is_failing_ = false;
}

void FailingStorage::SetBefore(std::function<void(const Call&)> before) {
  const std::lock_guard lock(faults_->mutex_);
  faults_->before_ = std::move(before);
}

void FailingStorage::DeliverLate() {
  std::unique_lock lock(faults_->mutex_);
  const auto late = std::exchange(faults_->late_, {});
  lock.unlock();
  for (const auto& effect : late)
    effect();
}

int64_t FailingStorage::calls() const {
  const std::lock_guard lock(faults_->mutex_);
  return static_cast<int64_t>(faults_->log_.size());
}

std::vector<FailingStorage::Call> FailingStorage::log() const {
  const std::lock_guard lock(faults_->mutex_);
  return faults_->log_;
}

int64_t FailingStorage::CountOf(const std::string& name) const {
  const std::lock_guard lock(faults_->mutex_);
  return std::count_if(faults_->log_.begin(), faults_->log_.end(),
                       [&](const Call& call) { return call.name == name; });
}

Result<Blob> FailingStorage::Get(const std::string& key) {
  return faults_->Read("Get", key, [&] { return inner_->Get(key); });
}

Result<std::shared_ptr<arrow::io::RandomAccessFile>> FailingStorage::Open(const std::string& key,
                                                                          int64_t size_bytes) {
  return faults_->Read("Open", key, [&] { return inner_->Open(key, size_bytes); });
}

Result<bool> FailingStorage::PutIfAbsent(const std::string& key, std::string_view bytes) {
  auto late = [inner = inner_, key, bytes = std::string(bytes)] {
    (void)inner->PutIfAbsent(key, bytes);
  };
  return faults_->Change(
      "PutIfAbsent", key, [&] { return inner_->PutIfAbsent(key, bytes); }, std::move(late),
      Injected("PutIfAbsent", key));
}

Result<CopyOutcome> FailingStorage::CopyIn(const CopyPlace& to, arrow::io::RandomAccessFile& from,
                                           int64_t size_bytes) {
  return faults_->Change(
      "CopyIn", to.name, [&] { return inner_->CopyIn(to, from, size_bytes); }, [] {},
      Injected("CopyIn", to.name));
}

Result<bool> FailingStorage::HoldsCopy(const CopyPlace& to, int64_t size_bytes) {
  return faults_->Read("HoldsCopy", to.name, [&] { return inner_->HoldsCopy(to, size_bytes); });
}

Result<void> FailingStorage::PrepareNew(const std::vector<std::string>& keys) {
  auto late = [inner = inner_, keys] { (void)inner->PrepareNew(keys); };
  return faults_->Change(
      "PrepareNew", "", [&] { return inner_->PrepareNew(keys); }, std::move(late),
      Injected("PrepareNew", ""));
}

Result<void> FailingStorage::List(const std::string& prefix,
                                  const std::function<bool(const ObjectStat&)>& visit) {
  return faults_->Read("List", prefix, [&] { return inner_->List(prefix, visit); });
}

Result<std::vector<RecordStamp>> FailingStorage::SweepRecords() {
  return faults_->Read("SweepRecords", "", [&] { return inner_->SweepRecords(); });
}

Result<void> FailingStorage::DeleteOldVersions(const std::string& prefix) {
  return faults_->Read("DeleteOldVersions", prefix,
                       [&] { return inner_->DeleteOldVersions(prefix); });
}

Result<void> FailingStorage::MakeDurable(const std::string& segment) {
  return faults_->Read("MakeDurable", segment, [&] { return inner_->MakeDurable(segment); });
}

Result<void> FailingStorage::Delete(const std::string& key) {
  auto late = [inner = inner_, key] { (void)inner->Delete(key); };
  return faults_->Change(
      "Delete", key, [&] { return inner_->Delete(key); }, std::move(late), Injected("Delete", key));
}

Result<std::unique_ptr<Stage>> FailingStorage::OpenStage(const std::string& segment, bool fresh) {
  return faults_->Read("OpenStage", segment, [&]() -> Result<std::unique_ptr<Stage>> {
    auto stage = inner_->OpenStage(segment, fresh);
    if (!stage) return stage;
    return std::unique_ptr<Stage>(
        std::make_unique<FailingStage>(faults_, inner_, std::move(stage).value(), segment));
  });
}

Result<void> FailingStorage::SweepTemporary(int64_t before_us, bool dry_run,
                                            const std::function<void(const ObjectStat&)>& visit) {
  return faults_->Read("SweepTemporary", "",
                       [&] { return inner_->SweepTemporary(before_us, dry_run, visit); });
}

Result<void> FailingStorage::SweepTemporaryOf(const std::string& segment,
                                              const std::function<void(const ObjectStat&)>& visit) {
  return faults_->Read("SweepTemporaryOf", segment,
                       [&] { return inner_->SweepTemporaryOf(segment, visit); });
}

Result<int64_t> FailingStorage::NowMicros() {
  return faults_->Read("NowMicros", "", [&] { return inner_->NowMicros(); });
}

}  // namespace coreshed::storage
