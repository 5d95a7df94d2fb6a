#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "base/canonical_json.h"
#include "base/paths.h"
#include "base/result.h"
#include "base/sha256.h"
#include "commit/annotate.h"
#include "commit/rollback.h"
#include "store/kept_file.h"
#include "store/write_operation.h"
#include "table/drift.h"

/// What an upload of a file does beside writing its tables (spec/uploads.md).
namespace coreshed::store {
namespace {

std::string V(int64_t version) {
  return "version " + std::to_string(version);
}

}  // namespace

Error NameInUse(const commit::RecordDocument& base, const std::string& name) {
  return Error{ErrorKind::kAlreadyExists,
               "There is a dataset '" + name + "' already (" + base.record_id +
                   ", active: " + V(base.current_version) +
                   "). To make this file its next version, allow overwriting (--overwrite, "
                   "overwrite); or choose another name."}
      .With("record_id", base.record_id);
}

/// The uploaded file, unless a version of the base keeps it already.
Result<void> WriteOperation::KeepFile(const commit::RecordDocument* base,
                                      commit::VersionEntry* entry, storage::Stage& stage) {
  if (upload_.file == nullptr) return {};
  const std::string& sha256 = options_.source->sha256;
  if (base != nullptr) {
    for (const commit::VersionEntry& earlier : base->versions) {
      const auto* kept = earlier.purged || earlier.version <= base->deleted_through
                             ? nullptr
                             : earlier.Kept("source");
      if (kept == nullptr || kept->sha256 != sha256) continue;
      entry->kept.push_back(*kept);
      return {};
    }
  }
  if (!kept_) {
    CORESHED_ASSIGN(kept_, PutKept("source", *upload_.file, sha256, stage));
  }
  entry->kept.push_back(*kept_);
  return {};
}

/// The rows of the file that were rejected.
Result<void> WriteOperation::KeepRejects(commit::VersionEntry* entry, storage::Stage& stage) {
  if (upload_.rejects == nullptr) return {};
  CORESHED_ASSIGN(const auto report, upload_.rejects());
  rejected_rows_ = report.rejected_rows;
  if (report.file == nullptr || upload_.file == nullptr) return {};
  if (!kept_rejects_) {
    CORESHED_ASSIGN(const auto file, sources::InputFile::OfBytes(report.file, report.file_name));
    CORESHED_ASSIGN(kept_rejects_,
                    PutKept("rejects", *file, Sha256Hex(std::string_view(*report.file)), stage));
  }
  entry->kept.push_back(*kept_rejects_);
  return {};
}

/// The version that has the content of an upload already, if there is one: the active one, or an
/// older one that is neither rejected nor purged nor damaged. The same schemas, too: a unit that
/// was corrected is a change.
Result<int64_t> WriteOperation::FindSame(const commit::RecordDocument& base,
                                         const commit::VersionEntry& entry) {
  const auto is_same = [&](const commit::VersionEntry& other) {
    return other.exact_hash == entry.exact_hash &&
           std::equal(entry.tables.begin(), entry.tables.end(), other.tables.begin(),
                      other.tables.end(), [](const auto& a, const auto& b) {
                        return a.first == b.first && a.second.schema == b.second.schema;
                      });
  };
  if (is_same(*base.Active())) return base.current_version;
  std::set<int64_t, std::greater<>> candidates;
  const std::string ours =
      paths::ContentPrefix(entry.duplicate_hash) + paths::Escape(base.record_id) + ".";
  CORESHED_TRY(context_.storage->List(ours, [&](const storage::ObjectStat& object) {
    const auto marker = paths::ParseContentMarker(object.key);
    const bool is_ours = marker && marker->record_id == base.record_id;
    if (is_ours && marker->version > base.deleted_through && marker->version <= base.last_version)
      candidates.insert(marker->version);
    return true;
  }));
  for (const int64_t version : candidates) {
    CORESHED_ASSIGN(const auto found, commit::FindVersion(base, version, *context_.pages));
    if (!found || found->entry->purged || found->entry->status == Status::kRejected) continue;
    if (!is_same(found->entry)) continue;
    CORESHED_ASSIGN(const bool is_whole, upload_.is_whole(*found));
    if (is_whole) return version;
  }
  return 0;
}

/// The content is there already, as version `found`: it becomes the active one, if it isn't, and
/// the record's attributes and schema what was asked for. One event for all of it, or none.
Result<commit::Decision> WriteOperation::Reuse(int64_t found, const commit::RecordDocument* base,
                                               commit::RecordDocument* next,
                                               const std::string& time, const std::string& event_id,
                                               const Drift& drift, storage::Stage& stage) {
  commit::Decision decision;
  decision.nothing_to_do = found == base->current_version;
  if (!decision.nothing_to_do) {
    const RollbackOptions back;
    commit::RollbackOperation rollback(found, back, *context_.pages,
                                       [](const auto&) { return Result<void>(); });
    CORESHED_ASSIGN(decision, rollback.Decide(base, next, time, event_id, stage));
    warnings_.insert(warnings_.end(), rollback.warnings().begin(), rollback.warnings().end());
    if (!drift.changes.empty()) decision.event->details["drift"] = table::DriftToJson(drift);
  } else if (base->Active()->status == Status::kRejected) {
    warnings_.push_back(V(found) +
                        " has this content and was rejected: to submit it again, ask for a new "
                        "version (--as-new-version, as_new_version)");
  }
  CORESHED_ASSIGN(const auto attributes, commit::ChangeAttributes(options_.attributes, next));
  BindTo(base, next);
  const bool is_bound_now = next->bound_schema != base->bound_schema;
  if (attributes.empty() && !is_bound_now) return decision;
  decision.nothing_to_do = false;
  if (!decision.event) {
    decision.event.emplace().type = is_bound_now ? "bind_schema" : "set_attributes";
  }
  if (is_bound_now) decision.event->details["bound_schema"] = next->bound_schema;
  if (!attributes.empty()) decision.event->texts["attributes"] = CanonicalJson(attributes);
  return decision;
}

/// What was sent is not needed: an object store would keep it until somebody sweeps.
void WriteOperation::Withdraw(storage::Stage& stage) {
  for (const auto& [table, uploaded] : uploaded_) {
    for (const auto& file : uploaded.answer.parts.files)
      stage.Withdraw(file.name);
  }
  (void)Forget();
}

}  // namespace coreshed::store
