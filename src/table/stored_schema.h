#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace coreshed::table {

/// An Arrow schema with everything in it (encodings, nullability, metadata of columns and table) as
/// stored under "schemas" in metadata.json (spec/schema.md, "Stored schema"). Equal schemas have
/// equal JSON. For every Arrow type; that this one may be stored is for others to check.
nlohmann::json SchemaToJson(const arrow::Schema& schema);

/// The other way. Takes any JSON, however damaged.
///
/// Errors  kCorruption   what it says isn't a schema that could have been stored
Result<std::shared_ptr<arrow::Schema>> SchemaFromJson(const nlohmann::json& json);

/// The key a stored schema lies under: the first 16 hex digits of SHA-256 over its canonical JSON.
std::string SchemaKey(const nlohmann::json& json);

}  // namespace coreshed::table
