#include "storage/local_files.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/result.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::storage {
namespace {

/// What an errno means to a person, and what to do about it.
struct Words {
  std::string_view meaning;
  std::string_view advice;
};

Words WordsFor(int error_number) {
  switch (error_number) {
    case ENOSPC:
      return {"the disk is full", "Free some space and try again."};
    case EDQUOT:
      return {"the disk quota is used up", "Free some space or raise the quota, then try again."};
    case EFBIG:
      return {"the file is larger than allowed here", "Raise the limit (ulimit -f) and try again."};
    case EACCES:
    case EPERM:
      return {"no permission", "Check the owner and the permissions of this path."};
    case EROFS:
      return {"the file system is read-only", "Mount it for writing and try again."};
    case EIO:
      return {"the device reports an error",
              "Check the disk and the system's log before writing again."};
    case EMFILE:
    case ENFILE:
      return {"too many files are open", "Raise the limit (ulimit -n) or close some."};
    case ENOMEM:
      return {"there is not enough memory", "Free some memory and try again."};
    case ELOOP:
      return {"it is, or lies below, a symbolic link, and none is followed within a store",
              "Put the folder or file itself in its place."};
    case ENOTDIR:
      return {"a part of the path is no folder", "Look what is in its place."};
    case EXDEV:
      return {"it leads out of the store or to another file system",
              "Keep all of a store on one file system."};
    default:
      return {"", ""};
  }
}

class PreadFile final : public arrow::io::RandomAccessFile {
 public:
  PreadFile(OpenedFile file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  // The descriptor itself lives until the destructor: a read running in another thread must not
  // find its number taken by another file.
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> GetSize() override { return file_.size_bytes; }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Seek(int64_t position) override {
    if (position < 0) return arrow::Status::Invalid("negative position in ", path_);
    position_ = position;
    return arrow::Status::OK();
  }

  arrow::Result<int64_t> ReadAt(int64_t position, int64_t size, void* out) override {
    if (closed_) return arrow::Status::Invalid("read of the closed file ", path_);
    if (position < 0 || size < 0) return arrow::Status::Invalid("negative range in ", path_);
    int64_t done = 0;
    while (done < size) {
      const ssize_t n = ::pread(file_.fd.get(), static_cast<char*>(out) + done,
                                static_cast<size_t>(size - done), position + done);
      if (n == 0) break;
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return ToArrow(IoError(errno, "Reading", path_));
      done += n;
    }
    return done;
  }

  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position, int64_t size) override {
    const int64_t wanted =
        std::clamp<int64_t>(size, 0, std::max<int64_t>(0, file_.size_bytes - position));
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(wanted));
    ARROW_ASSIGN_OR_RAISE(const int64_t n, ReadAt(position, wanted, buffer->mutable_data()));
    if (n < wanted) ARROW_RETURN_NOT_OK(buffer->Resize(n));
    buffer->ZeroPadding();
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

  arrow::Result<int64_t> Read(int64_t size, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t n, ReadAt(position_, size, out));
    position_ += n;
    return n;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, size));
    position_ += buffer->size();
    return buffer;
  }

 private:
  const OpenedFile file_;
  const std::string path_;
  std::atomic<bool> closed_ = false;
  int64_t position_ = 0;
};

}  // namespace

Error IoError(int error_number, const std::string& doing, const std::string& path) {
  const Words words = WordsFor(error_number);
  std::string message = doing + " " + path + " failed: ";
  if (words.meaning.empty()) {
    message += std::string(std::strerror(error_number)) + ".";
  } else {
    message.append(words.meaning).append(" (").append(std::strerror(error_number)).append("). ");
    message.append(words.advice);
  }
  return Error{ErrorKind::kIo, std::move(message)}
      .With("path", path)
      .With("errno", std::to_string(error_number));
}

bool IsAbsent(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR;
}

Result<std::vector<std::string>> SplitKey(std::string_view key) {
  std::vector<std::string> segments;
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view segment = key.substr(begin, end - begin);
    if (segment.empty() || segment == "." || segment == "..") {
      return Error{ErrorKind::kInvalidArgument, "'" + std::string(key) + "' is no key of a store."};
    }
    segments.emplace_back(segment);
    begin = end + 1;
  }
  return segments;
}

Result<void> WriteAll(SystemCalls& calls, int fd, const void* data, size_t size,
                      const std::string& path) {
  const char* from = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = calls.Write(fd, from, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return IoError(errno, "Writing", path);
    from += n;
    size -= static_cast<size_t>(n);
  }
  return {};
}

Result<std::string> ReadAll(const OpenedFile& file, const std::string& path) {
  std::string bytes(static_cast<size_t>(file.size_bytes), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n =
        ::pread(file.fd.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (n == 0) break;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return IoError(errno, "Reading", path);
    done += static_cast<size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

Result<OpenedFile> OpenForReading(const std::shared_ptr<SystemCalls>& calls, int folder,
                                  const std::string& key, const std::string& path) {
  // O_NONBLOCK: a pipe put in an object's place must not hang the reader.
  Fd fd(calls, calls->Open(folder, key.c_str(), O_RDONLY | O_NONBLOCK, 0));
  struct stat info = {};
  if (!fd.is_open() || ::fstat(fd.get(), &info) != 0) {
    if (!IsAbsent(errno)) return IoError(errno, "Reading", path);
    return Error{ErrorKind::kNotFound, "There is no " + path + "."}.With("path", path);
  }
  if (S_ISDIR(info.st_mode)) {
    return Error{ErrorKind::kNotFound, path + " is a folder, not a file."}.With("path", path);
  }
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorKind::kIo, path + " is no plain file. Put the file itself in its place."}
        .With("path", path);
  }
  return OpenedFile{std::move(fd), info.st_size};
}

std::shared_ptr<arrow::io::RandomAccessFile> MakeArrowFile(OpenedFile file, std::string path) {
  return std::make_shared<PreadFile>(std::move(file), std::move(path));
}

Result<OpenedFolder> EnsureFolder(const std::shared_ptr<SystemCalls>& calls, int parent,
                                  const std::string& name, bool mark, const std::string& path) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY;
  Fd fd(calls, calls->Open(parent, name.c_str(), kFlags, 0));
  if (!fd.is_open() && errno == ENOENT) {
    const mode_t mode = mark ? 0777 | S_ISVTX : 0777;
    if (calls->MakeFolder(parent, name.c_str(), mode) == 0) {
      fd = Fd(calls, calls->Open(parent, name.c_str(), kFlags, 0));
      if (fd.is_open()) return OpenedFolder{std::move(fd), true};
    } else if (errno == EEXIST) {  // made by another writer just now
      fd = Fd(calls, calls->Open(parent, name.c_str(), kFlags, 0));
    }
  }
  if (!fd.is_open()) return IoError(errno, "Making the folder", path);
  struct stat info = {};
  if (::fstat(fd.get(), &info) != 0) return IoError(errno, "Reading", path);
  return OpenedFolder{std::move(fd), (info.st_mode & S_ISVTX) != 0};
}

void ClearUncertain(int folder) {
  struct stat info = {};
  if (::fstat(folder, &info) == 0 && (info.st_mode & S_ISVTX) != 0) {
    // Best effort: a mark that stays costs later writers one more sync, nothing else.
    (void)::fchmod(folder, info.st_mode & 07777 & ~static_cast<mode_t>(S_ISVTX));
  }
}

int64_t ToMicros(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
}

int64_t SystemMicros() {
  timespec now = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return ToMicros(now);
}

}  // namespace coreshed::storage
