#pragma once

#include <coreshed/data.h>
#include <coreshed/error.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coreshed {

/// A column of a table of a schema.
struct ColumnRef {
  std::string table;  ///< empty: the only one of its schema, without a name
  std::string column;
  bool operator==(const ColumnRef&) const = default;
};

/// What a person says of a column (spec/validation.md).
struct ColumnRule {
  std::string name;
  std::string type;  ///< name of a logical type (spec/schema.md)
  bool nullable = true;
  bool key = false;     ///< with the others of its table that are: identifies a row; then not null
  bool unique = false;  ///< no value comes twice
  /// Values as texts, as they would stand in a cell.
  std::optional<std::string> min = {}, max = {};
  std::vector<std::string> allowed = {};     ///< empty: all
  std::optional<std::string> pattern = {};   ///< a regular expression (RE2) for the whole text
  std::optional<ColumnRef> references = {};  ///< each value must occur there
  std::string description = {};
  bool operator==(const ColumnRule&) const = default;
};

struct TableRule {
  std::string name;  ///< may be empty where it is the only one
  std::string description;
  std::vector<ColumnRule> columns;
  bool operator==(const TableRule&) const = default;
};

/// What tables must be like (spec/validation.md).
struct SchemaDefinition {
  std::string description;
  std::vector<TableRule> tables;
  bool operator==(const SchemaDefinition&) const = default;
};

/// Read a schema. Values come back as SchemaToJson writes them, keys as not nullable.
///
/// Errors  kValidation   names all faults, each with its place; field `faults` has them one a line
Result<SchemaDefinition> ParseSchema(std::string_view json);

/// The schema as a person would write it, always the same bytes; ParseSchema takes them. Of a
/// definition that ParseSchema or InferSchema gave.
std::string SchemaToJson(const SchemaDefinition& schema);

/// The schema of tables as they are: types, and which columns have no nulls. Reads streams to their
/// ends.
///
/// Errors  kUnsupported (a type that can't be stored), kInvalidArgument (no table), those of
/// streams
Result<SchemaDefinition> InferSchema(const std::vector<TableInput>& tables);

/// A schema as the store keeps it: under a name, with all that it was before.
struct NamedSchema {
  std::string name;
  int64_t number = 0;  ///< from 1
  SchemaDefinition definition;
};

/// A value, or a row, that breaks a rule.
struct Reject {
  std::string table;
  std::string file;
  int64_t record = 0;  ///< from 1, a header not counted
  int64_t line = 0;    ///< 0: not known
  std::string column;  ///< several, of a key, with ", " between them; empty: the whole row
  std::optional<std::string> value;  ///< as written, at most 1,000 bytes; nothing: null
  std::string rule;                  ///< "type", "required", "key", "unique", "min", "max", …
  std::string reason;                ///< a sentence
  bool operator==(const Reject&) const = default;
};

}  // namespace coreshed
