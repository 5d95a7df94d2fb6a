#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <optional>
#include <string>

#include "commit/documents.h"
#include "commit/pages.h"

namespace coreshed::store {

/// A ref taken apart: `id[@selector][#table]` (spec/format.md, "Refs").
struct Ref {
  enum class Selector { kDefault, kActive, kVersion, kHead, kApproved, kTime, kHash, kTag };
  std::string record_id;
  Selector selector = Selector::kDefault;
  int64_t version = 0;  ///< for kVersion
  std::string text;     ///< the time (as stored times are written), the hash's digits, the tag
  std::string table;    ///< empty: none named
};

/// kInvalidArgument says what is wrong. `%40`, `%23`, `%25` stand for '@', '#', '%'.
Result<Ref> ParseRef(const std::string& text);

/// The version that a ref selects. kNotFound says what there is instead.
Result<commit::FoundEntry> SelectVersion(const Ref& ref, const commit::RecordDocument& document,
                                         commit::PageReader& pages);

}  // namespace coreshed::store
