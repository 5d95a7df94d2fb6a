#include "sources/input.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/util/io_util.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/sha256.h"
#include "sources/file_name.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kPiece = int64_t{1} << 20;

Error SystemError(const std::string& what) {
  return Error{ErrorKind::kIo, what + ": " + std::strerror(errno) + "."};
}

/// A temporary file that goes when it is closed.
Result<int> NamelessFile() {
  std::error_code code;
  const auto folder = std::filesystem::temp_directory_path(code);
  if (code) return Error{ErrorKind::kIo, "There is no folder for temporary files."};
  std::string path = (folder / "coreshed-XXXXXX").string();
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return SystemError("making a temporary file in " + folder.string());
  unlink(path.c_str());
  return descriptor;
}

/// Gives the next bytes: how many, 0 at the end, -1 with errno set.
using ReadPiece = std::function<ssize_t(char* bytes, size_t size)>;

Result<void> WriteAll(int to, std::string_view bytes, const std::string& label) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(to, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return SystemError("copying " + label + " to a temporary file");
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return {};
}

int64_t Nanoseconds(const struct timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// Arrow's files must have a size and a position.
bool IsPipe(const std::filesystem::file_status& status) {
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

Result<std::shared_ptr<arrow::io::ReadableFile>> OpenByName(const std::string& path) {
  auto opened = arrow::io::ReadableFile::Open(path);
  if (opened.ok()) return *opened;
  const int reason = arrow::internal::ErrnoFromStatus(opened.status());
  const std::string why = reason != 0 ? std::strerror(reason) : opened.status().message();
  return Error{ErrorKind::kIo, path + " can't be opened: " + why + "."}.With("file", path);
}

}  // namespace

void InputFile::Name(const std::string& path) {
  name_ = CleanFileName(path);
  stem_ = TableNameOf(name_);
}

Error TooLarge(const std::string& label, int64_t bytes_max) {
  return Error{ErrorKind::kValidation,
               label + " is larger than the " + std::to_string(bytes_max) +
                   " bytes that a file may have here. Send it in parts, or raise the limit "
                   "(coreshed settings upload_bytes_max)."}
      .With("file", label);
}

Result<std::shared_ptr<InputFile>> InputFile::Open(const std::string& path, int64_t bytes_max,
                                                   const std::string& called) {
  std::shared_ptr<InputFile> input(new InputFile());
  input->bytes_max_ = bytes_max;
  if (path == "-") {
    input->label_ = input->name_ = "standard input";
    input->stem_ = "data";
    CORESHED_TRY(
        input->Spool([](char* bytes, size_t size) { return read(STDIN_FILENO, bytes, size); }));
  } else {
    input->label_ = path;
    input->Name(path);
    CORESHED_TRY(input->OpenPath(path));
  }
  if (!called.empty()) {
    input->Name(called);
    input->label_ = input->name_;
  }
  CORESHED_TRY(input->Inspect());
  if (input->size() > bytes_max) return TooLarge(input->label(), bytes_max);
  return input;
}

Result<std::shared_ptr<InputFile>> InputFile::OfBytes(std::shared_ptr<arrow::Buffer> bytes,
                                                      const std::string& name) {
  return Make(CleanFileName(name), name, [&](const Sink& sink) {
    return sink({reinterpret_cast<const char*>(bytes->data()), static_cast<size_t>(bytes->size())});
  });
}

Result<std::shared_ptr<InputFile>> InputFile::Make(
    const std::string& label, const std::string& name,
    const std::function<Result<void>(const Sink&)>& fill) {
  std::shared_ptr<InputFile> input(new InputFile());
  input->label_ = label;
  input->Name(name);
  CORESHED_TRY(input->Fill(fill));
  CORESHED_TRY(input->Inspect());
  return input;
}

Result<std::shared_ptr<InputFile>> InputFile::Rewritten(
    const std::function<Result<void>(const Sink&)>& fill) const {
  CORESHED_ASSIGN(auto rewritten, Make(label_, name_, fill));
  rewritten->stem_ = stem_;
  return rewritten;
}

Result<void> InputFile::OpenPath(const std::string& path) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (status.type() == std::filesystem::file_type::not_found) {
    return Error{ErrorKind::kNotFound, "There is no file " + path + "."}.With("file", path);
  }
  if (std::filesystem::is_directory(status)) {
    return Error{ErrorKind::kInvalidArgument, path + " is a folder, not a file."}.With("file",
                                                                                       path);
  }
  if (IsPipe(status)) {
    std::ifstream pipe(path, std::ios::binary);
    if (!pipe) return SystemError(path + " can't be opened");
    return Spool([&pipe](char* bytes, size_t size) {
      return static_cast<ssize_t>(pipe.rdbuf()->sgetn(bytes, static_cast<std::streamsize>(size)));
    });
  }
  CORESHED_ASSIGN(file_, OpenByName(path));
  return {};
}

