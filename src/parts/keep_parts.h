#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <string>
#include <vector>

#include "parts/parts.h"
#include "parts/read.h"
#include "storage/storage.h"

namespace coreshed::parts {

/// Which parts of which file are to be kept.
struct KeepRequest {
  PartFile file;
  std::vector<int64_t> parts;             ///< row groups, ascending
  std::shared_ptr<arrow::Schema> schema;  ///< of a table that the file holds parts of, as stored
  std::string record_prefix;              ///< key of the record's folder, with a slash at the end
  std::string name;                       ///< of the new file, which nobody else knows
};

/// Write some parts of a file, in their order, as a new file. Each is checked on its way.
///
/// Errors  those of ReadTable; kIo
Result<PartFile> KeepParts(const KeepRequest& request, storage::Storage&, storage::Stage&);

}  // namespace coreshed::parts
