#include "table/drift.h"

#include <optional>
#include <string>

#include "base/result.h"

namespace coreshed::table {
namespace {

using nlohmann::json;
using Kind = DriftChange::Kind;

constexpr Kind kLastKind = Kind::kRenameCandidate;

Error Damaged(const std::string& what) {
  return Error{ErrorKind::kCorruption, "A stored drift is damaged: " + what + "."};
}

json ChangeToJson(const DriftChange& change) {
  json out{{"kind", DriftChangeKindName(change.kind)},
           {"table", change.table},
           {"class", DriftClassName(change.drift_class)}};
  if (!change.column.empty()) out["column"] = change.column;
  if (!change.before.empty()) out["before"] = change.before;
  if (!change.after.empty()) out["after"] = change.after;
  if (change.widening) out["widening"] = true;
  return out;
}

/// A text; an empty one where there is none.
Result<std::string> Text(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return Damaged(std::string("'") + key + "' is no text");
  return found->get<std::string>();
}

Result<bool> Flag(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return false;
  if (!found->is_boolean()) return Damaged(std::string("'") + key + "' is neither true nor false");
  return found->get<bool>();
}

Result<DriftClass> Class(const json& object) {
  CORESHED_ASSIGN(const auto name, Text(object, "class"));
  for (auto drift_class : {DriftClass::kNone, DriftClass::kAdditive, DriftClass::kBreaking}) {
    if (name == DriftClassName(drift_class)) return drift_class;
  }
  return Damaged("it has a class that isn't known");
}

Result<Kind> KindFromJson(const json& object) {
  CORESHED_ASSIGN(const auto name, Text(object, "kind"));
  for (int i = 0; i <= static_cast<int>(kLastKind); ++i) {
    const auto kind = static_cast<Kind>(i);
    if (name == DriftChangeKindName(kind)) return kind;
  }
  return Damaged("it has a kind of change that isn't known");
}

Result<DriftChange> ChangeFromJson(const json& object) {
  if (!object.is_object()) return Damaged("a change is no object");
  DriftChange change{};
  CORESHED_ASSIGN(change.kind, KindFromJson(object));
  CORESHED_ASSIGN(change.table, Text(object, "table"));
  CORESHED_ASSIGN(change.column, Text(object, "column"));
  CORESHED_ASSIGN(change.before, Text(object, "before"));
  CORESHED_ASSIGN(change.after, Text(object, "after"));
  CORESHED_ASSIGN(change.widening, Flag(object, "widening"));
  CORESHED_ASSIGN(change.drift_class, Class(object));
  return change;
}

}  // namespace

json DriftToJson(const Drift& drift) {
  json out{{"class", DriftClassName(drift.drift_class)}, {"changes", json::array()}};
  for (const auto& change : drift.changes)
    out["changes"].push_back(ChangeToJson(change));
  if (drift.overridden) out["overridden"] = true;
  return out;
}

Result<Drift> DriftFromJson(const json& value) {
  Drift drift;
  if (value.is_null()) return drift;
  if (!value.is_object()) return Damaged("it is no object");
  CORESHED_ASSIGN(drift.drift_class, Class(value));
  CORESHED_ASSIGN(drift.overridden, Flag(value, "overridden"));
  const auto changes = value.find("changes");
  if (changes == value.end() || !changes->is_array()) return Damaged("'changes' is no list");
  for (const auto& object : *changes) {
    CORESHED_ASSIGN(auto change, ChangeFromJson(object));
    drift.changes.push_back(std::move(change));
  }
  return drift;
}

}  // namespace coreshed::table
