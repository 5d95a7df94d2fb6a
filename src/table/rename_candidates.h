#pragma once

#include <coreshed/types.h>

#include <string>
#include <utility>
#include <vector>

namespace coreshed::table {

/// Pairs (old name, new name) that look like renames: of equal type, and either the same name but
/// for case, blanks and punctuation, or the only two of their type that are left. Each column is in
/// at most one pair.
std::vector<std::pair<std::string, std::string>> RenameCandidates(
    const std::vector<Column>& removed, const std::vector<Column>& added);

}  // namespace coreshed::table
