#include "commit/review.h"

#include <algorithm>

#include "base/result.h"

namespace coreshed::commit {
namespace {

std::string V(int64_t version) {
  return "version " + std::to_string(version);
}

}  // namespace

Error NoSuchRecord(const std::string& record_id) {
  return Error{ErrorKind::kNotFound, "There is no record '" + record_id + "'."}.With("record_id",
                                                                                     record_id);
}

Result<const RecordDocument*> RequireLive(const RecordDocument* base,
                                          const std::string& record_id) {
  if (base == nullptr || base->state != RecordState::kLive) return NoSuchRecord(record_id);
  return base;
}

Result<VersionEntry*> EntryForChange(int64_t version, RecordDocument* next, PageReader& pages) {
  if (VersionEntry* entry = next->Edit(version)) {
    entry->changed = entry->changed || version <= next->sealed_through;
    return entry;
  }
  CORESHED_ASSIGN(auto found, FindVersion(*next, version, pages));
  if (!found) return nullptr;
  next->schemas.insert(found->schemas.begin(), found->schemas.end());
  const auto place =
      std::upper_bound(next->versions.begin(), next->versions.end(), version,
                       [](int64_t n, const VersionEntry& entry) { return n < entry.version; });
  auto& entry = next->versions.insert(place, std::move(found->entry))->Edit();
  entry.changed = true;
  return &entry;
}

Result<bool> ReviewOperation::IsAuthor(const RecordDocument& base) {
  // An author who was redacted may be anybody.
  const auto may_be = [&](const std::string& name) {
    return name == options_.actor || name.empty();
  };
  bool author = may_be(base.Active()->created_by);
  if (author) return true;
  CORESHED_TRY(EachVersion(base, base.last_approved, pages_,
                           [&](const VersionEntry& entry, const auto&) -> Result<bool> {
                             author = may_be(entry.created_by);
                             return !author;
                           }));
  return author;
}

Result<std::string> ReviewOperation::WhyRefused(const RecordDocument& base,
                                                const VersionEntry& active, ErrorKind* kind) {
  const std::string verb = approves() ? "approved" : "rejected";
  const std::string what = V(active.version) + " of '" + base.record_id + "'";
  *kind = ErrorKind::kInvalidState;
  if (active.status != Status::kDraft) {
    return what + " is " + StatusName(active.status) + ", and only a draft can be " + verb +
           ". Write a new version (update) and review that.";
  }
  if (!approves() && options_.comment.empty()) {
    *kind = ErrorKind::kInvalidArgument;
    return std::string("A rejection needs a reason, so that the author knows what to mend.");
  }
  if (approves() && rules_.forbid_self_approval) {
    CORESHED_ASSIGN(const bool author, IsAuthor(base));
    if (author) {
      return options_.actor +
             " wrote a version since the last approved one (or may have: its author was redacted), "
             "and this store does not let authors approve: somebody else has to review " +
             what + ".";
    }
  }
  return std::string();
}

Result<Decision> ReviewOperation::Decide(const RecordDocument* base, RecordDocument* next,
                                         const std::string& time, const std::string&,
                                         storage::Stage&) {
  CORESHED_ASSIGN(base, RequireLive(base, next->record_id));
  const VersionEntry& active = *base->Active();
  if (options_.version && *options_.version != active.version) {
    return Error{ErrorKind::kConflict, V(*options_.version) + " of '" + base->record_id +
                                           "' is no longer the active "
                                           "one: " +
                                           V(active.version) +
                                           " is. Look at that one and decide again."}
        .With("active_version", std::to_string(active.version));
  }
  if (!options_.meaning.empty() && !rules_.meanings.empty() &&
      std::find(rules_.meanings.begin(), rules_.meanings.end(), options_.meaning) ==
          rules_.meanings.end()) {
    std::string list;
    for (const auto& meaning : rules_.meanings)
      list += (list.empty() ? "'" : ", '") + meaning + "'";
    return Error{
        ErrorKind::kInvalidArgument,
        "'" + options_.meaning + "' is none of this store's meanings of a review: " + list + "."};
  }
  const std::string verb = approves() ? "approve" : "reject";
  Decision decision;
  auto& event = decision.event.emplace();
  event.version = active.version;
  event.details["exact_hash"] = active.exact_hash;
  if (!options_.meaning.empty()) event.texts["meaning"] = options_.meaning;
  ErrorKind kind{};
  CORESHED_ASSIGN(const std::string refused, WhyRefused(*base, active, &kind));
  if (!refused.empty()) {
    event.type = verb + "_refused";
    event.details["status"] = StatusName(active.status);
    event.texts["why"] = refused;
    decision.refusal = Error{kind, refused}.With("status", StatusName(active.status));
    return decision;
  }
  event.type = verb;
  CORESHED_ASSIGN(VersionEntry * entry, EntryForChange(active.version, next, pages_));
  entry->status = verdict_;
  entry->review =
      StoredReview{base->head_seq + 1, options_.actor, time, options_.meaning, options_.comment};
  if (approves()) next->last_approved = active.version;
  return decision;
}

}  // namespace coreshed::commit
