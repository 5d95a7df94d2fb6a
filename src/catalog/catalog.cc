#include "catalog/catalog.h"

#include <atomic>
#include <filesystem>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/environment.h"
#include "base/paths.h"
#include "base/result.h"
#include "base/text.h"
#include "catalog/filter.h"
#include "catalog/index_file.h"
#include "catalog/load_records.h"
#include "catalog/nearest.h"
#include "catalog/record_table.h"

namespace coreshed::catalog {
namespace {

// Ids that look alike may be of deleted records: so many more are looked at.
constexpr size_t kSpareCandidates = 8;

class SweepingCatalog final : public Catalog {
 public:
  SweepingCatalog(std::shared_ptr<storage::Storage> storage, LoadRecord load,
                  const std::string& file)
      : storage_(std::move(storage)), load_(std::move(load)), file_(file) {}

  Result<std::vector<RecordInfo>> List(const ListOptions& options) override;
  std::vector<std::string> Nearest(const std::string& record_id, size_t most) override;
  Result<RecordChanges> ChangesSince(const std::string& place) override;
  void Forget(const std::string& record_id) override;
  void Rebuild() override;

 private:
  Result<void> Refresh();
  Result<std::vector<storage::RecordStamp>> SweepAndReadFile();
  void ReadFile();
  void TakeIn(const std::vector<storage::RecordStamp>& sweep);
  void WriteFile();
  std::vector<IndexFile::Row> AllRows() const;
  bool IsListed(const storage::RecordStamp& record) const;

  const std::shared_ptr<storage::Storage> storage_;
  const LoadRecord load_;

  // Taken in this order. A refresh changes the table only under both.
  std::mutex refresh_mutex_;
  mutable std::shared_mutex table_mutex_;

