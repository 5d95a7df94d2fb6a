#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <coreshed/content.h>
#include <coreshed/sources.h>

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
  const std::string name = sources::NameOf(input);
  const auto format = sources::FormatOfNamed(name, name);
  return format && sources::InfoOf(*format).has_types;
}

/// Of a schema: the table that the file's only one stands for. What is not in it is refused when it
/// is written.
void KeepOnly(const std::string& table, SchemaDefinition* schema) {
  if (table.empty() || schema->tables.size() == 1) return;
  std::erase_if(schema->tables, [&](const TableRule& rule) { return rule.name != table; });
}

std::shared_ptr<arrow::Schema> SchemaOf(const TableInput& table) {
  return table.reader != nullptr ? table.reader->schema() : table.table->schema();
}

}  // namespace

Result<OpenedFile> StoreImpl::OpenFileFor(const std::string& ref, const FileInput& input,
                                          const RecordFileOptions& options) {
  OpenFileOptions reading = options.reading;
  if (HasTypes(input, reading)) return OpenFile(input, reading);
  std::string bound = options.schema;
  const auto selected = Select(ref);
  if (!selected && selected.error().kind != ErrorKind::kNotFound) return selected.error();
  if (selected) {
    const commit::VersionEntry& entry = selected->found.entry;
    if (bound.empty()) bound = selected->base.document->bound_schema;
    for (const auto& [name, table] : entry.tables) {
      if (!options.table.empty() && name != options.table) continue;
      CORESHED_ASSIGN(const auto schema, store::SchemaOf(table, selected->found.schemas));
      reading.like[name] = Renamed(*schema, name, options.renames);
    }
  }
  if (!bound.empty()) {
    CORESHED_ASSIGN(auto schema, GetSchema(bound, 0));
    KeepOnly(options.table, &schema.definition);
    reading.schema = std::make_shared<const SchemaDefinition>(std::move(schema.definition));
  }
  return OpenFile(input, reading);
}

Result<Drift> StoreImpl::FindDrift(const std::string& ref, const Data& data,
                                   const std::map<std::string, std::string>& renames,
                                   const std::string& schema) {
  CORESHED_ASSIGN(const auto selected, Select(ref));
  CORESHED_TRY(RequireData(selected));
  const commit::VersionEntry& entry = selected.found.entry;
  validate::UploadCheck::Columns columns;
  for (const auto& table : data.tables()) {
    CORESHED_ASSIGN(const auto name, NameOfTable(table.name, data.tables().size(), &entry));
    columns[name] = SchemaOf(table);
  }
  const std::string& bound = schema.empty() ? selected.base.document->bound_schema : schema;
  if (!bound.empty()) {
    CORESHED_ASSIGN(const auto keeps, GetSchema(bound, 0));
    CORESHED_ASSIGN(columns, validate::UploadCheck::ColumnsUnder(keeps.definition, columns));
  }
  ColumnsByTable after;
  for (const auto& [name, table] : columns) {
    CORESHED_ASSIGN(after[name], ColumnsOf(*table));
  }
  CORESHED_ASSIGN(const auto before, ColumnsByTableOf(entry, selected.found.schemas));
  CORESHED_ASSIGN(const auto settings, ReadSettings());
  return DriftBetween(before, after, renames, settings.widening_is_additive);
}

}  // namespace coreshed::store
