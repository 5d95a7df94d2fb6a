#pragma once

#include <coreshed/error.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace coreshed::commit {

/// Stored schemas by key, as metadata.json and pages hold them: a schema that is nearly another one
/// is written as the difference from it (spec/schema.md, "Schemas that differ little").
nlohmann::json SchemasToJson(const std::map<std::string, nlohmann::json>& schemas);

/// The other way: every schema written out. Takes any JSON object.
///
/// Errors  kCorruption   a difference that leads to no schema, or not to the one with its key
Result<std::map<std::string, nlohmann::json>> SchemasFromJson(const nlohmann::json& stored,
                                                              const std::string& where);

}  // namespace coreshed::commit
