#pragma once

#include <coreshed/error.h>
#include <coreshed/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "legacy/old_folder.h"

namespace coreshed::legacy {

/// One table's file, as its name tells (spec/import.md, section 1).
struct TableFile {
  int64_t version = 0;  ///< 0: the active one
  std::string table;    ///< empty: the version's only one, without a name
  std::string path;     ///< within the folder
};

/// Where one record of an older store lies.
struct FoundRecord {
  std::string stem;
  std::string json;              ///< path of its JSON file
  std::string folder;            ///< where that lies: "", or "records/<stem>/"
  std::string own;               ///< its own folder: "<stem>/", or "records/<stem>/versions/"
  std::vector<TableFile> files;  ///< that lie beside its JSON
};

struct FoundRecords {
  std::vector<FoundRecord> records;
  std::vector<Fault> faults;       ///< files that should be a record's and are not
  std::vector<std::string> notes;  ///< what was passed over
};

/// Look through an older store, without opening a file of it.
///
/// Errors  kInvalidArgument (a store of Coreshed), kNotFound, kIo
Result<FoundRecords> FindRecords(const OldFolder& folder);

/// All table files of one record, also those in its own folder; `notes`: what else lies there.
Result<std::vector<TableFile>> FilesOf(const OldFolder& folder, const FoundRecord& record,
                                       std::vector<std::string>* notes);

/// A file name without its ending, if that is the one of a table; in any case.
std::optional<std::string> TableStem(const std::string& name);

}  // namespace coreshed::legacy
