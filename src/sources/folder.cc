#include "sources/folder.h"

#include <arrow/util/crc32.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "sources/zip.h"
#include "sources/zip_writer.h"

namespace coreshed::sources {
namespace {

constexpr size_t kPiece = size_t{1} << 20;
constexpr int kDepthMax = 20;
constexpr int64_t kEntriesPerFile = 10;

/// An open file or folder.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

/// Opens one name in a folder, and no link.
Descriptor OpenIn(int folder, const std::string& name, int flags) {
  return Descriptor(
      openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags));
}

class FolderPacker {
 public:
  FolderPacker(std::string label, const FileLimits& limits, std::stop_token stop)
      : label_(std::move(label)), limits_(limits), stop_(std::move(stop)) {}

  Result<PackedFolder> Pack();

 private:
  Error Fault(const std::string& what) const {
    return Error{ErrorKind::kValidation, label_ + " " + what}.With("file", label_);
  }
  Error SystemFault(const std::string& path) const {
    const std::string shown = path.empty() ? label_ : label_ + "/" + path;
    return Error{errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kIo,
                 shown + " can't be read: " + std::strerror(errno) + "."}
        .With("file", label_);
  }
  Error Changed(const std::string& path) const {
    return Error{ErrorKind::kConflict, label_ + "/" + path +
                                           " was changed while it was being read. Try again when "
                                           "it is complete."}
        .With("file", label_);
  }
  Result<void> CheckStop() const {
    if (!stop_.stop_requested()) return {};
    return Error{ErrorKind::kCancelled, "Reading " + label_ + " was cancelled."};
  }
  Result<std::vector<std::string>> Names(int folder, const std::string& path);
  Result<void> Walk(int folder, const std::string& prefix, int depth);
  Result<void> Visit(int folder, const std::string& name, const std::string& path, int depth);
  Result<Descriptor> OpenFile(const std::string& path) const;
  Result<void> ReadAll(const std::string& path, const InputFile::Sink& sink) const;
  Result<ZipWriter::Member> Measure(const std::string& path) const;
  Result<void> Write(const InputFile::Sink& sink);

  const std::string label_;
  const FileLimits limits_;
  const std::stop_token stop_;
  Descriptor root_{-1};
  std::vector<std::string> paths_, passed_over_;
  int64_t entries_ = 0, bytes_ = 0;
};

Result<std::vector<std::string>> FolderPacker::Names(int folder, const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(fdopendir(dup(folder)), closedir);
  if (listing == nullptr) return SystemFault(path);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(listing.get());
    if (entry == nullptr && errno != 0) return SystemFault(path);
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (++entries_ > limits_.entries * kEntriesPerFile) {
      return Fault("has more than " + std::to_string(limits_.entries * kEntriesPerFile) +
                   " entries, the limit.");
    }
    names.push_back(name);
  }
  return names;
}

Result<void> FolderPacker::Walk(int folder, const std::string& prefix, int depth) {
  CORESHED_TRY(CheckStop());
  CORESHED_ASSIGN(const auto names, Names(folder, prefix));
  for (const auto& name : names) {
    const std::string path = prefix + name;
    if (MemberKindOf(name) == MemberKind::kIgnored) continue;
    if (!IsUtf8(name) || HasControl(name) || name.find('\\') != name.npos) {
      return Fault(
          "has a file whose name is not UTF-8, or has control characters or backslashes "
          "in it. Rename it.");
    }
    CORESHED_TRY(Visit(folder, name, path, depth));
  }
  return {};
}

