#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/sources.h>

#include <map>
#include <memory>
#include <string>

/// How datasets are called (spec/uploads.md, "Names").
namespace coreshed::store {

/// The name of a dataset: the one given, else the stem of its file, trimmed, NFC.
///
/// Errors  kInvalidArgument   nothing left, too long, control characters
Result<std::string> UploadName(const FileInput& input, const std::string& given);

/// The schema of a table under the new names of columns that `renames` (old, or table.old → new)
/// names.
std::shared_ptr<arrow::Schema> Renamed(const arrow::Schema& schema, const std::string& table,
                                       const std::map<std::string, std::string>& renames);

}  // namespace coreshed::store
