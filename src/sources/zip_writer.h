#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sources/input.h"

namespace coreshed::sources {

/// Writes a ZIP file whose bytes depend on nothing but its members: stored, without times and
/// rights (spec/archives.md, "Folders").
class ZipWriter {
 public:
  explicit ZipWriter(InputFile::Sink sink) : sink_(std::move(sink)) {}

  struct Member {
    std::string path;  ///< UTF-8, at most 65,535 bytes
    uint32_t crc32 = 0;
    int64_t size = 0;
  };
  /// `copy` must hand on the very bytes that the member says.
  Result<void> Add(const Member& member,
                   const std::function<Result<void>(const InputFile::Sink&)>& copy);
  Result<void> Finish();

 private:
  struct Written {
    Member member;
    int64_t at = 0;
  };
  Result<void> Put(const std::string& bytes);

  const InputFile::Sink sink_;
  std::vector<Written> written_;
  int64_t at_ = 0;
};

}  // namespace coreshed::sources