Result<void> FolderPacker::Visit(int folder, const std::string& name, const std::string& path,
                                 int depth) {
  struct stat status {};
  if (fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return SystemFault(path);
  if (S_ISLNK(status.st_mode)) {
    return Fault("is refused: '" + path + "' in it is a link. Put the file itself in its place.");
  }
  if (S_ISDIR(status.st_mode)) {
    if (depth == kDepthMax) return Fault("has folders more than 20 deep.");
    const Descriptor inner = OpenIn(folder, name, O_DIRECTORY);
    if (!inner.is_open()) return SystemFault(path);
    return Walk(inner.get(), path + "/", depth + 1);
  }
  if (!S_ISREG(status.st_mode)) {
    return Fault("is refused: '" + path + "' in it is a device or a pipe, not a file.");
  }
  const auto kind = MemberKindOf(name);
  if (kind == MemberKind::kArchive) {
    return Fault("is refused: '" + path +
                 "' in it is an archive. Unpack it, and put its files in.");
  }
  if (kind == MemberKind::kPassedOver) {
    passed_over_.push_back("'" + path + "'");
  } else {
    paths_.push_back(path);
  }
  if (static_cast<int64_t>(paths_.size() + passed_over_.size()) > limits_.entries) {
    return Fault("has more than " + std::to_string(limits_.entries) +
                 " files in it, the limit. Divide it.")
        .With("limit", "entries");
  }
  return {};
}

/// Folder by folder, so that none of them can be a link meanwhile.
Result<Descriptor> FolderPacker::OpenFile(const std::string& path) const {
  Descriptor folder{-1};
  size_t begin = 0;
  for (auto end = path.find('/'); end != path.npos; end = path.find('/', begin)) {
    folder = OpenIn(folder.is_open() ? folder.get() : root_.get(), path.substr(begin, end - begin),
                    O_DIRECTORY);
    if (!folder.is_open()) return SystemFault(path);
    begin = end + 1;
  }
  Descriptor file = OpenIn(folder.is_open() ? folder.get() : root_.get(), path.substr(begin), 0);
  struct stat status {};
  if (!file.is_open() || fstat(file.get(), &status) != 0) return SystemFault(path);
  if (!S_ISREG(status.st_mode)) return Changed(path);
  return file;
}

Result<void> FolderPacker::ReadAll(const std::string& path, const InputFile::Sink& sink) const {
  CORESHED_ASSIGN(const auto file, OpenFile(path));
  std::vector<char> piece(kPiece);
  while (true) {
    CORESHED_TRY(CheckStop());
    const ssize_t size = read(file.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemFault(path);
    if (size == 0) return {};
    CORESHED_TRY(sink({piece.data(), static_cast<size_t>(size)}));
  }
}

Result<ZipWriter::Member> FolderPacker::Measure(const std::string& path) const {
  ZipWriter::Member member{path};
  CORESHED_TRY(ReadAll(path, [&](std::string_view piece) -> Result<void> {
    member.crc32 = arrow::internal::crc32(member.crc32, piece.data(), piece.size());
    member.size += static_cast<int64_t>(piece.size());
    if (bytes_ + member.size <= limits_.bytes) return {};
    return Fault("has more than " + std::to_string(limits_.bytes) +
                 " bytes in its files, the limit.")
        .With("limit", "bytes");
  }));
  return member;
}

/// Each file is read twice: its sum and size stand before its bytes.
Result<void> FolderPacker::Write(const InputFile::Sink& sink) {
  ZipWriter writer(sink);
  for (const auto& path : paths_) {
    CORESHED_ASSIGN(const auto member, Measure(path));
    bytes_ += member.size;
    uint32_t sum = 0;
    int64_t size = 0;
    CORESHED_TRY(writer.Add(member, [&](const InputFile::Sink& to) {
      return ReadAll(path, [&](std::string_view piece) {
        sum = arrow::internal::crc32(sum, piece.data(), piece.size());
        size += static_cast<int64_t>(piece.size());
        return size > member.size ? Result<void>(Changed(path)) : to(piece);
      });
    }));
    if (size != member.size || sum != member.crc32) return Changed(path);
  }
  return writer.Finish();
}

/// What a folder is called, also where its path does not end in its name.
std::string FolderName(const std::string& path) {
  std::error_code code;
  const auto canonical = std::filesystem::canonical(path, code);
  const std::string name = (code ? std::filesystem::path(path) : canonical).filename().string();
  return name.empty() ? "folder" : name;
}

Result<PackedFolder> FolderPacker::Pack() {
  // The folder itself may be named by a link.
  root_ = Descriptor(openat(AT_FDCWD, label_.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!root_.is_open()) return SystemFault("");
  CORESHED_TRY(Walk(root_.get(), "", 1));
  std::sort(paths_.begin(), paths_.end());
  PackedFolder packed;
  CORESHED_ASSIGN(packed.zip,
                  InputFile::Make(label_, FolderName(label_),
                                  [&](const InputFile::Sink& sink) { return Write(sink); }));
  if (!passed_over_.empty()) {
    std::sort(passed_over_.begin(), passed_over_.end());
    packed.warnings.push_back(PassedOverWarning(label_, passed_over_));
  }
  return packed;
}

}  // namespace

Result<PackedFolder> PackFolder(const std::string& path, const FileLimits& limits,
                                const std::stop_token& stop) {
  return FolderPacker(path, limits, stop).Pack();
}

}  // namespace coreshed::sources
