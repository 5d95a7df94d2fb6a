#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "commit/pages.h"

/// A page and the reference to it must say the same (spec/format.md, "Invariants").
namespace coreshed::commit {

/// What a reference says of this page, but for name, hash and size. The page must hold something.
PageRef Summary(const Page& page);

/// Whether a page is in order, and holds what its reference says. Empty: whole.
std::string CheckPage(const Page& page, const PageRef& ref);

/// Whether references follow one another without a gap from behind event `seq` and `version`, which
/// move on to where the last one ends. Empty: they do.
std::string FollowReferences(const std::vector<PageRef>& refs, int64_t* seq, int64_t* version);

}  // namespace coreshed::commit
