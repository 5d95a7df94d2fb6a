#include "table/widening.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "table/type_name.h"

namespace coreshed::table {
namespace {

struct Number {
  enum class Kind { kSigned, kUnsigned, kFloat } kind;
  int bits;
};

std::optional<Number> NumberOf(std::string_view type) {
  auto kind = Number::Kind::kSigned;
  if (type.starts_with("uint")) {
    kind = Number::Kind::kUnsigned;
    type.remove_prefix(4);
  } else if (type.starts_with("int")) {
    type.remove_prefix(3);
  } else if (type.starts_with("float")) {
    kind = Number::Kind::kFloat;
    type.remove_prefix(5);
  } else {
    return std::nullopt;
  }
  int bits = 0;
  const auto end = std::from_chars(type.data(), type.data() + type.size(), bits).ptr;
  if (end != type.data() + type.size() || bits <= 0) return std::nullopt;
  return Number{kind, bits};
}

bool WiderNumber(const Number& before, const Number& after) {
  const bool to_signed =
      before.kind == Number::Kind::kUnsigned && after.kind == Number::Kind::kSigned;
  return (before.kind == after.kind || to_signed) && before.bits < after.bits;
}

/// Precision and scale.
std::optional<std::array<int, 2>> DigitsOf(const TypeName& type) {
  std::array<int, 2> digits{};
  if (type.parameters.size() != digits.size()) return std::nullopt;
  for (size_t i = 0; i < digits.size(); ++i) {
    const auto& text = type.parameters[i];
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), digits[i]);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  }
  return digits;
}

bool WiderDecimal(const TypeName& before, const TypeName& after) {
  const auto old_digits = DigitsOf(before);
  const auto new_digits = DigitsOf(after);
  if (!old_digits || !new_digits) return false;
  const auto [old_precision, old_scale] = *old_digits;
  const auto [new_precision, new_scale] = *new_digits;
  return new_scale >= old_scale && new_precision - new_scale >= old_precision - old_scale;
}

/// A time of day is less than a day, so a finer unit holds it; for timestamps and durations a finer
/// unit has a smaller range.
bool FinerTime(const TypeName& before, const TypeName& after) {
  constexpr std::array<std::string_view, 4> kUnits = {"s", "ms", "us", "ns"};
  if (before.parameters.size() != 1 || after.parameters.size() != 1) return false;
  const auto* const old_unit = std::find(kUnits.begin(), kUnits.end(), before.parameters[0]);
  const auto* const new_unit = std::find(kUnits.begin(), kUnits.end(), after.parameters[0]);
  return old_unit < new_unit && new_unit != kUnits.end();
}

bool Holds(const TypeName& before, const TypeName& after);

/// Children one by one: none gains a rule, each holds what the old one held.
bool ChildrenHold(const TypeName& before, const TypeName& after) {
  if (before.children.size() != after.children.size()) return false;
  for (size_t i = 0; i < before.children.size(); ++i) {
    const auto& old_child = before.children[i];
    const auto& new_child = after.children[i];
    if (old_child.name != new_child.name) return false;
    if (old_child.nullable && !new_child.nullable) return false;
    if (!Holds(old_child.type, new_child.type)) return false;
  }
  return true;
}

/// Whether `after` is `before` or wider.
bool Holds(const TypeName& before, const TypeName& after) {
  if (before == after || before.kind == "null") return true;
  const auto old_number = NumberOf(before.kind);
  const auto new_number = NumberOf(after.kind);
  if (old_number && new_number) return WiderNumber(*old_number, *new_number);
  if (before.kind == "date") return after.kind == "date64";
  if (before.kind == "fixed_binary") return after.kind == "binary";
  if (before.kind != after.kind) return false;
  if (before.kind == "decimal") return WiderDecimal(before, after);
  if (before.kind == "time") return FinerTime(before, after);
  if (before.kind == "list") {
    const bool size_kept = after.parameters.empty() || before.parameters == after.parameters;
    return size_kept && ChildrenHold(before, after);
  }
  return (before.kind == "map" || before.kind == "struct") && ChildrenHold(before, after);
}

}  // namespace

bool IsWidening(const std::string& before, const std::string& after) {
  if (before == after) return false;
  const auto old_type = ParseTypeName(before);
  const auto new_type = ParseTypeName(after);
  return old_type && new_type && Holds(*old_type, *new_type);
}

}  // namespace coreshed::table
