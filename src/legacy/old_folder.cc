#include "legacy/old_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/sha256.h"
#include "base/text.h"

namespace coreshed::legacy {
namespace {

constexpr size_t kEntriesMax = 2'000'000;
constexpr size_t kPiece = size_t{1} << 20;

Result<void> EachPiece(int fd, const std::string& path,
                       const std::function<void(std::string_view)>& use) {
  std::string piece(kPiece, '\0');
  while (true) {
    const ssize_t size = read(fd, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      return Error{ErrorKind::kIo, path + " can't be read: " + std::strerror(errno) + "."};
    }
    if (size == 0) return {};
    use(std::string_view(piece).substr(0, static_cast<size_t>(size)));
  }
}

OldFolder::Kind KindOf(int folder, const char* name) {
  struct stat status {};
  if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return OldFolder::Kind::kOther;
  if (S_ISDIR(status.st_mode)) return OldFolder::Kind::kFolder;
  return S_ISREG(status.st_mode) ? OldFolder::Kind::kFile : OldFolder::Kind::kOther;
}

}  // namespace

std::string Sentence(const std::string& text) {
  constexpr size_t kBytesMax = 2000;
  if (text.size() <= kBytesMax) return text;
  size_t end = kBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // whole characters
  return text.substr(0, end) + "…";
}

Error BadRecord(const std::string& sentence) {
  return Error{ErrorKind::kValidation, Sentence(sentence)};
}

Error OldFolder::SystemFault(const std::string& path) const {
  const bool is_link = errno == ELOOP || errno == EXDEV;
  if (is_link) return BadRecord("'" + path + "' is a link. Put the file itself in its place.");
  // A fault of this record: the others are imported.
  auto error = BadRecord(path_ + (path.empty() ? "" : "/" + path) +
                         " can't be read: " + std::strerror(errno) + ".");
  if (errno == ENOENT || errno == ENOTDIR) error.kind = ErrorKind::kNotFound;
  return std::move(error).With("file", path);
}

Result<std::shared_ptr<const OldFolder>> OldFolder::Open(const std::string& path) {
  std::shared_ptr<OldFolder> folder(new OldFolder());
  folder->path_ = path;
  folder->calls_ = std::make_shared<storage::SystemCalls>();
  folder->root_ = storage::Fd(folder->calls_,
                              openat(AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!folder->root_.is_open()) return folder->SystemFault("");
  return std::shared_ptr<const OldFolder>(std::move(folder));
}

Result<std::vector<OldFolder::Entry>> OldFolder::List(const std::string& folder) const {
  const int fd =
      calls_->Open(root_.get(), folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::vector<Entry>();
  if (fd < 0) return SystemFault(folder);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(fdopendir(fd), closedir);
  if (listing == nullptr) return SystemFault(folder);
  std::vector<Entry> entries;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(listing.get());
    if (entry == nullptr && errno != 0) return SystemFault(folder);
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name.starts_with('.') || name == "__pycache__") continue;
    if (entries.size() == kEntriesMax) {
      return Error{ErrorKind::kValidation,
                   path_ + " has more than " + std::to_string(kEntriesMax) + " files. Divide it."};
    }
    entries.push_back({name, KindOf(fd, entry->d_name)});
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

bool OldFolder::HasFile(const std::string& path) const {
  return OpenFile(path).has_value();
}

Result<OldFolder::File> OldFolder::OpenFile(const std::string& path) const {
  // Without waiting: what is a pipe now may have been a file when the folder was listed.
  File file;
  file.fd = storage::Fd(calls_, calls_->Open(root_.get(), path.c_str(), O_RDONLY | O_NONBLOCK, 0));
  struct stat status {};
  if (!file.fd.is_open() || fstat(file.fd.get(), &status) != 0) return SystemFault(path);
  if (!S_ISREG(status.st_mode)) return BadRecord("'" + path + "' is not a file.");
  file.size_bytes = status.st_size;
  return file;
}

Result<std::string> OldFolder::ReadText(const std::string& path, int64_t bytes_max) const {
  CORESHED_ASSIGN(const auto file, OpenFile(path));
  if (file.size_bytes > bytes_max) {
    return BadRecord("'" + path + "' has " + std::to_string(file.size_bytes) + " bytes; at most " +
                     std::to_string(bytes_max) + " are possible.");
  }
  std::string text;
  CORESHED_TRY(EachPiece(file.fd.get(), path, [&](std::string_view piece) {
    if (static_cast<int64_t>(text.size()) <= bytes_max) text.append(piece);
  }));
  return text;
}

Result<std::string> OldFolder::Digest(const std::string& path) const {
  CORESHED_ASSIGN(const auto file, OpenFile(path));
  Sha256 hash;
  CORESHED_TRY(EachPiece(file.fd.get(), path,
                         [&](std::string_view piece) { hash.Update(piece.data(), piece.size()); }));
  return hash.Finish();
}

}  // namespace coreshed::legacy
