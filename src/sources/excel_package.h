#pragma once

#include <arrow/type_fwd.h>
#include <arrow/util/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sources/input.h"

namespace coreshed::sources {

/// A part of an Excel file, as the archive's directory tells.
struct ExcelPart {
  std::string name;
  int64_t header = 0;  ///< where its own header begins
  int64_t packed = 0, unpacked = 0;
  uint32_t crc = 0;
  uint16_t method = 0;
  bool encrypted = false;
};

/// The bytes of a part, unpacked piece by piece.
class ExcelPartStream {
 public:
  ExcelPartStream(std::shared_ptr<InputFile> input, ExcelPart part, int64_t begin,
                  std::shared_ptr<arrow::util::Decompressor> decompressor);

  /// The next bytes, good until the next call; empty at the end, where all is checked.
  Result<std::string_view> Next();

 private:
  Result<void> Fill();
  Result<std::string_view> Unpack();
  Result<std::string_view> Checked(std::string_view bytes);
  Error Damaged() const;

  std::shared_ptr<InputFile> input_;
  const ExcelPart part_;
  const std::shared_ptr<arrow::util::Decompressor> decompressor_;  ///< null: stored as it is
  int64_t position_;                                               ///< in the file
  int64_t packed_left_;                                            ///< not yet read
  std::vector<uint8_t> packed_, unpacked_;
  size_t used_ = 0;  ///< of packed_
  int64_t written_ = 0;
  uint32_t crc_ = 0;
};

/// The ZIP archive that an Excel file is: its parts by name.
class ExcelPackage {
 public:
  /// Read the archive's directory; refuses what is no ZIP archive.
  static Result<std::shared_ptr<ExcelPackage>> Open(std::shared_ptr<InputFile> input,
                                                    const OpenFileOptions& options);

  /// In any case; null: there is none.
  const ExcelPart* Find(std::string_view name) const;
  /// Unpacked bytes count against the limits once for each part.
  Result<std::unique_ptr<ExcelPartStream>> Read(const ExcelPart& part);

  const InputFile& input() const { return *input_; }
  const FileLimits& limits() const { return limits_; }
  Result<void> CheckStop() const;
  /// "FILE: what", kValidation.
  Error Fault(const std::string& what) const;

 private:
  ExcelPackage(std::shared_ptr<InputFile> input, const OpenFileOptions& options);
  Result<void> ReadDirectory();
  Result<void> CheckLimits(const ExcelPart& part);

  const std::shared_ptr<InputFile> input_;
  const FileLimits limits_;
  const std::stop_token stop_;
  std::map<std::string, ExcelPart, std::less<>> parts_;  ///< by name in lower case
  std::set<std::string> counted_;                        ///< parts read so far
  int64_t unpacked_ = 0;                                 ///< their bytes
};

}  // namespace coreshed::sources
