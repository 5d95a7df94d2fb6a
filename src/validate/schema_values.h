#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validate/json_tree.h"

// Values that stand in a schema: bounds, and what is allowed.

namespace coreshed::validate {

/// Types whose values have an order that bounds can be set in; `HasWords`: whose values can be
/// listed; `IsComparable`: whose values can be keys.
bool HasOrder(const arrow::DataType& type);
bool HasWords(const arrow::DataType& type);
bool IsComparable(const arrow::DataType& type);

/// The value of a type as text, always the same one for the same value; nothing where it is none.
std::optional<std::string> SchemaValue(const std::shared_ptr<arrow::DataType>& type,
                                       const JsonNode& node);

/// Values that SchemaValue gave. kValidation where they are none.
Result<std::shared_ptr<arrow::Array>> ValuesOf(const std::shared_ptr<arrow::DataType>& type,
                                               const std::vector<std::string>& texts);

/// Whether the one value of `a` is greater than that of `b`.
Result<bool> IsGreater(const std::shared_ptr<arrow::Array>& a,
                       const std::shared_ptr<arrow::Array>& b);

/// The pattern as one for the whole text.
///
/// Errors  kValidation   not a pattern; says why
Result<std::string> WholePattern(const std::string& pattern);

}  // namespace coreshed::validate
