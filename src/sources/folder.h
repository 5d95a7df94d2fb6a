#pragma once

#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "sources/input.h"

namespace coreshed::sources {

/// A folder as the ZIP file of its files, called as the folder is.
struct PackedFolder {
  std::shared_ptr<InputFile> zip;
  std::vector<std::string> warnings;  ///< what is not in it, though it is no litter
};

/// Packs the files of a folder and its subfolders that are read (spec/archives.md, "Folders"), into
/// a temporary file without a name.
///
/// Errors  kValidation (a link, a device; a limit; a name that is not UTF-8), kConflict (changed
///         meanwhile), kNotFound, kIo, kCancelled
Result<PackedFolder> PackFolder(const std::string& path, const FileLimits& limits,
                                const std::stop_token& stop);

}  // namespace coreshed::sources
