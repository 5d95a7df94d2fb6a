#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sources/decoder.h"
#include "sources/input.h"

namespace coreshed::sources {

/// A member of a ZIP file, as its directory and the header before its bytes say alike.
struct ZipEntry {
  std::string path;          ///< UTF-8; control characters are underscores
  bool is_old_name = false;  ///< it was in the old code page of ZIP files, not in UTF-8
  uint16_t flags = 0;
  uint16_t method = 0;
  uint32_t crc32 = 0;
  int64_t packed_size = 0;
  int64_t unpacked_size = 0;
  uint32_t attributes = 0;
  int64_t header_at = 0;  ///< in the file
  int64_t bytes_at = 0;
};

/// All entries of a ZIP file in the order of its directory. Headers and directory must agree, and
/// cover the file without gaps: what is left could be read as another member by other programs.
///
/// Errors  kValidation (no ZIP file, damaged, two readings, more than `entries_max`), kCancelled
Result<std::vector<ZipEntry>> ReadZipDirectory(const InputFile& input, int64_t entries_max,
                                               const std::stop_token& stop);

/// Unpacks a member, and checks it.
///
/// Errors  kValidation (damaged; packed in a way that is not read here), and what `sink` fails with
class ZipEntryReader {
 public:
  static Result<ZipEntryReader> Open(std::shared_ptr<InputFile> input, const ZipEntry& entry);

  /// What the next packed bytes, at most `packed_max`, unpack to goes to `sink`, in pieces. False:
  /// that was all.
  Result<bool> Step(int64_t packed_max, const InputFile::Sink& sink);

 private:
  ZipEntryReader(std::shared_ptr<InputFile> input, const ZipEntry& entry, Decoder decoder);
  Result<void> Finish();
  Error Damaged(const std::string& what) const;

  std::shared_ptr<InputFile> input_;
  ZipEntry entry_;
  Decoder decoder_;
  int64_t taken_ = 0, unpacked_ = 0;  ///< bytes
  uint32_t sum_ = 0;
};

}  // namespace coreshed::sources
