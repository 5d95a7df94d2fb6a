#include "storage/local.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "base/arrow_error.h"
#include "base/random.h"
#include "base/result.h"
#include "storage/copy_in.h"
#include "storage/etag.h"
#include "storage/local_files.h"
#include "storage/local_stage.h"
#include "storage/local_sweep.h"

namespace coreshed::storage {
namespace {

class LocalStorage final : public Storage {
 public:
  explicit LocalStorage(LocalRoot root)
      : root_(std::make_shared<const LocalRoot>(std::move(root))) {}

  std::unique_ptr<Group> MakeGroup() override;

  std::string Describe() const override { return root_->path; }

  Result<Blob> Get(const std::string& key) override {
    CORESHED_TRY(SplitKey(key));
    CORESHED_ASSIGN(const OpenedFile file,
                    OpenForReading(root_->calls, root_->fd.get(), key, PathOf(key)));
    CORESHED_ASSIGN(std::string bytes, ReadAll(file, PathOf(key)));
    std::string etag = EtagOf(bytes);
    return Blob{arrow::Buffer::FromString(std::move(bytes)), std::move(etag), SystemMicros()};
  }

  Result<std::shared_ptr<arrow::io::RandomAccessFile>> Open(const std::string& key,
                                                            int64_t size_bytes) override {
    CORESHED_TRY(SplitKey(key));
    CORESHED_ASSIGN(OpenedFile file,
                    OpenForReading(root_->calls, root_->fd.get(), key, PathOf(key)));
    if (size_bytes >= 0 && size_bytes != file.size_bytes) {
      return Error{ErrorKind::kCorruption, PathOf(key) + " has " + std::to_string(file.size_bytes) +
                                               " bytes, but " + std::to_string(size_bytes) +
                                               " were committed. Restore the file from a backup."}
          .With("path", PathOf(key));
    }
    return MakeArrowFile(std::move(file), PathOf(key));
  }

  Result<bool> PutIfAbsent(const std::string& key, std::string_view bytes) override;
  Result<CopyOutcome> CopyIn(const CopyPlace& to, arrow::io::RandomAccessFile& from,
                             int64_t size_bytes) override {
    return CopyInLocal(*root_, to, from, size_bytes);
  }
  Result<bool> HoldsCopy(const CopyPlace& to, int64_t size_bytes) override {
    return HoldsLocalCopy(*root_, to, size_bytes);
  }
  Result<void> PrepareNew(const std::vector<std::string>& keys) override;

  Result<void> List(const std::string& prefix,
                    const std::function<bool(const ObjectStat&)>& visit) override {
    return ListLocal(*root_, prefix, visit);
  }
  Result<std::vector<RecordStamp>> SweepRecords() override { return SweepLocalRecords(*root_); }

  Result<void> MakeDurable(const std::string& segment) override;
  Result<void> MakeAllDurable() override;
  Result<void> Delete(const std::string& key) override;

  Result<std::unique_ptr<Stage>> OpenStage(const std::string& segment, bool fresh) override {
    return LocalStage::Open(root_, segment, fresh);
  }
  Result<void> SweepTemporary(int64_t before_us, bool dry_run,
                              const std::function<void(const ObjectStat&)>& visit) override {
    return SweepLocalTemporary(*root_, before_us, dry_run, visit);
  }
  Result<void> SweepTemporaryOf(const std::string& segment,
                                const std::function<void(const ObjectStat&)>& visit) override {
    return SweepLocalTemporaryOf(*root_, segment, visit);
  }
  Result<int64_t> NowMicros() override { return SystemMicros(); }

 private:
  std::string PathOf(const std::string& key) const { return root_->path + "/" + key; }
  Result<bool> LinkTemp(const std::string& temp, std::string_view bytes, int folder,
                        const std::string& key);

  const std::shared_ptr<const LocalRoot> root_;
};

/// The folders of a store made by one call, parents before what is in them.
class FolderMaker {
 public:
  explicit FolderMaker(const LocalRoot& root) : root_(root) {}

