#pragma once

#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "sources/input.h"
#include "sources/zip_directory.h"

namespace coreshed::sources {

/// The bytes of a part, unpacked piece by piece.
class ExcelPartStream {
 public:
  explicit ExcelPartStream(ZipEntryReader reader) : reader_(std::move(reader)) {}

  /// The next bytes, good until the next call; empty at the end, where all is checked.
  Result<std::string_view> Next();

 private:
  ZipEntryReader reader_;
  std::string bytes_;
};

/// The ZIP archive that an Excel file is: its parts by name.
class ExcelPackage {
 public:
  /// Read the archive's directory; refuses what is no ZIP archive.
  static Result<std::shared_ptr<ExcelPackage>> Open(std::shared_ptr<InputFile> input,
                                                    const OpenFileOptions& options);

  /// In any case; null: there is none.
  const ZipEntry* Find(std::string_view name) const;
  /// Unpacked bytes count against the limits once for each part.
  Result<std::unique_ptr<ExcelPartStream>> Read(const ZipEntry& part);

  const InputFile& input() const { return *input_; }
  const FileLimits& limits() const { return limits_; }
  Result<void> CheckStop() const;
  /// "FILE: what", kValidation.
  Error Fault(const std::string& what) const;

 private:
  ExcelPackage(std::shared_ptr<InputFile> input, const OpenFileOptions& options);
  Result<void> ReadDirectory();
  Result<void> CheckLimits(const ZipEntry& part);

  const std::shared_ptr<InputFile> input_;
  const FileLimits limits_;
  const std::stop_token stop_;
  std::map<std::string, ZipEntry, std::less<>> parts_;  ///< by name in lower case
  std::set<std::string> counted_;                       ///< parts read so far
  int64_t unpacked_ = 0;                                ///< their bytes
};

}  // namespace coreshed::sources
