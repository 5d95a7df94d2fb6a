#pragma once

#include <coreshed/error.h>

#include <nlohmann/json.hpp>
#include <string>

#include "table/stored_schema.h"

namespace coreshed::commit {

/// Stored schemas by key, as metadata.json and pages hold them: the canonical JSON of an object, in
/// which a schema that is nearly another one is the difference from it (spec/schema.md, "Schemas
/// that differ little").
std::string SchemasText(const table::StoredSchemas& schemas);

/// The other way: every schema written out. Takes any JSON object.
///
/// Errors  kCorruption   a difference that leads to no schema, or not to the one with its key
Result<table::StoredSchemas> SchemasFromJson(const nlohmann::json& stored,
                                             const std::string& where);

}  // namespace coreshed::commit
