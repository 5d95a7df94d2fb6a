#pragma once

#include <coreshed/error.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace coreshed {

/// JSON with keys sorted by their bytes, no white space, UTF-8 unescaped (spec/format.md,
/// "Canonical JSON"). Only null, booleans, 64-bit integers, strings, arrays and objects may be in
/// it.
std::string CanonicalJson(const nlohmann::json& value);

/// Parse a stored JSON text: bounded depth, no duplicate keys' surprises, no floats out of range.
/// kCorruption with `what` in the sentence if it is none.
Result<nlohmann::json> ParseJson(std::string_view text, const std::string& what);

}  // namespace coreshed
