#pragma once

#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sources/input.h"
#include "sources/sas_columns.h"

namespace coreshed::sources {

/// A data set of a transport file: what its headers say, and where its rows are.
struct XptMember {
  SasDataset dataset;
  int64_t row_bytes = 0;
  int64_t offset = 0;  ///< of the first row
  int64_t rows = 0;
  /// Those that were passed over as what may fill up the last record; only of a data set that has
  /// no number, where they may as well be rows.
  int64_t blank_rows = 0;
};

/// The data sets of a transport file (spec/sas.md, "Transport files").
///
/// Errors  kValidation   no such file, cut off, damaged, over a limit
///         kCancelled    by options.stop
Result<std::vector<XptMember>> ReadXptHeaders(const InputFile& input,
                                              const OpenFileOptions& options);

}  // namespace coreshed::sources
