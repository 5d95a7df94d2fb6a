#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <utility>

namespace coreshed::storage {

/// The system calls by which a local store is opened and changed, one method each, so that a test
/// can record them, let one fail or leave one out. Each answers as its system call does: -1 with
/// errno set where it failed. Names are relative to the open folder `folder`.
class SystemCalls {
 public:
  virtual ~SystemCalls() = default;

  /// openat that follows no symbolic link and leaves `folder` by no part of `path` (ELOOP, EXDEV).
  virtual int Open(int folder, const char* path, int flags, mode_t mode);
  virtual void Close(int fd);
  virtual ssize_t Write(int fd, const void* data, size_t size);
  /// Begin to write these bytes of a file to the device; waits for nothing, promises nothing.
  virtual int StartWriting(int fd, off_t from, off_t size);
  virtual int SyncFile(int fd);
  virtual int SyncFolder(int fd);
  /// All that was written to the file system that `fd` is on.
  virtual int SyncFileSystem(int fd);
  virtual int Rename(int from_folder, const char* from, int to_folder, const char* to);
  virtual int Link(int from_folder, const char* from, int to_folder, const char* to);
  virtual int MakeFolder(int folder, const char* name, mode_t mode);
  /// `flags`: 0 for a file, AT_REMOVEDIR for an empty folder.
  virtual int Unlink(int folder, const char* name, int flags);
  virtual int Flock(int fd, int operation);
  /// The lock of storage/turn.h, asked for without waiting (EWOULDBLOCK), and given back.
  virtual int TakeTurn(int folder);
  virtual int GiveTurn(int folder);
  /// The magic number of the file system that `fd` is on.
  virtual int FileSystemType(int fd, long* magic);

 protected:
  /// False in a test of what is done where openat2 is missing.
  bool has_openat2_ = true;
};

/// An open file descriptor that is closed by the seam that opened it.
class Fd {
 public:
  Fd() = default;
  Fd(std::shared_ptr<SystemCalls> calls, int fd) : calls_(std::move(calls)), fd_(fd) {}
  Fd(Fd&& other) noexcept : calls_(std::move(other.calls_)), fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Close();
      calls_ = std::move(other.calls_);
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { Close(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void Close() {
    if (fd_ >= 0) calls_->Close(std::exchange(fd_, -1));
  }

 private:
  std::shared_ptr<SystemCalls> calls_;
  int fd_ = -1;
};

}  // namespace coreshed::storage
