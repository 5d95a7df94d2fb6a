#pragma once

#include <coreshed/error.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coreshed::validate {

/// A JSON value as it was written: members in their order, also those of one key, and numbers with
/// all their digits.
struct JsonNode {
  enum class Kind { kNull, kBool, kNumber, kText, kList, kObject };
  Kind kind = Kind::kNull;
  std::string text;               ///< of a text; of a number as it is written
  bool is_true = false;           ///< of a bool
  std::vector<std::string> keys;  ///< of an object
  std::vector<JsonNode> items;    ///< of a list; of an object the value of each key
};

/// Read a JSON text that somebody wrote: of bounded size, depth and number of values. `what` begins
/// the sentence of a fault.
///
/// Errors  kValidation   where it is no JSON, with the line; over a limit
Result<JsonNode> ReadJsonTree(std::string_view text, const std::string& what);

}  // namespace coreshed::validate
