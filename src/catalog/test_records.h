#pragma once

#include <coreshed/types.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/paths.h"
#include "catalog/catalog.h"
#include "storage/storage.h"

/// For the tests of this folder: a store that has records, and nothing else.
namespace coreshed::catalog {

/// A record like many others.
inline RecordInfo PlainRecord(const std::string& id) {
  RecordInfo info;
  info.record_id = id;
  info.name = "Borehole " + id;
  info.tables = {"data"};
  info.current_version = 2;
  info.versions = 3;
  info.rows = 200;
  info.created_by = "a.meier";
  info.created_at = "2026-01-27T10:00:00.000000Z";
  info.updated_by = "b.kaya";
  info.updated_at = "2026-01-28T10:00:00.000000Z";
  info.drift_policy = DriftPolicy::kWarn;
  info.attributes = {{"entity_type", "borelog"}, {"project_id", "P-1"}};
  return info;
}

/// Everything of a record in one text, to compare and to print.
inline std::string Text(const RecordInfo& info) {
  std::string text = info.record_id + "|" + info.name;
  for (const auto& table : info.tables)
    text += "|" + table;
  for (const int64_t n : {info.current_version, info.versions, info.rows}) {
    text += "|" + std::to_string(n);
  }
  text += "|" + StatusName(info.status) + "|" + info.created_by + "|" + info.created_at + "|" +
          info.updated_by + "|" + info.updated_at + "|" + info.corrupt;
  if (info.drift_policy) text += "|" + DriftPolicyName(*info.drift_policy);
  for (const auto& [key, value] : info.attributes)
    text += "|" + key + "=" + value;
  return text;
}

class FakeStorage final : public storage::Storage {
 public:
  std::string Describe() const override { return "fake"; }
  Result<std::vector<storage::RecordStamp>> SweepRecords() override {
    ++sweeps;
    const std::lock_guard lock(mutex);
    if (is_broken) return Error{ErrorKind::kIo, "The disk is gone."};
    std::vector<storage::RecordStamp> found;
    // Backwards, since a sweep has no order of its own.
    for (auto i = stamps.rbegin(); i != stamps.rend(); ++i)
      found.push_back({i->first, i->second});
    return found;
  }

  Result<storage::Blob> Get(const std::string&) override { return None(); }
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> Open(const std::string&, int64_t) override {
    return None();
  }
  Result<bool> PutIfAbsent(const std::string&, std::string_view) override { return None(); }
  Result<storage::CopyOutcome> CopyIn(const storage::CopyPlace&, arrow::io::RandomAccessFile&,
                                      int64_t) override {
    return None();
  }
  Result<bool> HoldsCopy(const storage::CopyPlace&, int64_t) override { return None(); }
  Result<void> PrepareNew(const std::vector<std::string>&) override { return None(); }
  Result<void> List(const std::string&,
                    const std::function<bool(const storage::ObjectStat&)>&) override {
    return None();
  }
  Result<void> MakeDurable(const std::string&) override { return None(); }
  Result<void> Delete(const std::string&) override { return None(); }
  Result<std::unique_ptr<storage::Stage>> OpenStage(const std::string&, bool) override {
    return None();
  }
  Result<void> SweepTemporary(int64_t, bool,
                              const std::function<void(const storage::ObjectStat&)>&) override {
    return None();
  }
  Result<void> SweepTemporaryOf(const std::string&,
                                const std::function<void(const storage::ObjectStat&)>&) override {
    return None();
  }
  Result<int64_t> NowMicros() override { return None(); }

  std::mutex mutex;
  std::map<std::string, std::string> stamps;  // by segment
  bool is_broken = false;
  std::atomic<int> sweeps = 0;

 private:
  static Error None() { return Error{ErrorKind::kUnsupported, "not in this fake"}; }
};

/// Records and what loads them; counts the loads.
class FakeStore {
 public:
  /// New content and a new stamp; nothing: deleted.
  void Put(const std::string& id, std::optional<RecordInfo> info) {
    const std::lock_guard lock(storage->mutex);
    storage->stamps[paths::Escape(id)] = "stamp-" + std::to_string(++last_stamp_);
    records[id] = std::move(info);
    errors.erase(id);
  }
  void Put(const std::string& id) { Put(id, PlainRecord(id)); }
  /// From now on its load fails.
  void Break(const std::string& id, const Error& error) {
    Put(id);
    errors.insert_or_assign(id, error);
  }
  void Remove(const std::string& id) {
    const std::lock_guard lock(storage->mutex);
    storage->stamps.erase(paths::Escape(id));
    records.erase(id);
    errors.erase(id);
  }
  /// The sweep can't say whether it changed.
  void ForgetStamp(const std::string& id) { storage->stamps[paths::Escape(id)] = ""; }

  LoadRecord Loader() {
    return [this](const std::string& id) -> Result<std::optional<RecordInfo>> {
      ++loads;
      const std::lock_guard lock(storage->mutex);
      if (const auto error = errors.find(id); error != errors.end()) return error->second;
      const auto found = records.find(id);
      if (found == records.end()) return Error{ErrorKind::kNotFound, "There is no such record."};
      return found->second;
    };
  }
  std::unique_ptr<Catalog> Open(const std::string& file = "") {
    return Catalog::Open(storage, Loader(), file);
  }

  /// How many loads there were since the last call.
  int TakeLoads() { return loads.exchange(0); }

  std::shared_ptr<FakeStorage> storage = std::make_shared<FakeStorage>();
  std::map<std::string, std::optional<RecordInfo>> records;
  std::map<std::string, Error> errors;
  std::atomic<int> loads = 0;

 private:
  int last_stamp_ = 0;
};

}  // namespace coreshed::catalog
