#include <arrow/api.h>
#include <coreshed/validation.h>

#include <algorithm>
#include <set>

#include "base/arrow_error.h"
#include "base/paths.h"
#include "base/result.h"
#include "base/text.h"
#include "commit/annotate.h"
#include "store/held.h"
#include "store/store_impl.h"
#include "store/stored_columns.h"
#include "table/check.h"

/// Named schemas: the table `schemas` of the store's own record (spec/format.md, "Schemas of the
/// store"), and records that are held to them.
namespace coreshed::store {
namespace {

constexpr const char* kTable = "schemas";

Error NoSchema(const std::string& name, const std::vector<NamedSchema>& known) {
  std::vector<std::string> names;
  for (const auto& schema : known)
    names.push_back(schema.name);
  return Error{ErrorKind::kNotFound,
               "There is no schema '" + name + "'" +
                   (names.empty() ? ", and no other. Save one: coreshed schema NAME --file FILE"
                                  : "; there are: " + Joined(names, 50) + ".")};
}

/// All numbers of all schemas, as a table of them holds them; null: there are none.
Result<std::vector<StoredDefinition>> DefinitionsIn(const std::shared_ptr<arrow::Table>& table) {
  std::vector<StoredDefinition> found;
  if (table == nullptr) return found;
  const auto names = table->GetColumnByName("name");
  const auto numbers = table->GetColumnByName("number");
  const auto definitions = table->GetColumnByName("definition");
  const auto is = [](const auto& column, arrow::Type::type type) {
    return column != nullptr && column->type()->id() == type && column->null_count() == 0;
  };
  if (!is(names, arrow::Type::STRING) || !is(numbers, arrow::Type::INT64) ||
      !is(definitions, arrow::Type::STRING)) {
    return Error{ErrorKind::kCorruption,
                 "The store's schemas have not the columns name, number and definition."};
  }
  for (int64_t row = 0; row < table->num_rows(); ++row) {
    const auto text = [&](const auto& column) {
      return column->GetScalar(row).ValueOrDie()->ToString();
    };
    const auto number = numbers->GetScalar(row).ValueOrDie();
    found.push_back(
        {text(names), static_cast<const arrow::Int64Scalar&>(*number).value, text(definitions)});
  }
  return found;
}

std::shared_ptr<arrow::Table> TableOf(std::vector<StoredDefinition> all) {
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.number) < std::tie(b.name, b.number);
  });
  arrow::StringBuilder names, definitions;
  arrow::Int64Builder numbers;
  for (const auto& stored : all) {
    (void)names.Append(stored.name);
    (void)numbers.Append(stored.number);
    (void)definitions.Append(stored.definition);
  }
  const auto columns = arrow::schema({arrow::field("name", arrow::utf8(), false),
                                      arrow::field("number", arrow::int64(), false),
                                      arrow::field("definition", arrow::utf8(), false)});
  return arrow::Table::Make(columns, {names.Finish().ValueOrDie(), numbers.Finish().ValueOrDie(),
                                      definitions.Finish().ValueOrDie()});
}

}  // namespace

Result<std::vector<StoredDefinition>> StoreImpl::StoredDefinitions() {
  CORESHED_ASSIGN(const auto table, ReadOwn(kTable));
  return DefinitionsIn(table);
}

Result<NamedSchema> StoreImpl::SaveSchema(const std::string& name, const SchemaDefinition& schema,
                                          const EventOptions& options) {
  if (options.actor.empty()) {
    return Error{ErrorKind::kInvalidArgument, "Who does this? The actor is empty."};
  }
  CORESHED_TRY(table::CheckTableName(name));
  const std::string definition = SchemaToJson(schema);
  CORESHED_ASSIGN(auto checked, ParseSchema(definition));  // by hand it may be anything
  int64_t number = 0;
  const auto add = [&](const std::shared_ptr<arrow::Table>& before) -> Result<OwnRows> {
    CORESHED_ASSIGN(auto all, DefinitionsIn(before));
    const StoredDefinition* newest = nullptr;
    for (const auto& stored : all) {
      const bool is_newer = newest == nullptr || stored.number > newest->number;
      if (stored.name == name && is_newer) newest = &stored;
    }
    number = newest == nullptr ? 0 : newest->number;
    if (newest != nullptr && newest->definition == definition) return OwnRows();
    all.push_back({name, ++number, definition});
    return TableOf(std::move(all));
  };
  CORESHED_TRY(ChangeOwn(kTable, add, options));
  return NamedSchema{name, number, std::move(checked)};
}

Result<std::vector<NamedSchema>> StoreImpl::ListSchemas() {
  CORESHED_ASSIGN(const auto all, StoredDefinitions());
  std::map<std::string, const StoredDefinition*> newest;
  for (const auto& stored : all) {
    auto& one = newest[stored.name];
    if (one == nullptr || one->number < stored.number) one = &stored;
  }
  std::vector<NamedSchema> schemas;
  for (const auto& [name, stored] : newest) {
    CORESHED_ASSIGN(auto definition, ParseSchema(stored->definition));
    schemas.push_back({name, stored->number, std::move(definition)});
  }
  return schemas;
}

