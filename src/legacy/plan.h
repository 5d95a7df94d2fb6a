#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "legacy/find_records.h"
#include "legacy/old_record.h"

namespace coreshed::legacy {

/// One event that an older record becomes.
struct Step {
  enum class Kind { kWrite, kApprove, kReject, kRollback };
  Kind kind = Kind::kWrite;
  bool is_upload = false;
  int64_t version = 0;
  int64_t active_before = 0;  ///< 0: none
  std::string actor;          ///< empty: whoever imports
  std::string comment;
  std::string told_at;  ///< as told there; empty: nobody says
  std::string as_of;    ///< the time to give it; empty: the clock's
  bool is_now = false;  ///< it happens with the import, and is not told of by anybody
  std::string event_id;
};

/// What an older record becomes: its events in their order, and where each version's tables are.
struct Plan {
  std::string record_id, name;
  std::map<std::string, std::string> attributes;
  std::vector<Step> steps;
  std::map<int64_t, std::vector<TableFile>> tables;  ///< by version; each with its table's name
  std::vector<std::string> notes;                    ///< what a person should know
};

/// What the JSON of one older record says.
///
/// Errors  kValidation, kInvalidArgument (its id), kIo
Result<OldRecord> ReadRecord(const OldFolder& folder, const FoundRecord& found, int64_t now_us);

/// The type of a step's event (spec/format.md, "Types of events").
std::string EventTypeOf(const Step& step);

/// Read one older record and find out what becomes of it, or why nothing can.
///
/// Errors  kValidation   it contradicts itself, or its JSON is damaged; kInvalidArgument (its id, a
///         text that is too long); kIo
Result<Plan> MakePlan(const OldFolder& folder, const FoundRecord& found, int64_t now_us);

}  // namespace coreshed::legacy
