#include "storage/local_stage.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "base/random.h"
#include "base/result.h"
#include "storage/record_lock.h"

namespace coreshed::storage {
namespace {

constexpr char kMetadataName[] = "metadata.json";
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY;
constexpr int kCreateFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

class LocalUpload final : public Upload {
 public:
  LocalUpload(std::shared_ptr<const LocalRoot> root, std::shared_ptr<StageFiles> files, Fd fd,
              std::string name)
      : root_(std::move(root)),
        files_(std::move(files)),
        fd_(std::move(fd)),
        name_(std::move(name)) {}
  ~LocalUpload() override {
    if (fd_.is_open()) files_->Discard(std::move(fd_), name_);
  }

  Result<void> Write(const void* data, int64_t size) override {
    if (is_failed_ || !fd_.is_open()) return Unusable();
    auto written = WriteAll(*root_->calls, fd_.get(), data, static_cast<size_t>(size), Path());
    if (!written) {
      is_failed_ = true;  // how much of it was written is not known
      return written;
    }
    written_ += size;
    // Large files go to the device while they are still being encoded, not all at the sync.
    if (written_ - started_ >= kWriteBehindBytes) StartWriting();
    return {};
  }

  Result<std::string> Finish() override {
    if (is_failed_ || !fd_.is_open()) return Unusable();
    if (written_ > started_ && root_->group == nullptr) StartWriting();
    files_->Add(std::move(fd_), name_);
    return name_;
  }

 private:
  static constexpr int64_t kWriteBehindBytes = 4 << 20;

  std::string Path() const { return files_->PathOf(name_); }
  Error Unusable() const {
    return Error{ErrorKind::kIo, "Writing " + Path() + " has ended already, or failed before."};
  }
  void StartWriting() {
    // A failure here is found by the sync.
    root_->calls->StartWriting(fd_.get(), started_, written_ - started_);
    started_ = written_;
  }

