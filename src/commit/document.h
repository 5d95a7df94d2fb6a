#pragma once

#include <coreshed/error.h>
#include <coreshed/types.h>

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commit/entry.h"
#include "commit/event.h"
#include "commit/item.h"
#include "parts/parts.h"
#include "table/stored_schema.h"

namespace coreshed::commit {

enum class RecordState {
  kLive,
  kDeleted,  ///< a tombstone: answered as not found; chain and numbers go on
  kVoid,     ///< never created; made by vacuum to fence writers that sleep before their create
};

/// No page is larger (spec/format.md, "Limits").
inline constexpr int64_t kPageBytesMax = int64_t{64} << 20;

/// Points to a sealed page and says what is in it, so that nothing is searched by listing.
/// A leaf (level 0) holds events and version entries; a page of level n holds references to pages
/// of level n - 1.
struct PageRef {
  int level = 0;
  std::string name;    ///< relative to the record's folder
  std::string sha256;  ///< hex, of the page's bytes
  int64_t size_bytes = 0;
  int64_t first_seq = 0, last_seq = 0;
  int64_t first_version = 0, last_version = 0;  ///< both 0: holds no version
  std::string first_time, last_time;
  std::string last_hash;  ///< chain hash at last_seq
};

/// A state of a record, named by its last event.
struct StateMark {
  int64_t seq = 0;
  std::string hash;
};

/// metadata.json: the truth about one record, and the one object that is ever replaced
/// (spec/format.md, "metadata.json"). Bounded in size: older events and versions are in pages.
struct RecordDocument {
  std::string record_id;
  RecordState state = RecordState::kLive;
  std::string commit_id;  ///< 32 hex digits, fresh for every commit: no two are equal
  int64_t fence = 0;
  /// A copy of another store's record has begun and is not complete: the state that it brings. What
  /// lies in the folder is to become part of that, and vacuum leaves it alone. Ends with any event.
  std::optional<StateMark> copying;
  /// Something was erased at the place that this record is copied from: when that came here, where
  /// what it erases is not removed yet; else empty.
  std::string to_sweep;
  std::string name;
  std::string created_by, created_at;
  std::string updated_by;       ///< actor of the newest event
  int64_t current_version = 0;  ///< the active one; 0: none
  int64_t last_version = 0;     ///< highest number given
  int64_t last_approved = 0;    ///< the approved version that was active last; 0: none
  int64_t deleted_through = 0;  ///< versions up to this were deleted with the record
  int64_t sealed_through = 0;   ///< versions up to this have an entry in a page
  int64_t head_seq = 0;
  std::string head_hash;
  std::string head_time;
  std::optional<DriftPolicy> drift_policy;
  std::string bound_schema;  ///< name of the schema that versions must keep; empty: none
  std::map<std::string, std::string> attributes;
  std::map<std::string, int64_t> tags;
  std::map<std::string, parts::CutRule> cuts;  ///< by table
  table::StoredSchemas schemas;                ///< those that `versions` use
  /// Ascending: not sealed, active, or changed since sealed.
  std::vector<Item<VersionEntry>> versions;
  std::vector<Item<StoredEvent>> history;  ///< ascending: events not yet sealed
  std::vector<PageRef> pages;              ///< ascending by events; levels fall from front to back

  const Item<VersionEntry>* FindItem(int64_t version) const;
  const VersionEntry* Find(int64_t version) const;
  /// The entry, to be changed: this document's own from now on. Null: there is none here.
  VersionEntry* Edit(int64_t version);
  const VersionEntry* Active() const { return Find(current_version); }
};

std::string RecordStateName(RecordState state);

/// The bytes of metadata.json.
std::string Serialize(const RecordDocument& document);

/// Parse metadata.json of `record_id` and check its invariants (CheckDocument). kCorruption names
/// the broken rule.
Result<RecordDocument> ParseDocument(std::string_view bytes, const std::string& record_id);

/// The invariants that metadata.json shows by itself (spec/format.md, "Invariants"), but for the
/// chain. Empty: whole.
std::string CheckDocument(const RecordDocument& document);

/// The chain from the last page's end to the head: hashes every event, so it is asked on every
/// write and by verify, not on every read. Empty: whole.
std::string CheckTailChain(const RecordDocument& document);

nlohmann::json PageRefToJson(const PageRef& ref);
Result<PageRef> PageRefFromJson(const nlohmann::json& json, const std::string& where);

/// Drop schemas that no entry of `versions` uses. One that is purged uses none: what dictionaries
/// hold stands in them.
void DropUnusedSchemas(const std::vector<Item<VersionEntry>>& versions,
                       table::StoredSchemas* schemas);

}  // namespace coreshed::commit
