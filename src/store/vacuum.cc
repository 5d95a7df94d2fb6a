#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "base/hex.h"
#include "base/paths.h"
#include "base/result.h"
#include "commit/annotate.h"
#include "store/store_impl.h"

/// Removes what crashes and lost races left (spec/commit.md, "Vacuum"): list, fence by a commit,
/// then delete of what was listed that the fenced metadata does not refer to. Never the other way
/// round.
namespace coreshed::store {
namespace {

constexpr size_t kObjectsReportedMax = 1000;

/// Whether Coreshed makes objects of this name: nobody else's files are ever removed.
bool IsOurs(std::string_view name) {
  const bool data = (name.starts_with("versions/v") || name.starts_with("tables/")) &&
                    name.ends_with(".parquet") && name.find("versions/v") != name.npos;
  const bool page = name.starts_with("pages/") && name.ends_with(".json");
  return data || page || paths::IsKeptFile(name);
}

void Count(const storage::ObjectStat& object, VacuumReport* report) {
  ++report->files;
  report->bytes += object.size_bytes;
  if (report->objects.size() < kObjectsReportedMax) report->objects.push_back(object.key);
}

/// The record in whose folder an object lies; nothing: in none's.
std::optional<std::string> RecordOf(std::string_view key) {
  if (!key.starts_with(paths::kRecords)) return std::nullopt;
  key.remove_prefix(paths::kRecords.size());
  return paths::Unescape(key.substr(0, key.find('/')));
}

/// `document`: null where there is none.
bool MayGo(const std::string& name, const std::set<std::string>& references,
           const commit::RecordDocument* document) {
  if (!IsOurs(name) || references.contains(name)) return false;
  if (document != nullptr && document->state == commit::RecordState::kDeleted) return true;
  const auto claimed = CanonicalVersion(name);
  return !claimed || *claimed <= (document != nullptr ? document->last_version : 0);
}

}  // namespace

std::optional<int64_t> CanonicalVersion(std::string_view name) {
  const size_t at = name.rfind("versions/v");  // a table may be called versions
  if (at == name.npos) return std::nullopt;
  name.remove_prefix(at + std::string_view("versions/v").size());
  int64_t version = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  if (error != std::errc() || end == name.data()) return std::nullopt;
  const bool token = end != name.data() + name.size() && *end == '-';
  return token ? std::nullopt : std::optional(version);
}

Result<std::set<std::string>> StoreImpl::References(const commit::RecordDocument& document) {
  std::set<std::string> names;
  CORESHED_TRY(commit::EachPage(document, pages_,
                                [&](const commit::PageRef& ref) { names.insert(ref.name); }));
  CORESHED_TRY(commit::EachVersion(document, document.deleted_through, pages_,
                                   [&](const commit::VersionEntry& entry, const auto&) {
                                     if (entry.purged) return Result<bool>(true);
                                     entry.EachObject(
                                         [&](const std::string& name) { names.insert(name); });
                                     return Result<bool>(true);
                                   }));
  return names;
}

Result<std::vector<storage::ObjectStat>> StoreImpl::RemainsOf(
    const std::string& record_id, const std::vector<storage::ObjectStat>& candidates, bool dry_run,
    std::string* commit_id, bool* is_put_off) {
  const std::string folder = paths::RecordFolder(record_id);
  const auto remains =
      [&](const commit::RecordDocument* document) -> Result<std::vector<storage::ObjectStat>> {
    std::vector<storage::ObjectStat> found;
    std::set<std::string> references;
    if (document != nullptr) {
      CORESHED_ASSIGN(references, References(*document));
    }
    for (const auto& object : candidates) {
      const std::string name = object.key.substr(folder.size());
      if (MayGo(name, references, document)) found.push_back(object);
    }
    return found;
  };
  CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
  if (base) *commit_id = base->document->commit_id;
  *is_put_off = base && base->document->copying;
  if (*is_put_off) return std::vector<storage::ObjectStat>();
  CORESHED_ASSIGN(auto found, remains(base ? base->document.get() : nullptr));
  if (found.empty() || dry_run) return found;  // nothing to remove: no fence, no commit
  commit::FenceOperation fence;
  EventOptions by;
  by.actor = "vacuum";
  // Judged by the document of the fence itself, not by what is read afterwards: a commit that came
  // after the fence may refer to files that this list does not know to be used.
  CORESHED_ASSIGN(const auto fenced, commit::Commit(CommitContext(), record_id, by, fence));
  *is_put_off = fenced.document->copying.has_value();
  if (*is_put_off) return std::vector<storage::ObjectStat>();
  return remains(fenced.document.get());
}

/// False: a copy into the record is under way, and nothing is taken away meanwhile.
Result<bool> StoreImpl::VacuumRecord(const std::string& record_id,
                                     const std::vector<storage::ObjectStat>& candidates,
                                     const VacuumOptions& options, VacuumReport* report) {
  bool is_put_off = false;
  CORESHED_ASSIGN(const auto found, commit::ReadAgain([&](std::string* commit_id) {
                    return RemainsOf(record_id, candidates, options.dry_run, commit_id,
                                     &is_put_off);
                  }));
  for (const auto& object : found) {
    Count(object, report);
    if (!options.dry_run) CORESHED_TRY(storage_->Delete(object.key));
  }
  return !is_put_off;
}

/// One list of all objects, which come record by record: also those of records that were never
/// created.
Result<void> StoreImpl::VacuumRecords(int64_t before_us, const VacuumOptions& options,
                                      std::set<std::string>* cleaned, VacuumReport* report) {
  std::string segment;
  std::vector<storage::ObjectStat> candidates;
  const auto finish = [&]() -> Result<void> {
    const auto id = paths::Unescape(segment);
    const auto objects = std::exchange(candidates, {});
    if (segment.empty() || !id) return {};
    if (options.stop.stop_requested()) {
      return Error{ErrorKind::kCancelled, "Stopped: not every record was looked at."};
    }
    if (options.progress) options.progress("vacuum", -1, *id);
    ++report->records;
    const int64_t files_before = report->files;
    auto done = VacuumRecord(*id, objects, options, report);
    if (report->files > files_before) cleaned->insert(*id);
    // A record that is damaged, or of a newer release, is left alone: verify is there to name it.
    if (!done && done.error().kind != ErrorKind::kCorruption &&
        done.error().kind != ErrorKind::kUnsupported) {
      return std::move(done).error();
    }
    return {};
  };
  Result<void> so_far;
  const std::string folder(paths::kRecords);
  CORESHED_TRY(storage_->List(folder, [&](const storage::ObjectStat& object) {
    const auto end = object.key.find('/', folder.size());
    if (end == object.key.npos) return true;
    const std::string_view own = std::string_view(object.key).substr(0, end).substr(folder.size());
    if (own != segment) {
      so_far = finish();
      segment = own;
    }
    if (object.modified_us < before_us) candidates.push_back(object);
    return so_far.has_value();
  }));
  CORESHED_TRY(std::move(so_far));
  return finish();
}

Result<VacuumReport> StoreImpl::Vacuum(const VacuumOptions& options) {
  VacuumReport report;
  CORESHED_ASSIGN(const int64_t now, storage_->NowMicros());
  const int64_t before =
      now - std::chrono::duration_cast<std::chrono::microseconds>(options.grace).count();
  std::set<std::string> cleaned;
  CORESHED_TRY(
      storage_->SweepTemporary(before, options.dry_run, [&](const storage::ObjectStat& object) {
        Count(object, &report);
        ++report.temporary;
        if (auto id = RecordOf(object.key)) cleaned.insert(std::move(*id));
      }));
  CORESHED_TRY(VacuumRecords(before, options, &cleaned, &report));
  if (options.progress) options.progress("vacuum", 1.0, "");
  report.records_cleaned = static_cast<int64_t>(cleaned.size());
  return report;
}

}  // namespace coreshed::store
