#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/validation.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "validate/value_hash.h"

namespace coreshed::validate {

/// The rules that a value keeps or breaks by itself: bounds, allowed values, a pattern.
class ValueRules {
 public:
  static Result<ValueRules> Make(const ColumnRule& rule, const ValueHasher& hasher);

  /// `what` goes on after the value: "is below 0, the least that is possible".
  using Report = std::function<void(int64_t row, const char* rule, const std::string& what)>;
  /// Of a column of the rule's logical type.
  Result<void> Check(const std::shared_ptr<arrow::Array>& column, const Report& report) const;

 private:
  Result<void> CheckBounds(const std::shared_ptr<arrow::Array>& plain, const Report& report) const;
  Result<void> CheckAllowed(const std::shared_ptr<arrow::Array>& plain, const Report& report) const;
  Result<void> CheckPattern(const std::shared_ptr<arrow::Array>& plain, const Report& report) const;

  const ValueHasher* hasher_ = nullptr;
  std::shared_ptr<arrow::Scalar> min_, max_;  ///< null: there is none
  HashTable allowed_;
  std::string pattern_;  ///< for the whole text; empty: there is none
  std::string below_, above_, not_allowed_, unlike_;
};

}  // namespace coreshed::validate
