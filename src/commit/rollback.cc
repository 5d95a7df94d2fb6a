#include "commit/rollback.h"

#include <arrow/type.h>

#include <set>

#include "base/result.h"
#include "commit/review.h"
#include "table/stored_schema.h"

namespace coreshed::commit {
namespace {

std::string V(int64_t version) {
  return "version " + std::to_string(version);
}

/// "table.column" of every column of a version.
Result<std::set<std::string>> ColumnNames(const VersionEntry& entry,
                                          const table::StoredSchemas& schemas) {
  std::set<std::string> names;
  for (const auto& [table, stored] : entry.tables) {
    const auto found = schemas.find(stored.schema);
    if (found == schemas.end()) continue;
    CORESHED_ASSIGN(const auto schema, found->second.Schema());
    for (const auto& field : schema->field_names()) {
      names.insert(entry.tables.size() > 1 ? table + "." + field : field);
    }
  }
  return names;
}

}  // namespace

std::string VersionsThereAre(const RecordDocument& document) {
  const int64_t first = document.deleted_through + 1;
  const std::string last = std::to_string(document.last_version);
  if (first >= document.last_version) return "there is only version " + last;
  return "there are versions " + std::to_string(first) + " to " + last;
}

Result<void> RollbackOperation::CheckTarget(const VersionEntry& target) const {
  if (target.purged) {
    return Error{ErrorKind::kInvalidState,
                 V(version_) + " was purged: its data are gone. Choose another version."};
  }
  if (target.status == Status::kRejected && !options_.allow_rejected) {
    return Error{ErrorKind::kInvalidState,
                 V(version_) +
                     " was rejected. To make it active all the same, say so explicitly "
                     "(--allow-rejected, allow_rejected)."};
  }
  return {};
}

Result<Decision> RollbackOperation::Decide(const RecordDocument* base, RecordDocument* next,
                                           const std::string&, const std::string&,
                                           storage::Stage&) {
  CORESHED_ASSIGN(base, RequireLive(base, next->record_id));
  warnings_.clear();
  if (version_ < 1 || version_ <= base->deleted_through || version_ > base->last_version) {
    return Error{ErrorKind::kNotFound, "'" + base->record_id + "' has no " + V(version_) + "; " +
                                           VersionsThereAre(*base) + "."};
  }
  Decision decision;
  if (version_ == base->current_version) {
    warnings_.push_back(V(version_) + " is the active one already: nothing was done");
    decision.nothing_to_do = true;
    return decision;
  }
  CORESHED_ASSIGN(auto target, FindVersion(*base, version_, pages_));
  if (!target) {
    return Error{ErrorKind::kCorruption, V(version_) + " of '" + base->record_id +
                                             "' has no entry in the history. Run verify."};
  }
  CORESHED_TRY(CheckTarget(target->entry));
  CORESHED_TRY(check_data_(*target));
  CORESHED_ASSIGN(const auto now, ColumnNames(*base->Active(), base->schemas));
  CORESHED_ASSIGN(const auto then, ColumnNames(target->entry, target->schemas));
  for (const auto& column : now) {
    if (!then.contains(column)) {
      warnings_.push_back("column " + column + " of " + V(base->current_version) + " is not in " +
                          V(version_));
    }
  }
  const bool was_changed = target->entry->changed;
  CORESHED_ASSIGN(VersionEntry * entry, EntryForChange(version_, next, pages_));
  entry->changed = was_changed;  // becoming active does not change the entry itself
  next->current_version = version_;
  if (entry->status == Status::kApproved) next->last_approved = version_;
  auto& event = decision.event.emplace();
  event.type = "rollback";
  event.version = version_;
  event.details["exact_hash"] = entry->exact_hash;
  return decision;
}

}  // namespace coreshed::commit
