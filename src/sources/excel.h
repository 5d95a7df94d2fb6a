#pragma once

#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <memory>

#include "sources/input.h"
#include "sources/table_file.h"

namespace coreshed::sources {

/// Open an Excel workbook (.xlsx, .xlsm): each sheet with a value a table, its columns typed from
/// all their cells (spec/excel.md). Rows come in bounded memory.
///
/// Errors  kValidation    no such workbook, damaged, over a limit, without a value; a header that
///                        names two columns alike; a cell that can't be read, or that the type
///                        given for its column does not take: each with the sheet and the cell
///         kUnsupported   a given type that cells have no texts for
///         kConflict      the file changed while being read
///         kCancelled
Result<OpenedTables> OpenExcel(std::shared_ptr<InputFile> input, const OpenOptions& options);

}  // namespace coreshed::sources
