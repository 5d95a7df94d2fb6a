#include <set>

#include "base/canonical_json.h"
#include "base/missing.h"
#include "base/paths.h"
#include "base/result.h"
#include "base/sha256.h"
#include "commit/replay.h"
#include "store/check_entry.h"
#include "store/kept_file.h"
#include "store/store_impl.h"
#include "store/stored_columns.h"

namespace coreshed::store {
namespace {

void AddFault(const VerifyOptions& options, VerifyReport* report, Fault fault) {
  if (static_cast<int64_t>(report->faults.size()) < options.faults_max) {
    report->faults.push_back(std::move(fault));
  }
}

/// What is wrong with one record only: the others are verified all the same.
bool IsFault(const Error& error) {
  return error.kind == ErrorKind::kCorruption || error.kind == ErrorKind::kNotFound ||
         error.kind == ErrorKind::kUnsupported;  // a newer release wrote it
}

Error Stopped() {
  return Error{ErrorKind::kCancelled, "Stopped: not everything was verified."};
}

/// The same for entries that say the same of their data, as those of equal content mostly do: such
/// data are checked once.
std::string DataKey(const commit::VersionEntry& entry) {
  return Sha256Hex(CanonicalJson({entry.exact_hash, entry.duplicate_hash,
                                  commit::EntryToJson(entry).at("tables"),
                                  commit::EntryToJson(entry).value("kept", nlohmann::json())}));
}

}  // namespace

/// The version's entry, and its files.
Result<void> StoreImpl::CheckData(const std::string& record_id, const commit::FoundEntry& found,
                                  bool deep, VerifyReport* report, Doubt* doubt) {
  const commit::VersionEntry& entry = found.entry;
  const std::string what = "version " + std::to_string(entry.version);
  const auto fault = [&](const std::string& object, const char* rule, const std::string& text) {
    report->faults.push_back({record_id, object, rule, what + ": " + text});
  };
  for (const auto& [rule, sentence] : CheckEntry(entry, found.schemas))
    fault("", rule, sentence);
  for (const auto& [name, table] : entry.tables) {
    auto schema = SchemaOf(table, found.schemas);
    if (!schema) return {};
    parts::ReadRequest request;
    request.parts = &table.parts;
    request.record_prefix = paths::RecordFolder(record_id);
    request.schema = *schema;
    request.threads = threads_;
    request.memory_bytes = options_.memory_bytes;
    CORESHED_ASSIGN(auto checked, parts::CheckParts(request, *storage_, deep));
    report->files += checked.files;
    report->bytes_read += checked.bytes_read;
    doubt->missed = doubt->missed || checked.missed;
    if (!doubt->unread) doubt->unread = checked.unread;
    for (const auto& sentence : checked.faults)
      fault(name, "data", sentence);
  }
  for (const auto& file : entry.kept) {
    const std::string key = paths::RecordFolder(record_id) + file.name;
    const auto checked = deep ? CheckBytes(*storage_, key, file.size_bytes, file.sha256)
                              : CheckSize(*storage_, key, file.size_bytes);
    ++report->files;
    if (deep) report->bytes_read += file.size_bytes;
    if (checked) continue;
    doubt->missed = doubt->missed || SaysMissing(checked.error());
    if (checked.error().kind != ErrorKind::kCorruption && !doubt->unread) {
      doubt->unread = checked.error();
    }
    fault(file.name, "kept", checked.error().message);
  }
  return {};
}

Result<void> StoreImpl::VerifyVersion(const std::string& record_id, const commit::FoundEntry& found,
                                      const VerifyOptions& options, std::set<std::string>* checked,
                                      VerifyReport* report, Doubt* doubt) {
  if (options.stop.stop_requested()) return Stopped();
  const commit::VersionEntry& entry = found.entry;
  ++report->versions;
  if (entry.purged) return {};
  const auto marker = paths::ContentMarker(entry.duplicate_hash, record_id, entry.version);
  if (const auto there = storage_->Get(marker); !there) {
    doubt->missed = doubt->missed || there.error().kind == ErrorKind::kNotFound;
    AddFault(options, report, {record_id, marker, "marker", "the content marker is missing"});
  }
  if (!checked->insert(DataKey(entry)).second) return {};
  VerifyReport data;
  CORESHED_TRY(CheckData(record_id, found, options.deep, &data, doubt));
  report->files += data.files;
  report->bytes_read += data.bytes_read;
  for (auto& fault : data.faults)
    AddFault(options, report, std::move(fault));
  return {};
}

Result<void> StoreImpl::VerifyOnce(const std::string& record_id, const VerifyOptions& options,
                                   std::string* commit_id, VerifyReport* report, Doubt* doubt) {
  const auto fault = [&](const std::string& object, const std::string& rule,
                         const std::string& message) {
    AddFault(options, report, {record_id, object, rule, message});
  };
  auto base = documents_.Read(record_id);
  if (!base) {
    if (!IsFault(base.error())) return std::move(base).error();
    fault("metadata.json", "metadata", base.error().message);
    return {};
  }
  if (!*base) {
    fault("metadata.json", "metadata", "the folder has no metadata.json");
    return {};
  }
  const auto& document = *(*base)->document;
  *commit_id = document.commit_id;
  report->records += document.state == commit::RecordState::kVoid ? 0 : 1;
  report->events += document.head_seq;
  commit::PageReader pages(storage_);  // what the store has read before says nothing of the disk
  std::set<std::string> checked;
  const auto visit = [&](const auto& entry, const auto& schemas) -> Result<void> {
    if (entry->version <= document.deleted_through) return {};
    return VerifyVersion(record_id, {entry, schemas}, options, &checked, report, doubt);
  };
  const auto report_fault = [&](const auto& rule, const auto& text) { fault("", rule, text); };
  return commit::Replay(document, pages, report_fault, visit).Run();
}

Result<void> StoreImpl::VerifyRecord(const std::string& record_id, const VerifyOptions& options,
                                     VerifyReport* report) {
  VerifyReport found;  // by the last pass: one before may have missed pages that have moved
  auto ran = commit::ReadAgain([&](std::string* commit_id) -> Result<void> {
    found = {};
    Doubt doubt;
    CORESHED_TRY(VerifyOnce(record_id, options, commit_id, &found, &doubt));
    if (!doubt.missed) return {};
    // What is purged meanwhile is not missing.
    CORESHED_ASSIGN(const auto now, documents_.Read(record_id));
    if (!now || now->document->commit_id == *commit_id) return {};
    return MissingObject("Something of", record_id);
  });
  if (!ran && !IsFault(ran.error())) return ran;
  if (!ran) AddFault(options, &found, {record_id, "pages/", "pages", ran.error().message});
  report->records += found.records;
  report->versions += found.versions;
  report->events += found.events;
  report->files += found.files;
  report->bytes_read += found.bytes_read;
  for (auto& fault : found.faults)
    AddFault(options, report, std::move(fault));
  return {};
}

Result<VerifyReport> StoreImpl::Verify(const VerifyOptions& options) {
  VerifyReport report;
  std::vector<std::string> ids = options.records;
  if (ids.empty()) {
    CORESHED_ASSIGN(ids, RecordIds());
  } else {
    for (auto& id : ids) {  // one that is damaged is there, and its faults are told below
      CORESHED_ASSIGN(id, paths::CheckAnyRecordId(id));
      auto live = ReadLive(id);
      if (!live && live.error().kind == ErrorKind::kNotFound) return std::move(live).error();
    }
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (options.stop.stop_requested()) return Stopped();
    if (options.progress) {
      options.progress("verify", static_cast<double>(i) / static_cast<double>(ids.size()), ids[i]);
    }
    CORESHED_TRY(VerifyRecord(ids[i], options, &report));
  }
  if (!options.seal.empty()) CORESHED_TRY(VerifySeal(options, &report));
  if (options.progress) options.progress("verify", 1.0, "");
  return report;
}

}  // namespace coreshed::store
