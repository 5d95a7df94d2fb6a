#include "storage/copy_in.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/arrow_error.h"
#include "base/random.h"
#include "base/result.h"
#include "storage/record_lock.h"

namespace coreshed::storage {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY;
constexpr mode_t kReadOnly = 0444;

std::string PathOf(const LocalRoot& root, const CopyPlace& to, const std::string& name) {
  return root.path + "/records/" + to.segment + (name.empty() ? "" : "/") + name;
}

/// The folders between the record's and the object's, made where they are missing.
class Folders {
 public:
  static Result<Folders> Open(const LocalRoot& root, const CopyPlace& to) {
    CORESHED_ASSIGN(const auto segments, SplitKey("records/" + to.segment + "/" + to.name));
    Folders folders;
    const std::string record = "records/" + to.segment;
    folders.open_.push_back(
        {Fd(root.calls, root.calls->Open(root.fd.get(), record.c_str(), kFolderFlags, 0)), false});
    if (!folders.record().is_open()) return IoError(errno, "Opening", PathOf(root, to, ""));
    for (size_t i = 2; i + 1 < segments.size(); ++i) {
      CORESHED_ASSIGN(auto next, EnsureFolder(root.calls, folders.open_.back().fd.get(),
                                              segments[i], true, PathOf(root, to, segments[i])));
      folders.open_.push_back(std::move(next));
    }
    folders.name_ = segments.back();
    return folders;
  }

  const Fd& record() const { return open_.front().fd; }
  const Fd& last() const { return open_.back().fd; }
  const std::string& name() const { return name_; }

 private:
  std::vector<OpenedFolder> open_;
  std::string name_;
};

Result<void> WriteCopy(const LocalRoot& root, int fd, arrow::io::RandomAccessFile& from,
                       int64_t size_bytes, const std::string& path) {
  constexpr int64_t kPieceBytes = int64_t{4} << 20;
  for (int64_t at = 0; at < size_bytes;) {
    const int64_t wanted = std::min(kPieceBytes, size_bytes - at);
    CORESHED_ARROW_ASSIGN(const auto piece, from.ReadAt(at, wanted), "copying to " + path);
    if (piece->size() != wanted) return CutShort(path);
    CORESHED_TRY(WriteAll(*root.calls, fd, piece->data(), static_cast<size_t>(wanted), path));
    at += wanted;
  }
  if (root.calls->SyncFile(fd) != 0) return IoError(errno, "Syncing", path);
  return {};
}

Result<CopyOutcome> PutInPlace(const LocalRoot& root, const CopyPlace& to, const Folders& folders,
                               const std::string& temp) {
  const std::string path = PathOf(root, to, "");
  CORESHED_ASSIGN(const auto lock,
                  RecordLock::Take(root, folders.record().get(), path, root.lock_timeout));
  CORESHED_ASSIGN(const std::string etag, EtagOfMetadata(root, folders.record().get(), path));
  if (etag != to.etag) return CopyOutcome::kMoved;
  if (root.calls->Rename(folders.record().get(), temp.c_str(), folders.last().get(),
                         folders.name().c_str()) == 0) {
    return CopyOutcome::kPut;
  }
  if (errno == ENOENT) return CopyOutcome::kMoved;  // a vacuum took it for a remain
  return IoError(errno, "Putting in place", PathOf(root, to, to.name));
}

}  // namespace

Error CutShort(const std::string& path) {
  return Error{ErrorKind::kCorruption,
               path + " was not copied: what it is copied from has become shorter meanwhile."};
}

Result<CopyOutcome> CopyInLocal(const LocalRoot& root, const CopyPlace& to,
                                arrow::io::RandomAccessFile& from, int64_t size_bytes) {
  const std::string path = PathOf(root, to, to.name);
  CORESHED_ASSIGN(auto folders, Folders::Open(root, to));
  const std::string temp = std::string(kTempPrefix) + RandomHex32();
  const int record = folders.record().get();
  auto outcome = [&]() -> Result<CopyOutcome> {
    const Fd fd(root.calls, root.calls->Open(record, temp.c_str(),
                                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, kReadOnly));
    if (!fd.is_open()) return IoError(errno, "Writing", path);
    CORESHED_TRY(WriteCopy(root, fd.get(), from, size_bytes, path));
    return PutInPlace(root, to, folders, temp);
  }();
  if (!outcome || *outcome != CopyOutcome::kPut) {
    root.calls->Unlink(record, temp.c_str(), 0);
  }
  return outcome;
}

Result<bool> HoldsLocalCopy(const LocalRoot& root, const CopyPlace& to, int64_t size_bytes) {
  const std::string key = "records/" + to.segment + "/" + to.name;
  CORESHED_TRY(SplitKey(key));
  auto opened = OpenForReading(root.calls, root.fd.get(), key, PathOf(root, to, to.name));
  if (!opened && opened.error().kind == ErrorKind::kNotFound) return false;
  if (!opened) return std::move(opened).error();
  struct stat info = {};
  if (::fstat(opened->fd.get(), &info) != 0) return IoError(errno, "Reading", key);
  return info.st_size == size_bytes && (info.st_mode & 0222) == 0;
}

}  // namespace coreshed::storage
