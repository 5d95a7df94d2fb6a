#pragma once

#include <arrow/io/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <string>

namespace coreshed::sources {

/// A file being written, which appears under its name when it is complete and on the disk, or
/// never.
/// `-` is standard output; that and other things that are no files (a pipe) get the bytes as they
/// come.
class OutputFile {
 public:
  static Result<std::unique_ptr<OutputFile>> Create(const std::string& path, bool overwrite);
  /// Without Finish: removes what was written.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::shared_ptr<arrow::io::OutputStream>& stream() const { return stream_; }
  bool is_file() const { return file_ != nullptr; }

  /// Sync, and give it its name.
  ///
  /// Errors  kAlreadyExists (without `overwrite`), kIo
  Result<void> Finish();

 private:
  OutputFile(std::string path, bool overwrite) : path_(std::move(path)), overwrite_(overwrite) {}
  Result<void> Open();
  Result<void> GiveName();

  std::string path_;
  const bool overwrite_;
  std::string temporary_;  ///< what it is called until it is finished; then empty
  std::shared_ptr<arrow::io::FileOutputStream> file_;
  std::shared_ptr<arrow::io::OutputStream> stream_;
};

}  // namespace coreshed::sources
