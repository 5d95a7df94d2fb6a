#include "commit/review.h"

#include "base/hex.h"
#include "base/missing.h"
#include "base/paths.h"
#include "base/result.h"
#include "commit/annotate.h"
#include "commit/rollback.h"
#include "store/store_impl.h"

namespace coreshed::store {

Result<Version> StoreImpl::Review(Status verdict, const std::string& record_id,
                                  const ReviewOptions& options) {
  CORESHED_ASSIGN(const std::string id, paths::CheckRecordId(record_id));
  CORESHED_ASSIGN(const auto settings, ReadSettings());
  commit::ReviewOperation operation(
      verdict, options, {settings.review_meanings, settings.forbid_self_approval}, pages_);
  auto done = commit::Commit(CommitContext(), id, options, operation);
  if (!done) return WithNearest(std::move(done).error(), id);
  return ResultOf(*done, {});
}

Result<Version> StoreImpl::ApproveRecord(const std::string& record_id,
                                         const ReviewOptions& options) {
  return Review(Status::kApproved, record_id, options);
}

Result<Version> StoreImpl::RejectRecord(const std::string& record_id,
                                        const ReviewOptions& options) {
  return Review(Status::kRejected, record_id, options);
}

Result<Version> StoreImpl::RollbackToVersion(const std::string& record_id, int64_t version,
                                             const RollbackOptions& options) {
  CORESHED_ASSIGN(const std::string id, paths::CheckRecordId(record_id));
  commit::RollbackOperation operation(
      version, options, pages_, [&](const commit::FoundEntry& found) -> Result<void> {
        VerifyReport report;
        Doubt doubt;
        CORESHED_TRY(CheckData(id, found, true, &report, &doubt));
        if (report.faults.empty()) return {};
        if (doubt.unread) return *doubt.unread;
        Error error{ErrorKind::kCorruption, "Version " + std::to_string(version) + " of '" + id +
                                                "' is damaged, so it "
                                                "was not made active: " +
                                                report.faults.front().message};
        if (doubt.missed) error.fields[kMissingField] = paths::RecordFolder(id);
        return error;
      });
  auto done = commit::Commit(CommitContext(), id, options, operation);
  if (!done) return WithNearest(std::move(done).error(), id);
  return ResultOf(*done, operation.warnings());
}

Result<Version> StoreImpl::Tag(const std::string& ref, const std::string& name,
                               const EventOptions& options) {
  CORESHED_ASSIGN(const auto selected, Select(ref));
  const int64_t version = selected.found.entry->version;
  commit::TagOperation operation(version, name);
  CORESHED_ASSIGN(const auto done,
                  commit::Commit(CommitContext(), selected.ref.record_id, options, operation));
  return VersionAfter(done, version);
}

Result<RecordInfo> StoreImpl::SetAttributes(const std::string& record_id,
                                            const std::map<std::string, std::string>& attributes,
                                            const std::optional<std::string>& name,
                                            const EventOptions& options) {
  CORESHED_ASSIGN(const std::string id, paths::CheckRecordId(record_id));
  commit::AttributesOperation operation(attributes, name);
  auto done = commit::Commit(CommitContext(), id, options, operation);
  if (!done) return WithNearest(std::move(done).error(), id);
  return ToInfo(*done->document);
}

Result<RecordInfo> StoreImpl::SetDriftPolicy(const std::string& record_id,
                                             std::optional<DriftPolicy> policy,
                                             const EventOptions& options) {
  CORESHED_ASSIGN(const std::string id, paths::CheckRecordId(record_id));
  commit::DriftPolicyOperation operation(policy);
  auto done = commit::Commit(CommitContext(), id, options, operation);
  if (!done) return WithNearest(std::move(done).error(), id);
  return ToInfo(*done->document);
}

Result<std::optional<Event>> StoreImpl::ResolveOutcome(const std::string& record_id,
                                                       const std::string& event_id,
                                                       int64_t base_seq) {
  CORESHED_ASSIGN(const std::string id, paths::CheckAnyRecordId(record_id));
  CORESHED_TRY(CheckOutcome(id, event_id, base_seq));
  // A commit of our own, without an event: if the lost one is there, it is durable now, being below
  // ours; if it is not, its base is gone, and it can never happen.
  commit::FenceOperation fence;
  EventOptions options;
  options.actor = "coreshed";
  CORESHED_TRY(commit::Commit(CommitContext(), id, options, fence));
  return commit::ReadAgain([&](std::string* commit_id) -> Result<std::optional<Event>> {
    CORESHED_ASSIGN(const auto base, documents_.Read(id));
    if (!base) return Error{ErrorKind::kCorruption, "'" + id + "' has vanished."};
    *commit_id = base->document->commit_id;
    std::optional<Event> found;
    // Behind `base_seq`, or nowhere. But that number may be a slip of the pen, and "it did not
    // happen" makes people do it again.
    CORESHED_TRY(commit::EachEvent(*base->document, 0, pages_,
                                   [&](const commit::StoredEvent& event) -> Result<bool> {
                                     if (event.event_id == event_id)
                                       found = commit::ToPublic(event);
                                     return !found;
                                   }));
    return found;
  });
}

/// What was typed must be what an error said: otherwise the answer would mislead.
Result<void> StoreImpl::CheckOutcome(const std::string& record_id, const std::string& event_id,
                                     int64_t base_seq) {
  if (!IsHex(event_id, 32)) {
    return Error{
        ErrorKind::kInvalidArgument,
        "'" + event_id + "' is no event id: that is the 32 hex digits that the error said."};
  }
  CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
  if (base_seq >= 0 && base_seq <= (base ? base->document->head_seq : 0)) return {};
  return Error{ErrorKind::kInvalidArgument,
               "'" + record_id + "' has no event " + std::to_string(base_seq) +
                   ", so no call can have begun behind it. Take id and number from the error."};
}

}  // namespace coreshed::store
