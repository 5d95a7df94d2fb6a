#pragma once

#include <coreshed/sources.h>

#include <memory>

#include "sources/input.h"
#include "sources/table_file.h"

/// SAS files (spec/sas.md). Rows come in the file's order and in bounded memory; the whole file has
/// been read through before.
namespace coreshed::sources {

/// A transport file: each of its data sets a table.
///
/// Errors  kValidation        no such file, cut off, damaged, over a limit; texts in no encoding
///         kInvalidArgument   options.encoding is none that it can have
///         kConflict          the file changed while being read
///         kCancelled         by options.stop
Result<OpenedTables> OpenXpt(std::shared_ptr<InputFile> input, const OpenFileOptions& options);

/// A data set (.sas7bdat). Errors as above, and
///         kUnsupported   no ReadStat on this machine; an encoding that it does not know
Result<OpenedTables> OpenSas7bdat(std::shared_ptr<InputFile> input, const OpenFileOptions& options);

}  // namespace coreshed::sources
