#include "commit/entry.h"

#include "base/canonical_json.h"
#include "base/paths.h"
#include "commit/fields.h"

namespace coreshed::commit {
namespace {

nlohmann::json PartsToJson(const parts::TableParts& parts) {
  auto files = nlohmann::json::array();
  for (const auto& file : parts.files) {
    files.push_back({{"name", file.name},
                     {"bytes", file.size_bytes},
                     {"parts", file.parts},
                     {"root", file.root}});
  }
  auto runs = nlohmann::json::array();
  for (const auto& run : parts.runs) {
    runs.push_back(nlohmann::json::array({run.file, run.first, run.count}));
  }
  return {{"rows", parts.rows},
          {"parts", parts.parts},
          {"exact_hash", parts.exact_hash},
          {"duplicate_sum", parts.duplicate_sum},
          {"files", std::move(files)},
          {"runs", std::move(runs)}};
}

void ParseFiles(Fields& fields, parts::TableParts* parts) {
  for (const auto& item : fields.Array("files")) {
    Fields file(item, fields.where());
    parts->files.push_back(
        {file.Text("name"), file.Number("bytes"), file.Number("parts"), file.Hex("root", 64)});
    if (!file.ok()) return fields.Fail("an entry of 'files' is damaged");
    if (!paths::StaysInside(parts->files.back().name)) {
      return fields.Fail("a file lies outside the record");
    }
  }
}

void ParseRuns(Fields& fields, parts::TableParts* parts) {
  int64_t covered = 0;
  for (const auto& item : fields.Array("runs")) {
    const bool shape = item.is_array() && item.size() == 3 && item[0].is_number_integer() &&
                       item[1].is_number_integer() && item[2].is_number_integer();
    if (!shape) return fields.Fail("an entry of 'runs' is not three numbers");
    const parts::PartRun run{item[0].get<int64_t>(), item[1].get<int64_t>(),
                             item[2].get<int64_t>()};
    const bool inside = run.file >= 0 && run.file < static_cast<int64_t>(parts->files.size()) &&
                        run.first >= 0 && run.count > 0 &&
                        run.count <= parts->files[static_cast<size_t>(run.file)].parts &&
                        run.first <= parts->files[static_cast<size_t>(run.file)].parts - run.count;
    if (!inside) return fields.Fail("an entry of 'runs' names parts that its file does not have");
    if (run.count > parts->parts - covered)
      return fields.Fail("'runs' add up to more than 'parts'");
    covered += run.count;
    parts->runs.push_back(run);
  }
  if (covered != parts->parts) fields.Fail("'runs' do not add up to 'parts'");
}

Result<TableEntry> TableFromJson(const nlohmann::json& json, const std::string& where) {
  Fields fields(json, where);
  TableEntry table;
  table.schema = fields.Hex("schema", 16);
  table.fingerprint = fields.Hex("fingerprint", 64);
  table.parts.rows = fields.Number("rows");
  table.parts.parts = fields.Number("parts");
  table.parts.exact_hash = fields.Hex("exact_hash", 64);
  table.parts.duplicate_sum = fields.Hex("duplicate_sum", 32);
  ParseFiles(fields, &table.parts);
  if (fields.ok()) ParseRuns(fields, &table.parts);
  if (!fields.ok()) return fields.error();
  return table;
}

void ParseReview(Fields& fields, VersionEntry* entry) {
  if (!fields.Has("review")) return;
  Fields review(fields.Object("review"), fields.where());
  entry->review = StoredReview{review.Number("seq"), review.Text("by"), review.Text("at"),
                               review.Text("meaning"), review.Text("reason")};
  if (!review.ok()) fields.Fail("its review is damaged");
}

void ParseSource(Fields& fields, VersionEntry* entry) {
  if (!fields.Has("source")) return;
  Fields source(fields.Object("source"), fields.where());
  entry->source = Source{source.Text("file_name"), source.Text("sha256"), source.Number("bytes")};
  if (!source.ok()) fields.Fail("its source is damaged");
}

void ParseKept(Fields& fields, VersionEntry* entry) {
  if (!fields.Has("kept")) return;
  for (const auto& item : fields.Array("kept")) {
    Fields file(item, fields.where());
    entry->kept.push_back(
        {file.Text("what"), file.Text("name"), file.Hex("sha256", 64), file.Number("bytes")});
    if (!file.ok()) return fields.Fail("an entry of 'kept' is damaged");
    const std::string& name = entry->kept.back().name;
    if (!name.starts_with(paths::kSources) || !paths::StaysInside(name)) {
      return fields.Fail("a kept file lies outside the record's sources/");
    }
  }
}

void AddOptional(const VersionEntry& entry, nlohmann::json* json) {
  if (entry.equals) (*json)["equals"] = *entry.equals;
  if (!entry.drift.is_null()) (*json)["drift"] = entry.drift;
  if (!entry.checked.is_null()) (*json)["checked"] = entry.checked;
  if (entry.purged) (*json)["purged"] = true;
  if (entry.erased) (*json)["erased"] = true;
  if (entry.changed) (*json)["changed"] = true;
  if (entry.source) {
    (*json)["source"] = {{"file_name", entry.source->file_name},
                         {"sha256", entry.source->sha256},
                         {"bytes", entry.source->size_bytes}};
  }
  for (const auto& file : entry.kept) {
    (*json)["kept"].push_back({{"what", file.what},
                               {"name", file.name},
                               {"sha256", file.sha256},
                               {"bytes", file.size_bytes}});
  }
  if (entry.review) {
    (*json)["review"] = {{"seq", entry.review->seq},
                         {"by", entry.review->by},
                         {"at", entry.review->at},
                         {"meaning", entry.review->meaning},
                         {"reason", entry.review->reason}};
  }
}

}  // namespace

int64_t VersionEntry::rows() const {
  int64_t sum = 0;
  for (const auto& [name, table] : tables)
    sum += table.parts.rows;
  return sum;
}

const KeptFile* VersionEntry::Kept(std::string_view what) const {
  for (const auto& file : kept) {
    if (file.what == what) return &file;
  }
  return nullptr;
}

void VersionEntry::EachObject(const std::function<void(const std::string&)>& visit) const {
  for (const auto& [name, table] : tables) {
    for (const auto& file : table.parts.files)
      visit(file.name);
  }
  for (const auto& file : kept)
    visit(file.name);
}

std::optional<Status> ParseStatus(const std::string& name) {
  for (Status status : {Status::kDraft, Status::kApproved, Status::kRejected}) {
    if (StatusName(status) == name) return status;
  }
  return std::nullopt;
}

nlohmann::json EntryToJson(const VersionEntry& entry) {
  nlohmann::json json = {{"version", entry.version},
                         {"status", StatusName(entry.status)},
                         {"seq", entry.seq},
                         {"event_id", entry.event_id},
                         {"event_type", entry.event_type},
                         {"created_by", entry.created_by},
                         {"created_at", entry.created_at},
                         {"comment", entry.comment},
                         {"exact_hash", entry.exact_hash},
                         {"duplicate_hash", entry.duplicate_hash}};
  AddOptional(entry, &json);
  auto& tables = json["tables"] = nlohmann::json::object();
  for (const auto& [name, table] : entry.tables) {
    auto& stored = tables[name] = PartsToJson(table.parts);
    stored["schema"] = table.schema;
    stored["fingerprint"] = table.fingerprint;
  }
  return json;
}

std::string LineOf(const VersionEntry& entry) {
  return CanonicalJson(EntryToJson(entry));
}

Result<VersionEntry> EntryFromJson(const nlohmann::json& json, const std::string& where) {
  Fields fields(json, where);
  VersionEntry entry;
  entry.version = fields.Number("version");
  const auto status = ParseStatus(fields.Text("status"));
  if (!status) fields.Fail("a version has an unknown status");
  entry.status = status.value_or(Status::kDraft);
  entry.seq = fields.Number("seq");
  entry.event_id = fields.Hex("event_id", 32);
  entry.event_type = fields.Text("event_type");
  entry.created_by = fields.Text("created_by");
  entry.created_at = fields.Text("created_at");
  entry.comment = fields.Text("comment");
  entry.exact_hash = fields.Hex("exact_hash", 64);
  entry.duplicate_hash = fields.Hex("duplicate_hash", 32);
  if (fields.Has("equals")) entry.equals = fields.Number("equals");
  if (fields.Has("drift")) entry.drift = fields.Object("drift");
  if (fields.Has("checked")) entry.checked = fields.Object("checked");
  entry.purged = fields.FlagOr("purged", false);
  entry.erased = fields.FlagOr("erased", false);
  entry.changed = fields.FlagOr("changed", false);
  ParseSource(fields, &entry);
  ParseKept(fields, &entry);
  ParseReview(fields, &entry);
  if (entry.review.has_value() != (entry.status != Status::kDraft)) {
    fields.Fail("a version's status and its review disagree");
  }
  for (const auto& [name, table] : fields.Object("tables").items()) {
    auto parsed = TableFromJson(table, where + ", table '" + name + "'");
    if (!parsed) return std::move(parsed).error();
    entry.tables.emplace(name, std::move(parsed).value());
  }
  if (entry.tables.empty()) fields.Fail("a version has no tables");
  if (!fields.ok()) return fields.error();
  return entry;
}

}  // namespace coreshed::commit
