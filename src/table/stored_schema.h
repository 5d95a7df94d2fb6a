#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/types.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace coreshed::table {

/// An Arrow schema with everything in it (encodings, nullability, metadata of columns and table) as
/// stored under "schemas" in metadata.json (spec/schema.md, "Stored schema"). Equal schemas have
/// equal JSON. For every Arrow type; that this one may be stored is for others to check.
nlohmann::json SchemaToJson(const arrow::Schema& schema);

/// The other way. Takes any JSON, however damaged.
///
/// Errors  kCorruption   what it says isn't a schema that could have been stored
Result<std::shared_ptr<arrow::Schema>> SchemaFromJson(const nlohmann::json& json);

/// A stored schema with what is made of it, each made when it is first asked for. A handle: copies
/// share all of it. Immutable; may be used from several threads.
class StoredSchema {
 public:
  explicit StoredSchema(nlohmann::json json);
  static StoredSchema Of(const arrow::Schema& schema);

  const nlohmann::json& json() const;
  const std::string& text() const;  ///< its canonical JSON
  /// What it lies under: the first 16 hex digits of SHA-256 over `text`.
  const std::string& key() const;
  /// kCorruption: see SchemaFromJson.
  const Result<std::shared_ptr<arrow::Schema>>& Schema() const;
  const Result<std::vector<Column>>& Columns() const;

  bool operator==(const StoredSchema& other) const { return json() == other.json(); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// By key.
using StoredSchemas = std::map<std::string, StoredSchema>;

}  // namespace coreshed::table
