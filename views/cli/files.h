#pragma once

#include <cstdint>
#include <limits>
#include <string>

/// Small files beside the store, and names for those that are written.
namespace coreshed::cli {

/// What a file holds, up to `most` bytes. Throws Failure.
std::string FileText(const std::string& path, int64_t most = std::numeric_limits<int64_t>::max());

/// Before work whose answer goes there: nothing has that name, and its folder is there. Throws
/// Failure.
void CheckNewFile(const std::string& path);

/// A name out of a store as a file's in one folder, whatever is in it: separators and control
/// characters become `_`. Empty stays empty.
std::string FileNameOf(const std::string& name);

/// What comes after the last separator, whichever system wrote it.
std::string BaseNameOf(const std::string& path);

}  // namespace coreshed::cli
