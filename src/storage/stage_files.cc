#include "storage/stage_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/result.h"
#include "storage/local_sweep.h"

namespace coreshed::storage {

StageFiles::StageFiles(std::shared_ptr<const LocalRoot> root, const std::string& segment, Fd record,
                       std::string record_key, bool is_aside)
    : root_(std::move(root)),
      calls_(*root_->calls),
      shown_path_(root_->path + "/records/" + segment),
      record_(record.get()),
      record_key_(std::move(record_key)),
      is_aside_(is_aside) {
  Folder& record_folder = folders_[""];
  record_folder.owned = std::move(record);
  record_folder.fd = record_;
  folders_["/"].fd = root_->fd.get();
}

StageFiles::~StageFiles() {
  if (is_abandoned_ || (files_.empty() && !is_aside_)) return;
  const auto lock = LockToRemove();
  if (!lock) return;
  for (const File& file : files_)
    Remove(file);
  // Best effort, as above: remains are harmless, vacuum takes them away.
  if (is_aside_) (void)RemoveTree(*root_, root_->fd.get(), record_key_);
}

Result<StageFiles::Place> StageFiles::EnsurePlace(const std::string& key, bool of_store) {
  CORESHED_ASSIGN(auto segments, SplitKey(key));
  std::string folder_key = of_store ? "/" : "";
  Folder* folder = &folders_[folder_key];
  for (size_t i = 0; i + 1 < segments.size(); ++i) {
    folder_key += segments[i] + "/";
    const auto [entry, is_new] = folders_.try_emplace(folder_key);
    if (is_new) {
      const bool is_seen = of_store || !is_aside_;
      const std::string path = PathOf(folder_key.substr(of_store ? 1 : 0), of_store);
      auto opened = EnsureFolder(root_->calls, folder->fd, segments[i], is_seen, path);
      if (!opened) {
        folders_.erase(entry);
        return std::move(opened).error();
      }
      entry->second.is_uncertain = opened->is_uncertain && is_seen;
      entry->second.owned = std::move(opened->fd);
      entry->second.fd = entry->second.owned.get();
      if (opened->is_uncertain) folder->is_dirty = true;
    }
    folder = &entry->second;
  }
  return Place{folder, segments.back()};
}

Result<Fd> StageFiles::Create(const std::string& name) {
  const std::lock_guard lock(mutex_);
  CORESHED_ASSIGN(const Place place, EnsurePlace(name, false));
  Fd fd(root_->calls, calls_.Open(place.folder->fd, place.name.c_str(),
                                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666));
  if (!fd.is_open() && errno != EEXIST) {
    return IoError(errno, "Creating", PathOf(name));
  }
  if (fd.is_open()) place.folder->is_dirty = true;
  return fd;
}

void StageFiles::Add(Fd file, const std::string& name) {
  const std::lock_guard lock(mutex_);
  files_.push_back(File{std::move(file), name});
}

void StageFiles::Discard(Fd file, const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (is_abandoned_) return;
  if (const auto record = LockToRemove()) Remove(File{std::move(file), name});
}

/// A copy puts its own file in place of ours under this lock (copy_in.h): between a look at ours
/// and its removal that must not happen. What can't be had soon is left to vacuum.
Result<std::optional<RecordLock>> StageFiles::LockToRemove() {
  constexpr std::chrono::milliseconds kPatience(500);
  if (is_aside_) return std::optional<RecordLock>();
  CORESHED_ASSIGN(auto lock, RecordLock::Take(*root_, record_, shown_path_, kPatience));
  return std::optional<RecordLock>(std::move(lock));
}

void StageFiles::Remove(const File& file) {
  // A vacuum may have removed it, and another writer, or a copy, may have made its own under this
  // name: that of ours is looked at, which others may have linked elsewhere.
  struct stat ours = {}, there = {};
  const auto place = EnsurePlace(file.name, false);
  if (!place || ::fstat(file.fd.get(), &ours) != 0 ||
      ::fstatat(place->folder->fd, place->name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0) {
    return;
  }
  if (ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
    calls_.Unlink(place->folder->fd, place->name.c_str(), 0);
}

Result<void> StageFiles::PutMarker(const std::string& key, bool of_store) {
  const std::lock_guard lock(mutex_);
  CORESHED_ASSIGN(const Place place, EnsurePlace(key, of_store));
  const Fd fd(root_->calls, calls_.Open(place.folder->fd, place.name.c_str(),
                                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666));
  if (!fd.is_open() && errno != EEXIST) {
    return IoError(errno, "Creating", PathOf(key, of_store));
  }
  // One that is there already may be of a writer that has not synced it yet. For the same reason a
  // marker is never removed: others may count on it.
  place.folder->is_dirty = true;
  return {};
}

Result<void> StageFiles::Include(const std::string& name) {
  CORESHED_ASSIGN(const auto segments, SplitKey(name));
  const std::lock_guard lock(mutex_);
  if (segments.size() > 1) included_.insert(name.substr(0, name.rfind('/')));
  return {};
}

/// One after the other, since of thousands not all may be open at once.
Result<void> StageFiles::SyncIncluded() {
  for (const std::string& name : std::exchange(included_, {})) {
    CORESHED_ASSIGN(const auto segments, SplitKey(name));
    std::vector<OpenedFolder> open;
    for (const auto& segment : segments) {
      const int parent = open.empty() ? record_ : open.back().fd.get();
      CORESHED_ASSIGN(auto next, EnsureFolder(root_->calls, parent, segment, true, PathOf(name)));
      open.push_back(std::move(next));
    }
    for (size_t i = open.size() + 1; root_->group == nullptr && i-- > 0;) {
      const bool is_changed = i == open.size() || open[i].is_uncertain;
      const int folder = i == 0 ? record_ : open[i - 1].fd.get();
      if (is_changed && calls_.SyncFolder(folder) != 0)
        return IoError(errno, "Syncing", PathOf(name));
    }
    for (const auto& folder : open) {
      if (folder.is_uncertain) ClearUncertain(folder.fd.get());
    }
  }
  return {};
}

void StageFiles::TouchRecord() {
  const std::lock_guard lock(mutex_);
  folders_[""].is_dirty = true;
}

Result<void> StageFiles::SyncAll(int metadata, const std::string& metadata_path, int records) {
  const std::lock_guard lock(mutex_);
  auto synced = SyncRound(metadata, metadata_path, records);
  if (!synced) is_failed_ = true;
  return synced;
}

/// All that there is to sync, with what others have to sync.
Result<void> StageFiles::SyncWithOthers() {
  if (const int error = root_->group->Sync(); error != 0) {
    return IoError(error, "Syncing", PathOf(""));
  }
  for (File& file : files_)
    file.is_synced = true;
  for (auto& [key, folder] : folders_)
    folder.is_dirty = false;
  return {};
}

Result<void> StageFiles::SyncRound(int metadata, const std::string& metadata_path, int records) {
  if (root_->group != nullptr) {
    CORESHED_TRY(SyncWithOthers());
    CORESHED_TRY(SyncIncluded());
    return ClearAllUncertain();
  }
  CORESHED_TRY(SyncIncluded());
  // All writing is begun before the first wait, that of the files when they were finished, so that
  // they share a commit of the journal. A failure of StartWriting is found by the sync.
  if (metadata >= 0 &&
      std::any_of(files_.begin(), files_.end(), [](const File& f) { return !f.is_synced; })) {
    calls_.StartWriting(metadata, 0, 0);
  }
  for (File& file : files_) {
    if (file.is_synced) continue;
    if (calls_.SyncFile(file.fd.get()) != 0) {
      return IoError(errno, "Syncing", PathOf(file.name));
    }
    file.is_synced = true;
  }
  if (metadata >= 0 && calls_.SyncFile(metadata) != 0)
    return IoError(errno, "Syncing", metadata_path);
  for (auto& [key, folder] : folders_) {
    if (!folder.is_dirty) continue;
    if (calls_.SyncFolder(folder.fd) != 0) {
      const bool of_store = key.starts_with('/');
      return IoError(errno, "Syncing", PathOf(key.substr(of_store ? 1 : 0), of_store));
    }
    folder.is_dirty = false;
  }
  if (records >= 0 && calls_.SyncFolder(records) != 0) {
    return IoError(errno, "Syncing", root_->path + "/records");
  }
  return ClearAllUncertain();
}

Result<void> StageFiles::ClearAllUncertain() {
  for (auto& [key, folder] : folders_) {
    if (folder.is_uncertain) ClearUncertain(folder.fd);
    folder.is_uncertain = false;
  }
  return {};
}

Result<void> StageFiles::CheckUsable() const {
  const std::lock_guard lock(mutex_);
  if (!is_failed_) return {};
  return Error{ErrorKind::kIo, "An earlier sync in " + PathOf("") +
                                   " failed, so nothing more is committed by this operation. "
                                   "Check the disk, then begin it anew."};
}

void StageFiles::Keep(const std::string& record_key) {
  const std::lock_guard lock(mutex_);
  files_.clear();
  record_key_ = record_key;
  is_aside_ = false;
}

void StageFiles::SetFailed() {
  const std::lock_guard lock(mutex_);
  is_failed_ = true;
}

void StageFiles::Abandon() {
  const std::lock_guard lock(mutex_);
  is_abandoned_ = true;
}

bool StageFiles::is_aside() const {
  const std::lock_guard lock(mutex_);
  return is_aside_;
}

std::string StageFiles::record_key() const {
  const std::lock_guard lock(mutex_);
  return record_key_;
}

std::string StageFiles::PathOf(const std::string& name, bool of_store) const {
  const std::string& folder = of_store ? root_->path : shown_path_;
  return name.empty() ? folder : folder + "/" + name;
}

}  // namespace coreshed::storage
