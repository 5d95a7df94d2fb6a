#include "python/bindings/values.h"

#include <arrow/buffer.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

// After Python's own header, which nanobind brings.
#include <datetime.h>

#include <cstdio>
#include <map>

#include "python/bindings/long_call.h"
#include "python/bindings/text.h"

namespace coreshed::python {
namespace {

/// A class of coreshed.values, kept for ever.
nb::object& Class(const char* name) {
  static std::map<std::string, nb::object>& classes = *new std::map<std::string, nb::object>;
  nb::object& found = classes[name];
  if (!found.is_valid()) found = nb::module_::import_("coreshed.values").attr(name);
  return found;
}

template <typename... Arguments>
nb::object Make(const char* name, Arguments&&... arguments) {
  const Inside inside;
  return Class(name)(std::forward<Arguments>(arguments)...);
}

/// "2026-11-27T10:00:00.123456Z" as a datetime; None for "".
nb::object Time(const std::string& text) {
  int year, month, day, hour, minute, second, micros;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ", &year, &month, &day, &hour, &minute,
                  &second, &micros) != 7) {
    return nb::none();
  }
  PyObject* time =
      PyDateTimeAPI->DateTime_FromDateAndTime(year, month, day, hour, minute, second, micros,
                                              PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType);
  if (time == nullptr) throw nb::python_error();
  return nb::steal(time);
}

nb::object TextOrNone(const std::string& text) {
  return text.empty() ? nb::object(nb::none()) : Text(text);
}

nb::object StatusOf(Status status) {
  return Make("Status", StatusName(status));
}

nb::object DriftClassOf(DriftClass drift_class) {
  return Make("DriftClass", DriftClassName(drift_class));
}

nb::object PolicyOf(const std::optional<DriftPolicy>& policy) {
  if (!policy) return nb::none();
  return Make("SchemaDriftPolicy", DriftPolicyName(*policy));
}

}  // namespace

static nb::object ToPython(const DriftChange& change) {
  return Make("DriftChange", DriftChangeKindName(change.kind), change.table,
              TextOrNone(change.column), TextOrNone(change.before), TextOrNone(change.after),
              change.widening, DriftClassOf(change.drift_class), change.Describe());
}

static nb::object ToPython(const TableInfo& table) {
  return Make("TableInfo", table.name, table.rows, nb::tuple(ToPython(table.columns)),
              table.fingerprint, table.exact_hash, table.duplicate_hash, table.parts, table.files);
}

nb::object ToPython(const Source& source) {
  return Make("Source", source.file_name, source.sha256, source.size_bytes);
}

static nb::object ToPython(const CheckedBy& checked) {
  return Make("CheckedBy", checked.name, checked.number);
}

static nb::object ToPython(const Reject& reject) {
  return Make("Reject", reject.table, Text(reject.file), reject.record, reject.line, reject.column,
              reject.value ? Text(*reject.value) : nb::none(), reject.rule, Text(reject.reason));
}

static nb::object ToPython(const Review& review) {
  return Make("Review", review.by, Time(review.at), review.meaning, review.reason);
}

static nb::object ToPython(const Fault& fault) {
  return Make("Fault", TextOrNone(fault.record_id), TextOrNone(fault.object), fault.rule,
              Text(fault.message));
}

template <typename T>
static nb::object Tuple(const std::vector<T>& values) {
  nb::list list;
  for (const auto& value : values)
    list.append(ToPython(value));
  return nb::tuple(list);
}

template <typename T>
static nb::object Maybe(const std::optional<T>& value) {
  return value ? ToPython(*value) : nb::object(nb::none());
}

static nb::object JsonOf(const std::string& text) {
  static nb::object& loads = *new nb::object(nb::module_::import_("json").attr("loads"));
  return loads(text);
}

void ImportValues() {
  PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw nb::python_error();
  Class("Version");
}

nb::object ToPython(const Column& column) {
  return Make("Column", column.name, column.type, column.nullable);
}

nb::object ToPython(const Drift& drift) {
  return Make("Drift", DriftClassOf(drift.drift_class), Tuple(drift.changes), drift.overridden);
}

