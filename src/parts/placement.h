#pragma once

#include <cstdint>
#include <vector>

#include "parts/footer.h"
#include "parts/parts.h"
#include "parts/table_source.h"

namespace coreshed::parts {

/// One part of a version that is being written: in a new file, or in one of the base's.
struct PlacedPart {
  bool is_new = false;
  PartPlace place;  ///< its file's number among the new files, or among the base's
  PartEntry entry;
};

/// A version's list of parts: the base's files that are used, then the new ones; runs as long as
/// can be.
TableParts ListParts(const std::vector<PlacedPart>& parts, const std::vector<PartFile>& base_files,
                     const std::vector<PartFile>& new_files);

/// At most so many files make up a version of up to 64 GiB, and one more for each GiB beyond. A
/// version that would touch more has the parts in its least used files written anew.
inline constexpr int64_t kFilesMax = 64;
/// So many are left then, that it does not happen to every version after.
inline constexpr int64_t kFilesAfter = 32;

/// The places in `parts` whose parts are to be written anew.
std::vector<size_t> ScatteredParts(const std::vector<PlacedPart>& parts,
                                   const std::vector<PartFile>& base_files);

}  // namespace coreshed::parts
