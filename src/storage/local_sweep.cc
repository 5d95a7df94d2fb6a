#include "storage/local_sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "base/hex.h"
#include "base/random.h"
#include "base/result.h"

namespace coreshed::storage {
namespace {

// A commit in the same tick of the kernel's clock as the sweep leaves the stamp as it was; ticks
// are up to 10 ms long, and some file systems keep times in steps of 2 s.
constexpr int64_t kTooYoungNanos = 2'000'000'000;

int64_t ToNanos(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool IsHidden(std::string_view name) {
  return name.starts_with('.');
}

/// The names in an open folder that begin with `prefix`, without "." and "..".
struct Entry {
  std::string name;
  unsigned char type;
};
Result<std::vector<Entry>> ReadFolder(int folder, const std::string& path,
                                      std::string_view prefix = "") {
  // Own descriptor, because closedir closes it and reading moves its position.
  const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* dir = own < 0 ? nullptr : ::fdopendir(own);
  if (dir == nullptr) return IoError(errno, "Listing", path);
  const std::unique_ptr<DIR, int (*)(DIR*)> closer(dir, &::closedir);
  std::vector<Entry> entries;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(dir);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name.starts_with(prefix) && name != "." && name != "..")
      entries.push_back({std::string(name), entry->d_type});
  }
  if (errno != 0) return IoError(errno, "Listing", path);
  return entries;
}

/// Open a folder to list it; a closed one where there is none.
Result<Fd> OpenToList(const LocalRoot& root, int parent, const std::string& key,
                      const std::string& path) {
  Fd fd(root.calls, root.calls->Open(parent, key.c_str(), O_RDONLY | O_DIRECTORY, 0));
  if (!fd.is_open() && !IsAbsent(errno)) return IoError(errno, "Listing", path);
  return fd;
}

/// Walks the files below a folder; links and other things that are no objects are passed over.
class Walk {
 public:
  using Visit = std::function<bool(const ObjectStat&)>;
  Walk(const LocalRoot& root, bool with_hidden, const Visit& visit)
      : root_(root), with_hidden_(with_hidden), visit_(visit) {}

  /// Everything in `folder` (with key "" or "a/b/") whose name begins with `prefix`. False: ended.
  Result<bool> Run(int folder, const std::string& key, std::string_view prefix) {
    CORESHED_ASSIGN(const auto entries, ReadFolder(folder, root_.path + "/" + key, prefix));
    for (const Entry& entry : entries) {
      if (!with_hidden_ && IsHidden(entry.name)) continue;
      struct stat info = {};
      if (::fstatat(folder, entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) continue;  // removed meanwhile
        return IoError(errno, "Listing", root_.path + "/" + key + entry.name);
      }
      bool go_on = true;
      if (S_ISDIR(info.st_mode)) {
        CORESHED_ASSIGN(const Fd below,
                        OpenToList(root_, folder, entry.name, root_.path + "/" + key + entry.name));
        if (!below.is_open()) continue;
        CORESHED_ASSIGN(go_on, Run(below.get(), key + entry.name + "/", ""));
      } else if (S_ISREG(info.st_mode)) {
        go_on = visit_({key + entry.name, info.st_size, ToMicros(info.st_mtim)});
      }
      if (!go_on) return false;
    }
    return true;
  }

