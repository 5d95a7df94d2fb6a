#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/storage.h"

namespace coreshed::storage {

/// What happens to one call of a FailingStorage.
enum class Fault {
  kFail,         ///< an Error, without effect
  kLoseAnswer,   ///< its effect, but an Error (Swap: kUnclear)
  kDelay,        ///< an Error (Swap: kUnclear) now, its effect with DeliverLate
  kRepeat,       ///< its effect and its answer now, its effect once more with DeliverLate
  kStop,         ///< the process is dead: from here on every call fails, and nothing is cleaned up
  kFailForGood,  ///< from here on every call fails, but the process goes on
};

/// A storage whose calls, those of its stages and uploads among them, are counted, logged, and made
/// to fail one by one. Thread-safe.
///
/// kDelay and kRepeat of Upload::Finish (a late `PUT … If-None-Match: *` of the wanted name) make
/// sense over an object store only, so over the memory storage.
class FailingStorage final : public Storage {
 public:
  struct Call {
    int64_t number = 0;  ///< from 1
    std::string name;    ///< of the method: "Get", "Swap", "Finish", …
    std::string key;  ///< or prefix, segment; of a stage's and upload's calls below the store too
  };

  explicit FailingStorage(std::shared_ptr<Storage> inner);

  /// Let the call with this number, counted from the last Restart, meet `fault`.
  void SetFault(int64_t number, Fault fault);
  /// The same for the next call of this method from now on.
  void SetFaultAtNext(const std::string& name, Fault fault);
  /// Count from 1 again with an empty log and no faults; a dead process lives again. Late effects
  /// stay to be delivered.
  void Restart();
  /// Called before each call, outside all locks: the place for another writer to step in. It should
  /// use the storage inside, not this one.
  void SetBefore(std::function<void(const Call&)> before);
  /// Let the effects of all delayed and repeated calls happen, in their order.
  void DeliverLate();

  int64_t calls() const;
  std::vector<Call> log() const;
  /// How often this method was called.
  int64_t CountOf(const std::string& name) const;
  const std::shared_ptr<Storage>& inner() const { return inner_; }

  std::string Describe() const override { return inner_->Describe(); }
  Result<Blob> Get(const std::string& key) override;
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> Open(const std::string& key,
                                                            int64_t size_bytes) override;
  Result<bool> PutIfAbsent(const std::string& key, std::string_view bytes) override;
  Result<CopyOutcome> CopyIn(const CopyPlace& to, arrow::io::RandomAccessFile& from,
                             int64_t size_bytes) override;
  Result<bool> HoldsCopy(const CopyPlace& to, int64_t size_bytes) override;
  bool is_remote() const override { return inner_->is_remote(); }
  Result<void> PrepareNew(const std::vector<std::string>& keys) override;
  Result<void> List(const std::string& prefix,
                    const std::function<bool(const ObjectStat&)>& visit) override;
  Result<std::vector<RecordStamp>> SweepRecords() override;
  Result<void> MakeDurable(const std::string& segment) override;
  Result<void> DeleteOldVersions(const std::string& prefix) override;
  Result<void> Delete(const std::string& key) override;
  Result<std::unique_ptr<Stage>> OpenStage(const std::string& segment, bool fresh) override;
  Result<void> SweepTemporary(int64_t before_us, bool dry_run,
                              const std::function<void(const ObjectStat&)>& visit) override;
  Result<void> SweepTemporaryOf(const std::string& segment,
                                const std::function<void(const ObjectStat&)>& visit) override;
  Result<int64_t> NowMicros() override;

  class Faults;  // shared with the stages and uploads

 private:
  const std::shared_ptr<Storage> inner_;
  const std::shared_ptr<Faults> faults_;
};

}  // namespace coreshed::storage
