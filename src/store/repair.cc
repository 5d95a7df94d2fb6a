#include "base/paths.h"
#include "base/result.h"
#include "store/store_impl.h"

/// What is derived from the records can be made anew from them at any time.
namespace coreshed::store {

/// Without its marker a version is not found by its content.
Result<void> StoreImpl::RepairMarkers(const std::string& record_id, RepairReport* report) {
  return commit::ReadAgain([&](std::string* commit_id) -> Result<void> {
    CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
    if (!base) return {};
    const auto& document = *base->document;
    *commit_id = document.commit_id;
    return commit::EachVersion(
        document, document.deleted_through, pages_,
        [&](const commit::VersionEntry& entry, const auto&) -> Result<bool> {
          ++report->versions;
          if (entry.purged) return true;
          const auto marker = paths::ContentMarker(entry.duplicate_hash, record_id, entry.version);
          const auto there = storage_->Get(marker);
          if (there) return true;
          if (there.error().kind != ErrorKind::kNotFound) return there.error();
          CORESHED_ASSIGN(const bool made, storage_->PutIfAbsent(marker, ""));
          report->markers += made ? 1 : 0;
          // Erased meanwhile: then it must not come back.
          CORESHED_ASSIGN(const bool holds,
                          MayHold({entry.duplicate_hash, record_id, entry.version}));
          if (!holds) CORESHED_TRY(storage_->Delete(marker));
          return true;
        });
  });
}

Result<RepairReport> StoreImpl::Repair(const RepairOptions& options) {
  RepairReport report;
  CORESHED_ASSIGN(const auto ids, RecordIds());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (options.stop.stop_requested()) {
      return Error{ErrorKind::kCancelled, "Stopped: not every record was looked at."};
    }
    if (options.progress) {
      options.progress("repair", static_cast<double>(i) / static_cast<double>(ids.size()), ids[i]);
    }
    ++report.records;
    auto repaired = RepairMarkers(ids[i], &report);
    // A record that is damaged is left alone: verify is there to name it.
    const bool is_left = !repaired && (repaired.error().kind == ErrorKind::kCorruption ||
                                       repaired.error().kind == ErrorKind::kUnsupported);
    if (!repaired && !is_left) {
      return std::move(repaired).error();
    }
  }
  Index().Rebuild();
  CORESHED_TRY(Index().List({}));
  if (options.progress) options.progress("repair", 1.0, "");
  return report;
}

}  // namespace coreshed::store
