#include <coreshed/content.h>

#include "store/store_impl.h"
#include "store/stored_columns.h"
#include "table/drift.h"

namespace coreshed::store {
namespace {

TableInfo ToTableInfo(const std::string& name, const commit::TableEntry& table,
                      const table::StoredSchemas& schemas) {
  TableInfo info;
  info.name = name;
  info.rows = table.parts.rows;
  if (auto columns = StoredColumns(table, schemas)) info.columns = std::move(columns).value();
  info.fingerprint = table.fingerprint;
  info.exact_hash = table.parts.exact_hash;
  info.duplicate_hash = table.parts.duplicate_sum;
  info.parts = table.parts.parts;
  info.files = static_cast<int64_t>(table.parts.files.size());
  return info;
}

}  // namespace

Version ToVersion(const commit::RecordDocument& document, const commit::FoundEntry& found) {
  const commit::VersionEntry& entry = found.entry;
  Version version;
  version.record_id = document.record_id;
  version.version = entry.version;
  version.status = entry.status;
  version.active = entry.version == document.current_version;
  version.purged = entry.purged;
  version.erased = entry.erased;
  version.created_by = entry.created_by;
  version.created_at = entry.created_at;
  version.comment = entry.comment;
  version.event_type = entry.event_type;
  version.event_id = entry.event_id;
  version.exact_hash = entry.exact_hash;
  version.duplicate_hash = entry.duplicate_hash;
  version.source = entry.source;
  version.equals_version = entry.equals;
  if (entry.checked.is_object()) {
    version.checked =
        CheckedBy{entry.checked.value("name", ""), entry.checked.value("number", int64_t{0})};
  }
  if (entry.review) {
    version.review = coreshed::Review{entry.review->by, entry.review->at, entry.review->meaning,
                                      entry.review->reason};
  }
  if (!entry.drift.is_null()) {
    if (auto drift = table::DriftFromJson(entry.drift)) version.drift = std::move(drift).value();
  }
  for (const auto& [name, table] : entry.tables) {
    version.tables.push_back(ToTableInfo(name, table, found.schemas));
  }
  for (const auto& [tag, tagged] : document.tags) {
    if (tagged == entry.version) version.tags.push_back(tag);
  }
  return version;
}

RecordInfo ToInfo(const commit::RecordDocument& document) {
  RecordInfo info;
  info.record_id = document.record_id;
  info.name = document.name;
  info.current_version = document.current_version;
  info.versions = document.last_version;
  info.created_by = document.created_by;
  info.created_at = document.created_at;
  info.updated_by = document.updated_by;
  info.updated_at = document.head_time;
  info.attributes = document.attributes;
  info.drift_policy = document.drift_policy;
  info.bound_schema = document.bound_schema;
  if (const auto* active = document.Active()) {
    info.status = active->status;
    info.rows = active->rows();
    for (const auto& [name, table] : active->tables)
      info.tables.push_back(name);
  }
  return info;
}

}  // namespace coreshed::store
