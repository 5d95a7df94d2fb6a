#include "validate/value_rules.h"

#include <arrow/api.h>
#include <arrow/compute/api_scalar.h>
#include <arrow/compute/cast.h>
#include <coreshed/content.h>

#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"
#include "validate/kernels.h"
#include "validate/schema_values.h"
#include "validate/values.h"

namespace coreshed::validate {
namespace {

constexpr const char* kWhat = "checking a column";
constexpr size_t kShownMax = 10, kShownBytesMax = 100;

Result<std::shared_ptr<arrow::Scalar>> ScalarOf(const std::shared_ptr<arrow::DataType>& type,
                                                const std::string& text) {
  CORESHED_ASSIGN(const auto values, ValuesOf(type, {text}));
  CORESHED_ARROW_ASSIGN(auto scalar, values->GetScalar(0), kWhat);
  return scalar;
}

std::string Listed(const std::vector<std::string>& values) {
  std::vector<std::string> shown;
  for (size_t i = 0; i < values.size(); ++i)
    shown.push_back(i < kShownMax ? CutText(values[i], kShownBytesMax) : "");
  return Joined(shown, kShownMax);
}

/// Call `visit` for each row whose value is not null and whose answer is `wrong`.
template <typename Visit>
Result<void> ForEachAnswer(const std::string& function, const std::vector<arrow::Datum>& arguments,
                           const arrow::compute::FunctionOptions* options, bool wrong,
                           Visit&& visit) {
  CORESHED_ASSIGN(const auto answers, CallKernel(function, arguments, options));
  const auto array = answers.make_array();
  const auto& bits = static_cast<const arrow::BooleanArray&>(*array);
  const int64_t wrong_count = wrong ? bits.true_count() : bits.false_count();
  for (int64_t row = 0; wrong_count > 0 && row < bits.length(); ++row) {
    if (bits.IsValid(row) && bits.Value(row) == wrong) visit(row);
  }
  return {};
}

}  // namespace

Result<ValueRules> ValueRules::Make(const ColumnRule& rule, const ValueHasher& hasher) {
  ValueRules rules;
  rules.hasher_ = &hasher;
  if (rule.pattern) {
    CORESHED_ASSIGN(rules.pattern_, WholePattern(*rule.pattern));
    rules.unlike_ = "does not match the pattern " + CutText(*rule.pattern, kShownBytesMax) + ".";
  }
  if (!rule.min && !rule.max && rule.allowed.empty()) return rules;
  CORESHED_ASSIGN(const auto type, TypeNamed(rule.type));
  if (rule.min) {
    CORESHED_ASSIGN(rules.min_, ScalarOf(type, *rule.min));
    rules.below_ = "is below " + *rule.min + ", the least that is possible.";
  }
  if (rule.max) {
    CORESHED_ASSIGN(rules.max_, ScalarOf(type, *rule.max));
    rules.above_ = "is above " + *rule.max + ", the most that is possible.";
  }
  if (!rule.allowed.empty()) {
    CORESHED_ASSIGN(const auto values, ValuesOf(type, rule.allowed));
    CORESHED_ASSIGN(const auto hashes, hasher.Hash(values));
    for (const auto& hash : hashes)
      rules.allowed_.FindOrAdd(hash, 0);
    rules.not_allowed_ = "is none of the values that are allowed: " + Listed(rule.allowed) + ".";
  }
  return rules;
}

Result<void> ValueRules::Check(const std::shared_ptr<arrow::Array>& column,
                               const Report& report) const {
  const bool has_bounds = min_ != nullptr || max_ != nullptr;
  if (!has_bounds && allowed_.size() == 0 && pattern_.empty()) return {};
  CORESHED_ASSIGN(const auto plain, Plainly(column));
  if (has_bounds) CORESHED_TRY(CheckBounds(plain, report));
  if (allowed_.size() > 0) CORESHED_TRY(CheckAllowed(plain, report));
  if (!pattern_.empty()) CORESHED_TRY(CheckPattern(plain, report));
  return {};
}

Result<void> ValueRules::CheckBounds(const std::shared_ptr<arrow::Array>& plain,
                                     const Report& report) const {
  auto values = plain;
  const auto& type = min_ != nullptr ? min_->type : max_->type;
  if (!values->type()->Equals(*type)) {  // a decimal of the same digits in another width
    CORESHED_ARROW_ASSIGN(values, arrow::compute::Cast(*values, type), kWhat);
  }
  if (min_ != nullptr) {
    CORESHED_TRY(ForEachAnswer("greater_equal", {values, min_}, nullptr, false,
                               [&](int64_t row) { report(row, "min", below_); }));
  }
  if (max_ == nullptr) return {};
  // NaN breaks one rule, not two.
  const bool wrong = min_ != nullptr;
  return ForEachAnswer(wrong ? "greater" : "less_equal", {values, max_}, nullptr, wrong,
                       [&](int64_t row) { report(row, "max", above_); });
}

Result<void> ValueRules::CheckAllowed(const std::shared_ptr<arrow::Array>& plain,
                                      const Report& report) const {
  CORESHED_ASSIGN(const auto hashes, hasher_->Hash(plain));
  for (size_t row = 0; row < hashes.size(); ++row) {
    if (hashes[row].is_none() || allowed_.Find(hashes[row]) != HashTable::kNone) continue;
    report(static_cast<int64_t>(row), "allowed", not_allowed_);
  }
  return {};
}

Result<void> ValueRules::CheckPattern(const std::shared_ptr<arrow::Array>& plain,
                                      const Report& report) const {
  const arrow::compute::MatchSubstringOptions options(pattern_);
  return ForEachAnswer("match_substring_regex", {plain}, &options, false,
                       [&](int64_t row) { report(row, "pattern", unlike_); });
}

}  // namespace coreshed::validate
