#include "cli/json.h"

namespace coreshed::cli {
namespace {

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json ToJson(const Source& source) {
  return {{"file_name", source.file_name},
          {"sha256", source.sha256},
          {"size_bytes", source.size_bytes}};
}

Json ToJson(const Review& review) {
  return {
      {"by", review.by}, {"at", review.at}, {"meaning", review.meaning}, {"reason", review.reason}};
}

Json ToJson(const DriftChange& change) {
  return {{"kind", DriftChangeKindName(change.kind)},
          {"table", change.table},
          {"column", change.column},
          {"before", change.before},
          {"after", change.after},
          {"widening", change.widening},
          {"class", DriftClassName(change.drift_class)},
          {"text", change.Describe()}};
}

Json ToJson(const TableInfo& table) {
  return {{"name", table.name},
          {"rows", table.rows},
          {"columns", cli::ToJson(table.columns)},
          {"fingerprint", table.fingerprint},
          {"exact_hash", table.exact_hash},
          {"duplicate_hash", table.duplicate_hash},
          {"parts", table.parts},
          {"files", table.files}};
}

Json ToJson(const Fault& fault) {
  return {{"record_id", fault.record_id},
          {"object", fault.object},
          {"rule", fault.rule},
          {"message", fault.message}};
}

template <typename T>
Json ListOf(const std::vector<T>& items) {
  Json array = Json::array();
  for (const auto& item : items)
    array.push_back(ToJson(item));
  return array;
}

}  // namespace

Json ToJson(const std::vector<Column>& columns) {
  Json array = Json::array();
  for (const auto& column : columns) {
    array.push_back({{"name", column.name}, {"type", column.type}, {"nullable", column.nullable}});
  }
  return array;
}

Json ToJson(const Drift& drift) {
  return {{"class", DriftClassName(drift.drift_class)},
          {"overridden", drift.overridden},
          {"changes", ListOf(drift.changes)}};
}

Json ToJson(const Version& version) {
  return {{"record_id", version.record_id},
          {"version", version.version},
          {"status", StatusName(version.status)},
          {"active", version.active},
          {"purged", version.purged},
          {"erased", version.erased},
          {"created_by", version.created_by},
          {"created_at", version.created_at},
          {"comment", version.comment},
          {"event_type", version.event_type},
          {"event_id", version.event_id},
          {"exact_hash", version.exact_hash},
          {"duplicate_hash", version.duplicate_hash},
          {"source", version.source ? ToJson(*version.source) : Json(nullptr)},
          {"review", version.review ? ToJson(*version.review) : Json(nullptr)},
          {"checked", version.checked ? Json({{"name", version.checked->name},
                                              {"number", version.checked->number}})
                                      : Json(nullptr)},
          {"equals_version", OrNull(version.equals_version)},
          {"drift", ToJson(version.drift)},
          {"tables", ListOf(version.tables)},
          {"tags", version.tags},
          {"warnings", version.warnings}};
}

Json ToJson(const Event& event) {
  return {{"seq", event.seq},
          {"event_id", event.event_id},
          {"event_type", event.event_type},
          {"version", OrNull(event.version)},
          {"active_before", OrNull(event.active_before)},
          {"actor", event.actor},
          {"time", event.time},
          {"comment", event.comment},
          {"details", Json::parse(event.details, nullptr, false)},
          {"texts", event.texts},
          {"prev_hash", event.prev_hash},
          {"hash", event.hash}};
}

Json ToJson(const RecordInfo& record) {
  return {{"record_id", record.record_id},
          {"name", record.name},
          {"tables", record.tables},
          {"current_version", record.current_version},
          {"versions", record.versions},
          {"status", record.corrupt.empty() ? StatusName(record.status) : "corrupt"},
          {"rows", record.rows},
          {"created_by", record.created_by},
          {"created_at", record.created_at},
          {"updated_by", record.updated_by},
          {"updated_at", record.updated_at},
          {"attributes", record.attributes},
          {"drift_policy",
           record.drift_policy ? Json(DriftPolicyName(*record.drift_policy)) : Json(nullptr)},
          {"bound_schema", record.bound_schema.empty() ? Json(nullptr) : Json(record.bound_schema)},
          {"corrupt", record.corrupt}};
}

Json ToJson(const ContentMatch& match) {
  return {{"record_id", match.record_id},
          {"version", match.version},
          {"status", match.corrupt.empty() ? StatusName(match.status) : "corrupt"},
          {"active", match.active},
          {"corrupt", match.corrupt}};
}

Json ToJson(const VerifyReport& report) {
  return {{"ok", report.ok()},
          {"records", report.records},
          {"versions", report.versions},
          {"events", report.events},
          {"files", report.files},
          {"bytes_read", report.bytes_read},
          {"faults", ListOf(report.faults)},
          {"notes", report.notes}};
}

Json ToJson(const Erasure& erasure) {
  Json json = {{"files", erasure.files}, {"bytes", erasure.bytes}, {"erased", erasure.erased}};
  if (!erasure.left.empty()) json["left"] = erasure.left;
  if (!erasure.again_after.empty()) json["again_after"] = erasure.again_after;
  return json;
}

Json ToJson(const CopyReport& report) {
  return {{"ok", report.ok()},
          {"records", report.records},
          {"copied", report.copied},
          {"files", report.files},
          {"bytes", report.bytes},
          {"faults", ListOf(report.faults)},
          {"again_after", report.again_after},
          {"left", report.left}};
}

Json ToJson(const ImportReport& report) {
  return {{"ok", report.ok()},
          {"records", report.records},
          {"imported", report.imported},
          {"unchanged", report.unchanged},
          {"versions", report.versions},
          {"events", report.events},
          {"faults", ListOf(report.faults)},
          {"notes", report.notes}};
}

Json ToJson(const RepairReport& report) {
  return {{"records", report.records}, {"versions", report.versions}, {"markers", report.markers}};
}

Json ToJson(const RecordChange& change) {
  if (change.is_gone) return {{"record_id", change.record.record_id}, {"is_gone", true}};
  Json json = ToJson(change.record);
  json["is_gone"] = false;
  return json;
}

Json ToJson(const RecordChanges& changes) {
  Json records = Json::array();
  for (const auto& change : changes.records)
    records.push_back(ToJson(change));
  return {{"records", std::move(records)}, {"token", changes.token}};
}

Json ToJson(const VacuumReport& report) {
  return {{"records", report.records}, {"records_cleaned", report.records_cleaned},
          {"files", report.files},     {"temporary", report.temporary},
          {"bytes", report.bytes},     {"objects", report.objects}};
}

Json ToJson(const Stats& stats) {
  return {{"records", stats.records},
          {"versions", stats.versions},
          {"events", stats.events},
          {"corrupt", stats.corrupt},
          {"data_files", stats.data_files},
          {"data_bytes", stats.data_bytes},
          {"metadata_bytes", stats.metadata_bytes},
          {"by_status", stats.by_status}};
}

Json ToJson(const Error& error) {
  return {{"error",
           {{"kind", std::string(ErrorKindName(error.kind))},
            {"message", error.message},
            {"fields", error.fields}}}};
}

}  // namespace coreshed::cli
