#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <string_view>

#include "sources/input.h"

namespace coreshed::sources {

/// What the first bytes of a SAS data set say, so far as ReadStat does not.
struct Sas7bdatHeader {
  bool wide = false;  ///< of a machine of 64 bits
  bool big = false;   ///< big-endian
  int encoding = 0;   ///< SAS's number for it
  int64_t header_bytes = 0, page_bytes = 0, pages = 0;

  /// False: none, any, or ASCII, which others than ASCII's letters are not in.
  bool says_encoding() const;
  /// Whether `bytes`, which stand at `at`, are a page that says so.
  bool HasDeletedRows(int64_t at, std::string_view bytes) const;
};

/// Errors  kValidation   no such file, or cut off
Result<Sas7bdatHeader> ReadSas7bdatHeader(const InputFile& input);

}  // namespace coreshed::sources
