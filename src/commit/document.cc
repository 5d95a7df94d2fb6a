#include "commit/document.h"

#include <algorithm>
#include <set>

#include "base/canonical_json.h"
#include "base/paths.h"
#include "base/result.h"
#include "base/time.h"
#include "commit/fields.h"
#include "commit/schemas.h"

namespace coreshed::commit {
namespace {

using nlohmann::json;

constexpr int64_t kFormat = 1;

json CutToJson(const parts::CutRule& cut) {
  return {{"columns", cut.columns},
          {"mask_bits", cut.mask_bits},
          {"rows_min", cut.rows_min},
          {"rows_max", cut.rows_max},
          {"bytes_max", cut.bytes_max}};
}

Result<parts::CutRule> CutFromJson(const json& stored, const std::string& where) {
  Fields fields(stored, where + ", cut rule");
  parts::CutRule cut;
  for (const auto& column : fields.Array("columns")) {
    if (column.is_string()) cut.columns.push_back(column.get<std::string>());
  }
  cut.mask_bits = static_cast<int>(fields.Number("mask_bits"));
  cut.rows_min = fields.Number("rows_min");
  cut.rows_max = fields.Number("rows_max");
  cut.bytes_max = fields.Number("bytes_max");
  const bool sound = cut.mask_bits <= 40 && cut.rows_min >= 1 && cut.rows_max >= cut.rows_min &&
                     cut.bytes_max >= 1;
  if (!sound) fields.Fail("numbers out of range");
  if (!fields.ok()) return fields.error();
  return cut;
}

/// What people look for first; `approved_*` and `rejected_*` speak of the active version.
json FamiliarFields(const RecordDocument& document) {
  const VersionEntry* active = document.Active();
  const bool one_table = active != nullptr && active->tables.size() == 1;
  json fields = {{"table_name", one_table ? json(active->tables.begin()->first) : json()},
                 {"status", active != nullptr ? json(StatusName(active->status)) : json()}};
  const auto* review = active != nullptr && active->review ? &*active->review : nullptr;
  for (const Status status : {Status::kApproved, Status::kRejected}) {
    const bool shown = review != nullptr && active->status == status;
    fields[StatusName(status) + "_by"] = shown ? json(review->by) : json();
    fields[StatusName(status) + "_at"] = shown ? json(review->at) : json();
  }
  return fields;
}

/// Nobody decides by them, but people do: they must be right. Empty: they are.
std::string CheckFamiliarFields(const RecordDocument& document, const json& top) {
  const json familiar = FamiliarFields(document);
  for (const auto& [name, value] : familiar.items()) {
    const auto stored = top.find(name);
    if (stored == top.end() || *stored != value) {
      return "its field '" + name + "' is not what the active version says";
    }
  }
  return "";
}

json TopToJson(const RecordDocument& document) {
  json top = {
      {"coreshed", kFormat},
      {"record_id", document.record_id},
      {"state", RecordStateName(document.state)},
      {"commit_id", document.commit_id},
      {"fence", document.fence},
      {"name", document.name},
      {"created_by", document.created_by},
      {"created_at", document.created_at},
      {"updated_by", document.updated_by},
      {"current_version", document.current_version},
      {"last_version", document.last_version},
      {"last_approved", document.last_approved},
      {"deleted_through", document.deleted_through},
      {"sealed_through", document.sealed_through},
      {"head",
       {{"seq", document.head_seq}, {"hash", document.head_hash}, {"time", document.head_time}}},
      {"attributes", document.attributes},
      {"tags", document.tags},
  };
  if (document.copying) {
    top["copying"] = {{"seq", document.copying->seq}, {"hash", document.copying->hash}};
  }
  if (!document.to_sweep.empty()) top["to_sweep"] = document.to_sweep;
  if (document.drift_policy) top["drift_policy"] = DriftPolicyName(*document.drift_policy);
  if (!document.bound_schema.empty()) top["bound_schema"] = document.bound_schema;
  auto& cuts = top["cuts"] = json::object();
  for (const auto& [table, cut] : document.cuts)
    cuts[table] = CutToJson(cut);
  top.update(FamiliarFields(document));
  return top;
}

template <typename Items, typename Line>
void AppendLines(std::string* out, const char* name, const Items& items, Line line) {
  *out += std::string(",\n\"") + name + "\":[";
  bool first = true;
  for (const auto& item : items) {
    *out += first ? "\n" : ",\n";
    *out += line(item);
    first = false;
  }
  *out += "]";
}

std::optional<RecordState> ParseState(const std::string& name) {
  for (auto state : {RecordState::kLive, RecordState::kDeleted, RecordState::kVoid}) {
    if (RecordStateName(state) == name) return state;
  }
  return std::nullopt;
}

void ParseScalars(Fields& fields, RecordDocument* document) {
  const auto state = ParseState(fields.Text("state"));
  if (!state) fields.Fail("its state is unknown");
  document->state = state.value_or(RecordState::kLive);
  document->commit_id = fields.Hex("commit_id", 32);
  document->fence = fields.Number("fence");
  if (fields.Has("copying")) {
    Fields copying(fields.Object("copying"), fields.where());
    document->copying = StateMark{copying.Number("seq"), copying.Hex("hash", 64)};
    if (!copying.ok()) fields.Fail("its field 'copying' names no state");
  }
  document->to_sweep = fields.TextOr("to_sweep", "");
  if (!document->to_sweep.empty() && !ParseTime(document->to_sweep)) {
    fields.Fail("its field 'to_sweep' is no time");
  }
  document->name = fields.Text("name");
  document->created_by = fields.Text("created_by");
  document->created_at = fields.Text("created_at");
  document->updated_by = fields.Text("updated_by");
  document->current_version = fields.Number("current_version");
  document->last_version = fields.Number("last_version");
  document->last_approved = fields.Number("last_approved");
  document->deleted_through = fields.Number("deleted_through");
  document->sealed_through = fields.Number("sealed_through");
  Fields head(fields.Object("head"), fields.where());
  document->head_seq = head.Number("seq");
  document->head_hash = head.Text("hash");
  document->head_time = head.Text("time");
  if (!head.ok()) fields.Fail("its head is damaged");
  if (fields.Has("drift_policy")) {
    document->drift_policy = ParseDriftPolicy(fields.Text("drift_policy"));
    if (!document->drift_policy) fields.Fail("its drift policy is unknown");
  }
  if (fields.Has("bound_schema")) document->bound_schema = fields.Text("bound_schema");
}

void ParseMaps(Fields& fields, RecordDocument* document) {
  for (const auto& [name, value] : fields.Object("attributes").items()) {
    if (!value.is_string()) return fields.Fail("an attribute is no text");
    document->attributes[name] = value.get<std::string>();
  }
  for (const auto& [name, value] : fields.Object("tags").items()) {
    if (!value.is_number_integer()) return fields.Fail("a tag is no version number");
    document->tags[name] = value.get<int64_t>();
  }
  for (const auto& [table, value] : fields.Object("cuts").items()) {
    auto cut = CutFromJson(value, fields.where());
    if (!cut) return fields.Fail("a cut rule is damaged");
    document->cuts[table] = std::move(cut).value();
  }
}

template <typename Item, typename FromJson>
Result<void> ParseItems(const json& items, const std::string& where, FromJson from_json,
                        std::vector<Item>* out) {
  out->reserve(items.size());
  for (const auto& item : items) {
    auto parsed = from_json(item, where);
    if (!parsed) return std::move(parsed).error();
    out->push_back(std::move(parsed).value());
  }
  return {};
}

}  // namespace

const Item<VersionEntry>* RecordDocument::FindItem(int64_t version) const {
  const auto found =
      std::lower_bound(versions.begin(), versions.end(), version,
                       [](const VersionEntry& entry, int64_t n) { return entry.version < n; });
  return found != versions.end() && (*found)->version == version ? &*found : nullptr;
}

const VersionEntry* RecordDocument::Find(int64_t version) const {
  const auto* item = FindItem(version);
  return item != nullptr ? &**item : nullptr;
}

VersionEntry* RecordDocument::Edit(int64_t version) {
  for (auto& entry : versions) {
    if (entry->version == version) return &entry.Edit();
  }
  return nullptr;
}

std::string RecordStateName(RecordState state) {
  switch (state) {
    case RecordState::kLive:
      return "live";
    case RecordState::kDeleted:
      return "deleted";
    case RecordState::kVoid:
      return "void";
  }
  return "";
}

std::string Serialize(const RecordDocument& document) {
  // One line for what people look for, then the schemas, then one line for each version, event and
  // page.
  const auto line = [](const auto& item) -> const std::string& { return item.line(); };
  std::string bytes = CanonicalJson(TopToJson(document));
  bytes.pop_back();
  bytes += ",\n\"schemas\":" + SchemasText(document.schemas);
  AppendLines(&bytes, "versions", document.versions, line);
  AppendLines(&bytes, "history", document.history, line);
  AppendLines(&bytes, "pages", document.pages,
              [](const PageRef& ref) { return CanonicalJson(PageRefToJson(ref)); });
  bytes += "}\n";
  return bytes;
}

Result<RecordDocument> ParseDocument(std::string_view bytes, const std::string& record_id) {
  const std::string where = "metadata.json of '" + record_id + "'";
  auto parsed = ParseJson(bytes, where);
  if (!parsed) return std::move(parsed).error();
  const json& top = parsed.value();
  Fields fields(top, where);
  RecordDocument document;
  if (auto known = CheckFormat(fields, "coreshed", kFormat); !known) return known.error();
  document.record_id = fields.Text("record_id");
  if (fields.ok() && document.record_id != record_id) {
    fields.Fail("it is the metadata of '" + document.record_id + "'");
  }
  ParseScalars(fields, &document);
  ParseMaps(fields, &document);
  CORESHED_ASSIGN(document.schemas, SchemasFromJson(fields.Object("schemas"), where));
  Result<void> lists =
      ParseItems(fields.Array("versions"), where, EntryFromJson, &document.versions);
  if (lists) lists = ParseItems(fields.Array("history"), where, EventFromJson, &document.history);
  if (lists) lists = ParseItems(fields.Array("pages"), where, PageRefFromJson, &document.pages);
  if (!lists) return std::move(lists).error();
  if (!fields.ok()) return fields.error();
  std::string broken = CheckDocument(document);
  if (broken.empty()) broken = CheckFamiliarFields(document, top);
  if (!broken.empty()) {
    return Error{ErrorKind::kCorruption, where + ": " + broken};
  }
  return document;
}

json PageRefToJson(const PageRef& ref) {
  return {{"level", ref.level},
          {"name", ref.name},
          {"sha256", ref.sha256},
          {"bytes", ref.size_bytes},
          {"events", json::array({ref.first_seq, ref.last_seq})},
          {"versions", json::array({ref.first_version, ref.last_version})},
          {"times", json::array({ref.first_time, ref.last_time})},
          {"last_hash", ref.last_hash}};
}

Result<PageRef> PageRefFromJson(const json& stored, const std::string& where) {
  Fields fields(stored, where + ", page reference");
  PageRef ref;
  ref.level = static_cast<int>(fields.Number("level"));
  ref.name = fields.Text("name");
  ref.sha256 = fields.Hex("sha256", 64);
  ref.size_bytes = fields.Number("bytes");
  ref.last_hash = fields.Hex("last_hash", 64);
  auto pair = [&](const char* name, auto* first, auto* last) {
    const json& values = fields.Array(name);
    using Value = std::remove_pointer_t<decltype(first)>;
    const bool right_type =
        values.size() == 2 && std::all_of(values.begin(), values.end(), [](const json& value) {
          if (std::is_same_v<Value, std::string>) return value.is_string();
          return value.is_number_integer() && value.get<int64_t>() >= 0;
        });
    if (!right_type) return fields.Fail(std::string("field '") + name + "' is no pair");
    *first = values[0].get<Value>();
    *last = values[1].get<Value>();
  };
  pair("events", &ref.first_seq, &ref.last_seq);
  pair("versions", &ref.first_version, &ref.last_version);
  pair("times", &ref.first_time, &ref.last_time);
  const bool inside = ref.name.starts_with("pages/") && paths::StaysInside(ref.name);
  if (fields.ok() && !inside) fields.Fail("its name lies outside pages/");
  if (fields.ok() && (ref.level > 20 || ref.size_bytes > kPageBytesMax)) {
    fields.Fail("its numbers are out of range");
  }
  if (!fields.ok()) return fields.error();
  return ref;
}

void DropUnusedSchemas(const std::vector<Item<VersionEntry>>& versions,
                       table::StoredSchemas* schemas) {
  std::set<std::string> used;
  for (const VersionEntry& entry : versions) {
    if (entry.purged) continue;
    for (const auto& [name, table] : entry.tables)
      used.insert(table.schema);
  }
  std::erase_if(*schemas, [&](const auto& item) { return !used.contains(item.first); });
}

}  // namespace coreshed::commit