  RecordTable table_;
  IndexFile file_;  // under refresh_mutex_, as all that follows
  bool is_file_read_ = false;
  std::unordered_set<std::string> unwritten_;  // segments whose row in the file is out of date
  uint64_t last_good_sweep_ = 0;
  std::atomic<uint64_t> sweeps_begun_ = 0;  // read without the lock
};

Result<std::vector<RecordInfo>> SweepingCatalog::List(const ListOptions& options) {
  CORESHED_ASSIGN(const Filter filter, Filter::Make(options));
  CORESHED_TRY(Refresh());
  const auto limit = options.limit < 0 ? SIZE_MAX : static_cast<size_t>(options.limit);
  std::vector<RecordInfo> infos;
  RecordView view;
  const std::shared_lock lock(table_mutex_);
  const auto& rows = table_.sorted();
  size_t i = options.after.empty() ? 0 : table_.IndexAfter(ToNfc(options.after));
  for (; i < rows.size() && infos.size() < limit; ++i) {
    if (Unpack(rows[i]->packed, &view) && filter.Accepts(view)) infos.push_back(view.ToInfo());
  }
  return infos;
}

/// Make the table as true as a sweep begun after this call came.
Result<void> SweepingCatalog::Refresh() {
  const uint64_t begun_before = sweeps_begun_;
  const std::lock_guard lock(refresh_mutex_);
  // While this call waited another one may have begun a sweep: then that one's is ours too.
  if (last_good_sweep_ > begun_before) return {};
  const uint64_t sweep_number = ++sweeps_begun_;
  CORESHED_ASSIGN(const auto sweep, SweepAndReadFile());
  TakeIn(sweep);
  WriteFile();
  last_good_sweep_ = sweep_number;
  return {};
}

Result<std::vector<storage::RecordStamp>> SweepingCatalog::SweepAndReadFile() {
  if (is_file_read_) return storage_->SweepRecords();
  // Both take their time, one the kernel's and one ours.
  auto reading = std::async(std::launch::async | std::launch::deferred, [this] { ReadFile(); });
  auto sweep = storage_->SweepRecords();
  reading.get();
  is_file_read_ = true;
  return sweep;
}

void SweepingCatalog::ReadFile() {
  std::vector<RecordTable::NewRow> rows;
  file_.Read([&](const IndexFile::Row& row) {
    rows.push_back(
        {paths::Escape(PackedId(row.packed)), std::string(row.stamp), std::string(row.packed)});
  });
  const std::unique_lock lock(table_mutex_);
  table_.Apply(std::move(rows), {});
}

void SweepingCatalog::TakeIn(const std::vector<storage::RecordStamp>& sweep) {
  const RecordTable::Difference difference = table_.Compare(sweep);
  if (difference.changed.empty() && difference.gone.empty()) return;
  auto loaded = LoadRecords(difference.changed, load_);
  // A row without a stamp is not in the file: nothing to do where it stays so.
  const auto note = [&](const std::string& segment, bool has_stamp) {
    const auto* row = table_.Find(segment);
    if (has_stamp || (row != nullptr && !row->stamp.empty())) unwritten_.insert(segment);
  };
  for (const auto& row : loaded)
    note(row.segment, !row.stamp.empty());
  for (const std::string& segment : difference.gone)
    note(segment, false);
  const std::unique_lock lock(table_mutex_);
  table_.Apply(std::move(loaded), difference.gone);
}

void SweepingCatalog::WriteFile() {
  IndexFile::Changes changes;
  std::vector<std::string> removed_ids;
  for (const std::string& segment : unwritten_) {
    const auto* row = table_.Find(segment);
    if (row != nullptr && !row->stamp.empty()) {
      changes.put.push_back({row->stamp, row->packed});
    } else if (auto id = paths::Unescape(segment)) {
      removed_ids.push_back(std::move(*id));
    }
  }
  changes.removed_ids.assign(removed_ids.begin(), removed_ids.end());
  if (file_.Write(changes, [this] { return AllRows(); })) unwritten_.clear();
}

std::vector<IndexFile::Row> SweepingCatalog::AllRows() const {
  std::vector<IndexFile::Row> rows;
  for (const auto* row : table_.sorted()) {
    if (!row->stamp.empty()) rows.push_back({row->stamp, row->packed});
  }
  return rows;
}

std::vector<std::string> SweepingCatalog::Nearest(const std::string& record_id, size_t most) {
  const auto sweep = storage_->SweepRecords();
  if (!sweep || most == 0) return {};
  std::vector<std::string> ids;
  ids.reserve(sweep->size());
  for (const storage::RecordStamp& record : *sweep) {
    ids.push_back(paths::Unescape(record.segment).value_or(""));
  }
  std::vector<std::string> nearest;
  for (const size_t place : NearestIds(record_id, ids, most + kSpareCandidates)) {
    if (nearest.size() == most) break;
    if (IsListed((*sweep)[place])) nearest.push_back(ids[place]);
  }
  return nearest;
}

/// The file says which ids were put since; what they are now, this table knows better: other
/// processes put what they saw at times of their own. Where the two differ, the record is told,
/// too.
Result<RecordChanges> SweepingCatalog::ChangesSince(const std::string& place) {
  CORESHED_TRY(Refresh());
  const std::lock_guard lock(refresh_mutex_);
  // What is not in the file has no step: then the place stays where it is, and all come again.
  const auto since = unwritten_.empty() ? file_.ReadSince(place) : std::nullopt;
  std::unordered_set<std::string_view> put;
  if (since) put.insert(since->ids.begin(), since->ids.end());
  RecordChanges changes;
  changes.token = since ? since->place : place;
  RecordView view;
  for (const auto* row : table_.sorted()) {
    if (!Unpack(row->packed, &view)) continue;
    const std::string id(view.record_id);
    bool is_told = !since || row->stamp.empty() || put.contains(id);
    if (since && !row->stamp.empty()) {
      const auto kept = since->stamps.find(id);
      const bool is_as_kept = kept != since->stamps.end() && kept->second == row->stamp;
      if (!is_as_kept) {  // the one or the other is older: next time it is known which
        unwritten_.insert(paths::Escape(id));
        changes.token = place;
      }
      is_told = is_told || !is_as_kept;
    }
    if (is_told) changes.records.push_back({view.ToInfo(), !view.is_listed});
  }
  return changes;
}

/// The row comes back with the next question, loaded anew.
void SweepingCatalog::Forget(const std::string& record_id) {
  const std::lock_guard lock(refresh_mutex_);
  {
    const std::unique_lock table_lock(table_mutex_);
    table_.Apply({}, {paths::Escape(record_id)});
  }
  unwritten_.erase(paths::Escape(record_id));
  file_.Forget({record_id}, [this] { return AllRows(); });
}

/// Every record is looked at again, one by one; until then this table goes on to answer.
void SweepingCatalog::Rebuild() {
  const std::lock_guard lock(refresh_mutex_);
  const std::unique_lock table_lock(table_mutex_);
  file_.Remove();
  table_.Distrust();
  unwritten_.clear();
}

/// Whether it is a record that can be read. The index of all records is not made for this: only
/// what it happens to hold is used.
bool SweepingCatalog::IsListed(const storage::RecordStamp& record) const {
  {
    const std::shared_lock lock(table_mutex_);
    const auto* row = table_.Find(record.segment);
    if (row != nullptr && !row->stamp.empty() && row->stamp == record.stamp) {
      RecordView view;
      return Unpack(row->packed, &view) && view.is_listed;
    }
  }
  const auto loaded = LoadRecords({&record}, load_);
  RecordView view;
  return !loaded.empty() && Unpack(loaded[0].packed, &view) && view.is_listed &&
         view.corrupt.empty();
}

}  // namespace

std::unique_ptr<Catalog> Catalog::Open(std::shared_ptr<storage::Storage> storage, LoadRecord load,
                                       const std::string& file) {
  return std::make_unique<SweepingCatalog>(std::move(storage), std::move(load), file);
}

std::string DefaultIndexFile(const std::string& store_id) {
  std::filesystem::path folder = EnvironmentVariable("XDG_CACHE_HOME");
  if (!folder.is_absolute()) {  // then it is to be ignored, says the XDG specification
    const std::filesystem::path home = EnvironmentVariable("HOME");
    if (!home.is_absolute()) return "";
    folder = home / ".cache";
  }
  // The id comes out of a file: it must not lead elsewhere.
  return folder / "coreshed" / (paths::Escape(store_id) + ".sqlite");
}

void ForgetInFiles(const std::string& prefix, const std::vector<std::string>& record_ids) {
  if (record_ids.empty()) return;
  const std::filesystem::path like = DefaultIndexFile(prefix);
  if (like.empty()) return;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(like.parent_path(), error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto& path = entry->path();
    if (path.extension() == ".sqlite" && path.stem().string().starts_with(like.stem().string()))
      IndexFile(path).Forget(record_ids, [] { return std::vector<IndexFile::Row>(); });
  }
}

}  // namespace coreshed::catalog