nb::object ToPython(const Version& version) {
  return Make("Version", version.record_id, version.version, StatusOf(version.status),
              version.active, version.created_by, Time(version.created_at), version.comment,
              Tuple(version.tables), Maybe(version.review), version.tags, ToPython(version.drift),
              ListOfTexts(version.warnings), Maybe(version.source), Maybe(version.checked),
              version.equals_version, version.event_type, version.event_id, version.exact_hash,
              version.duplicate_hash, version.purged, version.erased);
}

nb::object ToPython(const Event& event) {
  return Make("Event", event.seq, event.event_type, event.version, event.actor, Time(event.time),
              event.comment, event.active_before, JsonOf(event.details), event.texts,
              event.event_id, event.prev_hash, event.hash);
}

nb::object ToPython(const RecordInfo& record) {
  return Make("RecordInfo", record.record_id, record.name, record.tables, record.current_version,
              record.versions, StatusOf(record.status), record.rows, record.created_by,
              Time(record.created_at), record.updated_by, Time(record.updated_at),
              record.attributes, PolicyOf(record.drift_policy), TextOrNone(record.bound_schema),
              TextOrNone(record.corrupt));
}

nb::object ToPython(const RecordChange& change) {
  if (change.is_gone) return Make("RecordChange", change.record.record_id, nb::none());
  return Make("RecordChange", change.record.record_id, ToPython(change.record));
}

nb::object ToPython(const ContentMatch& match) {
  return Make("ContentMatch", match.record_id, match.version, StatusOf(match.status), match.active,
              TextOrNone(match.corrupt));
}

nb::object ToPython(const NamedSchema& schema) {
  return Make("NamedSchema", schema.name, schema.number, JsonOf(SchemaToJson(schema.definition)));
}

nb::object ToPython(const RejectReport& report) {
  nb::object file = nb::none();
  if (report.file != nullptr) {
    file = nb::bytes(report.file->data(), static_cast<size_t>(report.file->size()));
  }
  return Make("Rejects", Tuple(report.faults), report.by_rule, report.good_rows,
              report.rejected_rows, file, report.file_name);
}

nb::object ToPython(const UploadResult& result) {
  return Make("UploadResult", result.upload_id,
              Make("UploadOutcome", UploadOutcomeName(result.outcome)), ToPython(result.version),
              Tuple(result.duplicates), ToPython(result.rejects));
}

nb::object ToPython(const DuplicateGroup& group) {
  return Make("DuplicateGroup", group.hash, Tuple(group.matches));
}

nb::object ToPython(const Resolved& resolved) {
  return Make("Resolved", resolved.record_id, ToPython(resolved.version),
              TextOrNone(resolved.table));
}

nb::object ToPython(const VerifyReport& report) {
  return Make("VerifyReport", report.records, report.versions, report.events, report.files,
              report.bytes_read, Tuple(report.faults), ListOfTexts(report.notes));
}

nb::object ToPython(const CopyReport& report) {
  return Make("CopyReport", report.records, report.copied, report.files, report.bytes,
              Tuple(report.faults), Time(report.again_after), ListOfTexts(report.left));
}

nb::object ToPython(const ImportReport& report) {
  return Make("ImportReport", report.records, report.imported, report.unchanged, report.versions,
              report.events, Tuple(report.faults), ListOfTexts(report.notes));
}

nb::object ToPython(const RepairReport& report) {
  return Make("RepairReport", report.records, report.versions, report.markers);
}

nb::object ToPython(const VacuumReport& report) {
  return Make("VacuumReport", report.records, report.records_cleaned, report.files,
              report.temporary, report.bytes, ListOfTexts(report.objects));
}

nb::object ToPython(const Erasure& erasure) {
  return Make("Erasure", erasure.files, erasure.bytes, erasure.erased, ListOfTexts(erasure.left),
              Time(erasure.again_after));
}

nb::object ToPython(const Stats& stats) {
  return Make("Stats", stats.records, stats.versions, stats.events, stats.corrupt, stats.data_files,
              stats.data_bytes, stats.metadata_bytes, stats.by_status);
}

}  // namespace coreshed::python
