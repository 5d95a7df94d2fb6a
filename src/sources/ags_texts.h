#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <optional>
#include <string>

#include "sources/ags_number.h"
#include "sources/ags_pattern.h"

namespace coreshed::sources {

/// How the cells of a column stand in an AGS file (spec/ags.md, "Writing").
class AgsTexts {
 public:
  /// By the column's metadata, and by its type where they say nothing.
  explicit AgsTexts(const arrow::Field& field);

  const std::string& unit() const { return unit_; }
  const std::string& type() const { return type_; }

  /// The texts (utf8) of some rows; null stays null.
  ///
  /// Errors  kUnsupported   a type that has no text; NaN and infinities (with `row` from 0)
  Result<std::shared_ptr<arrow::StringArray>> Of(const std::shared_ptr<arrow::Array>& column) const;

 private:
  void SetDefaults(const arrow::DataType& type);

  std::string unit_, type_;
  std::optional<AgsNumberStyle> style_;
  std::optional<AgsPattern> pattern_;
};

}  // namespace coreshed::sources
