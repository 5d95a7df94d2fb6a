#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "storage/system_calls.h"

namespace coreshed::storage {

/// The system's calls, each recorded with the paths it is about, and made to fail or left out at
/// will. Thread-safe.
class RecordingCalls final : public SystemCalls {
 public:
  struct Call {
    std::string name;  ///< of the method; Open is "Create" where it makes a file
    std::string path;  ///< relative to `root` ("" itself)
    std::string to;    ///< Rename, Link
    std::string data;  ///< Write: the bytes, if `keep_data`
    int64_t inode = 0;
    bool is_left_out = false;
    int error_number = 0;  ///< how it failed, by the fate or by itself
  };
  /// What becomes of a call.
  struct Fate {
    int error_number = 0;      ///< fails with this, without effect
    bool is_left_out = false;  ///< says success, without effect
  };

  /// `root`: the store's folder.
  explicit RecordingCalls(std::string root, bool keep_data = false)
      : root_(std::move(root)), keep_data_(keep_data) {}

  /// Asked before each call but Close, outside all locks.
  void SetFate(std::function<Fate(const Call&)> fate);
  std::vector<Call> log() const;
  void Clear();

  /// "SyncFile versions/v2.parquet" and so on, those of the given method only if it is not empty.
  std::vector<std::string> Lines(const std::string& name = "") const;

  int Open(int folder, const char* path, int flags, mode_t mode) override;
  ssize_t Write(int fd, const void* data, size_t size) override;
  int StartWriting(int fd, off_t from, off_t size) override;
  int SyncFile(int fd) override;
  int SyncFolder(int fd) override;
  int SyncFileSystem(int fd) override;
  int Rename(int from_folder, const char* from, int to_folder, const char* to) override;
  int Link(int from_folder, const char* from, int to_folder, const char* to) override;
  int MakeFolder(int folder, const char* name, mode_t mode) override;
  int Unlink(int folder, const char* name, int flags) override;
  int Flock(int fd, int operation) override;
  int TakeTurn(int folder) override;
  int GiveTurn(int folder) override;
  int FileSystemType(int fd, long* magic) override;

  /// The file system that FileSystemType tells; 0: the real one.
  long magic = 0;
  /// Whether syncs wait for the disk. They take most of the time of a test.
  bool syncs_are_real = false;

 private:
  std::string PathOf(int fd, const char* name = "") const;
  template <typename Effect>
  auto Run(Call call, const Effect& effect) -> decltype(effect());

  const std::string root_;
  const bool keep_data_;
  mutable std::mutex mutex_;
  std::vector<Call> log_;
  std::function<Fate(const Call&)> fate_;
};

}  // namespace coreshed::storage
