#pragma once

#include <arrow/type_fwd.h>

#include <functional>
#include <memory>
#include <string>

#include "cli/output.h"

namespace coreshed::cli {

/// The values of one column of a batch, to be shown.
class Cells {
 public:
  explicit Cells(const std::shared_ptr<arrow::Array>& column);

  /// The value as JSON: numbers as numbers, NaN and infinity as texts; times in ISO 8601, decimals
  /// as text; bytes in base64; lists and structs as such.
  Json Value(int64_t row) const { return value_(row); }
  /// The value in a line of a table; "" for null.
  std::string Text(int64_t row) const;
  bool IsNull(int64_t row) const;

 private:
  std::shared_ptr<arrow::Array> column_;
  std::shared_ptr<arrow::StringArray> texts_;  ///< where CSV has a text for the type
  std::function<Json(int64_t)> value_;
};

/// Whether values of the type stand to the right in a table.
bool StandsRight(const arrow::DataType& type);

}  // namespace coreshed::cli
