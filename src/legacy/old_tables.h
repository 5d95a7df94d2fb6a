#pragma once

#include <coreshed/data.h>
#include <coreshed/sources.h>
#include <coreshed/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "legacy/find_records.h"
#include "sources/input.h"

namespace coreshed::legacy {

/// The tables of one version, opened.
struct OldTables {
  std::vector<TableInput> tables;
  std::optional<Source> source;                    ///< of a version that is one file
  std::shared_ptr<const sources::InputFile> file;  ///< that file
  std::vector<std::string> warnings;               ///< of how they were read
};

using Schemas = std::map<std::string, std::shared_ptr<arrow::Schema>>;

/// Open a version's files. `like`: tables of the version before it, whose types are taken where a
/// file has none of its own (OpenFileOptions::like).
///
/// Errors  kValidation (not such a file, damaged, a link), kCancelled
Result<OldTables> OpenTables(const OldFolder& folder, const std::vector<TableFile>& files,
                             const Schemas& like, const OpenFileOptions& options);

/// Read them to their end; gives their schemas.
Result<Schemas> CheckTables(OldTables tables);

}  // namespace coreshed::legacy