  const std::shared_ptr<const LocalRoot> root_;
  const std::shared_ptr<StageFiles> files_;
  Fd fd_;
  const std::string name_;
  bool is_failed_ = false;
  int64_t written_ = 0;
  int64_t started_ = 0;
};

/// The folder records/, made where a copy of an empty store lost it.
Result<Fd> OpenRecords(const LocalRoot& root) {
  const std::string path = root.path + "/records";
  CORESHED_ASSIGN(OpenedFolder records,
                  EnsureFolder(root.calls, root.fd.get(), "records", true, path));
  if (records.is_uncertain) {
    if (root.calls->SyncFolder(root.fd.get()) != 0) return IoError(errno, "Syncing", root.path);
    ClearUncertain(records.fd.get());
  }
  return std::move(records.fd);
}

/// A folder in which the record is made; `key`: its place in the store.
Result<Fd> MakeAside(const LocalRoot& root, int records, const std::string& segment,
                     std::string* key) {
  const std::string shown_path = root.path + "/records/" + segment;
  constexpr int kTries = 3;
  for (int i = 1;; ++i) {
    const std::string name = std::string(kNewPrefix) + segment + "-" + RandomHex32();
    *key = "records/" + name;
    if (root.calls->MakeFolder(records, name.c_str(), 0777) != 0) {
      return IoError(errno, "Making the folder", shown_path);
    }
    Fd record(root.calls, root.calls->Open(records, name.c_str(), kFolderFlags, 0));
    if (record.is_open()) return record;
    if (errno == ENOENT && i < kTries) continue;  // a vacuum took it for a remain
    const int error = errno;
    root.calls->Unlink(records, name.c_str(), AT_REMOVEDIR);
    return IoError(error, "Opening", shown_path);
  }
}

}  // namespace

Result<std::unique_ptr<Stage>> LocalStage::Open(std::shared_ptr<const LocalRoot> root,
                                                const std::string& segment, bool fresh) {
  CORESHED_ASSIGN(const auto segments, SplitKey(segment));
  if (segments.size() != 1 || segment.front() == '.') {
    return Error{ErrorKind::kInvalidArgument, "'" + segment + "' is no record's folder."};
  }
  CORESHED_ASSIGN(Fd records, OpenRecords(*root));
  SystemCalls& calls = *root->calls;
  std::string key = "records/" + segment;
  const std::string shown_path = root->path + "/" + key;
  Fd record(root->calls, calls.Open(records.get(), segment.c_str(), kFolderFlags, 0));
  if (!record.is_open() && errno != ENOENT) {
    return IoError(errno, "Opening the record's folder", shown_path);
  }
  // A folder without metadata, left by hand or by a copy, is filled in place: nothing can be
  // renamed over it. One with metadata makes the swap of a fresh stage fail; nothing is left in it.
  struct stat info = {};
  const bool is_aside = !record.is_open() || (fresh && ::fstatat(record.get(), kMetadataName, &info,
                                                                 AT_SYMLINK_NOFOLLOW) == 0);
  if (is_aside) {
    CORESHED_ASSIGN(record, MakeAside(*root, records.get(), segment, &key));
  }
  auto files =
      std::make_shared<StageFiles>(root, segment, std::move(record), std::move(key), is_aside);
  return std::unique_ptr<Stage>(
      new LocalStage(std::move(root), segment, std::move(records), std::move(files)));
}

LocalStage::LocalStage(std::shared_ptr<const LocalRoot> root, const std::string& segment,
                       Fd records, std::shared_ptr<StageFiles> files)
    : root_(std::move(root)),
      calls_(*root_->calls),
      segment_(segment),
      records_(std::move(records)),
      files_(std::move(files)),
      turn_(root_->calls, files_->record(), files_->PathOf("")) {}

Result<std::unique_ptr<Upload>> LocalStage::NewObject(const std::string& wanted,
                                                      const std::string& fallback) {
  for (const std::string* name : {&wanted, &fallback}) {
    CORESHED_ASSIGN(Fd fd, files_->Create(*name));
    if (fd.is_open()) {
      return std::unique_ptr<Upload>(
          std::make_unique<LocalUpload>(root_, files_, std::move(fd), *name));
    }
  }
  return Error{ErrorKind::kIo,
               "Both " + files_->PathOf(wanted) + " and " + fallback + " exist already."};
}

Result<void> LocalStage::PutMarker(const std::string& key) {
  const std::string own = "records/" + segment_ + "/";
  if (key.starts_with(own)) return files_->PutMarker(key.substr(own.size()), false);
  if (key.starts_with("records/")) {
    return Error{ErrorKind::kInvalidArgument, "'" + key + "' is in another record's folder."};
  }
  return files_->PutMarker(key, true);
}

Result<SwapOutcome> LocalStage::Swap(const std::string& expected_etag, std::string_view bytes,
                                     bool base_is_first) {
  CORESHED_TRY(files_->CheckUsable());
  if (files_->is_aside()) {
    is_moved_ = is_moved_ || !expected_etag.empty();
    return is_moved_ ? SwapOutcome::kMoved : SwapAside(bytes);
  }
  auto outcome = SwapInTurn(expected_etag, bytes, base_is_first);
  // Whoever lost keeps the turn for the next try.
  if (!outcome || *outcome != SwapOutcome::kMoved) turn_.Give();
  return outcome;
}

bool LocalStage::IsSwept(const Error& /*error*/) const {
  struct stat info = {};
  const std::string aside = files_->record_key().substr(sizeof("records/") - 1);
  return files_->is_aside() &&
         ::fstatat(records_.get(), aside.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 &&
         errno == ENOENT;
}

Result<SwapOutcome> LocalStage::SwapInTurn(const std::string& expected_etag, std::string_view bytes,
                                           bool base_is_first) {
  // Whoever waits has time for the syncs that do not depend on the base.
  CORESHED_TRY(turn_.Take([this] { return files_->SyncAll(-1, "", -1); }));
  // A look without the lock spares the loser of a race its syncs.
  CORESHED_ASSIGN(const std::string etag, PresentEtag());
  if (etag != expected_etag) return SwapOutcome::kMoved;
  return SwapInPlace(expected_etag, bytes, base_is_first);
}

Result<SwapOutcome> LocalStage::SwapAside(std::string_view bytes) {
  CORESHED_ASSIGN(Fd metadata, WriteMetadata(kMetadataName, bytes));
  files_->TouchRecord();
  auto outcome = [&]() -> Result<SwapOutcome> {
    CORESHED_TRY(files_->SyncAll(metadata.get(), files_->PathOf(kMetadataName), -1));
    return RenameAside();
  }();
  if (!outcome) calls_.Unlink(files_->record(), kMetadataName, 0);  // so that it can be tried again
  if (!outcome) return outcome;
  if (*outcome == SwapOutcome::kMoved) {
    is_moved_ = true;
    return outcome;
  }
  files_->Keep("records/" + segment_);
  return *outcome == SwapOutcome::kSwapped ? SyncLast(records_.get()) : *outcome;
}

Result<SwapOutcome> LocalStage::RenameAside() {
  const std::string aside = files_->record_key().substr(sizeof("records/") - 1);
  if (calls_.Rename(records_.get(), aside.c_str(), records_.get(), segment_.c_str()) == 0) {
    return SwapOutcome::kSwapped;
  }
  const int error = errno;
  if (error == EEXIST || error == ENOTEMPTY) return SwapOutcome::kMoved;
  if (error == ENOENT) return SwapOutcome::kMoved;  // a vacuum took the folder for a remain
  struct stat info = {};
  if (::fstatat(records_.get(), aside.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return SwapOutcome::kUnclear;
  }
  return IoError(error, "Putting in place", files_->PathOf(""));
}

Result<SwapOutcome> LocalStage::SwapInPlace(const std::string& expected_etag,
                                            std::string_view bytes, bool base_is_first) {
  // Where there is no metadata yet, the folder itself was made by somebody unknown.
  const bool sync_records = base_is_first || expected_etag.empty();
  const std::string temp = std::string(kTempPrefix) + RandomHex32();
  CORESHED_ASSIGN(Fd metadata, WriteMetadata(temp, bytes));
  auto outcome = [&]() -> Result<SwapOutcome> {
    CORESHED_TRY(files_->SyncAll(metadata.get(), files_->PathOf(kMetadataName),
                                 sync_records ? records_.get() : -1));
    return LockAndRename(temp, expected_etag);
  }();
  if (!outcome || *outcome == SwapOutcome::kMoved) {
    calls_.Unlink(files_->record(), temp.c_str(), 0);
    return outcome;
  }
  turn_.Give();  // the next one need not wait for our last sync
  files_->Keep("records/" + segment_);
  return *outcome == SwapOutcome::kSwapped ? SyncLast(files_->record()) : *outcome;
}

// After the unlock: whoever builds on what is visible now syncs the same folder.
SwapOutcome LocalStage::SyncLast(int folder) {
  const bool is_synced =
      root_->group != nullptr ? root_->group->Sync() == 0 : calls_.SyncFolder(folder) == 0;
  if (is_synced) return SwapOutcome::kSwapped;
  files_->SetFailed();
  return SwapOutcome::kNotDurable;
}

Result<SwapOutcome> LocalStage::LockAndRename(const std::string& temp,
                                              const std::string& expected_etag) {
  CORESHED_ASSIGN(const auto lock, RecordLock::Take(*root_, files_->record(), files_->PathOf(""),
                                                    root_->lock_timeout));
  return CompareAndRename(temp, expected_etag);
}

Result<SwapOutcome> LocalStage::CompareAndRename(const std::string& temp,
                                                 const std::string& expected_etag) {
  CORESHED_ASSIGN(std::string etag, PresentEtag());
  if (etag != expected_etag) return SwapOutcome::kMoved;
  const int record = files_->record();
  if (calls_.Rename(record, temp.c_str(), record, kMetadataName) == 0) return SwapOutcome::kSwapped;
  const int error = errno;
  if (error == ENOENT) return SwapOutcome::kMoved;  // a vacuum took the file for a remain
  // Nobody else changes it under our lock, so what is there now says whether it happened.
  auto after = PresentEtag();
  if (!after || *after != expected_etag) return SwapOutcome::kUnclear;
  return IoError(error, "Replacing", files_->PathOf(kMetadataName));
}

Result<std::string> LocalStage::PresentEtag() const {
  return EtagOfMetadata(*root_, files_->record(), files_->PathOf(""));
}

Result<Fd> LocalStage::WriteMetadata(const std::string& name, std::string_view bytes) {
  const std::string path = files_->PathOf(kMetadataName);  // what it is for, whatever its name
  Fd fd(root_->calls, calls_.Open(files_->record(), name.c_str(), kCreateFlags, 0666));
  if (!fd.is_open()) return IoError(errno, "Writing", path);
  if (auto written = WriteAll(calls_, fd.get(), bytes.data(), bytes.size(), path); !written) {
    calls_.Unlink(files_->record(), name.c_str(), 0);
    return std::move(written).error();
  }
  return fd;
}

}  // namespace coreshed::storage
