#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/options.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace coreshed::sources {

/// More than a file may have: kValidation. `label`: how messages call it.
Error TooLarge(const std::string& label, int64_t bytes_max);

/// A file to be read, opened once, so that what is read later is what was hashed. `-` is standard
/// input. What can't be read twice (a pipe) is first copied to a temporary file that has no name.
class InputFile {
 public:
  /// Of more than `bytes_max` bytes: kValidation. `called`: as if it lay under this name.
  static Result<std::shared_ptr<InputFile>> Open(const std::string& path,
                                                 int64_t bytes_max = INT64_MAX,
                                                 const std::string& called = "");
  /// Bytes in memory, called `name`.
  static Result<std::shared_ptr<InputFile>> OfBytes(std::shared_ptr<arrow::Buffer> bytes,
                                                    const std::string& name);
  /// What `fill` writes (decoded, unpacked, out of an archive), in a temporary file that has no
  /// name and goes with this object. `label`: how messages call it; `name`: as if it lay there.
  using Sink = std::function<Result<void>(std::string_view)>;
  static Result<std::shared_ptr<InputFile>> Make(
      const std::string& label, const std::string& name,
      const std::function<Result<void>(const Sink&)>& fill);

  /// The same file with other bytes (decoded): what `fill` writes, under this one's names.
  Result<std::shared_ptr<InputFile>> Rewritten(
      const std::function<Result<void>(const Sink&)>& fill) const;

  /// How messages call it: the path as given, or "standard input".
  const std::string& label() const { return label_; }
  /// A name by which this process can open the same file again.
  std::string descriptor_path() const;
  const std::shared_ptr<arrow::io::ReadableFile>& file() const { return file_; }
  /// The same, for a reader that takes its memory from `pool`. Both have one position.
  Result<std::shared_ptr<arrow::io::ReadableFile>> Reopened(arrow::MemoryPool& pool) const;
  int64_t size() const { return size_; }
  /// The base name, clean.
  const std::string& name() const { return name_; }
  /// Name without ending, for the table; "data" for standard input.
  const std::string& stem() const { return stem_; }

  /// Read all bytes in order: `use` gets each piece, the result says what the version records of
  /// them.
  Result<Source> Digest(const std::function<Result<void>(std::string_view)>& use = nullptr) const;
  /// The first bytes, at most `size`.
  Result<std::string> Head(int64_t size) const;
  /// kConflict if somebody has written to the file since it was opened.
  Result<void> CheckUnchanged() const;
  /// The same where reading failed: also if it was moved or removed, which DuckDB can't bear.
  Result<void> CheckUntouched() const;
  /// The error of both.
  Error Changed() const;

 private:
  InputFile() = default;
  Result<void> OpenPath(const std::string& path);
  void Name(const std::string& path);
  Result<void> Spool(const std::function<ssize_t(char*, size_t)>& read_piece);
  Result<void> Fill(const std::function<Result<void>(const Sink&)>& fill);
  Result<void> Inspect();

  std::string label_, name_, stem_;
  std::shared_ptr<arrow::io::ReadableFile> file_;
  int64_t bytes_max_ = INT64_MAX;
  int64_t size_ = 0;
  int64_t modified_ns_ = 0;
  int64_t touched_ns_ = 0;  ///< also by a change of its name or rights
};

}  // namespace coreshed::sources
