#include <arrow/api.h>
#include <arrow/compute/api_vector.h>

#include <algorithm>

#include "base/arrow_error.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/text.h"
#include "commit/erase.h"
#include "commit/review.h"
#include "sources/where.h"
#include "store/store_impl.h"
#include "store/stored_columns.h"

namespace coreshed::store {
namespace {

constexpr size_t kNamesShown = 50;  // in a message

/// At most so many rows of another stream.
class LimitedReader : public arrow::RecordBatchReader {
 public:
  LimitedReader(std::shared_ptr<arrow::RecordBatchReader> reader, int64_t rows)
      : reader_(std::move(reader)), left_(rows) {}
  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    if (left_ == 0) return arrow::Status::OK();
    ARROW_RETURN_NOT_OK(reader_->ReadNext(batch));
    if (*batch == nullptr) return arrow::Status::OK();
    if ((*batch)->num_rows() > left_) *batch = (*batch)->Slice(0, left_);
    left_ -= (*batch)->num_rows();
    return arrow::Status::OK();
  }

 private:
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  int64_t left_;
};

/// Some columns of another stream, in an order of their own.
class ProjectedReader : public arrow::RecordBatchReader {
 public:
  ProjectedReader(std::shared_ptr<arrow::RecordBatchReader> reader, std::vector<int> columns)
      : reader_(std::move(reader)), columns_(std::move(columns)) {
    arrow::FieldVector fields;
    for (int column : columns_)
      fields.push_back(reader_->schema()->field(column));
    schema_ = arrow::schema(std::move(fields), reader_->schema()->metadata());
  }
  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    ARROW_RETURN_NOT_OK(reader_->ReadNext(batch));
    if (*batch != nullptr) return (*batch)->SelectColumns(columns_).Value(batch);
    return arrow::Status::OK();
  }

 private:
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  std::vector<int> columns_;
  std::shared_ptr<arrow::Schema> schema_;
};

Result<std::vector<int>> ColumnIndices(const arrow::Schema& schema,
                                       const std::vector<std::string>& columns,
                                       const std::string& what) {
  std::vector<int> indices;
  for (const auto& name : columns) {
    const int index = schema.GetFieldIndex(name);
    if (index < 0) {
      return Error{ErrorKind::kNotFound, what + " has no column '" + name + "'; there are: " +
                                             Joined(schema.field_names(), kNamesShown) + "."};
    }
    indices.push_back(index);
  }
  return indices;
}

/// " by dpo on 2026-01-27T10:00:00.000000Z: consent withdrawn."
std::string ByWhom(const commit::StoredEvent& event) {
  std::string words = " by " + event.Text("actor") + " on " + event.time + ": ";
  words += event.Text("comment");
  return words + (words.ends_with('.') ? "" : ".");
}

/// The event that deleted the record, where it is still at hand.
std::optional<commit::StoredEvent> DeletionIn(const commit::RecordDocument& document) {
  for (auto event = document.history.rbegin(); event != document.history.rend(); ++event) {
    if ((*event)->event_type == "delete") return *event;
  }
  return std::nullopt;
}

std::string TableNames(const commit::VersionEntry& entry) {
  std::vector<std::string> names;
  for (const auto& [name, table] : entry.tables)
    names.push_back(name);
  return Joined(names, kNamesShown);
}

}  // namespace

std::string StoreImpl::SelectedTable::what() const {
  return "'" + selected.ref.record_id + "#" + name + "' version " +
         std::to_string(selected.found.entry->version);
}

Error StoreImpl::WithNearest(Error error, const std::string& record_id) {
  if (error.kind != ErrorKind::kNotFound || !error.message.starts_with("There is no record")) {
    return error;
  }
  constexpr size_t kMost = 5;
  auto ids = Index().Nearest(record_id, kMost);
  if (ids.empty()) {
    ListOptions first;
    first.limit = kMost;
    if (auto records = Index().List(first)) {
      for (const auto& record : *records)
        ids.push_back(record.record_id);
    }
  }
  if (ids.empty()) {
    error.message += " The store at " + location_ + " has no records.";
    return error;
  }
  error.message += " There are, for example: ";
  for (size_t i = 0; i < ids.size(); ++i)
    error.message += (i > 0 ? ", '" : "'") + ids[i] + "'";
  error.message += ".";
  return error;
}

Error StoreImpl::NoRecord(const std::string& record_id) {
  return WithNearest(commit::NoSuchRecord(record_id), record_id);
}

Result<commit::Base> StoreImpl::ReadLive(const std::string& record_id) {
  CORESHED_ASSIGN(auto base, documents_.Read(record_id));
  const bool is_live = base && base->document->state == commit::RecordState::kLive;
  if (is_live) return std::move(*base);
  if (const auto deletion = base ? DeletionIn(*base->document) : std::nullopt) {
    return Error{ErrorKind::kNotFound, "'" + record_id + "' was deleted" + ByWhom(*deletion)}.With(
        "record_id", record_id);
  }
  return NoRecord(record_id);
}

