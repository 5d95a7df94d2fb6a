#include <set>

#include "base/paths.h"
#include "base/result.h"
#include "commit/replay.h"
#include "store/content_hash.h"
#include "store/store_impl.h"
#include "store/stored_columns.h"

namespace coreshed::store {
namespace {

void AddFault(const VerifyOptions& options, VerifyReport* report, Fault fault) {
  if (static_cast<int64_t>(report->faults.size()) < options.faults_max) {
    report->faults.push_back(std::move(fault));
  }
}

}  // namespace

/// The version's files, and that its hashes follow from its tables.
Result<void> StoreImpl::CheckData(const std::string& record_id, const commit::FoundEntry& found,
                                  bool deep, VerifyReport* report) {
  const commit::VersionEntry& entry = found.entry;
  const std::string what = "version " + std::to_string(entry.version);
  const auto fault = [&](const std::string& object, const char* rule, const std::string& text) {
    report->faults.push_back({record_id, object, rule, what + ": " + text});
  };
  std::map<std::string, HashedTable> hashed;
  for (const auto& [name, table] : entry.tables) {
    auto schema = SchemaOf(table, found.schemas);
    auto columns = StoredColumns(table, found.schemas);
    if (!schema || !columns) {
      fault("", "schema", "the schema of table '" + name + "' is damaged");
      return {};
    }
    hashed[name] = {std::move(columns).value(), &table.parts};
    parts::ReadRequest request;
    request.parts = &table.parts;
    request.record_prefix = paths::RecordFolder(record_id);
    request.schema = *schema;
    request.threads = threads_;
    request.memory_bytes = options_.memory_bytes;
    CORESHED_ASSIGN(auto checked, parts::CheckParts(request, *storage_, deep));
    report->files += checked.files;
    report->bytes_read += checked.bytes_read;
    for (const auto& sentence : checked.faults)
      fault(name, "data", sentence);
  }
  if (VersionExactHash(hashed) != entry.exact_hash) {
    fault("", "exact_hash", "its exact hash does not follow from its tables");
  }
  if (VersionDuplicateHash(hashed) != entry.duplicate_hash) {
    fault("", "duplicate_hash", "its duplicate hash does not follow from its tables");
  }
  return {};
}

Result<void> StoreImpl::VerifyRecord(const std::string& record_id, const VerifyOptions& options,
                                     VerifyReport* report) {
  const auto fault = [&](const std::string& object, const std::string& rule,
                         const std::string& message) {
    AddFault(options, report, {record_id, object, rule, message});
  };
  auto base = documents_.Read(record_id);
  if (!base) {
    if (base.error().kind != ErrorKind::kCorruption) return std::move(base).error();
    fault("metadata.json", "metadata", base.error().message);
    return {};
  }
  if (!*base) {
    fault("metadata.json", "metadata", "the folder has no metadata.json");
    return {};
  }
  const auto& document = *(*base)->document;
  if (document.state == commit::RecordState::kVoid) return {};
  ++report->records;
  report->events += document.head_seq;
  commit::Replay replay(document, pages_,
                        [&](const auto& rule, const auto& sentence) { fault("", rule, sentence); });
  if (auto ran = replay.Run(); !ran) {
    const auto kind = ran.error().kind;
    if (kind != ErrorKind::kCorruption && kind != ErrorKind::kNotFound) return ran;
    fault("pages/", "pages", ran.error().message);
    return {};
  }
  std::set<std::string> checked;  // versions of equal content share everything that is checked
  return commit::EachVersion(
      document, document.deleted_through, pages_,
      [&](const commit::VersionEntry& entry, const auto& schemas) -> Result<bool> {
        if (options.stop.stop_requested()) {
          return Error{ErrorKind::kCancelled, "Stopped: not everything was verified."};
        }
        ++report->versions;
        if (entry.purged) return true;
        const auto marker = paths::ContentMarker(entry.duplicate_hash, record_id, entry.version);
        auto there = storage_->Get(marker);
        if (!there) fault(marker, "marker", "the content marker is missing");
        std::string key = entry.exact_hash;
        for (const auto& [name, table] : entry.tables) {
          for (const auto& file : table.parts.files)
            key += file.name;
        }
        if (!checked.insert(std::move(key)).second) return true;
        CORESHED_TRY(CheckData(record_id, {entry, schemas}, options.deep, report));
        return true;
      });
}

Result<VerifyReport> StoreImpl::Verify(const VerifyOptions& options) {
  VerifyReport report;
  std::vector<std::string> ids = options.records;
  if (ids.empty()) {
    CORESHED_ASSIGN(ids, RecordIds());
  } else {
    for (auto& id : ids) {
      CORESHED_ASSIGN(id, paths::CheckAnyRecordId(id));
      CORESHED_TRY(ReadLive(id));
    }
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (options.stop.stop_requested()) {
      return Error{ErrorKind::kCancelled, "Stopped: not everything was verified."};
    }
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
