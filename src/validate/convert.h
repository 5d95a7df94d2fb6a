#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sources/csv_parser.h"

namespace coreshed::validate {

/// Brings a column as it came to the type that a schema says (spec/validation.md, "What is
/// checked").
class Converter {
 public:
  /// Nothing: no such column becomes one of that type.
  ///
  /// Errors  kUnsupported   a type that can't be stored
  static Result<std::optional<Converter>> Make(const arrow::Field& from,
                                               const std::string& logical_type);

  /// What comes out, which may be null: the column as it came where its type is right, else one
  /// without metadata.
  const std::shared_ptr<arrow::Field>& field() const { return field_; }

  /// Values that can't be made are null in the result; `bad` tells their rows, ascending.
  Result<std::shared_ptr<arrow::Array>> Convert(const std::shared_ptr<arrow::Array>& column,
                                                std::vector<int64_t>* bad) const;

 private:
  enum class How { kKeep, kNulls, kTexts, kNumbers, kTruth, kDigits, kDays, kTimes, kCast };

  static std::optional<How> HowTo(const arrow::DataType& from, const arrow::DataType& to);

  How how_ = How::kKeep;
  std::shared_ptr<arrow::Field> field_;
  std::shared_ptr<const sources::CsvParser> parser_;  ///< null: no text is a value of the type
};

}  // namespace coreshed::validate
