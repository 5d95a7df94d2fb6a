#include "store/write_operation.h"

#include <arrow/api.h>
#include <coreshed/content.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

#include "base/arrow_error.h"
#include "base/canonical_json.h"
#include "base/paths.h"
#include "base/random.h"
#include "base/result.h"
#include "base/text.h"
#include "commit/annotate.h"
#include "commit/review.h"
#include "parts/find_rows.h"
#include "parts/types.h"
#include "sources/where.h"
#include "store/append_reader.h"
#include "store/content_hash.h"
#include "store/few_rows.h"
#include "store/find_drift.h"
#include "store/inherit_metadata.h"
#include "store/stored_columns.h"
#include "table/check.h"
#include "table/drift.h"
#include "table/stored_schema.h"

namespace coreshed::store {
namespace {

constexpr size_t kTableSegmentMax = 200;  // escaped signs count three

const char* EventTypeOf(WriteKind kind) {
  switch (kind) {
    case WriteKind::kCreate:
      return "create";
    case WriteKind::kUpdate:
      return "update";
    case WriteKind::kUpload:
      return "overwrite";
    case WriteKind::kAppend:
      return "append";
    case WriteKind::kUpsert:
      return "upsert";
    case WriteKind::kDeleteRows:
      return "delete_rows";
  }
  return "";
}

const commit::TableEntry* StoredTable(const commit::VersionEntry* version,
                                      const std::string& name) {
  if (version == nullptr) return nullptr;
  const auto found = version->tables.find(name);
  return found != version->tables.end() ? &found->second : nullptr;
}

std::string V(int64_t version) {
  return "version " + std::to_string(version);
}

}  // namespace

WriteOperation::WriteOperation(WriteKind kind, const Data& data, const CreateOptions& options,
                               WriteContext context, RowChoice choice, UploadChoice upload)
    : kind_(kind),
      options_(options),
      context_(std::move(context)),
      choice_(std::move(choice)),
      upload_(std::move(upload)),
      schema_(context_.schema) {
  SetInputs(data);
}

void WriteOperation::SetInputs(const Data& data) {
  inputs_.clear();
  for (const auto& table : data.tables()) {
    inputs_.push_back({table.name, table.table, table.reader, nullptr, {}, false});
  }
}

bool WriteOperation::creates(const commit::RecordDocument* base) const {
  const bool live = base != nullptr && base->state == commit::RecordState::kLive;
  return kind_ == WriteKind::kCreate || (kind_ == WriteKind::kUpload && !live);
}

const char* WriteOperation::EventType(const commit::RecordDocument* base) const {
  return kind_ == WriteKind::kUpload && creates(base) ? "upload" : EventTypeOf(kind_);
}

Result<void> WriteOperation::CheckBase(const commit::RecordDocument* base,
                                       const std::string& record_id) const {
  const bool live = base != nullptr && base->state == commit::RecordState::kLive;
  if (kind_ == WriteKind::kCreate) {
    if (!live) return {};
    return Error{ErrorKind::kAlreadyExists,
                 "There is a record '" + record_id + "' already, with " +
                     std::to_string(base->last_version) +
                     (base->last_version == 1 ? " version" : " versions") +
                     ". Update it, or choose another id."}
        .With("record_id", record_id);
  }
  if (kind_ == WriteKind::kUpload) {
    if (live && !upload_.overwrite) return NameInUse(*base, options_.name);
    if (!live && !options_.expected_version) return {};
  }
  if (!live) return commit::NoSuchRecord(record_id);
  if (options_.expected_version && *options_.expected_version != base->current_version) {
    return Error{ErrorKind::kConflict, "'" + record_id +
                                           "' has moved on: " + V(base->current_version) +
                                           " is active, not " + V(*options_.expected_version) +
                                           ". Nothing was changed: look at it and decide again."}
        .With("active_version", std::to_string(base->current_version));
  }
  return {};
}

Result<void> WriteOperation::NameInputs(const commit::VersionEntry* active) {
  std::set<std::string> names;
  for (auto& input : inputs_) {
    const bool one = active != nullptr && active->tables.size() == 1;
    // The next file of a dataset may be called otherwise; its table is not.
    if (kind_ == WriteKind::kUpload && one && inputs_.size() == 1) {
      input.name = active->tables.begin()->first;
    }
    CORESHED_ASSIGN(input.name, NameOfTable(input.name, inputs_.size(), active));
    CORESHED_TRY(table::CheckTableName(input.name));
    if (paths::Escape(input.name).size() > kTableSegmentMax) {
      return Error{ErrorKind::kInvalidArgument,
                   "The table name '" + input.name + "' is too long as a file name."};
    }
    if (!names.insert(input.name).second) {
      return Error{ErrorKind::kInvalidArgument, "Table '" + input.name + "' is given twice."};
    }
  }
  if (inputs_.empty()) {
    return Error{ErrorKind::kValidation, "There is no table to write."};
  }
  return {};
}

Result<void> WriteOperation::DescribeInputs() {
  for (auto& input : inputs_) {
    input.schema = input.table ? input.table->schema() : input.reader->schema();
    CORESHED_TRY(table::CheckNames(*input.schema));
    CORESHED_TRY(parts::CheckTypes(*input.schema));
    CORESHED_ASSIGN(input.columns, ColumnsOf(*input.schema));
  }
  return {};
}

/// Units and labels stay where data come back from a program that knows of none.
Result<void> WriteOperation::InheritMetadata(const commit::RecordDocument& base) {
  for (auto& input : inputs_) {
    const auto* stored = StoredTable(base.Active(), input.name);
    if (stored == nullptr) continue;
    CORESHED_ASSIGN(const auto before, SchemaOf(*stored, base.schemas));
    const auto given = input.table ? input.table->schema() : input.reader->schema();
    CORESHED_ASSIGN(auto schema, WithMetadataOf(*before, given));
    if (schema == given) continue;
    if (input.table) {
      input.table = arrow::Table::Make(schema, input.table->columns(), input.table->num_rows());
    } else {
      input.reader = FitReader(std::move(input.reader), std::move(schema));
    }
  }
  return {};
}

/// Rows are deleted of a table that is there: nothing is handed in.
Result<void> WriteOperation::TakeSchemaOfBase(const commit::RecordDocument& base) {
  for (auto& input : inputs_) {
    const auto* stored = StoredTable(base.Active(), input.name);
    if (stored == nullptr) {
      std::vector<std::string> names;
      for (const auto& [name, table] : base.Active()->tables)
        names.push_back(name);
      return Error{ErrorKind::kNotFound, "'" + base.record_id + "' has no table '" + input.name +
                                             "'; there are: " + Joined(names, 20) + "."}
          .With("table", input.name);
    }
    CORESHED_ASSIGN(const auto schema, SchemaOf(*stored, base.schemas));
    CORESHED_ARROW_ASSIGN(input.table, arrow::Table::MakeEmpty(schema), "deleting rows");
  }
  return {};
}

/// Appended rows take the shape of the rows they come after: columns matched by name.
Result<void> WriteOperation::FitAppended(const commit::RecordDocument& base) {
  for (auto& input : inputs_) {
    const auto& tables = base.Active()->tables;
    const auto stored = tables.find(input.name);
    if (stored == tables.end()) continue;  // a new table: all of it is new
    CORESHED_ASSIGN(auto schema, SchemaOf(stored->second, base.schemas));
    CORESHED_TRY(CheckSameColumns(*schema, *input.schema, input.name));
    if (input.table) {
      CORESHED_ASSIGN(input.table, FitTable(*input.table, schema));
    } else {
      input.reader = FitReader(std::move(input.reader), schema);
    }
    input.schema = std::move(schema);
    CORESHED_ASSIGN(input.columns, ColumnsOf(*input.schema));
  }
  return {};
}

Result<Drift> WriteOperation::FindDrift(const commit::RecordDocument& base) const {
  CORESHED_ASSIGN(const auto before, ColumnsByTableOf(*base.Active(), base.schemas));
  ColumnsByTable after;
  if (is_partial()) {
    if (!options_.renames.empty()) {
      return Error{ErrorKind::kInvalidArgument,
                   "A change of rows can't rename columns. Rename them by an update."};
    }
    after = before;
  }
  for (const auto& input : inputs_)
    after[input.name] = input.columns;
  return DriftBetween(before, after, options_.renames, context_.settings.widening_is_additive);
}

DriftPolicy WriteOperation::PolicyFor(const commit::RecordDocument& base) const {
  if (options_.drift_policy) return *options_.drift_policy;
  return base.drift_policy.value_or(context_.settings.drift_policy);
}

commit::Decision WriteOperation::RefuseDrift(const commit::RecordDocument& base,
                                             const Drift& drift) const {
  constexpr size_t kShown = 20;  // the event's details have all
  std::vector<std::string> breaking;
  for (const auto& change : drift.changes) {
    if (change.drift_class == DriftClass::kBreaking) breaking.push_back(change.Describe());
  }
  const std::string changes = Joined(breaking, kShown, "; ");
  commit::Decision decision;
  auto& event = decision.event.emplace();
  event.type = std::string(EventType(&base)) + "_refused";
  event.details["drift"] = table::DriftToJson(drift);
  event.texts["why"] = changes;
  decision.refusal =
      Error{ErrorKind::kSchemaDrift,
            "The columns differ from " + V(base.current_version) + " of '" + base.record_id +
                "' in a way that breaks what reads them: " + changes +
                ". If that is meant, allow it for this write (--allow-breaking, allow_breaking), "
                "name renamed columns (--rename old=new), or change the drift policy (coreshed "
                "policy)."}
          .With("record_id", base.record_id);
  return decision;
}

/// Of a file of several tables some may be empty, as long as no row was rejected.
bool WriteOperation::MayBeEmpty() const {
  const bool is_unchanged = kind_ == WriteKind::kDeleteRows && rows_deleted_ == 0;
  const bool is_one_of_many =
      kind_ == WriteKind::kUpload && inputs_.size() > 1 && upload_.rejects == nullptr;
  return is_unchanged || is_one_of_many || options_.allow_empty || context_.settings.allow_empty;
}

Result<void> WriteOperation::CheckRows(const std::string& table, int64_t rows) const {
  if (rows > 0 || MayBeEmpty()) return {};
  return Error{ErrorKind::kValidation,
               "Table '" + table +
                   "' has no rows. If that is meant, allow it for this write (--allow-empty, "
                   "allow_empty)."};
}

/// At least one table has rows, if they need not all.
Result<void> WriteOperation::CheckAllRows() const {
  if (kind_ != WriteKind::kUpload || options_.allow_empty || context_.settings.allow_empty)
    return {};
  for (const auto& [name, uploaded] : uploaded_) {
    if (uploaded.answer.parts.rows > 0) return {};
  }
  return Error{ErrorKind::kValidation,
               "No table of the file has rows. If that is meant, allow it for this write "
               "(--allow-empty, allow_empty)."};
}

Result<void> WriteOperation::UploadTable(Input& input, const commit::RecordDocument* base,
                                         const std::string& record_id, bool only_table,
                                         storage::Stage& stage) {
  if (!input.consumed) CORESHED_TRY(CollectIfFew(&input.reader, &input.table));
  parts::WriteRequest request;
  request.table = input.table;
  request.reader = input.reader;
  if (base != nullptr) {
    if (const auto cut = base->cuts.find(input.name); cut != base->cuts.end()) {
      request.cut = cut->second;
    }
    if (const auto* stored = StoredTable(base->Active(), input.name)) {
      request.base = &stored->parts;
      CORESHED_ASSIGN(request.base_schema, SchemaOf(*stored, base->schemas));
      request.append = is_partial();
    }
  }
  request.record_prefix = paths::RecordFolder(record_id);
  const std::string token = RandomHex32();
  // What a copy that is under way brings has the other names (N38), and those that a deleted record
  // might have had are gone with it for ever (N40).
  const bool is_reborn = base != nullptr && base->state == commit::RecordState::kDeleted;
  // Nor is it known whether an upload will be needed: see Stage::Withdraw.
  const bool may_be_withdrawn =
      kind_ == WriteKind::kUpload && base != nullptr && context_.storage->is_remote();
  const bool takes_own = is_reborn || may_be_withdrawn || (base != nullptr && base->copying);
  const std::string first_token = takes_own ? token : "";
  request.name = [=, version = version_, name = input.name](int k, bool single) {
    const int number = single ? -1 : k;
    return std::pair(paths::DataFile(name, only_table, version, number, first_token),
                     paths::DataFile(name, only_table, version, number, token));
  };
  request.threads = context_.threads;
  request.memory_bytes = context_.memory_bytes;
  request.stop = options_.stop;
  if (options_.progress) {
    const double total = input.table ? static_cast<double>(input.table->num_rows()) : 0;
    request.on_rows = [this, total, name = input.name](int64_t rows) {
      const double fraction = total > 0 ? std::min(1.0, static_cast<double>(rows) / total) : -1;
      options_.progress("write", fraction, name + ": " + std::to_string(rows) + " rows");
    };
  }
  if (input.consumed) {
    is_spent_ = true;
    return Error{ErrorKind::kConflict,
                 "'" + record_id +
                     "' changed while a stream of rows was being written to it, and "
                     "the stream can't be read again. Nothing was changed: try again."};
  }
  input.consumed = input.reader != nullptr;
  CORESHED_TRY(ChooseRows(input, &request));
  CORESHED_ASSIGN(auto answer, parts::WriteParts(request, *context_.storage, stage));
  CORESHED_TRY(CheckRows(input.name, answer.parts.rows));
  // Most versions have the schema of the one before: it is stored already.
  const bool same =
      request.base_schema != nullptr && request.base_schema->Equals(*answer.schema, true);
  auto schema = same ? base->schemas.at(StoredTable(base->Active(), input.name)->schema)
                     : table::StoredSchema::Of(*answer.schema);
  uploaded_.insert_or_assign(input.name,
                             Uploaded{std::move(answer), std::move(schema), input.columns});
  return {};
}

/// Find the rows that are meant, and make the request a change of those.
Result<void> WriteOperation::ChooseRows(Input& input, parts::WriteRequest* request) {
  const bool is_new = request->base == nullptr;
  if (kind_ == WriteKind::kAppend || !is_partial()) return {};
  parts::ReadRequest read;
  read.parts = request->base;
  read.record_prefix = request->record_prefix;
  read.schema = request->base_schema;
  read.threads = context_.threads;
  if (kind_ == WriteKind::kUpsert) {
    if (request->reader != nullptr) {
      CORESHED_ARROW_ASSIGN(input.table, request->reader->ToTable(), "reading the rows to write");
      input.consumed = false;
      input.reader = request->reader = nullptr;
    }
    CORESHED_ARROW_ASSIGN(auto rows, input.table->CombineChunksToBatch(), "the rows to write");
    CORESHED_ASSIGN(auto made, parts::KeyIndex::Make(std::move(rows), choice_.keys));
    auto index = std::make_shared<const parts::KeyIndex>(std::move(made));
    request->table = input.table;
    rows_added_ += input.table->num_rows();
    if (is_new) return {};
    CORESHED_ASSIGN(auto found,
                    parts::FindReplaced(read, std::move(index), choice_.keys, *context_.storage));
    CORESHED_ARROW_ASSIGN(request->table, arrow::Table::FromRecordBatches({found.added}),
                          "the rows to write");
    rows_replaced_ += found.rows;
    rows_added_ -= found.rows;
    input.edit = std::move(found.edit);
  } else {
    CORESHED_ASSIGN(read.columns, sources::WhereColumns(*read.schema, choice_.where));
    auto looked_at = read.schema;
    if (!read.columns.empty()) {
      arrow::FieldVector fields;
      for (const auto& name : read.columns)
        fields.push_back(read.schema->GetFieldByName(name));
      looked_at = arrow::schema(std::move(fields));
    }
    auto test = sources::TestWhere(looked_at, choice_.where);
    // Of a column that there isn't, the answer names all those that there are.
    if (!test) test = sources::TestWhere(read.schema, choice_.where);
    if (!test) return std::move(test).error();
    CORESHED_ASSIGN(auto found, parts::FindDeleted(read, *test, *context_.storage));
    rows_deleted_ += found.rows;
    input.edit = std::move(found.edit);
  }
  request->edit = input.edit.get();
  request->handed_in = input.table;
  return {};
}

Result<void> WriteOperation::Upload(const commit::RecordDocument* base,
                                    const std::string& record_id, storage::Stage& stage) {
  size_t tables = inputs_.size();
  if (is_partial()) {
    for (const auto& table : base->Active()->tables) {
      const bool given = std::any_of(inputs_.begin(), inputs_.end(),
                                     [&](const Input& input) { return input.name == table.first; });
      tables += given ? 0U : 1U;
    }
  }
  compared_with_ = base != nullptr ? base->current_version : 0;
  for (auto& input : inputs_) {
    auto uploaded = UploadTable(input, base, record_id, tables == 1, stage);
    if (uploaded) continue;
    (void)Forget();  // some tables without the others must never pass for all of them
    return uploaded;
  }
  return CheckAllRows();
}

Result<void> WriteOperation::CheckShared(const commit::RecordDocument& base) {
  if (compared_with_ == 0) return {};
  if (is_partial() && base.current_version != compared_with_) return Forget();
  CORESHED_ASSIGN(auto found, commit::FindVersion(base, compared_with_, *context_.pages));
  const bool there = found && !found->entry->purged && compared_with_ > base.deleted_through;
  if (!there) return Forget();
  return {};
}

std::vector<std::string> WriteOperation::EventTypes() const {
  if (context_.of_settings) return {"create", "update"};
  const std::string type = EventTypeOf(kind_);
  if (kind_ == WriteKind::kUpload) {
    return {"upload", type, type + "_refused", "rollback", "bind_schema", "set_attributes"};
  }
  return {type, type + "_refused"};
}

std::string WriteOperation::NotDone(const std::string& record_id) const {
  if (version_ == 0 && kind_ == WriteKind::kCreate) return "'" + record_id + "' was not created";
  if (version_ == 0) return commit::Operation::NotDone(record_id);
  return "Version " + std::to_string(version_) + " of '" + record_id + "' was not written";
}

Result<void> WriteOperation::CheckTables() {
  CORESHED_TRY(NameInputs(nullptr));
  return DescribeInputs();
}

Result<void> WriteOperation::ReadAhead() {
  for (auto& input : inputs_)
    CORESHED_TRY(CollectIfFew(&input.reader, &input.table));
  return {};
}

/// A few rows may be uploaded for nothing, where the id turns out to be taken.
bool WriteOperation::ExpectsAbsent() const {
  if (kind_ != WriteKind::kCreate) return false;
  int64_t cells = 0;
  for (const auto& input : inputs_) {
    if (input.table == nullptr) return false;
    cells += input.table->num_rows() * input.table->num_columns();
  }
  return cells <= kFewCells;
}

void WriteOperation::Rename(const std::map<std::string, std::string>& names) {
  for (auto* kept : {&kept_, &kept_rejects_}) {
    if (!*kept) continue;
    if (const auto renamed = names.find((*kept)->name); renamed != names.end())
      (*kept)->name = renamed->second;
  }
  for (auto& [table, uploaded] : uploaded_) {
    for (auto& file : uploaded.answer.parts.files) {
      if (const auto renamed = names.find(file.name); renamed != names.end()) {
        file.name = renamed->second;
      }
    }
  }
}

Result<void> WriteOperation::Forget() {
  uploaded_.clear();
  kept_.reset();
  kept_rejects_.reset();
  compared_with_ = 0;
  rows_replaced_ = rows_added_ = rows_deleted_ = 0;
  return {};
}

void WriteOperation::FillNewRecord(commit::RecordDocument* next, const std::string& time) const {
  next->state = commit::RecordState::kLive;
  next->name = options_.name.empty() ? next->record_id : options_.name;
  next->created_by = options_.actor;
  next->created_at = time;
  next->attributes.clear();
  std::copy_if(options_.attributes.begin(), options_.attributes.end(),
               std::inserter(next->attributes, next->attributes.end()),
               [](const auto& attribute) { return !attribute.second.empty(); });
  next->drift_policy = options_.record_drift_policy;
  next->bound_schema.clear();
  next->last_approved = 0;  // an approval belongs to the life that ended with the deletion
  next->tags.clear();
  next->cuts.clear();
}

/// Hold the inputs to the schema that is asked for, or that the record is bound to.
Result<void> WriteOperation::HoldInputs(const commit::RecordDocument* base) {
  if (context_.hold == nullptr || schema_) return {};
  std::string name = options_.schema;
  if (name.empty() && !creates(base)) name = base->bound_schema;
  if (name.empty()) {
    if (!context_.settings.require_schema) return {};
    return Error{ErrorKind::kInvalidState,
                 "This store requires that every record keeps a schema, and this one is bound to "
                 "none. Name one (--schema, schema), or bind the record: coreshed bind."};
  }
  std::vector<TableInput> tables;
  for (const auto& input : inputs_)
    tables.push_back({input.name, input.table, input.reader});
  CORESHED_ASSIGN(const auto held, context_.hold(name, Data(std::move(tables))));
  if (kind_ != WriteKind::kDeleteRows) {
    SetInputs(held.data);
    CORESHED_TRY(ReadAhead());
  }
  schema_ = held.schema;
  return {};
}

/// The schema that the data were held to is the one that the record is bound to now.
Result<void> WriteOperation::CheckBound(const commit::RecordDocument& base) const {
  const std::string held = schema_ ? schema_->name : "";
  if (context_.of_settings || !options_.schema.empty() || held == base.bound_schema) return {};
  return Error{ErrorKind::kConflict,
               "'" + base.record_id +
                   "' was bound to another schema meanwhile. Nothing was changed: try again."};
}

/// A dataset that was deleted while its next file came is bound as it was.
void WriteOperation::BindTo(const commit::RecordDocument* base, commit::RecordDocument* next) {
  if (!schema_ || (options_.schema.empty() && !creates(base))) return;
  if (!next->bound_schema.empty() && next->bound_schema != schema_->name) {
    warnings_.push_back("the record is bound to the schema '" + schema_->name +
                        "' from now on, no longer to '" + next->bound_schema + "'");
  }
  next->bound_schema = schema_->name;
}

Result<commit::VersionEntry> WriteOperation::MakeEntry(const commit::RecordDocument* base,
                                                       const commit::RecordDocument& next,
                                                       const std::string& time,
                                                       const std::string& event_id,
                                                       const Drift& drift) const {
  commit::VersionEntry entry;
  entry.version = next.last_version + 1;
  entry.seq = next.head_seq + 1;
  entry.event_id = event_id;
  entry.event_type = EventType(base);
  entry.created_by = options_.actor;
  entry.created_at = time;
  entry.comment = options_.comment;
  entry.source = options_.source;
  if (schema_) entry.checked = {{"name", schema_->name}, {"number", schema_->number}};
  if (!drift.changes.empty()) entry.drift = table::DriftToJson(drift);
  std::map<std::string, HashedTable> hashed;
  if (is_partial()) {
    entry.tables = base->Active()->tables;
    for (const auto& [name, table] : entry.tables) {
      CORESHED_ASSIGN(hashed[name].columns, StoredColumns(table, base->schemas));
    }
  }
  for (const auto& [name, uploaded] : uploaded_) {
    auto& table = entry.tables[name];
    table.schema = uploaded.schema.key();
    table.fingerprint = SchemaFingerprint(uploaded.columns);
    table.parts = uploaded.answer.parts;
    hashed[name].columns = uploaded.columns;
  }
  for (auto& [name, table] : entry.tables)
    hashed[name].parts = &table.parts;
  entry.exact_hash = VersionExactHash(hashed);
  entry.duplicate_hash = VersionDuplicateHash(hashed);
  for (const commit::VersionEntry& earlier : next.versions) {
    const bool equal = !earlier.purged && earlier.exact_hash == entry.exact_hash;
    if (equal && earlier.version > next.deleted_through) entry.equals = earlier.version;
  }
  return entry;
}

void WriteOperation::AddVersion(commit::VersionEntry entry, const commit::RecordDocument* base,
                                commit::RecordDocument* next) {
  BindTo(base, next);
  for (const auto& [name, uploaded] : uploaded_) {
    next->schemas.insert_or_assign(uploaded.schema.key(), uploaded.schema);
    next->cuts[name] = uploaded.answer.cut;
  }
  next->last_version = entry.version;
  next->current_version = entry.version;
  next->versions.push_back(std::move(entry));
}

commit::Decision WriteOperation::Describe(const commit::RecordDocument* base,
                                          const commit::RecordDocument& next,
                                          const nlohmann::json& attributes) const {
  const commit::VersionEntry& entry = next.versions.back();
  commit::Decision decision;
  auto& event = decision.event.emplace();
  event.type = entry.event_type;
  event.version = entry.version;
  event.details["exact_hash"] = entry.exact_hash;
  event.details["duplicate_hash"] = entry.duplicate_hash;
  for (const auto& [name, table] : entry.tables)
    event.details["schemas"][name] = table.schema;
  if (entry.equals) event.details["equals"] = *entry.equals;
  if (!entry.checked.is_null()) event.details["checked"] = entry.checked;
  const bool is_bound_now =
      !next.bound_schema.empty() && (creates(base) || next.bound_schema != base->bound_schema);
  if (is_bound_now) event.details["bound_schema"] = next.bound_schema;
  if (rejected_rows_ > 0) event.details["rejects"] = rejected_rows_;
  if (const auto* rejects = entry.Kept("rejects"))
    event.details["rejects_sha256"] = rejects->sha256;
  if (!entry.drift.is_null()) event.details["drift"] = entry.drift;
  if (entry.source) {
    event.details["source_bytes"] = entry.source->size_bytes;
    event.details["source_sha256"] = entry.source->sha256;
    event.texts["file_name"] = entry.source->file_name;
  }
  if (kind_ == WriteKind::kUpsert) {
    event.details["replaced"] = rows_replaced_;
    event.details["added"] = rows_added_;
  }
  if (kind_ == WriteKind::kDeleteRows) {
    event.details["deleted"] = rows_deleted_;
    event.texts["where"] = choice_.where;
  }
  if (creates(base)) {
    if (next.drift_policy) event.details["drift_policy"] = DriftPolicyName(*next.drift_policy);
    event.texts["name"] = next.name;
    if (!next.attributes.empty()) {
      event.texts["attributes"] = nlohmann::json(next.attributes).dump();
    }
  }
  if (!attributes.empty()) event.texts["attributes"] = CanonicalJson(attributes);
  decision.markers.push_back(
      paths::ContentMarker(entry.duplicate_hash, next.record_id, entry.version));
  return decision;
}

Result<commit::Decision> WriteOperation::Decide(const commit::RecordDocument* base,
                                                commit::RecordDocument* next,
                                                const std::string& time,
                                                const std::string& event_id,
                                                storage::Stage& stage) {
  const std::string& record_id = next->record_id;
  CORESHED_TRY(CheckBase(base, record_id));
  version_ = next->last_version + 1;
  if (base != nullptr) CORESHED_TRY(CheckShared(*base));
  if (uploaded_.empty()) {
    CORESHED_TRY(HoldInputs(base));
    CORESHED_TRY(NameInputs(base != nullptr ? base->Active() : nullptr));
    if (kind_ == WriteKind::kDeleteRows) CORESHED_TRY(TakeSchemaOfBase(*base));
    if (!creates(base) && !is_partial()) CORESHED_TRY(InheritMetadata(*base));
    CORESHED_TRY(DescribeInputs());
    if (is_partial()) CORESHED_TRY(FitAppended(*base));
  }
  warnings_.clear();
  Drift drift;
  if (!creates(base)) {
    CORESHED_TRY(CheckBound(*base));
    CORESHED_ASSIGN(drift, FindDrift(*base));
    const bool breaking = drift.drift_class == DriftClass::kBreaking;
    const DriftPolicy policy = PolicyFor(*base);
    if (breaking && policy == DriftPolicy::kReject) {
      if (!options_.allow_breaking) return RefuseDrift(*base, drift);
      drift.overridden = true;
    }
    if (policy != DriftPolicy::kAllow) {
      for (const auto& change : drift.changes)
        warnings_.push_back(change.Describe());
    }
  }
  if (uploaded_.empty()) CORESHED_TRY(Upload(base, record_id, stage));
  if (kind_ == WriteKind::kDeleteRows && rows_deleted_ == 0) {
    warnings_.push_back("no row is meant by " + choice_.where + ": nothing was changed");
    commit::Decision decision;
    decision.nothing_to_do = true;
    return decision;
  }
  if (creates(base)) FillNewRecord(next, time);
  CORESHED_ASSIGN(auto entry, MakeEntry(base, *next, time, event_id, drift));
  nlohmann::json attributes;
  if (kind_ == WriteKind::kUpload) {
    if (!creates(base) && !upload_.as_new_version) {
      CORESHED_ASSIGN(const int64_t found, FindSame(*base, entry));
      if (found > 0) {
        Withdraw(stage);
        return Reuse(found, base, next, time, event_id, drift, stage);
      }
    }
    if (!creates(base)) {
      CORESHED_ASSIGN(attributes, commit::ChangeAttributes(options_.attributes, next));
    }
    CORESHED_TRY(KeepFile(base, &entry, stage));
    CORESHED_TRY(KeepRejects(&entry, stage));
  }
  AddVersion(std::move(entry), base, next);
  return Describe(base, *next, attributes);
}

}  // namespace coreshed::store