Result<NamedSchema> StoreImpl::GetSchema(const std::string& name, int64_t number) {
  CORESHED_ASSIGN(const auto all, StoredDefinitions());
  const StoredDefinition* found = nullptr;
  int64_t last = 0;
  for (const auto& stored : all) {
    if (stored.name != name) continue;
    last = std::max(last, stored.number);
    const bool wanted = number == 0 ? stored.number == last : stored.number == number;
    if (wanted) found = &stored;
  }
  if (last == 0) {
    CORESHED_ASSIGN(const auto known, ListSchemas());
    return NoSchema(name, known);
  }
  if (found == nullptr) {
    return Error{ErrorKind::kNotFound, "The schema '" + name + "' has no number " +
                                           std::to_string(number) + "; the newest is " +
                                           std::to_string(last) + "."};
  }
  CORESHED_ASSIGN(auto definition, ParseSchema(found->definition));
  return NamedSchema{name, found->number, std::move(definition)};
}

Result<RecordInfo> StoreImpl::BindSchema(const std::string& record_id, const std::string& schema,
                                         const EventOptions& options) {
  CORESHED_ASSIGN(const std::string id, paths::CheckRecordId(record_id));
  if (!schema.empty()) CORESHED_TRY(GetSchema(schema, 0));
  commit::BindOperation operation(schema);
  auto done = commit::Commit(CommitContext(), id, options, operation);
  if (!done) return WithNearest(std::move(done).error(), id);
  return ToInfo(*done->document);
}

/// The schema `name`, which a write of the record must keep; empty: none, if the store allows that.
Result<std::optional<NamedSchema>> StoreImpl::SchemaFor(const std::string& record_id,
                                                        const std::string& name) {
  if (!name.empty()) {
    CORESHED_ASSIGN(auto schema, GetSchema(name, 0));
    return std::optional(std::move(schema));
  }
  CORESHED_ASSIGN(const auto settings, ReadSettings());
  if (!settings.require_schema || record_id == paths::kSettingsRecord) {
    return std::optional<NamedSchema>();
  }
  return Error{ErrorKind::kInvalidState,
               "This store requires that every record keeps a schema, and '" + record_id +
                   "' is bound to none. Name one (--schema, schema), or bind it: coreshed bind."};
}

/// The tables of the active version, with the columns that new rows are compared with.
Result<std::vector<TableInput>> StoreImpl::ExistingFor(const std::string& record_id,
                                                       const SchemaDefinition& schema) {
  CORESHED_ASSIGN(const auto base, ReadLive(record_id));
  std::vector<TableInput> existing;
  for (const auto& [name, table] : base.document->Active()->tables) {
    CORESHED_ASSIGN(const auto columns, StoredColumns(table, base.document->schemas));
    ReadOptions options;
    for (const auto& rule : schema.tables) {
      if (schema.tables.size() > 1 && rule.name != name) continue;
      for (const auto& column : rule.columns) {
        const bool is_there = std::any_of(columns.begin(), columns.end(),
                                          [&](const auto& one) { return one.name == column.name; });
        const bool is_meant =
            std::any_of(schema.tables.begin(), schema.tables.end(), [&](const TableRule& other) {
              return std::any_of(
                  other.columns.begin(), other.columns.end(), [&](const auto& refer) {
                    return refer.references && refer.references->column == column.name;
                  });
            });
        if (is_there && (column.key || column.unique || is_meant))
          options.columns.push_back(column.name);
      }
    }
    if (options.columns.empty()) {  // it is there, which is all that the schema asks
      CORESHED_ARROW_ASSIGN(auto none, arrow::Table::MakeEmpty(arrow::schema({})),
                            "comparing rows");
      existing.push_back({name, std::move(none), nullptr});
      continue;
    }
    Ref ref;
    ref.record_id = record_id;
    ref.selector = Ref::Selector::kActive;
    ref.table = name;
    CORESHED_ASSIGN(const auto selected, SelectTable(base, ref, record_id));
    CORESHED_ASSIGN(auto reading, ReadFrom(selected, options));
    existing.push_back({name, nullptr, std::move(reading.rows)});
  }
  return existing;
}

Result<Held> StoreImpl::HoldToSchema(WriteKind kind, const std::string& record_id,
                                     const NamedSchema& schema,
                                     std::vector<validate::UploadTable> tables, bool splits,
                                     const WriteOptions& options) {
  std::vector<TableInput> existing;
  if (kind == WriteKind::kAppend) {
    CORESHED_ASSIGN(existing, ExistingFor(record_id, schema.definition));
  }
  validate::CheckOptions checking;
  checking.splits = splits;
  checking.stop = options.stop;
  CORESHED_ASSIGN(auto check, validate::UploadCheck::Start(schema.definition, std::move(tables),
                                                           existing, checking));
  Data data(check->Tables());
  return Held{std::move(data), std::move(check)};
}

}  // namespace coreshed::store
