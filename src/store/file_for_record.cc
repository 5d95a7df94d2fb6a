#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <coreshed/content.h>
#include <coreshed/sources.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "base/result.h"
#include "sources/file_name.h"
#include "sources/formats.h"
#include "store/dataset_name.h"
#include "store/find_drift.h"
#include "store/held.h"
#include "store/store_impl.h"
#include "store/stored_columns.h"

/// Files and tables beside a record, before anything of them is written.
namespace coreshed::store {
namespace {

/// What the file's format is said to be, or its name tells; nothing: a folder, or not known yet.
const sources::FormatInfo* InfoOf(const FileInput& input, const OpenFileOptions& reading) {
  if (reading.format) return &sources::InfoOf(*reading.format);
  std::error_code code;
  if (input.bytes == nullptr && std::filesystem::is_directory(input.path, code)) return nullptr;
  const std::string name = sources::NameOf(input);
  const auto format = sources::FormatOfNamed(name, name);
  return format ? &sources::InfoOf(*format) : nullptr;
}

/// A file that says the types of its columns itself: nobody needs to be asked for others.
bool HasTypes(const FileInput& input, const OpenFileOptions& reading) {
  const auto* info = InfoOf(input, reading);
  return info != nullptr && info->has_types;
}

bool HoldsSeveral(const FileInput& input, const OpenFileOptions& reading) {
  const auto* info = InfoOf(input, reading);
  return info == nullptr || info->holds_several;
}

/// What counts for a file whose one table is said to become `table`. What is not in the schema is
/// refused when it is written.
void KeepOnly(const std::string& table, OpenFileOptions* reading) {
  std::erase_if(reading->like, [&](const auto& known) { return known.first != table; });
  if (reading->schema == nullptr || reading->schema->tables.size() == 1) return;
  SchemaDefinition only;
  for (const auto& rule : reading->schema->tables) {
    if (rule.name == table) only.tables.push_back(rule);
  }
  reading->schema = std::make_shared<const SchemaDefinition>(std::move(only));
}

/// Where other files make other tables, names count also of a single one.
void KeepNamed(const std::string& name, OpenFileOptions* reading) {
  if (reading->like.size() == 1 && !reading->like.contains(name)) reading->like.clear();
  const auto& schema = reading->schema;
  if (schema != nullptr && schema->tables.size() == 1 && schema->tables.front().name != name) {
    reading->schema.reset();
  }
}

/// `is_alone`: there is no other file.
Result<OpenedFile> OpenKnown(const RecordFile& file, const OpenFileOptions& known, bool is_alone) {
  OpenFileOptions reading = known;
  const std::string stem = sources::StemOf(sources::NameOf(file.input));
  const bool is_named = !file.table.empty();
  if (is_named) {
    KeepOnly(file.table, &reading);
  } else if (!is_alone && !HoldsSeveral(file.input, reading)) {
    KeepNamed(stem, &reading);
  }
  CORESHED_ASSIGN(auto opened, OpenFile(file.input, reading));
  if (opened.tables.size() > 1 && is_named) {
    return Error{ErrorKind::kInvalidArgument,
                 file.input.path + " holds " + std::to_string(opened.tables.size()) +
                     " tables, which have names: leave '" + file.table + "=' out."};
  }
  if (opened.tables.size() != 1) return opened;
  const bool is_of_file = !is_named && !is_alone && file.input.path != "-";
  if (is_of_file && opened.tables.front().name != stem) {
    // The only file of an archive: its table is called as that is.
    reading = known;
    KeepOnly(stem, &reading);
    CORESHED_ASSIGN(opened, OpenFile(file.input, reading));
  }
  if (is_named) opened.tables.front().name = file.table;
  if (is_of_file) opened.tables.front().name = stem;
  return opened;
}

std::shared_ptr<arrow::Schema> SchemaOf(const TableInput& table) {
  return table.reader != nullptr ? table.reader->schema() : table.table->schema();
}

}  // namespace

Result<StoreImpl::Selected> StoreImpl::SelectAsWrites(const std::string& text) {
  CORESHED_ASSIGN(Ref ref, ParseRef(text));
  if (ref.selector == Ref::Selector::kDefault) ref.selector = Ref::Selector::kActive;
  if (!ref.table.empty()) {
    return Error{ErrorKind::kInvalidArgument, "'" + text +
                                                  "' names one table. Files are compared "
                                                  "with a record, or a version of it."};
  }
  return ReadLive(ref.record_id, [&](const commit::Base& base) { return SelectIn(base, ref); });
}

Result<OpenFileOptions> StoreImpl::KnownOf(const std::string& ref,
                                           const RecordFileOptions& options) {
  OpenFileOptions reading = options.reading;
  reading.like.clear();
  reading.schema.reset();
  std::string bound = options.schema;
  std::optional<Selected> selected;
  if (!ref.empty()) {
    auto found = SelectAsWrites(ref);
    if (!found && found.error().kind != ErrorKind::kNotFound) return std::move(found).error();
    if (found) selected = *std::move(found);
  }
  if (selected) {
    const commit::VersionEntry& entry = selected->found.entry;
    if (bound.empty()) bound = selected->base.document->bound_schema;
    for (const auto& [name, table] : entry.tables) {
      if (entry.purged) break;  // its columns went with it
      CORESHED_ASSIGN(const auto schema, store::SchemaOf(table, selected->found.schemas));
      reading.like[name] = Renamed(*schema, name, options.renames);
    }
  }
  if (!bound.empty()) {
    CORESHED_ASSIGN(auto schema, GetSchema(bound, 0));
    reading.schema = std::make_shared<const SchemaDefinition>(std::move(schema.definition));
  }
  return reading;
}

Result<std::vector<OpenedFile>> StoreImpl::OpenFilesFor(const std::string& ref,
                                                        const std::vector<RecordFile>& files,
                                                        const RecordFileOptions& options) {
  std::optional<OpenFileOptions> known;
  std::vector<OpenedFile> all;
  auto unused = options.reading.types;
  for (const auto& file : files) {
    if (!known && !HasTypes(file.input, options.reading)) {
      CORESHED_ASSIGN(known, KnownOf(ref, options));
    }
    CORESHED_ASSIGN(auto opened,
                    OpenKnown(file, known ? *known : options.reading, files.size() == 1));
    for (const auto& table : opened.tables) {
      for (const auto& column : table.reader->schema()->field_names())
        unused.erase(column);
    }
    all.push_back(std::move(opened));
  }
  if (unused.empty()) return all;
  return Error{ErrorKind::kInvalidArgument, "No file has a column '" + unused.begin()->first +
                                                "', for which a type is given (--type, types)."}
      .With("column", unused.begin()->first);
}

Result<Drift> StoreImpl::FindDrift(const std::string& ref, const Data& data,
                                   const DriftOptions& options) {
  CORESHED_ASSIGN(const auto selected, SelectAsWrites(ref));
  CORESHED_TRY(RequireData(selected));
  const commit::VersionEntry& entry = selected.found.entry;
  validate::UploadCheck::Columns columns;
  for (const auto& table : data.tables()) {
    if (columns.try_emplace(table.name, SchemaOf(table)).second) continue;
    return Error{ErrorKind::kInvalidArgument, "Table '" + table.name + "' is given twice."};
  }
  const std::string& bound =
      options.schema.empty() ? selected.base.document->bound_schema : options.schema;
  if (!bound.empty()) {
    CORESHED_ASSIGN(const auto keeps, GetSchema(bound, 0));
    CORESHED_ASSIGN(columns, validate::UploadCheck::ColumnsUnder(keeps.definition, columns));
  }
  ColumnsByTable after;
  for (const auto& [given, table] : columns) {
    const bool counts = !options.of_upload || columns.size() > 1 || entry.tables.size() > 1;
    CORESHED_ASSIGN(const auto name,
                    NameOfTable(counts ? given : std::string(), columns.size(), &entry));
    CORESHED_ASSIGN(after[name], ColumnsOf(*table));
  }
  CORESHED_ASSIGN(const auto before, ColumnsByTableOf(entry, selected.found.schemas));
  CORESHED_ASSIGN(const auto settings, ReadSettings());
  return DriftBetween(before, after, options.renames, settings.widening_is_additive);
}

}  // namespace coreshed::store
