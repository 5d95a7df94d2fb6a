#pragma once

#include <functional>
#include <string>

#include "commit/pages.h"

namespace coreshed::commit {

/// Write a page under a name of its own and give the reference to it. `bytes`: the page,
/// serialized.
Result<PageRef> WritePage(Page page, const std::string& bytes, const std::string& record_id,
                          PageReader& reader, storage::Stage& stage);

/// Which leaves of a record are to be changed, and how.
struct PageEdit {
  /// Whether a page, or one below it, may be meant: others are not read.
  std::function<bool(const PageRef&)> may_change;
  /// Change a copy of a leaf; false: it stays as it is.
  std::function<Result<bool>(Page* leaf)> change;
};

/// Write every leaf that `edit` changes anew, and all pages above it. Pages are never written over:
/// the old ones are what earlier metadata refer to.
Result<void> EditPages(const PageEdit& edit, RecordDocument* document, PageReader& reader,
                       storage::Stage& stage);

}  // namespace coreshed::commit