 private:
  const LocalRoot& root_;
  const bool with_hidden_;
  const Visit& visit_;
};

/// The stamp of one entry of records/; nothing where it is no record's folder.
std::optional<RecordStamp> StampOf(int records, std::string name, int64_t now_nanos) {
  struct stat info = {};
  if (::fstatat(records, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  // The rename of a commit changes its folder's time at that moment (the file itself is older).
  if (S_ISLNK(info.st_mode)) return RecordStamp{std::move(name), ""};  // its reader is told
  if (!S_ISDIR(info.st_mode)) return std::nullopt;
  const int64_t changed = ToNanos(info.st_mtim);
  if (changed > now_nanos - kTooYoungNanos) return RecordStamp{std::move(name), ""};
  uint8_t bytes[16];
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(static_cast<uint64_t>(changed) >> (8 * i));
    bytes[8 + i] = static_cast<uint8_t>(static_cast<uint64_t>(info.st_ino) >> (8 * i));
  }
  return RecordStamp{std::move(name), ToHex(bytes, sizeof bytes)};
}

/// A temporary file or folder: its size and when it was last touched, with all that is in it.
Result<ObjectStat> StatTree(const LocalRoot& root, int folder, const std::string& key,
                            const struct stat& info) {
  ObjectStat whole{key, S_ISDIR(info.st_mode) ? 0 : int64_t{info.st_size}, ToMicros(info.st_mtim)};
  if (!S_ISDIR(info.st_mode)) return whole;
  const std::string path = root.path + "/" + key;
  CORESHED_ASSIGN(const auto entries, ReadFolder(folder, path));
  for (const Entry& entry : entries) {
    struct stat below = {};
    if (::fstatat(folder, entry.name.c_str(), &below, AT_SYMLINK_NOFOLLOW) != 0) continue;
    Fd fd;
    if (S_ISDIR(below.st_mode)) {
      CORESHED_ASSIGN(fd, OpenToList(root, folder, entry.name, path + "/" + entry.name));
      if (!fd.is_open()) continue;
    }
    CORESHED_ASSIGN(const ObjectStat part, StatTree(root, fd.get(), key + "/" + entry.name, below));
    whole.size_bytes += part.size_bytes;
    whole.modified_us = std::max(whole.modified_us, part.modified_us);
  }
  return whole;
}

class TemporarySweep {
 public:
  TemporarySweep(const LocalRoot& root, int64_t before_us, bool dry_run,
                 const std::function<void(const ObjectStat&)>& visit)
      : root_(root), before_us_(before_us), dry_run_(dry_run), visit_(visit) {}

  /// What belongs to one record alone, and is not to come back after a power cut.
  Result<void> RunOf(const std::string& segment) {
    CORESHED_ASSIGN(const Fd records,
                    OpenToList(root_, root_.fd.get(), "records", root_.path + "/records"));
    if (!records.is_open()) return {};
    for (const auto kind : {kNewPrefix, kGonePrefix}) {
      const std::string prefix = std::string(kind) + segment + "-";
      CORESHED_ASSIGN(const auto entries,
                      ReadFolder(records.get(), root_.path + "/records", prefix));
      for (const Entry& entry : entries) {
        if (!IsHex(std::string_view(entry.name).substr(prefix.size()), 32))
          continue;                          // of a longer id
        if (entry.type == DT_LNK) continue;  // none of ours
        CORESHED_ASSIGN(const Fd fd, OpenToList(root_, records.get(), entry.name,
                                                root_.path + "/records/" + entry.name));
        if (!fd.is_open()) continue;
        CORESHED_TRY(SweepFolder(records.get(), fd.get(), entry.name));
      }
    }
    CORESHED_TRY(Sync(records.get(), "records"));
    const std::string key = "records/" + segment;
    CORESHED_ASSIGN(const Fd record,
                    OpenToList(root_, records.get(), segment, root_.path + "/" + key));
    if (!record.is_open()) return {};
    CORESHED_TRY(SweepFiles(record.get(), key + "/"));
    return Sync(record.get(), key);
  }

  Result<void> Run() {
    CORESHED_TRY(SweepFiles(root_.fd.get(), ""));
    CORESHED_ASSIGN(const Fd records,
                    OpenToList(root_, root_.fd.get(), "records", root_.path + "/records"));
    if (!records.is_open()) return {};
    CORESHED_ASSIGN(const auto entries, ReadFolder(records.get(), root_.path + "/records"));
    for (const Entry& entry : entries) {
      const std::string key = "records/" + entry.name;
      const bool is_folder =
          entry.name.starts_with(kNewPrefix) || entry.name.starts_with(kGonePrefix);
      auto fd = OpenToList(root_, records.get(), entry.name, root_.path + "/" + key);
      if (!fd || !fd->is_open()) continue;  // no folder, or a link: none of ours
      if (is_folder) {
        CORESHED_TRY(SweepFolder(records.get(), fd->get(), entry.name));
      } else if (!IsHidden(entry.name)) {
        CORESHED_TRY(SweepFiles(fd->get(), key + "/"));
      }
    }
    return {};
  }

 private:
  Result<void> Sync(int folder, const std::string& key) {
    if (root_.calls->SyncFolder(folder) == 0) return {};
    return IoError(errno, "Syncing", root_.path + "/" + key);
  }

  Result<void> SweepFiles(int folder, const std::string& key) {
    CORESHED_ASSIGN(const auto entries, ReadFolder(folder, root_.path + "/" + key));
    for (const Entry& entry : entries) {
      struct stat info = {};
      if (!entry.name.starts_with(kTempPrefix) ||
          ::fstatat(folder, entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
          S_ISDIR(info.st_mode) || ToMicros(info.st_mtim) >= before_us_) {
        continue;
      }
      if (!dry_run_ && root_.calls->Unlink(folder, entry.name.c_str(), 0) != 0) {
        if (errno == ENOENT) continue;
        return IoError(errno, "Removing", root_.path + "/" + key + entry.name);
      }
      visit_({key + entry.name, info.st_size, ToMicros(info.st_mtim)});
    }
    return {};
  }

  Result<void> SweepFolder(int records, int folder, const std::string& name) {
    const std::string key = "records/" + name;
    struct stat info = {};
    if (::fstat(folder, &info) != 0) return IoError(errno, "Reading", root_.path + "/" + key);
    CORESHED_ASSIGN(const ObjectStat whole, StatTree(root_, folder, key, info));
    if (whole.modified_us >= before_us_) return {};
    if (!dry_run_) {
      // Renamed first: from then on its maker, should it still be at work, can't put it in place.
      std::string gone = name;
      if (!name.starts_with(kGonePrefix)) {
        constexpr size_t kTokenSize = 32;
        const std::string rest =
            name.substr(kNewPrefix.size());  // the record's segment, "-", a token
        gone = std::string(kGonePrefix) +
               rest.substr(0, rest.size() - std::min(rest.size(), kTokenSize)) + RandomHex32();
        if (root_.calls->Rename(records, name.c_str(), records, gone.c_str()) != 0) {
          if (errno == ENOENT) return {};  // its maker was quicker
          return IoError(errno, "Removing", root_.path + "/" + key);
        }
      }
      CORESHED_TRY(RemoveTree(root_, records, gone));
    }
    visit_(whole);
    return {};
  }

  const LocalRoot& root_;
  const int64_t before_us_;
  const bool dry_run_;
  const std::function<void(const ObjectStat&)>& visit_;
};

}  // namespace

Result<void> ListLocal(const LocalRoot& root, const std::string& prefix,
                       const std::function<bool(const ObjectStat&)>& visit) {
  const size_t slash = prefix.rfind('/');
  const std::string key = slash == prefix.npos ? "" : prefix.substr(0, slash + 1);
  Walk walk(root, false, visit);
  if (key.empty()) {
    CORESHED_TRY(walk.Run(root.fd.get(), "", prefix));
    return {};
  }
  CORESHED_TRY(SplitKey(key.substr(0, slash)));
  CORESHED_ASSIGN(const Fd folder,
                  OpenToList(root, root.fd.get(), key.substr(0, slash), root.path + "/" + key));
  if (folder.is_open()) CORESHED_TRY(walk.Run(folder.get(), key, prefix.substr(slash + 1)));
  return {};
}

Result<std::vector<RecordStamp>> SweepLocalRecords(const LocalRoot& root) {
  const std::string path = root.path + "/records";
  CORESHED_ASSIGN(const Fd records, OpenToList(root, root.fd.get(), "records", path));
  if (!records.is_open()) return std::vector<RecordStamp>();
  // Taken before the first look: what changes later is younger still.
  const int64_t now_nanos = SystemMicros() * 1'000;
  CORESHED_ASSIGN(auto entries, ReadFolder(records.get(), path));
  std::erase_if(entries, [](const Entry& entry) { return IsHidden(entry.name); });

  constexpr size_t kPerThread = 4096;
  const size_t threads =
      std::clamp<size_t>(entries.size() / kPerThread, 1,
                         std::max(1U, std::min(8U, std::thread::hardware_concurrency())));
  std::vector<std::vector<RecordStamp>> parts(threads);
  const auto sweep = [&](size_t part) {
    const size_t end = entries.size() * (part + 1) / threads;
    for (size_t i = entries.size() * part / threads; i < end; ++i) {
      auto stamp = StampOf(records.get(), std::move(entries[i].name), now_nanos);
      if (stamp) parts[part].push_back(*std::move(stamp));
    }
  };
  std::vector<std::jthread> workers;
  for (size_t part = 1; part < threads; ++part)
    workers.emplace_back(sweep, part);
  sweep(0);
  for (auto& worker : workers)
    worker.join();
  for (size_t part = 1; part < threads; ++part) {
    std::move(parts[part].begin(), parts[part].end(), std::back_inserter(parts[0]));
  }
  return std::move(parts[0]);
}

namespace {

/// Once through it: false where somebody has put something in meanwhile.
Result<bool> TryRemoveTree(const LocalRoot& root, int folder, const std::string& key) {
  const std::string path = root.path + "/…/" + key;
  CORESHED_ASSIGN(const Fd fd, OpenToList(root, folder, key, path));
  if (!fd.is_open()) return true;
  CORESHED_ASSIGN(const auto entries, ReadFolder(fd.get(), path));
  for (const Entry& entry : entries) {
    struct stat info = {};
    if (::fstatat(fd.get(), entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISDIR(info.st_mode)) {
      CORESHED_TRY(RemoveTree(root, fd.get(), entry.name));
    } else if (root.calls->Unlink(fd.get(), entry.name.c_str(), 0) != 0 && errno != ENOENT) {
      return IoError(errno, "Removing", path + "/" + entry.name);
    }
  }
  if (root.calls->Unlink(folder, key.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return true;
  if (errno == ENOTEMPTY || errno == EEXIST) return false;
  return IoError(errno, "Removing", path);
}

}  // namespace

/// Whoever still has the folder open may go on to write there, until it is gone.
Result<void> RemoveTree(const LocalRoot& root, int folder, const std::string& key) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    CORESHED_ASSIGN(const bool is_gone, TryRemoveTree(root, folder, key));
    if (is_gone) return {};
  }
  return IoError(ENOTEMPTY, "Removing", root.path + "/…/" + key);
}

Result<void> SweepLocalTemporaryOf(const LocalRoot& root, const std::string& segment,
                                   const std::function<void(const ObjectStat&)>& visit) {
  CORESHED_TRY(SplitKey("records/" + segment));
  return TemporarySweep(root, INT64_MAX, /*dry_run=*/false, visit).RunOf(segment);
}

Result<void> SweepLocalTemporary(const LocalRoot& root, int64_t before_us, bool dry_run,
                                 const std::function<void(const ObjectStat&)>& visit) {
  return TemporarySweep(root, before_us, dry_run, visit).Run();
}

}  // namespace coreshed::storage