Result<void> InputFile::Spool(const ReadPiece& read_piece) {
  return Fill([&](const Sink& sink) -> Result<void> {
    std::vector<char> piece(kPiece);
    int64_t sum = 0;
    while (true) {
      const ssize_t size = read_piece(piece.data(), piece.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return SystemError("reading " + label_);
      if (size == 0) return {};
      sum += size;
      if (sum > bytes_max_) return TooLarge(label_, bytes_max_);
      CORESHED_TRY(sink({piece.data(), static_cast<size_t>(size)}));
    }
  });
}

Result<void> InputFile::Fill(const std::function<Result<void>(const Sink&)>& fill) {
  CORESHED_ASSIGN(const int copy, NamelessFile());
  auto filled = fill([&](std::string_view bytes) { return WriteAll(copy, bytes, label_); });
  // Not before: Arrow takes the size that a file has when it is opened. It closes `copy` in the
  // end.
  auto opened = arrow::io::ReadableFile::Open(copy);
  if (!opened.ok()) close(copy);
  CORESHED_TRY(std::move(filled));
  CORESHED_ARROW_ASSIGN(file_, std::move(opened), "reading " + label_);
  return {};
}

Result<void> InputFile::Inspect() {
  struct stat status {};
  if (fstat(file_->file_descriptor(), &status) != 0) return SystemError("reading " + label_);
  size_ = status.st_size;
  modified_ns_ = Nanoseconds(status.st_mtim);
  touched_ns_ = Nanoseconds(status.st_ctim);
  return {};
}

std::string InputFile::descriptor_path() const {
  return "/proc/self/fd/" + std::to_string(file_->file_descriptor());
}

Result<std::shared_ptr<arrow::io::ReadableFile>> InputFile::Reopened(
    arrow::MemoryPool& pool) const {
  const int copy = fcntl(file_->file_descriptor(), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return SystemError("reading " + label_);
  auto opened = arrow::io::ReadableFile::Open(copy, &pool);
  if (!opened.ok()) close(copy);
  CORESHED_ARROW_ASSIGN(auto file, std::move(opened), "reading " + label_);
  return file;
}

Result<Source> InputFile::Digest(const std::function<Result<void>(std::string_view)>& use) const {
  Sha256 digest;
  int64_t size = 0;
  while (true) {
    CORESHED_ARROW_ASSIGN(const auto piece, file_->ReadAt(size, kPiece), "reading " + label_);
    if (piece->size() == 0) break;
    size += piece->size();
    digest.Update(piece->data(), static_cast<size_t>(piece->size()));
    if (use) {
      CORESHED_TRY(
          use({reinterpret_cast<const char*>(piece->data()), static_cast<size_t>(piece->size())}));
    }
  }
  return Source{name_, digest.Finish(), size};
}

Result<std::string> InputFile::Head(int64_t size) const {
  CORESHED_ARROW_ASSIGN(const auto head, file_->ReadAt(0, size), "reading " + label_);
  return head->ToString();
}

Result<void> InputFile::CheckUnchanged() const {
  struct stat status {};
  if (fstat(file_->file_descriptor(), &status) != 0) return SystemError("reading " + label_);
  if (status.st_size == size_ && Nanoseconds(status.st_mtim) == modified_ns_) return {};
  return Changed();
}

Result<void> InputFile::CheckUntouched() const {
  struct stat status {};
  if (fstat(file_->file_descriptor(), &status) != 0) return SystemError("reading " + label_);
  if (Nanoseconds(status.st_ctim) == touched_ns_) return {};
  return Changed();
}

Error InputFile::Changed() const {
  return Error{ErrorKind::kConflict, label_ +
                                         " was changed, moved or removed while it was being "
                                         "read. Try again when it is complete."}
      .With("file", label_);
}

}  // namespace coreshed::sources
