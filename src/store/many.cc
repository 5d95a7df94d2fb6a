#include <algorithm>
#include <mutex>
#include <optional>
#include <set>

#include "base/paths.h"
#include "base/result.h"
#include "store/side_by_side.h"
#include "store/store_impl.h"

/// Thousands of records at once: a few dozen threads commit side by side, and share their syncs
/// where they have any (storage::Storage::MakeGroup).
namespace coreshed::store {
namespace {

/// Nearly all of them wait for a disk or a server.
constexpr size_t kWorkers = 64;

Error NotTried(size_t faults) {
  return Error{ErrorKind::kCancelled,
               "Nothing was written, because " + std::to_string(faults) +
                   " of the records can't be written as given. Their results say why."};
}

}  // namespace

/// The first fault of each item that can be told without looking at its record.
std::vector<std::optional<Error>> StoreImpl::CheckMany(WriteKind kind,
                                                       const std::vector<RecordData>& items) {
  std::vector<std::optional<Error>> faults(items.size());
  std::set<std::string> ids;
  for (size_t i = 0; i < items.size(); ++i) {
    const auto check = [&]() -> Result<void> {
      CORESHED_ASSIGN(const std::string id, paths::CheckRecordId(items[i].record_id));
      if (!ids.insert(id).second) {
        return Error{ErrorKind::kInvalidArgument, "'" + id + "' is given twice."};
      }
      return CheckWrite(kind, items[i]);
    };
    if (auto checked = check(); !checked) faults[i] = std::move(checked).error();
  }
  return faults;
}

/// What throws below us (memory that is not there) is this record's result.
Result<Version> StoreImpl::WriteOne(WriteKind kind, const RecordData& item,
                                    const std::shared_ptr<storage::Storage>& storage) {
  try {
    return Write(kind, item.record_id, item.data, item.options, {}, storage);
  } catch (const std::exception& error) {
    return Error{ErrorKind::kIo,
                 "'" + item.record_id + "': out of memory or worse: " + error.what()};
  }
}

std::vector<Result<Version>> StoreImpl::WriteMany(WriteKind kind,
                                                  const std::vector<RecordData>& items,
                                                  const ManyOptions& options) {
  const auto faults = CheckMany(kind, items);
  const auto count = std::count_if(faults.begin(), faults.end(),
                                   [](const auto& fault) { return fault.has_value(); });
  std::vector<Result<Version>> results(items.size(), Result<Version>(NotTried(count)));
  if (count > 0) {
    for (size_t i = 0; i < items.size(); ++i) {
      if (faults[i]) results[i] = *faults[i];
    }
    return results;
  }
  const auto group = storage_->MakeGroup();
  const auto storage = group != nullptr ? group->storage() : storage_;
  std::mutex mutex;
  size_t done = 0;
  SideBySide(group.get(), kWorkers, items.size(), [&](size_t i) {
    if (options.stop.stop_requested()) {
      results[i] = Error{ErrorKind::kCancelled, "Stopped before this record's turn."};
      return true;
    }
    results[i] = WriteOne(kind, items[i], storage);
    const std::lock_guard lock(mutex);
    ++done;
    if (options.progress) {
      options.progress("write", static_cast<double>(done) / static_cast<double>(items.size()),
                       items[i].record_id);
    }
    return true;
  });
  return results;
}

std::vector<Result<Version>> StoreImpl::CreateMany(const std::vector<RecordData>& items,
                                                   const ManyOptions& options) {
  return WriteMany(WriteKind::kCreate, items, options);
}

std::vector<Result<Version>> StoreImpl::UpdateMany(const std::vector<RecordData>& items,
                                                   const ManyOptions& options) {
  return WriteMany(WriteKind::kUpdate, items, options);
}

}  // namespace coreshed::store
