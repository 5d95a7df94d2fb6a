#pragma once

#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <functional>
#include <memory>
#include <string>

#include "sources/input.h"
#include "sources/table_file.h"

namespace coreshed::sources {

/// Opens a member of an archive, by its name and its bytes.
using OpenMember = std::function<Result<OpenedTables>(std::shared_ptr<InputFile> member,
                                                      const OpenOptions& options)>;

/// All tables of all members of a ZIP file (spec/archives.md), each under a name of its own.
///
/// Errors  kValidation (the archive or a member, which is named), kCancelled, and what opening a
///         member fails with
Result<OpenedTables> OpenZip(const std::shared_ptr<InputFile>& input, const OpenOptions& options,
                             const OpenMember& open);

/// What is done with a file in an archive or a folder.
enum class MemberKind {
  kRead,
  kIgnored,     ///< hidden, or litter of an operating system
  kPassedOver,  ///< not of a format of tables: a person is told
  kArchive,     ///< refused
};
MemberKind MemberKindOf(const std::string& path);

/// "not read, since their endings tell no format of tables: …"
std::string PassedOverWarning(const std::string& label, const std::vector<std::string>& paths);

}  // namespace coreshed::sources
