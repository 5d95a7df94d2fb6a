#include <algorithm>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>

#include "base/paths.h"
#include "base/result.h"
#include "commit/replay.h"
#include "store/check_entry.h"
#include "store/copy_operation.h"
#include "store/open_on.h"
#include "store/side_by_side.h"
#include "store/store_impl.h"

/// Copies of a store (spec/commit.md, "Copying"): record by record, metadata.json read first and
/// written last.
namespace coreshed::store {
namespace {

/// Nearly all of them wait for a disk or a server.
constexpr size_t kWorkers = 16;

/// How often one record is begun again while others change it.
constexpr int kTries = 5;

/// Some faults are of one record, and the others can be copied all the same: what a person has to
/// mend there, a folder that may not be written to, say. A full or failing disk, and a server that
/// does not answer, are not asked for each of them.
bool IsOfRecord(const Error& error) {
  if (error.kind == ErrorKind::kCancelled) return false;
  if (error.kind != ErrorKind::kIo) return true;
  const auto number = error.fields.find("errno");
  const std::set<std::string> mendable = {std::to_string(EACCES), std::to_string(EPERM),
                                          std::to_string(ELOOP), std::to_string(ENOTDIR),
                                          std::to_string(EISDIR)};
  return number != error.fields.end() && mendable.contains(number->second);
}

/// A disk that can't read one file may be able to read the others.
Error OfSource(Error error, const storage::Storage& source) {
  if (error.kind == ErrorKind::kIo && !source.is_remote()) error.kind = ErrorKind::kCorruption;
  return error;
}

Error AtTheCopy(Error error, const StoreImpl& to) {
  error.message = "At " + to.location() + ": " + error.message;
  return error;
}

void Add(const CopyReport& one, CopyReport* sum) {
  sum->records += one.records;
  sum->copied += one.copied;
  sum->files += one.files;
  sum->bytes += one.bytes;
  sum->again_after = std::max(sum->again_after, one.again_after);
  sum->left.insert(sum->left.end(), one.left.begin(), one.left.end());
}

/// A place without detours, so that two can be compared.
std::string PlainPlace(std::string place) {
  if (!place.starts_with("s3://")) {
    std::error_code error;
    const auto plain =
        std::filesystem::weakly_canonical(std::filesystem::absolute(place, error), error);
    if (!error) place = plain.string();
  }
  while (place.ends_with('/'))
    place.pop_back();
  return place + "/";
}

Result<void> CheckPlaces(const std::string& here, const std::string& there) {
  const std::string one = PlainPlace(here), other = PlainPlace(there);
  if (!one.starts_with(other) && !other.starts_with(one)) return {};
  return Error{ErrorKind::kInvalidArgument, "A store can't be copied onto or into itself (" +
                                                there + "). Choose a place outside of it."};
}

}  // namespace

/// What became of one record.
struct OneCopy : CopyReport {
  bool is_swept = false;  ///< something was erased there
};

/// What was erased where `document` was copied from goes here, too.
Result<void> StoreImpl::SweepCopy(const commit::RecordDocument& document, const EventOptions& by,
                                  OneCopy* report) {
  if (document.to_sweep.empty()) return {};
  const std::string& record_id = document.record_id;
  Erasure erasure;
  CORESHED_ASSIGN(const bool is_done, RemoveUnreferenced(record_id, by, &erasure));
  if (!is_done) return {};  // another state is on its way: the copy of that one comes here again
  report->is_swept = true;
  CORESHED_ASSIGN(const auto hashes, HashesErased(record_id, std::nullopt, /*purged=*/true));
  CORESHED_TRY(RemoveMarkers(record_id, hashes, by));
  CORESHED_ASSIGN(const std::string again_after,
                  AgainAfter(record_id, document.to_sweep, /*is_new=*/false));
  report->again_after = std::max(report->again_after, again_after);
  report->left = std::move(erasure.left);
  if (!again_after.empty() || !report->left.empty()) return {};
  SweptOperation swept(document.to_sweep);
  CORESHED_TRY(commit::Commit(CommitContext(), record_id, by, swept));
  return {};
}

/// What verify would find in its history and entries must not replace what is whole there.
Result<void> StoreImpl::CheckSource(const commit::RecordDocument& document) {
  std::string broken;
  const auto report = [&](const auto&, const std::string& sentence) {
    if (broken.empty()) broken = sentence;
  };
  const auto visit = [&](const commit::VersionEntry& entry, const auto& schemas) -> Result<void> {
    if (entry.purged || entry.version <= document.deleted_through) return {};
    for (const auto& fault : CheckEntry(entry, schemas))
      report("", "version " + std::to_string(entry.version) + ": " + fault.sentence);
    return {};
  };
  CORESHED_TRY(commit::Replay(document, pages_, report, visit).Run());
  if (broken.empty()) return {};
  return Error{ErrorKind::kCorruption, "'" + document.record_id +
                                           "' is damaged and was not copied: " + broken +
                                           ". Run coreshed verify."};
}

/// Bring one record at `to` up to date; commits go through `target`, which may share syncs.
Result<void> StoreImpl::CopyRecord(const std::string& record_id, StoreImpl& to,
                                   const CopyTarget& target, const EventOptions& by,
                                   std::string* commit_id, OneCopy* report) {
  ++report->records;
  auto context = to.CommitContext();
  context.storage = target.storage;
  for (int tries = 0;; ++tries) {
    const auto read = documents_.ReadForWriting(record_id);
    if (!read) return OfSource(read.error(), *storage_);
    const auto& base = *read;
    if (!base) return LostOrGone(record_id);
    *commit_id = base->document->commit_id;
    // What else is an unfinished copy is whole at its own head.
    if (base->document->state == commit::RecordState::kVoid && base->document->copying) {
      return Error{ErrorKind::kInvalidState,
                   "'" + record_id +
                       "' is a copy that was begun and not finished: nothing of it is here to be "
                       "copied. Make that copy again, if what it was made from is still there."};
    }
    if (base->document->state == commit::RecordState::kVoid) return {};
    const CopySource source{storage_, &pages_, base->document};
    const auto read_there = to.documents_.Read(record_id);
    if (!read_there) return AtTheCopy(read_there.error(), to);
    const auto& there = *read_there;
    const auto is_ahead = source.IsAheadOf(there ? there->document.get() : nullptr);
    if (!is_ahead || !*is_ahead) {
      if (there) CORESHED_TRY(to.SweepCopy(*there->document, by, report));
      return is_ahead ? Result<void>() : is_ahead.error();
    }
    if (auto whole = CheckSource(*base->document); !whole)
      return OfSource(whole.error(), *storage_);
    CORESHED_TRY(storage_->MakeDurable(paths::Escape(record_id)));
    BeginCopyOperation begin(source);
    const auto begun = commit::Commit(context, record_id, by, begin);
    if (!begun && begin.is_overtaken() && tries < kTries) continue;
    if (!begun) return begun.error();
    CopyOperation operation(source, target, begin.is_new(), by.stop);
    const auto done = commit::Commit(context, record_id, by, operation);
    if (!done && operation.has_lost_mark()) {
      // What was put after that belongs to a state that may never be there.
      Erasure ignored;
      CORESHED_TRY(to.RemoveUnreferenced(record_id, by, &ignored));
      if (tries < kTries) continue;
    }
    if (!done) return done.error();
    ++report->copied;
    report->files += operation.files();
    report->bytes += operation.bytes();
    return to.SweepCopy(*done->document, by, report);
  }
}

/// A folder of a record with its data and without metadata.json has lost it.
Result<void> StoreImpl::LostOrGone(const std::string& record_id) {
  bool is_lost = false;
  CORESHED_TRY(storage_->List(paths::RecordFolder(record_id), [&](const auto&) {
    is_lost = true;
    return false;
  }));
  if (!is_lost) return {};
  return Error{ErrorKind::kCorruption, "'" + record_id +
                                           "' was not copied: its folder has no metadata.json. "
                                           "Restore it from a backup."};
}

/// The ids of what is to be copied, each once: those given, or all.
Result<std::vector<std::string>> StoreImpl::IdsToCopy(const std::vector<std::string>& given) {
  if (given.empty()) return RecordIds();
  std::set<std::string> ids;
  for (const auto& one : given) {
    CORESHED_ASSIGN(const std::string id, paths::CheckAnyRecordId(one));
    const auto base = documents_.Read(id);
    if (base && !*base) return NoRecord(id);
    ids.insert(id);
  }
  return std::vector<std::string>(ids.begin(), ids.end());
}

Result<CopyReport> StoreImpl::Copy(const std::string& location, const CopyOptions& options) {
  CORESHED_ASSIGN(const auto ids, IdsToCopy(options.records));
  CORESHED_TRY(CheckLocation(location));
  if (!storage_->is_remote() || options.s3.endpoint == options_.s3.endpoint)
    CORESHED_TRY(CheckPlaces(storage_->Describe(), location));
  CORESHED_ASSIGN(const auto storage, StorageAt(location, true, options_.timeout, options.s3));
  return CopyInto(storage, location, ids, options);
}

Result<CopyReport> StoreImpl::CopyInto(const std::shared_ptr<storage::Storage>& storage,
                                       const std::string& location,
                                       const std::vector<std::string>& ids,
                                       const CopyOptions& options) {
  CORESHED_TRY(EnsureStore(*storage, location, store_id_));
  // A copy that was killed may have removed what was erased, and not come to the sync.
  CORESHED_TRY(storage->MakeAllDurable());
  StoreImpl to(storage, location, store_id_, options_, false, false);
  const auto group = storage->MakeGroup();
  const CopyTarget target{group != nullptr ? group->storage() : storage, &to.documents_, &to.pages_,
                          group != nullptr};
  EventOptions by;
  by.actor = "copy";
  by.stop = options.stop;

  CopyReport report;
  std::optional<Error> failed;
  size_t done = 0;
  std::vector<std::string> swept;
  std::mutex mutex;  // guards the four
  SideBySide(group.get(), kWorkers, ids.size(), [&](size_t i) {
    if (options.stop.stop_requested()) return false;
    OneCopy one;
    const auto copied = commit::ReadAgain([&](std::string* commit_id) -> Result<void> {
      one = {};
      try {
        return CopyRecord(ids[i], to, target, by, commit_id, &one);
      } catch (const std::exception& error) {
        return Error{ErrorKind::kIo, "'" + ids[i] + "': out of memory or worse: " + error.what()};
      }
    });
    const std::lock_guard lock(mutex);
    Add(one, &report);
    if (one.is_swept) swept.push_back(ids[i]);
    if (!copied && IsOfRecord(copied.error())) {
      report.faults.push_back({ids[i], "", "copy", copied.error().message});
    } else if (!copied) {
      failed = copied.error();
    }
    ++done;
    if (options.progress) {
      options.progress("copy", static_cast<double>(done) / static_cast<double>(ids.size()), ids[i]);
    }
    return !failed;
  });
  catalog::ForgetInFiles(store_id_ + "-", swept);
  if (failed) return std::move(*failed);
  if (done < ids.size()) {
    return Error{ErrorKind::kCancelled,
                 "Stopped: not every record was copied. The same copy, made again, goes on."};
  }
  if (report.copied < report.records) {  // what was found there as it is here, whoever put it
    if (auto durable = storage->MakeAllDurable(); !durable) return AtTheCopy(durable.error(), to);
  }
  if (options.progress) options.progress("copy", 1.0, "");
  return report;
}

}  // namespace coreshed::store
