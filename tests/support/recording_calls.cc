#include "support/recording_calls.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace coreshed::storage {
namespace {

int64_t InodeOf(int fd) {
  struct stat info = {};
  return ::fstat(fd, &info) == 0 ? static_cast<int64_t>(info.st_ino) : 0;
}

}  // namespace

// The kernel knows under which name a descriptor's file is now, also after a rename.
std::string RecordingCalls::PathOf(int fd, const char* name) const {
  std::array<char, 4096> link = {};
  const std::string proc = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(proc.c_str(), link.data(), link.size());
  std::string path(link.data(), size < 0 ? 0 : static_cast<size_t>(size));
  if (*name != '\0') path.append("/").append(name);
  if (path.starts_with(root_)) path.erase(0, root_.size());
  if (path.starts_with('/')) path.erase(0, 1);
  return path;
}

template <typename Effect>
auto RecordingCalls::Run(Call call, const Effect& effect) -> decltype(effect()) {
  std::unique_lock lock(mutex_);
  const auto fate_of = fate_;
  lock.unlock();
  const Fate fate = fate_of ? fate_of(call) : Fate{};
  call.is_left_out = fate.is_left_out;
  call.error_number = fate.error_number;
  decltype(effect()) result = fate.error_number != 0 ? -1 : 0;
  if (fate.error_number == 0 && !fate.is_left_out) {
    result = effect();
    if (result < 0) call.error_number = errno;
  }
  const int error = call.error_number;
  lock.lock();
  log_.push_back(std::move(call));
  lock.unlock();
  if (result < 0) errno = error;
  return result;
}

void RecordingCalls::SetFate(std::function<Fate(const Call&)> fate) {
  const std::lock_guard lock(mutex_);
  fate_ = std::move(fate);
}

std::vector<RecordingCalls::Call> RecordingCalls::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

void RecordingCalls::Clear() {
  const std::lock_guard lock(mutex_);
  log_.clear();
}

std::vector<std::string> RecordingCalls::Lines(const std::string& name) const {
  std::vector<std::string> lines;
  for (const Call& call : log()) {
    if (!name.empty() && call.name != name) continue;
    lines.push_back(call.name + " " + call.path + (call.to.empty() ? "" : " -> " + call.to));
  }
  return lines;
}

int RecordingCalls::Open(int folder, const char* path, int flags, mode_t mode) {
  return Run({(flags & O_CREAT) != 0 ? "Create" : "Open", PathOf(folder, path), "", ""},
             [&] { return SystemCalls::Open(folder, path, flags, mode); });
}

ssize_t RecordingCalls::Write(int fd, const void* data, size_t size) {
  Call call{"Write", PathOf(fd), "", "", InodeOf(fd)};
  if (keep_data_) call.data.assign(static_cast<const char*>(data), size);
  return Run(std::move(call), [&] { return SystemCalls::Write(fd, data, size); });
}

int RecordingCalls::StartWriting(int fd, off_t from, off_t size) {
  return Run({"StartWriting", PathOf(fd), "", "", InodeOf(fd)},
             [&] { return syncs_are_real ? SystemCalls::StartWriting(fd, from, size) : 0; });
}

int RecordingCalls::SyncFile(int fd) {
  return Run({"SyncFile", PathOf(fd), "", "", InodeOf(fd)},
             [&] { return syncs_are_real ? SystemCalls::SyncFile(fd) : 0; });
}

int RecordingCalls::SyncFolder(int fd) {
  return Run({"SyncFolder", PathOf(fd), "", "", InodeOf(fd)},
             [&] { return syncs_are_real ? SystemCalls::SyncFolder(fd) : 0; });
}

int RecordingCalls::SyncFileSystem(int fd) {
  return Run({"SyncFileSystem", "", "", ""},
             [&] { return syncs_are_real ? SystemCalls::SyncFileSystem(fd) : 0; });
}

int RecordingCalls::Rename(int from_folder, const char* from, int to_folder, const char* to) {
  return Run({"Rename", PathOf(from_folder, from), PathOf(to_folder, to), ""},
             [&] { return SystemCalls::Rename(from_folder, from, to_folder, to); });
}

int RecordingCalls::Link(int from_folder, const char* from, int to_folder, const char* to) {
  return Run({"Link", PathOf(from_folder, from), PathOf(to_folder, to), ""},
             [&] { return SystemCalls::Link(from_folder, from, to_folder, to); });
}

int RecordingCalls::MakeFolder(int folder, const char* name, mode_t mode) {
  return Run({"MakeFolder", PathOf(folder, name), "", ""},
             [&] { return SystemCalls::MakeFolder(folder, name, mode); });
}

int RecordingCalls::Unlink(int folder, const char* name, int flags) {
  return Run({"Unlink", PathOf(folder, name), "", ""},
             [&] { return SystemCalls::Unlink(folder, name, flags); });
}

int RecordingCalls::Flock(int fd, int operation) {
  return Run({operation == LOCK_UN ? "Unlock" : "Lock", PathOf(fd), "", "", InodeOf(fd)},
             [&] { return SystemCalls::Flock(fd, operation); });
}

int RecordingCalls::TakeTurn(int folder) {
  return Run({"TakeTurn", PathOf(folder), "", "", InodeOf(folder)},
             [&] { return SystemCalls::TakeTurn(folder); });
}

int RecordingCalls::GiveTurn(int folder) {
  return Run({"GiveTurn", PathOf(folder), "", "", InodeOf(folder)},
             [&] { return SystemCalls::GiveTurn(folder); });
}

int RecordingCalls::FileSystemType(int fd, long* out) {
  if (magic == 0) return SystemCalls::FileSystemType(fd, out);
  *out = magic;
  return 0;
}

}  // namespace coreshed::storage
