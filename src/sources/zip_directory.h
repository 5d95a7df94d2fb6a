#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

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

/// The bytes of a member, unpacked and checked, go to `sink` in pieces.
///
/// Errors  kValidation (damaged; packed in a way that is not read here; encrypted), and what `sink`
///         fails with
Result<void> ReadZipEntry(const InputFile& input, const ZipEntry& entry,
                          const InputFile::Sink& sink);

}  // namespace coreshed::sources
