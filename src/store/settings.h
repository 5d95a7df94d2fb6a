#pragma once

#include <coreshed/error.h>
#include <coreshed/sources.h>
#include <coreshed/types.h>

#include <map>
#include <string>
#include <vector>

namespace coreshed::store {

/// The store's settings in force (spec/format.md, "Settings"): kept as the table `settings` (key,
/// value) of the reserved record `_store`, versioned like everything else.
struct Settings {
  std::string default_selector = "active";  ///< active | approved
  DriftPolicy drift_policy = DriftPolicy::kReject;
  bool widening_is_additive = false;
  bool allow_empty = false;
  bool allow_delete = false;
  bool forbid_self_approval = false;
  bool require_schema = false;                      ///< versions must keep a named schema
  FileLimits limits = {.bytes = int64_t{2} << 30};  ///< of uploaded files
  bool keep_sources = true;                         ///< the bytes of uploaded files
  std::vector<std::string> review_meanings;         ///< empty: any

  /// Every setting as text.
  std::map<std::string, std::string> ToTexts() const;
};

/// The settings from stored texts. kInvalidArgument names a key or value that is none, and lists
/// what there is; `lenient`: keys of newer releases are passed over.
Result<Settings> ParseSettings(const std::map<std::string, std::string>& texts, bool lenient);

}  // namespace coreshed::store
