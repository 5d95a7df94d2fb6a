#pragma once

#include <coreshed/error.h>
#include <coreshed/types.h>

#include <nlohmann/json.hpp>

namespace coreshed::table {

/// A drift as a version entry and its event keep it (spec/schema.md, "Drift").
nlohmann::json DriftToJson(const Drift& drift);

/// The other way; null is no drift. Errors  kCorruption
Result<Drift> DriftFromJson(const nlohmann::json& json);

}  // namespace coreshed::table
