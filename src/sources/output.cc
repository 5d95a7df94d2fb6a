#include "sources/output.h"

#include <arrow/io/file.h>
#include <arrow/util/io_util.h>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/arrow_error.h"
#include "base/random.h"
#include "base/result.h"

namespace coreshed::sources {
namespace {

namespace fs = std::filesystem;

Error Fault(const std::string& path, const std::string& why) {
  return Error{ErrorKind::kIo, path + " can't be written: " + why + "."}.With("file", path);
}

Error Exists(const std::string& path) {
  return Error{
      ErrorKind::kAlreadyExists,
      path + " exists already. Choose another name, or overwrite it (--overwrite, overwrite)."}
      .With("file", path);
}

fs::path FolderOf(const std::string& path) {
  const auto folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

Result<void> SyncFolder(const fs::path& folder) {
  DIR* opened = opendir(folder.c_str());
  const bool synced = opened != nullptr && fsync(dirfd(opened)) == 0;
  const int reason = errno;
  if (opened != nullptr) closedir(opened);
  if (synced) return {};
  return Fault(folder.string(), std::strerror(reason));
}

/// Bytes to a descriptor that may be a pipe: Arrow's own asks it for its position, which it has
/// not.
class PipeStream : public arrow::io::OutputStream {
 public:
  /// `owner` keeps the descriptor open; null: nobody has to.
  PipeStream(int descriptor, std::shared_ptr<arrow::io::FileOutputStream> owner)
      : descriptor_(descriptor), owner_(std::move(owner)) {}

  arrow::Status Write(const void* data, int64_t size) override {
    const auto* bytes = static_cast<const char*>(data);
    for (int64_t done = 0; done < size;) {
      const ssize_t wrote = write(descriptor_, bytes + done, static_cast<size_t>(size - done));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return arrow::Status::IOError(std::strerror(errno));
      done += wrote;
    }
    position_ += size;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Close() override {
    closed_ = true;
    return owner_ == nullptr ? arrow::Status::OK() : owner_->Close();
  }
  bool closed() const override { return closed_; }

 private:
  const int descriptor_;
  std::shared_ptr<arrow::io::FileOutputStream> owner_;
  int64_t position_ = 0;
  bool closed_ = false;
};

}  // namespace

Result<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path, bool overwrite) {
  std::unique_ptr<OutputFile> output(new OutputFile(path, overwrite));
  CORESHED_TRY(output->Open());
  return output;
}

Result<void> OutputFile::Open() {
  if (path_ == "-") {
    stream_ = std::make_shared<PipeStream>(STDOUT_FILENO, nullptr);
    return {};
  }
  std::error_code code;
  if (const auto target = fs::canonical(path_, code); !code) path_ = target.string();  // of a link
  const auto status = fs::status(path_, code);
  const bool exists = fs::exists(status);
  if (fs::is_directory(status)) {
    return Error{ErrorKind::kInvalidArgument, path_ + " is a folder."}.With("file", path_);
  }
  if (exists && fs::is_regular_file(status) && !overwrite_) return Exists(path_);
  const bool whole = !exists || fs::is_regular_file(status);
  if (whole) temporary_ = (FolderOf(path_) / (".coreshed-" + RandomHex32() + ".part")).string();
  auto opened = arrow::io::FileOutputStream::Open(whole ? temporary_ : path_);
  if (!opened.ok()) {
    temporary_.clear();
    const int reason = arrow::internal::ErrnoFromStatus(opened.status());
    return Fault(path_, reason != 0 ? std::strerror(reason) : opened.status().message());
  }
  if (whole) {
    stream_ = file_ = *opened;
  } else {
    stream_ = std::make_shared<PipeStream>((*opened)->file_descriptor(), *opened);
  }
  return {};
}

OutputFile::~OutputFile() {
  if (stream_ != nullptr) (void)stream_->Close();
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Result<void> OutputFile::Finish() {
  if (!is_file()) return {};
  if (fsync(file_->file_descriptor()) != 0) return Fault(path_, std::strerror(errno));
  CORESHED_ARROW_TRY(file_->Close(), path_);
  CORESHED_TRY(GiveName());
  return SyncFolder(FolderOf(path_));
}

Result<void> OutputFile::GiveName() {
  int outcome = 0;
  if (overwrite_) {
    outcome = std::rename(temporary_.c_str(), path_.c_str());
  } else {
    outcome = renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
    if (outcome != 0 && errno == EINVAL) {  // a file system without that flag
      outcome = link(temporary_.c_str(), path_.c_str());
      if (outcome == 0) unlink(temporary_.c_str());
    }
  }
  if (outcome != 0) return errno == EEXIST ? Exists(path_) : Fault(path_, std::strerror(errno));
  temporary_.clear();
  return {};
}

}  // namespace coreshed::sources
