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

/// A file that says the types of its columns itself: nobody needs to be asked for others.
bool HasTypes(const FileInput& input, const OpenFileOptions& reading) {
  if (reading.format) return sources::InfoOf(*reading.format).has_types;
  std::error_code code;
  if (input.bytes == nullptr && std::filesystem::is_directory(input.path, code)) return false;
  const std::string name = sources::NameOf(input);
  const auto format = sources::FormatOfNamed(name, name);
  return format && sources::InfoOf(*format).has_types;
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

/// Where other files make other tables, names count also of a single one. In archives, whose
/// members have names of their own, they do anyway.
void KeepNamed(const FileInput& input, OpenFileOptions* reading) {
  const std::string stem = sources::StemOf(sources::NameOf(input));
  if (reading->like.size() == 1 && reading->like.begin()->first != stem) reading->like.clear();
  if (reading->schema != nullptr && reading->schema->tables.size() == 1 &&
      reading->schema->tables.front().name != stem) {
    reading->schema.reset();
  }
}

std::shared_ptr<arrow::Schema> SchemaOf(const TableInput& table) {
  return table.reader != nullptr ? table.reader->schema() : table.table->schema();
}

}  // namespace

Result<StoreImpl::Selected> StoreImpl::SelectAsWrites(const std::string& text) {
  CORESHED_ASSIGN(Ref ref, ParseRef(text));
  if (ref.selector == Ref::Selector::kDefault) ref.selector = Ref::Selector::kActive;
  return ReadLive(ref.record_id, [&](const commit::Base& base) { return SelectIn(base, ref); });
}

Result<OpenFileOptions> StoreImpl::KnownOf(const std::string& ref,
                                           const RecordFileOptions& options) {
  OpenFileOptions reading = options.reading;
  std::string bound = options.schema;
  const auto selected = SelectAsWrites(ref);
  if (!selected && selected.error().kind != ErrorKind::kNotFound) return selected.error();
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
    OpenFileOptions reading = options.reading;
    if (!HasTypes(file.input, reading)) {
      if (!known) {
        CORESHED_ASSIGN(known, KnownOf(ref, options));
      }
      reading = *known;
      if (!file.table.empty()) {
        KeepOnly(file.table, &reading);
      } else if (files.size() > 1) {
        KeepNamed(file.input, &reading);
      }
    }
    CORESHED_ASSIGN(auto opened, OpenFile(file.input, reading));
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
                                   const std::map<std::string, std::string>& renames,
                                   const std::string& schema) {
  CORESHED_ASSIGN(const auto selected, SelectAsWrites(ref));
  CORESHED_TRY(RequireData(selected));
  const commit::VersionEntry& entry = selected.found.entry;
  validate::UploadCheck::Columns columns;
  for (const auto& table : data.tables()) {
    if (columns.try_emplace(table.name, SchemaOf(table)).second) continue;
    return Error{ErrorKind::kInvalidArgument, "Table '" + table.name + "' is given twice."};
  }
  const std::string& bound = schema.empty() ? selected.base.document->bound_schema : schema;
  if (!bound.empty()) {
    CORESHED_ASSIGN(const auto keeps, GetSchema(bound, 0));
    CORESHED_ASSIGN(columns, validate::UploadCheck::ColumnsUnder(keeps.definition, columns));
  }
  ColumnsByTable after;
  for (const auto& [given, table] : columns) {
    CORESHED_ASSIGN(const auto name, NameOfTable(given, columns.size(), &entry));
    CORESHED_ASSIGN(after[name], ColumnsOf(*table));
  }
  CORESHED_ASSIGN(const auto before, ColumnsByTableOf(entry, selected.found.schemas));
  CORESHED_ASSIGN(const auto settings, ReadSettings());
  return DriftBetween(before, after, renames, settings.widening_is_additive);
}

}  // namespace coreshed::store
