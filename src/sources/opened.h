#pragma once

#include <coreshed/sources.h>

#include <memory>

#include "sources/input.h"

namespace coreshed::sources {

/// A file opened as tables, and the file itself as it was handed in.
struct Opened {
  OpenedFile file;
  std::shared_ptr<const InputFile> input;
};

/// OpenFile, for those who keep the file.
Result<Opened> OpenKept(const FileInput& input, const OpenFileOptions& options);

/// Whether the name tells a format, or it was said. Opens nothing.
Result<void> CheckFormat(const FileInput& input, const OpenFileOptions& options);

}  // namespace coreshed::sources
