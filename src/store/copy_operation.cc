#include "store/copy_operation.h"

#include <algorithm>
#include <utility>

#include "base/missing.h"
#include "base/paths.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "parts/read.h"
#include "store/kept_file.h"
#include "store/stored_columns.h"

namespace coreshed::store {
namespace {

/// Check an object, here or where it was copied to.
Result<void> CheckObject(const CopiedObject& object, const std::string& record_id,
                         storage::Storage& storage) {
  const std::string folder = paths::RecordFolder(record_id);
  if (object.sha256.empty()) {
    return parts::CheckWholeFile(object.file, folder, *object.schema, storage);
  }
  return CheckBytes(storage, folder + object.name, object.size_bytes, object.sha256);
}

std::set<std::string> NamesOf(const commit::RecordDocument& document) {
  std::set<std::string> names;
  for (const commit::VersionEntry& entry : document.versions)
    entry.EachObject([&](const std::string& name) { names.insert(name); });
  return names;
}

}  // namespace

bool Erases(const commit::StoredEvent& event) {
  return event.event_type == "purge" || event.event_type == "delete" ||
         event.event_type == "redact";
}

Result<bool> CopySource::Knows(int64_t seq, const std::string& hash) const {
  CORESHED_ASSIGN(const auto event, commit::FindEvent(*document, seq, *pages));
  return event && event->hash == hash;
}

Result<bool> CopySource::IsAheadOf(const commit::RecordDocument* base) const {
  if (base == nullptr || base->head_seq == 0) return document->head_seq > 0;
  CORESHED_ASSIGN(const bool knows, Knows(base->head_seq, base->head_hash));
  if (knows) return base->head_seq < document->head_seq;
  return Error{ErrorKind::kConflict,
               "'" + document->record_id +
                   "' has a history of its own there: somebody wrote to the copy, or it is the "
                   "newer one. Nothing of it was changed."};
}

Result<commit::Decision> BeginCopyOperation::Decide(const commit::RecordDocument* base,
                                                    commit::RecordDocument* next,
                                                    const std::string&, const std::string&,
                                                    storage::Stage&) {
  commit::Decision decision;
  is_overtaken_ = false;
  is_said_ = false;
  CORESHED_ASSIGN(const bool is_ahead, source_.IsAheadOf(base));
  decision.nothing_to_do = !is_ahead;
  const commit::StateMark own = source_.mark();
  is_new_ = base == nullptr;
  if (base == nullptr) {
    next->state = commit::RecordState::kVoid;
  } else if (!base->copying) {
    ++next->fence;
  } else if (base->copying->seq > own.seq) {
    is_overtaken_ = true;
    return Error{ErrorKind::kConflict,
                 "Another copy of '" + base->record_id +
                     "' brings a newer state there, or was interrupted. Make that copy again, from "
                     "where it came; if that is lost, copy to another place."};
  } else {
    CORESHED_ASSIGN(const bool knows, source_.Knows(base->copying->seq, base->copying->hash));
    if (!knows) ++next->fence;  // of a history that has parted from this one: it can't follow now
    is_said_ = knows && base->copying->seq == own.seq;
    decision.nothing_to_do = decision.nothing_to_do || is_said_;
  }
  next->copying = own;
  return decision;
}

Result<commit::Decision> SweptOperation::Decide(const commit::RecordDocument* base,
                                                commit::RecordDocument* next, const std::string&,
                                                const std::string&, storage::Stage&) {
  commit::Decision decision;
  decision.nothing_to_do =
      base == nullptr || base->to_sweep != to_sweep_ || base->copying.has_value();
  next->to_sweep.clear();
  return decision;
}

Result<void> CopyOperation::TakeEntries(
    const std::vector<commit::Item<commit::VersionEntry>>& entries,
    const table::StoredSchemas& schemas) {
  for (const commit::VersionEntry& entry : entries) {
    // What a page says of a version that metadata.json has an entry of does not count.
    const auto* newer = source_.document->Find(entry.version);
    const bool is_gone = entry.purged || entry.version <= source_.document->deleted_through;
    if (is_gone || (newer != nullptr && newer != &entry)) continue;
    markers_.push_back(
        paths::ContentMarker(entry.duplicate_hash, source_.document->record_id, entry.version));
    for (const auto& [name, table] : entry.tables) {
      for (const auto& file : table.parts.files) {
        if (needed_.contains(file.name)) continue;
        CopiedObject object{file.name, file.size_bytes, "", file, nullptr};
        CORESHED_ASSIGN(object.schema, SchemaOf(table, schemas));
        needed_.emplace(file.name, std::move(object));
      }
    }
    for (const auto& file : entry.kept) {
      needed_.emplace(file.name,
                      CopiedObject{file.name, file.size_bytes, file.sha256, {}, nullptr});
    }
  }
  return {};
}

Result<void> CopyOperation::TakePages(const std::vector<commit::PageRef>& refs,
                                      const std::set<std::string>& known) {
  for (const auto& ref : refs) {
    if (known.contains(ref.name)) continue;
    needed_.emplace(ref.name, CopiedObject{ref.name, ref.size_bytes, ref.sha256, {}, nullptr});
    CORESHED_ASSIGN(const auto page, source_.pages->Read(source_.document->record_id, ref));
    if (page->level > 0) {
      CORESHED_TRY(TakePages(page->pages, known));
    } else {
      CORESHED_TRY(TakeEntries(page->versions, page->schemas));
    }
  }
  return {};
}

Result<void> CopyOperation::FindNew(const commit::RecordDocument& base) {
  needed_.clear();
  markers_.clear();
  std::set<std::string> known;
  CORESHED_TRY(commit::EachPage(base, *to_.pages,
                                [&](const commit::PageRef& ref) { known.insert(ref.name); }));
  CORESHED_TRY(TakePages(source_.document->pages, known));
  CORESHED_TRY(TakeEntries(source_.document->versions, source_.document->schemas));
  return TakeEventMarkers(base.head_seq);
}

/// Event ids that callers chose: a call that is repeated at the copy is found there, too.
Result<void> CopyOperation::TakeEventMarkers(int64_t after) {
  const std::string folder = paths::RecordFolder(source_.document->record_id) + "events/";
  return source_.storage->List(folder, [&](const storage::ObjectStat& object) {
    const auto seq = paths::ParseEventMarker(object.key);
    if (seq && *seq > after && *seq <= source_.document->head_seq) markers_.push_back(object.key);
    return true;
  });
}

Result<std::set<std::string>> CopyOperation::Present(const std::string& record_id) {
  std::set<std::string> present;
  const std::string folder = paths::RecordFolder(record_id);
  CORESHED_TRY(to_.storage->List(folder, [&](const storage::ObjectStat& object) {
    present.insert(object.key.substr(folder.size()));
    return true;
  }));
  return present;
}

Result<void> CopyOperation::DropKnown(const commit::RecordDocument& base,
                                      const std::set<std::string>& present) {
  const auto drop = [&](const std::set<std::string>& known) {
    std::erase_if(needed_, [&](const auto& object) { return known.contains(object.first); });
  };
  drop(NamesOf(base));
  const bool is_open = std::any_of(needed_.begin(), needed_.end(), [&](const auto& object) {
    return present.contains(object.first) && object.second.sha256.empty() &&
           !done_.contains(object.first);
  });
  if (!is_open) return {};
  std::set<std::string> known;  // of older versions, whose entries are in pages
  CORESHED_TRY(commit::EachVersion(
      base, base.deleted_through, *to_.pages, [&](const commit::VersionEntry& entry, const auto&) {
        if (entry.purged) return Result<bool>(true);
        entry.EachObject([&](const std::string& name) { known.insert(name); });
        return Result<bool>(true);
      }));
  drop(known);
  return {};
}

/// Whole there: checked here first, so that nothing that is damaged goes there, and checked there,
/// also what an interrupted copy has left.
Result<void> CopyOperation::CopyObject(const CopiedObject& object, const std::string& etag,
                                       bool is_there) {
  const std::string& id = source_.document->record_id;
  const storage::CopyPlace place{paths::Escape(id), object.name, etag};
  const std::string key = paths::RecordFolder(id) + object.name;
  if (is_there) {
    CORESHED_ASSIGN(is_there, to_.storage->HoldsCopy(place, object.size_bytes));
  }
  if (is_there) {  // of another state of as many bytes, perhaps: in a folder it is replaced
    const auto checked = CheckObject(object, id, *to_.storage);
    if (checked || checked.error().kind != ErrorKind::kCorruption) return checked;
    is_there = false;
  }
  if (auto fault = CheckObject(object, id, *source_.storage); !fault)
    return OfSource(std::move(fault).error());
  auto file = source_.storage->Open(key, object.size_bytes);
  if (!file && file.error().kind == ErrorKind::kNotFound) return MissingObject("File", key);
  if (!file) return OfSource(std::move(file).error());
  CORESHED_ASSIGN(const auto outcome, to_.storage->CopyIn(place, **file, object.size_bytes));
  if (outcome == storage::CopyOutcome::kMoved) return LostMark();
  files_ += outcome == storage::CopyOutcome::kPut ? 1 : 0;
  bytes_ += outcome == storage::CopyOutcome::kPut ? object.size_bytes : 0;
  const auto checked = CheckObject(object, id, *to_.storage);
  if (checked) return {};
  if (checked.error().kind != ErrorKind::kCorruption) return checked.error();
  return Error{ErrorKind::kConflict, "Another object lies where " + key +
                                         " is to be copied to: a write there was killed (" +
                                         checked.error().message +
                                         "). Remove it there, or copy to another place."};
}

/// A disk that can't read one file may be able to read the others; a server that does not answer
/// is not asked for each of them.
Error CopyOperation::OfSource(Error error) const {
  if (error.kind == ErrorKind::kIo && !source_.storage->is_remote())
    error.kind = ErrorKind::kCorruption;
  return error;
}

Error CopyOperation::LostMark() {
  has_lost_mark_ = true;
  return Error{ErrorKind::kConflict,
               "'" + source_.document->record_id + "' is being changed there."};
}

/// The tag of the metadata with the mark; a server is asked again from time to time, so that one
/// who has slept puts nothing into a record that has moved on, or next to nothing.
Result<std::string> CopyOperation::EtagOfMark(const commit::RecordDocument& base) {
  CORESHED_ASSIGN(const auto there, to_.documents->Read(base.record_id));
  if (!there || there->document->commit_id != base.commit_id) return LostMark();
  looked_ = std::chrono::steady_clock::now();
  return there->etag;
}

Result<void> CopyOperation::CopyObjects(const commit::RecordDocument& base,
                                        const std::set<std::string>& present) {
  constexpr std::chrono::seconds kBelieved(30);
  CORESHED_ASSIGN(std::string etag, EtagOfMark(base));
  for (const auto& [name, object] : needed_) {
    if (stop_.stop_requested()) {
      return Error{ErrorKind::kCancelled, "Stopped: the same copy, made again, goes on."};
    }
    if (done_.contains(name)) continue;
    if (std::chrono::steady_clock::now() - looked_ > kBelieved) {
      CORESHED_ASSIGN(etag, EtagOfMark(base));
    }
    CORESHED_TRY(CopyObject(object, etag, present.contains(name)));
    done_.insert(name);
  }
  return {};
}

/// A stage keeps a folder open for each of them, until its swap: of thousands, that is too many.
Result<void> CopyOperation::PutMarkers(storage::Stage& stage) {
  if (!to_.is_grouped) return {};
  const std::string folder = paths::RecordFolder(source_.document->record_id);
  for (const auto& marker : std::exchange(markers_, {})) {
    CORESHED_TRY(to_.storage->PutIfAbsent(marker, ""));
    if (marker.starts_with(folder)) CORESHED_TRY(stage.Include(marker.substr(folder.size())));
  }
  return {};
}

Result<commit::Decision> CopyOperation::Decide(const commit::RecordDocument* base,
                                               commit::RecordDocument* next, const std::string&,
                                               const std::string&, storage::Stage& stage) {
  const commit::StateMark own = source_.mark();
  has_lost_mark_ = base == nullptr || !base->copying || base->copying->seq != own.seq ||
                   base->copying->hash != own.hash;
  if (has_lost_mark_) return LostMark();
  commit::Decision decision;
  CORESHED_TRY(FindNew(*base));
  CORESHED_ASSIGN(const auto present, Present(base->record_id));
  CORESHED_TRY(DropKnown(*base, present));
  CORESHED_TRY(CopyObjects(*base, present));
  CORESHED_TRY(PutMarkers(stage));
  for (const auto& [name, object] : needed_)
    CORESHED_TRY(stage.Include(name));
  bool erases = !base->to_sweep.empty();
  // Where there was nothing, nothing that was erased since can lie.
  const bool is_first = is_new_ && present.size() <= 1;  // metadata.json
  if (!is_first) {
    CORESHED_TRY(commit::EachEvent(*source_.document, base->head_seq, *source_.pages,
                                   [&](const commit::StoredEvent& event) {
                                     erases = erases || Erases(event);
                                     return Result<bool>(!erases);
                                   }));
  }
  // Who has shared parts there with a version that is purged now decides anew (N36).
  const int64_t fence = std::max(base->fence + 1, source_.document->fence);
  *next = *source_.document;
  next->fence = fence;
  next->copying.reset();
  next->to_sweep.clear();
  if (erases) {
    CORESHED_ASSIGN(const int64_t now, to_.storage->NowMicros());
    next->to_sweep = FormatTime(now);
  }
  decision.markers = markers_;
  return decision;
}

}  // namespace coreshed::store
