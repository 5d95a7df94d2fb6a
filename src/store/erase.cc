#include "commit/erase.h"

#include <algorithm>
#include <set>

#include "base/paths.h"
#include "base/result.h"
#include "base/time.h"
#include "commit/review.h"
#include "store/purge.h"
#include "store/store_impl.h"

/// Legal erasure (spec/commit.md, "Erasure"): a commit says that something is gone, then it goes,
/// and where requests may come late it goes again.
namespace coreshed::store {
namespace {

/// How long after an event a request that was signed before it (good for 15 minutes) may still be
/// on its way, with room for a commit that took its time.
constexpr int64_t kRequestLifeUs = int64_t{60} * 60 * 1'000'000;

/// Why something is erased must be known for ever.
Result<void> CheckReason(const EventOptions& options) {
  if (!options.comment.empty()) return {};
  return Error{ErrorKind::kInvalidArgument,
               "To erase something needs a reason, which its history keeps (-m, comment)."};
}

/// The event is committed, and what it says can't be taken back: an error from here on is another
/// one than "nothing was changed".
template <typename T>
Result<T> AfterCommit(const std::string& what, Result<T> result) {
  if (result) return result;
  Error error = std::move(result).error();
  error.message = what + ", but not all that belongs to it could be deleted yet: " + error.message +
                  " Make the same call again to go on.";
  return error;
}

/// Whether an earlier call's event is what this call asks for.
bool SaysTheSame(const commit::StoredEvent& event, const std::vector<int64_t>& events,
                 const std::vector<std::string>& texts) {
  const std::set<std::string> wanted(texts.begin(), texts.end());
  if (event.Detail("texts") != nlohmann::json(wanted)) return false;
  for (const auto& seq : event.Detail("events")) {
    if (std::find(events.begin(), events.end(), seq.get<int64_t>()) == events.end()) return false;
  }
  return true;
}

Error PutOff(const std::string& record_id) {
  return Error{ErrorKind::kConflict, "a copy into '" + record_id +
                                         "' is under way, or was interrupted, and nothing is taken "
                                         "away from there until it is complete."};
}

Error OtherCall(const EventOptions& options) {
  return Error{ErrorKind::kInvalidArgument,
               "The event id " + options.event_id +
                   " was given to another call before, which erased something else. Nothing more "
                   "was erased: each call needs an id of its own."};
}

}  // namespace

/// Remove what the record refers to no more, also from where the storage keeps what was deleted.
/// False: a copy into the record is under way, and nothing is taken away meanwhile.
Result<bool> StoreImpl::RemoveUnreferenced(const std::string& record_id, const EventOptions& by,
                                           Erasure* erasure) {
  const std::string folder = paths::RecordFolder(record_id);
  std::vector<storage::ObjectStat> objects;
  CORESHED_TRY(storage_->List(folder, [&](const storage::ObjectStat& object) {
    objects.push_back(object);
    return true;
  }));
  VacuumReport report;
  VacuumOptions options;
  options.stop = by.stop;
  CORESHED_ASSIGN(bool is_done, VacuumRecord(record_id, objects, options, &report));
  if (is_done) {
    CORESHED_ASSIGN(is_done, RemoveTemporary(record_id, &report));
  }
  erasure->files += report.files;
  erasure->bytes += report.bytes;
  CORESHED_TRY(storage_->DeleteOldVersions(folder));
  CORESHED_TRY(FindLeft(record_id, erasure));
  return is_done;
}

/// Files of commits that did not come about; whoever is making one now makes it anew. Those of a
/// copy that is under way are no remains (false).
Result<bool> StoreImpl::RemoveTemporary(const std::string& record_id, VacuumReport* report) {
  CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
  if (base && base->document->copying) return false;
  CORESHED_TRY(
      storage_->SweepTemporaryOf(paths::Escape(record_id), [&](const storage::ObjectStat& object) {
        ++report->files;
        report->bytes += object.size_bytes;
      }));
  return true;
}

/// Data under a name that a writer may still claim can't be removed safely (N11).
Result<void> StoreImpl::FindLeft(const std::string& record_id, Erasure* erasure) {
  const std::string folder = paths::RecordFolder(record_id);
  std::vector<storage::ObjectStat> objects;
  CORESHED_TRY(storage_->List(folder, [&](const storage::ObjectStat& object) {
    if (object.key.ends_with(".parquet")) objects.push_back(object);
    return true;
  }));
  if (objects.empty()) return {};
  return commit::ReadAgain([&](std::string* commit_id) -> Result<void> {
    CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
    if (!base) return commit::NoSuchRecord(record_id);
    *commit_id = base->document->commit_id;
    CORESHED_ASSIGN(const auto references, References(*base->document));
    erasure->left.clear();
    for (const auto& object : objects) {
      if (!references.contains(object.key.substr(folder.size())))
        erasure->left.push_back(object.key);
    }
    return {};
  });
}

/// The markers of versions that are not there any more.
Result<void> StoreImpl::RemoveMarkers(const std::string& record_id,
                                      const std::set<std::string>& hashes, const EventOptions& by) {
  for (const auto& hash : hashes) {
    if (by.stop.stop_requested()) {
      return Error{ErrorKind::kCancelled, "Stopped before all of it was deleted."};
    }
    const std::string prefix = paths::ContentPrefix(hash) + paths::Escape(record_id) + ".";
    std::vector<std::string> keys;
    CORESHED_TRY(storage_->List(prefix, [&](const storage::ObjectStat& object) {
      keys.push_back(object.key);
      return true;
    }));
    for (const auto& key : keys) {
      const auto marker = paths::ParseContentMarker(key);
      if (!marker || marker->record_id != record_id) continue;
      CORESHED_ASSIGN(const bool holds, MayHold(*marker));
      if (!holds) CORESHED_TRY(storage_->Delete(key));
    }
    CORESHED_TRY(storage_->DeleteOldVersions(prefix));
  }
  return {};
}

/// Whether a marker speaks of a version that is there, or may be one day.
Result<bool> StoreImpl::MayHold(const paths::ParsedMarker& marker) {
  return commit::ReadAgain([&](std::string* commit_id) -> Result<bool> {
    CORESHED_ASSIGN(const auto base, documents_.Read(marker.record_id));
    if (!base) return true;
    const auto& document = *base->document;
    *commit_id = document.commit_id;
    if (marker.version > document.last_version) return true;
    if (marker.version <= document.deleted_through) return false;
    CORESHED_ASSIGN(const auto found, commit::FindVersion(document, marker.version, pages_));
    return found && !found->entry->purged && found->entry->duplicate_hash == marker.hash;
  });
}

Result<std::set<std::string>> StoreImpl::HashesErased(const std::string& record_id,
                                                      std::optional<int64_t> version, bool purged) {
  return commit::ReadAgain([&](std::string* commit_id) -> Result<std::set<std::string>> {
    std::set<std::string> hashes;
    CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
    if (!base) return commit::NoSuchRecord(record_id);
    const auto& document = *base->document;
    *commit_id = document.commit_id;
    const int64_t last =
        purged ? document.last_version : version.value_or(document.deleted_through);
    CORESHED_TRY(commit::EachVersion(document, version.value_or(1) - 1, pages_,
                                     [&](const commit::VersionEntry& entry, const auto&) {
                                       if (entry.version > last) return Result<bool>(false);
                                       if (!purged || entry.purged)
                                         hashes.insert(entry.duplicate_hash);
                                       return Result<bool>(true);
                                     }));
    return hashes;
  });
}

/// What was kept here of it: this process's memory, this user's index.
void StoreImpl::ForgetCached(const std::string& record_id) {
  tables_.Clear();
  Index().Forget(record_id);
  catalog::ForgetInFiles(store_id_ + "-", {record_id});
}

/// What is known of an earlier erasure; nothing: there was none.
Result<std::optional<commit::FoundErasure>> StoreImpl::ReadErasure(const std::string& record_id,
                                                                   std::optional<int64_t> version) {
  return commit::ReadAgain(
      [&](std::string* commit_id) -> Result<std::optional<commit::FoundErasure>> {
        CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
        if (!base) return commit::NoSuchRecord(record_id);
        *commit_id = base->document->commit_id;
        return commit::FindErasure(*base->document, version, pages_);
      });
}

/// Of a deletion in an earlier life: names that writers of the present one may still claim are not
/// its remains. Those of the earlier one claimed a number that has been given since.
Result<void> StoreImpl::LeavePresentLife(const std::string& record_id,
                                         std::optional<int64_t> version,
                                         std::vector<std::string>* left) {
  if (version) return {};
  CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
  if (!base || base->document->state != commit::RecordState::kLive) return {};
  std::erase_if(*left, [&](const std::string& key) {
    return CanonicalVersion(key).value_or(0) > base->document->last_version;
  });
  return {};
}

/// The commit that says so is made, by this call or (`is_new` false) an earlier one: now the data
/// go, and, when nothing can bring them back, the history says that as well.
Result<Erasure> StoreImpl::EraseData(const std::string& record_id, std::optional<int64_t> version,
                                     bool is_new, const EventOptions& by) {
  ForgetCached(record_id);
  Erasure erasure;
  CORESHED_ASSIGN(const auto hashes, HashesErased(record_id, version, /*purged=*/false));
  CORESHED_TRY(RemoveMarkers(record_id, hashes, by));
  CORESHED_ASSIGN(const bool is_done, RemoveUnreferenced(record_id, by, &erasure));
  if (!is_done) return PutOff(record_id);
  CORESHED_ASSIGN(const auto found, ReadErasure(record_id, version));
  if (!found) return commit::NoSuchRecord(record_id);
  erasure.erased = found->erased;
  CORESHED_TRY(LeavePresentLife(record_id, version, &erasure.left));
  if (erasure.erased || !erasure.left.empty()) return erasure;
  CORESHED_ASSIGN(erasure.again_after, AgainAfter(record_id, found->event.time, is_new));
  if (!erasure.again_after.empty()) return erasure;
  // An earlier call may have been killed between a removal and its sync.
  if (!is_new) CORESHED_TRY(storage_->MakeAllDurable());
  EventOptions options;
  options.actor = by.actor;
  commit::ErasedOperation operation(version, pages_);
  CORESHED_TRY(commit::Commit(CommitContext(), record_id, options, operation));
  erasure.erased = true;
  return erasure;
}

/// When no request from before can arrive any more; empty: that is so now. An event's time is ahead
/// where somebody's clock was who wrote before: then the record's last change counts.
Result<std::string> StoreImpl::AgainAfter(const std::string& record_id, const std::string& time,
                                          bool is_new) {
  if (!storage_->is_remote()) return std::string();
  CORESHED_ASSIGN(const int64_t now, storage_->NowMicros());
  int64_t since = is_new ? now : ParseTime(time).value_or(now);
  if (since > now) {
    const std::string key = paths::RecordFolder(record_id) + "metadata.json";
    CORESHED_TRY(storage_->List(key, [&](const storage::ObjectStat& object) {
      if (object.key == key) since = object.modified_us;
      return true;
    }));
  }
  const int64_t safe_from = since + kRequestLifeUs;
  return now < safe_from ? FormatTime(safe_from) : std::string();
}

Result<Erasure> StoreImpl::Purge(const std::string& record_id, int64_t version,
                                 const EventOptions& options) {
  CORESHED_ASSIGN(const std::string id, paths::CheckRecordId(record_id));
  CORESHED_TRY(CheckReason(options));
  PurgeOperation operation(version, storage_, pages_);
  auto done = commit::Commit(CommitContext(), id, options, operation);
  if (!done) return WithNearest(std::move(done).error(), id);
  if (done->repeated && done->event->version != version) return OtherCall(options);
  const bool is_new = done->event && !done->repeated;
  return AfterCommit("Version " + std::to_string(version) + " of '" + id + "' is purged",
                     EraseData(id, version, is_new, options));
}

/// Go on with a deletion that is not over; nothing: there is none. The id may have a life since,
/// which is not meant.
Result<std::optional<Erasure>> StoreImpl::FinishDeletion(const std::string& record_id,
                                                         const EventOptions& options) {
  using Finished = std::optional<Erasure>;
  CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
  if (!base || base->document->state == commit::RecordState::kVoid) return Finished();
  const bool is_live = base->document->state == commit::RecordState::kLive;
  if (is_live && base->document->deleted_through == 0) return Finished();
  CORESHED_ASSIGN(const auto found, ReadErasure(record_id, std::nullopt));
  if (!found || (is_live && found->erased)) return Finished();
  CORESHED_ASSIGN(auto erasure, AfterCommit("'" + record_id + "' is deleted",
                                            EraseData(record_id, std::nullopt, false, options)));
  if (!is_live) return Finished(std::move(erasure));
  std::string then =
      "That is over now, and what was created since was not touched: to delete it, "
      "make the same call again.";
  if (!erasure.left.empty()) {
    then = "That can't be over while data lie under names that a writer may still claim (" +
           erasure.left.front() + "): they go with a vacuum after the next version.";
  } else if (!erasure.erased) {
    then = "That can't be over before " + erasure.again_after +
           ", when no request of then can arrive any more. What was created since was not touched: "
           "to delete it, make the same call after that.";
  }
  return Error{ErrorKind::kInvalidState,
               "'" + record_id + "' was deleted on " + found->event.time +
                   " and created again since; this call has gone on with the deletion of then. " +
                   then};
}

Result<Erasure> StoreImpl::DeleteRecord(const std::string& record_id, const EventOptions& options) {
  CORESHED_ASSIGN(const std::string id, paths::CheckRecordId(record_id));
  CORESHED_TRY(CheckReason(options));
  CORESHED_ASSIGN(auto finished, FinishDeletion(id, options));
  if (finished) return std::move(*finished);
  CORESHED_ASSIGN(const auto settings, ReadSettings());
  if (!settings.allow_delete) {
    return Error{ErrorKind::kInvalidState,
                 "This store does not let records be deleted. Whoever may decide that can allow "
                 "it: coreshed settings allow_delete=true"};
  }
  commit::DeleteOperation operation(pages_);
  auto done = commit::Commit(CommitContext(), id, options, operation);
  if (!done) return WithNearest(std::move(done).error(), id);
  return AfterCommit("'" + id + "' is deleted",
                     EraseData(id, std::nullopt, !done->repeated, options));
}

/// When any of these texts was last redacted, by whichever call.
Result<std::string> StoreImpl::TimeOfRedaction(const std::string& record_id,
                                               const std::vector<int64_t>& events,
                                               const std::vector<std::string>& texts) {
  const auto holds = [](const nlohmann::json& list, const auto& wanted) {
    return std::any_of(list.begin(), list.end(), [&](const nlohmann::json& one) {
      return std::find(wanted.begin(), wanted.end(), one) != wanted.end();
    });
  };
  return commit::ReadAgain([&](std::string* commit_id) -> Result<std::string> {
    CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
    if (!base) return commit::NoSuchRecord(record_id);
    *commit_id = base->document->commit_id;
    std::string time;
    CORESHED_TRY(commit::EachEvent(*base->document, *std::min_element(events.begin(), events.end()),
                                   pages_, [&](const commit::StoredEvent& event) {
                                     if (event.event_type == "redact" &&
                                         holds(event.Detail("events"), events) &&
                                         holds(event.Detail("texts"), texts)) {
                                       time = event.time;
                                     }
                                     return Result<bool>(true);
                                   }));
    return time;
  });
}

Result<Erasure> StoreImpl::Redact(const std::string& record_id, const std::vector<int64_t>& events,
                                  const std::vector<std::string>& texts,
                                  const EventOptions& options) {
  CORESHED_ASSIGN(const std::string id, paths::CheckAnyRecordId(record_id));
  CORESHED_TRY(CheckReason(options));
  if (events.empty() || texts.empty()) {
    return Error{ErrorKind::kInvalidArgument,
                 "Say which texts of which events are to be redacted: see the record's history."};
  }
  commit::RedactOperation operation({events.begin(), events.end()}, {texts.begin(), texts.end()},
                                    pages_);
  auto done = commit::Commit(CommitContext(), id, options, operation);
  if (!done) return WithNearest(std::move(done).error(), id);
  if (done->repeated && !SaysTheSame(*done->event, events, texts)) return OtherCall(options);
  ForgetCached(id);
  Erasure erasure;
  const bool is_new = done->event && !done->repeated;
  const auto removed = [&]() -> Result<void> {
    CORESHED_ASSIGN(const bool is_done, RemoveUnreferenced(id, options, &erasure));
    if (!is_done) return PutOff(id);
    if (!is_new) CORESHED_TRY(storage_->MakeAllDurable());  // see EraseData
    if (!storage_->is_remote()) return {};
    CORESHED_ASSIGN(const std::string time, TimeOfRedaction(id, events, texts));
    CORESHED_ASSIGN(erasure.again_after, AgainAfter(id, time, is_new));
    return {};
  }();
  if (!removed) return AfterCommit<Erasure>("The texts are redacted", removed.error());
  erasure.left.clear();  // of rows
  erasure.erased = erasure.again_after.empty();
  return erasure;
}

}  // namespace coreshed::store
