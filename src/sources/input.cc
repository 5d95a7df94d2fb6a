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
#include <vector>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/text.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kPiece = int64_t{1} << 20;

Error SystemError(const std::string& what) {
  return Error{ErrorKind::kIo, what + ": " + std::strerror(errno) + "."};
}

/// The base name as it may be recorded: UTF-8 without control characters.
std::string CleanName(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  const bool utf8 = IsUtf8(name);
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (!utf8 && byte >= 0x80)) c = '_';
  }
  return name;
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

Result<void> CopyAll(int from, int to, const std::string& label) {
  std::vector<char> piece(kPiece);
  while (true) {
    const ssize_t size = read(from, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError("reading " + label);
    if (size == 0) return {};
    for (ssize_t done = 0; done < size;) {
      const ssize_t wrote = write(to, piece.data() + done, static_cast<size_t>(size - done));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return SystemError("copying " + label + " to a temporary file");
      done += wrote;
    }
  }
}

int64_t ModifiedNs(const struct stat& status) {
  return int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

Result<std::shared_ptr<arrow::io::ReadableFile>> OpenByName(const std::string& path) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (status.type() == std::filesystem::file_type::not_found) {
    return Error{ErrorKind::kNotFound, "There is no file " + path + "."}.With("file", path);
  }
  if (status.type() == std::filesystem::file_type::directory) {
    return Error{ErrorKind::kInvalidArgument, path + " is a folder, not a file."}.With("file", path);
  }
  auto opened = arrow::io::ReadableFile::Open(path);
  if (opened.ok()) return *opened;
  const int reason = arrow::internal::ErrnoFromStatus(opened.status());
  const std::string why = reason != 0 ? std::strerror(reason) : opened.status().message();
  return Error{ErrorKind::kIo, path + " can't be opened: " + why + "."}.With("file", path);
}

}  // namespace

Result<std::shared_ptr<InputFile>> InputFile::Open(const std::string& path) {
  std::shared_ptr<InputFile> input(new InputFile());
  if (path == "-") {
    input->label_ = input->name_ = "standard input";
    input->stem_ = "data";
    CORESHED_TRY(input->Spool(STDIN_FILENO));
  } else {
    input->label_ = path;
    input->name_ = CleanName(path);
    input->stem_ = std::filesystem::path(input->name_).stem().string();
    CORESHED_ASSIGN(input->file_, OpenByName(path));
    struct stat status {};
    if (fstat(input->file_->file_descriptor(), &status) == 0 && !S_ISREG(status.st_mode)) {
      CORESHED_TRY(input->Spool(input->file_->file_descriptor()));
    }
  }
  CORESHED_TRY(input->Inspect());
  return input;
}

Result<void> InputFile::Spool(int descriptor) {
  CORESHED_ASSIGN(const int copy, NamelessFile());
  auto opened = arrow::io::ReadableFile::Open(copy);  // closes `copy` in the end
  if (!opened.ok()) {
    close(copy);
    return FromArrow(opened.status(), "reading " + label_);
  }
  CORESHED_TRY(CopyAll(descriptor, copy, label_));
  file_ = *opened;
  return {};
}

Result<void> InputFile::Inspect() {
  struct stat status {};
  if (fstat(file_->file_descriptor(), &status) != 0) return SystemError("reading " + label_);
  size_ = status.st_size;
  modified_ns_ = ModifiedNs(status);
  return {};
}

std::string InputFile::descriptor_path() const {
  return "/proc/self/fd/" + std::to_string(file_->file_descriptor());
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
      CORESHED_TRY(use({reinterpret_cast<const char*>(piece->data()),
                        static_cast<size_t>(piece->size())}));
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
  if (status.st_size == size_ && ModifiedNs(status) == modified_ns_) return {};
  return Error{ErrorKind::kConflict,
               label_ + " was changed while it was being read. Try again when it is complete."}
      .With("file", label_);
}

}  // namespace coreshed::sources
