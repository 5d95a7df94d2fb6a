#pragma once

#include <coreshed/error.h>
#include <coreshed/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "validate/json_tree.h"

namespace coreshed::legacy {

/// Who did something, when (as times are stored here) and why; empty: it is not said.
struct OldFacts {
  std::string by, at, comment;
};

/// What an object says of a review: of the record's active version, or of one in `versions`.
struct OldStatus {
  std::optional<Status> status;
  OldFacts approved, rejected;
};

struct OldVersion {
  int64_t number = 0;
  OldFacts made;
  OldStatus review;
  bool names_files = false;
  /// Table (empty: the only one) and the name of its file.
  std::vector<std::pair<std::string, std::string>> files;
};

struct OldEvent {
  enum class Kind { kWrite, kApprove, kReject, kRollback, kOther };
  Kind kind = Kind::kOther;
  bool is_upload = false;
  std::string type;   ///< as it is written there
  std::string where;  ///< "history[3]", for messages
  std::optional<int64_t> version, previous;
  OldFacts facts;
};

/// What the JSON of one older record says (spec/import.md, section 2), nothing of it checked
/// against the rest.
struct OldRecord {
  std::string id, name, table_name;
  OldFacts made;
  OldStatus review;
  std::optional<int64_t> active;
  std::map<std::string, std::string> attributes;
  bool is_upload = false;  ///< its fields are those of uploaded files
  std::map<int64_t, OldVersion> versions;
  std::vector<OldEvent> history;
  std::vector<std::string> notes;
};

/// Errors  kValidation   names the field
Result<OldRecord> ParseRecord(const validate::JsonNode& root, const std::string& stem,
                              int64_t now_us);

}  // namespace coreshed::legacy
