#pragma once

#include <coreshed/sources.h>

#include <memory>
#include <vector>

#include "sources/input.h"
#include "sources/table_file.h"

namespace coreshed::sources {

/// A file opened as tables, and the file itself as it was handed in.
struct Opened {
  OpenedFile file;
  std::shared_ptr<const InputFile> input;
  std::vector<TableOrigin> origins;  ///< of each table
};

/// OpenFile, for those who keep the file.
Result<Opened> OpenKept(const FileInput& input, const OpenOptions& options);

/// Whether the name tells a format, or it was said. Opens nothing.
Result<void> CheckFormat(const FileInput& input, const OpenFileOptions& options);

}  // namespace coreshed::sources
