#pragma once

#include <coreshed/error.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/local_files.h"
#include "storage/record_lock.h"
#include "storage/system_calls.h"

namespace coreshed::storage {

/// The files and folders that one stage of a local store made or touched, and which of them are not
/// yet synced: "what must be durable before the swap". Shared with the stage's uploads;
/// thread-safe.
class StageFiles {
 public:
  /// `record`: the open folder of the record `segment`, `record_key` its place below the store.
  /// `is_aside`: that is a `.new-…` folder that nobody else looks into.
  StageFiles(std::shared_ptr<const LocalRoot> root, const std::string& segment, Fd record,
             std::string record_key, bool is_aside);
  /// Removes the files that no swap made part of the record.
  ~StageFiles();
  StageFiles(const StageFiles&) = delete;
  StageFiles& operator=(const StageFiles&) = delete;

  /// Create the file `name` (relative to the record) for writing; a closed one where it exists.
  Result<Fd> Create(const std::string& name);
  /// `file`, made by Create, is complete: sync it with the others.
  void Add(Fd file, const std::string& name);
  /// `file`, made by Create, will not be completed: remove it.
  void Discard(Fd file, const std::string& name);
  /// Put an empty file. `key` is relative to the record, or to the store (`of_store`).
  Result<void> PutMarker(const std::string& key, bool of_store);
  /// The folder of an object that was put beside this stage is synced with the others.
  Result<void> Include(const std::string& name);
  /// The record's folder got an entry that must last.
  void TouchRecord();

  /// Sync all that is not yet synced, with it `metadata` (the file of the new metadata) and the
  /// folder `records` unless they are negative. After an Error nothing is ever synced again.
  Result<void> SyncAll(int metadata, const std::string& metadata_path, int records);
  /// An Error once a sync has failed: what the disk holds of these files is not known any more, and
  /// a second sync of the same file may say "fine" about bytes that were dropped.
  Result<void> CheckUsable() const;

  /// The swap took effect, or may have: nothing may be removed any more. The record's folder is now
  /// `record_key`.
  void Keep(const std::string& record_key);
  /// The sync after the swap failed.
  void SetFailed();
  /// Leave everything as a killed process would (tests).
  void Abandon();

  int record() const { return record_; }
  bool is_aside() const;
  std::string record_key() const;
  /// The full path that `name` has, or is to have, in the record, for messages.
  std::string PathOf(const std::string& name, bool of_store = false) const;

 private:
  struct Folder {
    Fd owned;
    int fd = -1;
    bool is_dirty = false;      // it has entries that must last, made since its last sync
    bool is_uncertain = false;  // OpenedFolder::is_uncertain, before its parent's sync
  };
  struct File {
    Fd fd;
    std::string name;
    bool is_synced = false;
  };
  /// Where a name is: its folder and the last segment.
  struct Place {
    Folder* folder;
    std::string name;
  };

  Result<Place> EnsurePlace(const std::string& key, bool of_store);
  Result<void> SyncRound(int metadata, const std::string& metadata_path, int records);
  Result<void> SyncWithOthers();
  Result<void> SyncIncluded();
  Result<void> ClearAllUncertain();
  Result<std::optional<RecordLock>> LockToRemove();
  void Remove(const File& file);

  const std::shared_ptr<const LocalRoot> root_;
  SystemCalls& calls_;
  const std::string shown_path_;
  const int record_;
  mutable std::mutex mutex_;
  std::string record_key_;
  bool is_aside_;
  bool is_failed_ = false;
  bool is_abandoned_ = false;
  std::vector<File> files_;
  std::set<std::string> included_;         // folders in the record with objects of others
  std::map<std::string, Folder> folders_;  // "" the record, "a/b/" in it; "/" the store, "/a/b/"
};

}  // namespace coreshed::storage