  /// Returns the open folder; `segments` without the last `without`.
  Result<int> Make(const std::vector<std::string>& segments, size_t without) {
    int folder = root_.fd.get();
    std::string key;
    for (size_t i = 0; i + without < segments.size(); ++i) {
      key += (i == 0 ? "" : "/") + segments[i];
      auto entry = open_.find(key);
      if (entry == open_.end()) {
        CORESHED_ASSIGN(OpenedFolder opened, EnsureFolder(root_.calls, folder, segments[i], true,
                                                          root_.path + "/" + key));
        if (opened.is_uncertain) dirty_.insert(folder);
        entry = open_.emplace(key, std::move(opened)).first;
      }
      folder = entry->second.fd.get();
    }
    return folder;
  }

  void Touch(int folder) { dirty_.insert(folder); }

  Result<void> Sync() {
    for (const int folder : dirty_) {
      if (root_.calls->SyncFolder(folder) != 0) return IoError(errno, "Syncing", root_.path);
    }
    for (const auto& [key, opened] : open_) {
      if (opened.is_uncertain) ClearUncertain(opened.fd.get());
    }
    dirty_.clear();
    open_.clear();
    return {};
  }

 private:
  const LocalRoot& root_;
  std::map<std::string, OpenedFolder> open_;
  std::set<int> dirty_;
};

/// Complete before it has its name, so that nobody reads a part of it. Until then it lies in the
/// store's own folder, where SweepTemporary looks.
Result<bool> LocalStorage::PutIfAbsent(const std::string& key, std::string_view bytes) {
  CORESHED_ASSIGN(const auto segments, SplitKey(key));
  FolderMaker folders(*root_);
  CORESHED_ASSIGN(const int folder, folders.Make(segments, 1));
  const std::string temp = std::string(kTempPrefix) + RandomHex32();
  auto made = LinkTemp(temp, bytes, folder, key);
  root_->calls->Unlink(root_->fd.get(), temp.c_str(), 0);
  if (!made || root_->group != nullptr) return made;
  folders.Touch(folder);  // whoever has made one that was there may not have come to it yet
  CORESHED_TRY(folders.Sync());
  return made;
}

Result<bool> LocalStorage::LinkTemp(const std::string& temp, std::string_view bytes, int folder,
                                    const std::string& key) {
  SystemCalls& calls = *root_->calls;
  const Fd fd(root_->calls, calls.Open(root_->fd.get(), temp.c_str(),
                                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666));
  if (!fd.is_open()) return IoError(errno, "Writing", PathOf(key));
  CORESHED_TRY(WriteAll(calls, fd.get(), bytes.data(), bytes.size(), PathOf(key)));
  // Also where others share syncs: torn bytes would lie there for good.
  if (!bytes.empty() && calls.SyncFile(fd.get()) != 0)
    return IoError(errno, "Syncing", PathOf(key));
  const std::string name = key.substr(key.rfind('/') + 1);
  if (calls.Link(root_->fd.get(), temp.c_str(), folder, name.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  return IoError(errno, "Creating", PathOf(key));
}

Result<void> LocalStorage::PrepareNew(const std::vector<std::string>& keys) {
  FolderMaker folders(*root_);
  constexpr size_t kTogether = 64;  // a process may have few files open
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string& key = keys[i];
    if (i > 0 && i % kTogether == 0) CORESHED_TRY(folders.Sync());
    const bool has_slash = key.ends_with('/');
    CORESHED_ASSIGN(const auto segments, SplitKey(key.substr(0, key.size() - has_slash)));
    CORESHED_TRY(folders.Make(segments, 0));
  }
  return folders.Sync();
}

Result<void> LocalStorage::MakeDurable(const std::string& segment) {
  if (root_->group != nullptr) {
    const int error = root_->group->Sync();
    return error == 0 ? Result<void>() : IoError(error, "Syncing", PathOf("records/" + segment));
  }
  // All else was synced before the rename that made it visible.
  for (const std::string& key : {"records/" + segment, std::string("records")}) {
    const Fd folder(root_->calls,
                    root_->calls->Open(root_->fd.get(), key.c_str(), O_RDONLY | O_DIRECTORY, 0));
    if (!folder.is_open() || root_->calls->SyncFolder(folder.get()) != 0) {
      return IoError(errno, "Syncing", PathOf(key));
    }
  }
  return {};
}

Result<void> LocalStorage::MakeAllDurable() {
  // Folders of a store may be other disks than its own.
  for (const std::string& key :
       {std::string("."), std::string("records"), std::string("content")}) {
    const Fd folder(root_->calls,
                    root_->calls->Open(root_->fd.get(), key.c_str(), O_RDONLY | O_DIRECTORY, 0));
    if (!folder.is_open() && errno == ENOENT) continue;
    if (!folder.is_open() || root_->calls->SyncFileSystem(folder.get()) != 0)
      return IoError(errno, "Syncing", PathOf(key));
  }
  return {};
}

Result<void> LocalStorage::Delete(const std::string& key) {
  CORESHED_ASSIGN(const auto segments, SplitKey(key));
  const size_t slash = key.rfind('/');
  SystemCalls& calls = *root_->calls;
  Fd parent;
  int folder = root_->fd.get();
  if (slash != key.npos) {
    parent = Fd(root_->calls,
                calls.Open(folder, key.substr(0, slash).c_str(), O_RDONLY | O_DIRECTORY, 0));
    if (!parent.is_open()) {
      if (IsAbsent(errno)) return {};
      return IoError(errno, "Deleting", PathOf(key));
    }
    folder = parent.get();
  }
  if (calls.Unlink(folder, segments.back().c_str(), 0) != 0 && errno != ENOENT) {
    return IoError(errno, "Deleting", PathOf(key));
  }
  // Erased data must not come back after a power cut; nor where an earlier call got no further.
  if (calls.SyncFolder(folder) != 0) return IoError(errno, "Syncing", PathOf(key));
  return {};
}

/// Commits that share their syncs.
class LocalGroup final : public Storage::Group {
 public:
  LocalGroup(const LocalRoot& root, Fd own, Fd other)
      : group_(std::make_shared<SyncGroup>(root.calls, std::move(own))),
        storage_(std::make_shared<LocalStorage>(
            LocalRoot{root.calls, std::move(other), root.path, root.lock_timeout, group_})) {}

  std::shared_ptr<Storage> storage() override { return storage_; }
  std::shared_ptr<void> Join() override {
    return std::make_shared<SyncGroup::Member>(group_.get());
  }

  /// A commit holds folders and files open while it waits for the others.
  int workers_max() const override {
    constexpr rlim_t kOfOneCommit = 24, kOfOthers = 128, kMost = 64;
    rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= kOfOthers) return 1;
    return static_cast<int>(
        std::clamp((limit.rlim_cur - kOfOthers) / kOfOneCommit, rlim_t{1}, kMost));
  }

 private:
  const std::shared_ptr<SyncGroup> group_;
  const std::shared_ptr<Storage> storage_;
};

/// Since Linux 5.8 syncfs tells of writes that failed.
bool SyncOfAllTellsErrors() {
  utsname system = {};
  int major = 0, minor = 0;
  return ::uname(&system) == 0 && std::sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
         (major > 5 || (major == 5 && minor >= 8));
}

std::unique_ptr<Storage::Group> LocalStorage::MakeGroup() {
  struct stat whole = {}, below = {};
  bool is_one = SyncOfAllTellsErrors() && ::fstat(root_->fd.get(), &whole) == 0;
  for (const char* name : {"records", "content"}) {  // either may be another disk, mounted there
    is_one = is_one && ::fstatat(root_->fd.get(), name, &below, AT_SYMLINK_NOFOLLOW) == 0 &&
             below.st_dev == whole.st_dev;
  }
  if (!is_one) return nullptr;
  const auto open = [&] {
    return Fd(root_->calls, root_->calls->Open(root_->fd.get(), ".", O_RDONLY | O_DIRECTORY, 0));
  };
  Fd own = open(), other = open();
  if (!own.is_open() || !other.is_open()) return nullptr;
  return std::make_unique<LocalGroup>(*root_, std::move(own), std::move(other));
}

/// The name of a file system that other machines write to at the same time; empty for others.
std::string_view NetworkFileSystem(long magic) {
  switch (static_cast<unsigned long>(magic) & 0xFFFFFFFFUL) {
    case 0x6969:
      return "NFS";
    case 0x517B:
      return "SMB";
    case 0xFF534D42:
      return "CIFS";
    case 0xFE534D42:
      return "SMB2";
    case 0x65735546:
      return "FUSE (sshfs, s3fs and others)";
    case 0x01021997:
      return "9P";
    case 0x5346414F:
      return "AFS";
    case 0x6B414653:
      return "kAFS";
    case 0x73757245:
      return "Coda";
    case 0x564C:
      return "NCP";
    case 0x00C36400:
      return "Ceph";
    case 0x0BD00BD0:
      return "Lustre";
    case 0x01161970:
      return "GFS2";
    case 0x7461636F:
      return "OCFS2";
    case 0x47504653:
      return "GPFS";
    case 0x19830326:
      return "BeeGFS";
    case 0x786F4256:
      return "VirtualBox shared folders";
    case 0xBACBACBC:
      return "VMware shared folders";
    default:
      return "";
  }
}

Result<Fd> OpenRoot(const std::shared_ptr<SystemCalls>& calls, const std::string& path) {
  // The store's own folder, unlike what is in it, may be reached by links.
  Fd fd(calls, ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) {
    const int error = errno;
    if (error == ENOENT) {
      return Error{ErrorKind::kNotFound, "There is no folder " + path + "."}.With("path", path);
    }
    if (error == ENOTDIR) {
      return Error{ErrorKind::kInvalidArgument, path + " is, or lies below, a file, not a folder."}
          .With("path", path);
    }
    return IoError(error, "Opening", path);
  }
  long magic = 0;
  if (calls->FileSystemType(fd.get(), &magic) != 0) return IoError(errno, "Opening", path);
  if (const auto name = NetworkFileSystem(magic); !name.empty()) {
    return Error{ErrorKind::kUnsupported,
                 path + " is on a network file system (" + std::string(name) +
                     "), where locks and renames do not hold between machines. Use a local disk, "
                     "or an object store (s3://…) to share a store."}
        .With("path", path);
  }
  return fd;
}

Result<std::string> AbsolutePath(const std::string& folder) {
  if (folder.empty()) {
    return Error{ErrorKind::kInvalidArgument, "The path of the store is empty."};
  }
  // Absolute, because the process may change its folder later.
  std::error_code error;
  const auto absolute = std::filesystem::absolute(folder, error);
  if (error) return IoError(error.value(), "Opening", folder);
  std::string path = std::filesystem::weakly_canonical(absolute, error).string();
  if (error) return IoError(error.value(), "Opening", folder);
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  return path;
}

}  // namespace

Result<std::shared_ptr<Storage>> OpenLocal(const std::string& folder,
                                           std::chrono::milliseconds lock_timeout,
                                           std::shared_ptr<SystemCalls> calls) {
  CORESHED_ASSIGN(std::string path, AbsolutePath(folder));
  if (!calls) calls = std::make_shared<SystemCalls>();
  CORESHED_ASSIGN(Fd fd, OpenRoot(calls, path));
  return std::shared_ptr<Storage>(std::make_shared<LocalStorage>(
      LocalRoot{std::move(calls), std::move(fd), std::move(path), lock_timeout}));
}

Result<std::shared_ptr<Storage>> MakeLocal(const std::string& folder,
                                           std::chrono::milliseconds lock_timeout,
                                           std::shared_ptr<SystemCalls> calls) {
  CORESHED_ASSIGN(const std::string path, AbsolutePath(folder));
  if (!calls) calls = std::make_shared<SystemCalls>();
  // Up to the nearest folder that exists, then down again; nothing is made on a network file
  // system.
  std::vector<std::string> missing;
  std::filesystem::path at = path;
  auto parent = OpenRoot(calls, at.string());
  while (!parent && parent.error().kind == ErrorKind::kNotFound && at.has_relative_path()) {
    missing.push_back(at.filename().string());
    at = at.parent_path();
    parent = OpenRoot(calls, at.string());
  }
  if (!parent) return std::move(parent).error();
  while (!missing.empty()) {
    const std::string name = std::move(missing.back());
    missing.pop_back();
    at /= name;
    if (calls->MakeFolder(parent->get(), name.c_str(), 0777) != 0 && errno != EEXIST) {
      return IoError(errno, "Making the folder", at.string());
    }
    if (calls->SyncFolder(parent->get()) != 0) return IoError(errno, "Syncing", at.string());
    auto next = OpenRoot(calls, at.string());
    if (!next && next.error().kind == ErrorKind::kNotFound) {
      return Error{ErrorKind::kInvalidArgument,
                   at.string() +
                       " is a link that leads to nothing. Remove it, or make the folder "
                       "that it leads to."}
          .With("path", at.string());
    }
    if (!next) return std::move(next).error();
    *parent = std::move(*next);
  }
  return OpenLocal(path, lock_timeout, std::move(calls));
}

}  // namespace coreshed::storage
