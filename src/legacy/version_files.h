#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "legacy/find_records.h"
#include "legacy/old_record.h"

namespace coreshed::legacy {

/// Which files are the tables of which version of a record; every table has its name then.
/// `record`: its active version, if it is not known, is found by the files, or left open.
///
/// Errors  kValidation   files that are missing, or that are there twice
Result<std::map<int64_t, std::vector<TableFile>>> AssignFiles(const OldFolder& folder,
                                                              const FoundRecord& found,
                                                              const OldRecord& record,
                                                              std::vector<std::string>* notes);

}  // namespace coreshed::legacy