Result<Ref> StoreImpl::RefOf(const std::string& text) {
  CORESHED_ASSIGN(Ref ref, ParseRef(text));
  if (ref.selector == Ref::Selector::kDefault && ref.record_id != paths::kSettingsRecord) {
    CORESHED_ASSIGN(const auto settings, ReadSettings());
    if (settings.default_selector == "approved") ref.selector = Ref::Selector::kApproved;
  }
  return ref;
}

Result<StoreImpl::Selected> StoreImpl::SelectIn(const commit::Base& base, const Ref& ref) {
  CORESHED_ASSIGN(auto found, SelectVersion(ref, *base.document, pages_));
  return Selected{base, std::move(found), ref};
}

Result<StoreImpl::Selected> StoreImpl::Select(const std::string& text) {
  CORESHED_ASSIGN(const Ref ref, RefOf(text));
  return ReadLive(ref.record_id, [&](const commit::Base& base) { return SelectIn(base, ref); });
}

Result<Resolved> StoreImpl::Resolve(const std::string& text) {
  CORESHED_ASSIGN(const auto selected, Select(text));
  const auto& tables = selected.found.entry->tables;
  Resolved resolved{selected.ref.record_id, ToVersion(*selected.base.document, selected.found),
                    selected.ref.table};
  if (!resolved.table.empty() && !tables.contains(resolved.table)) {
    return Error{ErrorKind::kNotFound,
                 "'" + selected.ref.record_id + "' version " +
                     std::to_string(selected.found.entry->version) + " has no table '" +
                     resolved.table + "'; there are: " + TableNames(selected.found.entry) + "."};
  }
  if (resolved.table.empty() && tables.size() == 1) resolved.table = tables.begin()->first;
  return resolved;
}

/// A version that was purged has none.
Result<void> StoreImpl::RequireData(const Selected& selected) {
  const commit::VersionEntry& entry = selected.found.entry;
  if (!entry.purged) return {};
  CORESHED_ASSIGN(const auto purge,
                  commit::FindErasure(*selected.base.document, entry.version, pages_));
  return Error{ErrorKind::kNotFound, "'" + selected.ref.record_id + "' version " +
                                         std::to_string(entry.version) + " was purged" +
                                         (purge ? ByWhom(purge->event) : ".")};
}

Result<StoreImpl::SelectedTable> StoreImpl::SelectTable(const commit::Base& base, const Ref& ref,
                                                        const std::string& text) {
  CORESHED_ASSIGN(auto selected, SelectIn(base, ref));
  const commit::VersionEntry& entry = selected.found.entry;
  const std::string what =
      "'" + selected.ref.record_id + "' version " + std::to_string(entry.version);
  CORESHED_TRY(RequireData(selected));
  std::string name = selected.ref.table;
  if (name.empty()) {
    if (entry.tables.size() != 1) {
      return Error{ErrorKind::kInvalidArgument, what + " has several tables: " + TableNames(entry) +
                                                    ". Name one: " + text + "#" +
                                                    entry.tables.begin()->first};
    }
    name = entry.tables.begin()->first;
  }
  const auto table = entry.tables.find(name);
  if (table == entry.tables.end()) {
    return Error{ErrorKind::kNotFound,
                 what + " has no table '" + name + "'; there are: " + TableNames(entry) + "."};
  }
  CORESHED_ASSIGN(auto schema, SchemaOf(table->second, selected.found.schemas));
  return SelectedTable{std::move(selected), std::move(name), std::move(schema)};
}

parts::ReadRequest StoreImpl::RequestFor(const SelectedTable& table) const {
  parts::ReadRequest request;
  request.parts = &table.selected.found.entry->tables.at(table.name).parts;
  request.record_prefix = paths::RecordFolder(table.selected.ref.record_id);
  request.schema = table.schema;
  request.threads = threads_;
  request.memory_bytes = options_.memory_bytes;
  return request;
}

template <typename T>
Result<T> StoreImpl::ReadSelected(const std::string& text,
                                  const std::function<Result<T>(const SelectedTable&)>& read) {
  CORESHED_ASSIGN(const Ref ref, RefOf(text));
  return ReadLive(ref.record_id, [&](const commit::Base& base) -> Result<T> {
    CORESHED_ASSIGN(const auto table, SelectTable(base, ref, text));
    return read(table);
  });
}

Result<std::shared_ptr<arrow::Table>> StoreImpl::ReadWhole(
    const SelectedTable& table, const std::vector<std::string>& columns) {
  const commit::VersionEntry& entry = table.selected.found.entry;
  const auto& stored = entry.tables.at(table.name);
  const std::string what = table.what();
  const std::string key = table.selected.ref.record_id + '\0' + table.name + '\0' +
                          stored.parts.exact_hash + stored.schema;
  CORESHED_ASSIGN(const auto indices, ColumnIndices(*table.schema, columns, what));
  if (auto whole = tables_.Find(key)) {
    if (columns.empty()) return whole;
    CORESHED_ARROW_ASSIGN(auto some, whole->SelectColumns(indices), "selecting columns");
    return some;
  }
  auto request = RequestFor(table);
  request.columns = columns;
  CORESHED_ASSIGN(auto read, parts::ReadTable(request, *storage_));
  if (columns.empty()) tables_.Keep(key, read);
  return read;
}

