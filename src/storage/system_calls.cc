#include "storage/system_calls.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

namespace coreshed::storage {
namespace {

// For kernels before 5.6 and sandboxes that refuse openat2: one part of the path after the other.
int OpenByParts(int folder, std::string_view path, int flags, mode_t mode) {
  int at = folder;
  while (true) {
    const size_t slash = path.find('/');
    const std::string part(path.substr(0, slash));
    if (part.empty() || part == "..") {
      errno = EXDEV;
      if (at != folder) ::close(at);
      return -1;
    }
    const bool is_last = slash == path.npos;
    const int next =
        is_last ? ::openat(at, part.c_str(), flags | O_NOFOLLOW, mode)
                : ::openat(at, part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    struct stat info = {};
    if (next < 0 && error == ENOTDIR &&
        ::fstatat(at, part.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode)) {
      error = ELOOP;  // as openat2 says it
    }
    if (at != folder) ::close(at);
    errno = error;
    if (is_last || next < 0) return next;
    at = next;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

int SystemCalls::Open(int folder, const char* path, int flags, mode_t mode) {
  flags |= O_CLOEXEC;
  if (!has_openat2_) return OpenByParts(folder, path, flags, mode);
  open_how how = {};
  how.flags = static_cast<uint64_t>(flags);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  long fd = -1;
  do {
    fd = ::syscall(SYS_openat2, folder, path, &how, sizeof how);
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  if (fd < 0 && (errno == ENOSYS || errno == EPERM)) return OpenByParts(folder, path, flags, mode);
  return static_cast<int>(fd);
}

void SystemCalls::Close(int fd) {
  ::close(fd);
}

ssize_t SystemCalls::Write(int fd, const void* data, size_t size) {
  return ::write(fd, data, size);
}

int SystemCalls::StartWriting(int fd, off_t from, off_t size) {
  return ::sync_file_range(fd, from, size, SYNC_FILE_RANGE_WRITE);
}

int SystemCalls::SyncFile(int fd) {
  return ::fsync(fd);
}

int SystemCalls::SyncFileSystem(int fd) {
  return ::syncfs(fd);
}

int SystemCalls::SyncFolder(int fd) {
  return ::fsync(fd);
}

int SystemCalls::Rename(int from_folder, const char* from, int to_folder, const char* to) {
  return ::renameat(from_folder, from, to_folder, to);
}

int SystemCalls::Link(int from_folder, const char* from, int to_folder, const char* to) {
  return ::linkat(from_folder, from, to_folder, to, 0);
}

int SystemCalls::MakeFolder(int folder, const char* name, mode_t mode) {
  return ::mkdirat(folder, name, mode);
}

int SystemCalls::Unlink(int folder, const char* name, int flags) {
  return ::unlinkat(folder, name, flags);
}

int SystemCalls::Flock(int fd, int operation) {
  return ::flock(fd, operation);
}

int SystemCalls::TakeTurn(int folder) {
  return ::flock(folder, LOCK_EX | LOCK_NB);
}

int SystemCalls::GiveTurn(int folder) {
  return ::flock(folder, LOCK_UN);
}

int SystemCalls::FileSystemType(int fd, long* magic) {
  struct statfs info = {};
  if (::fstatfs(fd, &info) != 0) return -1;
  *magic = static_cast<long>(info.f_type);
  return 0;
}

}  // namespace coreshed::storage
