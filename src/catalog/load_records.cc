#include "catalog/load_records.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <utility>

#include "base/paths.h"
#include "catalog/packed_record.h"

namespace coreshed::catalog {
namespace {

// A load mostly waits, for a disk or a server. A thread must have enough to do to be worth making.
constexpr size_t kThreadsMax = 16;
constexpr size_t kRecordsPerThread = 32;

std::string Explain(const Error& error) {
  return error.message.empty() ? "It can't be read." : error.message;
}

/// Nothing: no record.
std::optional<RecordTable::NewRow> LoadOne(const storage::RecordStamp& record,
                                           const LoadRecord& load) {
  const auto id = paths::Unescape(record.segment);
  if (!id) return std::nullopt;
  // Such a folder is no record, or, like the store's own settings, not one to be listed.
  if (const auto checked = paths::CheckRecordId(*id); !checked || *checked != *id) {
    return std::nullopt;
  }
  RecordTable::NewRow row{record.segment, record.stamp, {}};
  std::optional<RecordInfo> info;
  if (auto loaded = load(*id)) {
    info = std::move(*loaded);
  } else if (loaded.error().kind == ErrorKind::kNotFound) {
    row.stamp.clear();  // gone since the sweep, perhaps to come again
  } else {
    info.emplace().corrupt = Explain(loaded.error());
  }
  if (info) {
    info->record_id = *id;
    if (!info->corrupt.empty()) row.stamp.clear();
  }
  row.packed = Pack(*id, info);
  return row;
}

}  // namespace

std::vector<RecordTable::NewRow> LoadRecords(
    const std::vector<const storage::RecordStamp*>& records, const LoadRecord& load) {
  std::vector<std::optional<RecordTable::NewRow>> loaded(records.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < records.size(); i = next++) {
      loaded[i] = LoadOne(*records[i], load);
    }
  };
  {
    // Where the system has no thread to give, the work is done in this one.
    std::vector<std::future<void>> helpers(
        std::min(kThreadsMax, records.size() / kRecordsPerThread));
    for (auto& helper : helpers) {
      helper = std::async(std::launch::async | std::launch::deferred, work);
    }
    work();
    for (auto& helper : helpers) {
      helper.get();
    }
  }
  std::vector<RecordTable::NewRow> rows;
  rows.reserve(loaded.size());
  for (auto& row : loaded) {
    if (row) rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace coreshed::catalog