Result<std::map<std::string, std::shared_ptr<arrow::Schema>>> StoreImpl::Schemas(
    const std::string& ref) {
  CORESHED_ASSIGN(const auto selected, Select(ref));
  const commit::VersionEntry& entry = selected.found.entry;
  CORESHED_TRY(RequireData(selected));
  std::map<std::string, std::shared_ptr<arrow::Schema>> schemas;
  for (const auto& [name, table] : entry.tables) {
    CORESHED_ASSIGN(schemas[name], SchemaOf(table, selected.found.schemas));
  }
  return schemas;
}

Result<std::shared_ptr<arrow::Table>> StoreImpl::ReadTable(const std::string& ref,
                                                           const ReadOptions& options) {
  if (!options.where.empty()) {
    CORESHED_ASSIGN(auto reading, Read(ref, options));
    CORESHED_ARROW_ASSIGN(auto table, reading.rows->ToTable(), "reading " + ref);
    return table;
  }
  CORESHED_ASSIGN(auto table, ReadSelected<std::shared_ptr<arrow::Table>>(
                                  ref, [&](const SelectedTable& selected) {
                                    return ReadWhole(selected, options.columns);
                                  }));
  if (options.limit >= 0 && options.limit < table->num_rows()) {
    table = table->Slice(0, options.limit);
  }
  return table;
}

Result<Reading> StoreImpl::Read(const std::string& ref, const ReadOptions& options) {
  return ReadSelected<Reading>(
      ref, [&](const SelectedTable& table) { return ReadFrom(table, options); });
}

Result<std::vector<Reading>> StoreImpl::ReadTables(const std::string& text,
                                                   const ReadOptions& options) {
  CORESHED_ASSIGN(const Ref ref, RefOf(text));
  return ReadLive(ref.record_id, [&](const commit::Base& base) -> Result<std::vector<Reading>> {
    CORESHED_ASSIGN(const auto selected, SelectIn(base, ref));
    std::vector<Reading> readings;
    for (const auto& [name, table] : selected.found.entry->tables) {
      Ref one = ref;
      if (one.table.empty()) one.table = name;
      CORESHED_ASSIGN(const auto chosen, SelectTable(base, one, text));
      CORESHED_ASSIGN(auto reading, ReadFrom(chosen, options));
      readings.push_back(std::move(reading));
      if (!ref.table.empty()) break;
    }
    return readings;
  });
}

Result<Reading> StoreImpl::ReadFrom(const SelectedTable& table, const ReadOptions& options) {
  const std::string what = table.what();
  CORESHED_ASSIGN(const auto indices, ColumnIndices(*table.schema, options.columns, what));
  auto request = RequestFor(table);
  // `where` may look at columns that are not asked for, so it comes before the choice of columns.
  if (options.where.empty()) request.columns = options.columns;
  Reading reading;
  CORESHED_ASSIGN(reading.rows, parts::ReadStream(request, storage_));
  if (!options.where.empty()) {
    auto some = sources::FilterWhere(std::move(reading.rows), options.where);
    if (!some && some.error().kind == ErrorKind::kNotFound) {
      some.error().message = what + ": " + some.error().message;
    }
    if (!some) return std::move(some).error();
    reading.rows = std::move(*some);
    if (!options.columns.empty()) {
      reading.rows = std::make_shared<ProjectedReader>(std::move(reading.rows), indices);
    }
  }
  if (options.limit >= 0) {
    reading.rows = std::make_shared<LimitedReader>(std::move(reading.rows), options.limit);
  }
  reading.version = ToVersion(*table.selected.base.document, table.selected.found);
  reading.table = table.name;
  return reading;
}

Result<Reading> StoreImpl::GetCohort(const std::string& upload_id, const ReadOptions& options,
                                     const std::string& table) {
  CORESHED_ASSIGN(const std::string id, paths::CheckRecordId(upload_id));
  Ref ref;
  ref.record_id = id;
  ref.selector = Ref::Selector::kActive;
  ref.table = table;
  CORESHED_ASSIGN(auto reading, ReadLive(id, [&](const commit::Base& base) -> Result<Reading> {
                    CORESHED_ASSIGN(const auto selected, SelectTable(base, ref, id));
                    return ReadFrom(selected, options);
                  }));
  const Version& version = reading.version;
  WriteLog("cohort of '" + id + "': version " + std::to_string(version.version) + " (" +
           StatusName(version.status) + ", made by " + version.event_type + "), exact hash " +
           version.exact_hash + ", table '" + reading.table + "'");
  return reading;
}

}  // namespace coreshed::store
