// From the name of a logical type to an Arrow type: spec/schema.md, "Logical types".

#include <arrow/type.h>
#include <coreshed/content.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/result.h"
#include "table/logical_type.h"
#include "table/type_name.h"

namespace coreshed {
namespace {

using table::TypeName;
using TypePtr = std::shared_ptr<arrow::DataType>;

/// Null: there is no such type.
TypePtr TypeOf(const TypeName& name);

std::optional<int32_t> Number(const std::string& text) {
  int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number >= 0 ? std::optional(number) : std::nullopt;
}

std::optional<arrow::TimeUnit::type> Unit(const std::string& text) {
  if (text == "s") return arrow::TimeUnit::SECOND;
  if (text == "ms") return arrow::TimeUnit::MILLI;
  if (text == "us") return arrow::TimeUnit::MICRO;
  if (text == "ns") return arrow::TimeUnit::NANO;
  return std::nullopt;
}

TypePtr Simple(const std::string& kind) {
  for (const auto& type :
       {arrow::null(), arrow::boolean(), arrow::int8(), arrow::int16(), arrow::int32(),
        arrow::int64(), arrow::uint8(), arrow::uint16(), arrow::uint32(), arrow::uint64(),
        arrow::float16(), arrow::float32(), arrow::float64(), arrow::utf8(), arrow::binary(),
        arrow::date32(), arrow::date64()}) {
    if (const auto name = table::LogicalType(*type); name && *name == kind) return type;
  }
  return nullptr;
}

TypePtr Decimal(const std::vector<std::string>& parameters) {
  const auto precision = Number(parameters[0]), scale = Number(parameters[1]);
  if (!precision || !scale || *precision < 1 || *scale > *precision) return nullptr;
  if (*precision <= arrow::Decimal128Type::kMaxPrecision) {
    return arrow::decimal128(*precision, *scale);
  }
  if (*precision > arrow::Decimal256Type::kMaxPrecision) return nullptr;
  return arrow::decimal256(*precision, *scale);
}

TypePtr WithParameters(const std::string& kind, const std::vector<std::string>& parameters) {
  if (kind == "decimal") return parameters.size() == 2 ? Decimal(parameters) : nullptr;
  if (kind == "fixed_binary") {
    const auto width = parameters.size() == 1 ? Number(parameters[0]) : std::nullopt;
    return width.value_or(0) > 0 ? arrow::fixed_size_binary(*width) : nullptr;
  }
  const auto unit = Unit(parameters[0]);
  if (!unit) return nullptr;
  if (kind == "timestamp" && parameters.size() <= 2) {
    return arrow::timestamp(*unit, parameters.size() == 2 ? parameters[1] : "");
  }
  if (parameters.size() > 1) return nullptr;
  if (kind == "duration") return arrow::duration(*unit);
  if (kind != "time") return nullptr;
  return *unit < arrow::TimeUnit::MICRO ? arrow::time32(*unit) : arrow::time64(*unit);
}

TypePtr WithChildren(const TypeName& name) {
  arrow::FieldVector fields;
  for (const auto& child : name.children) {
    auto type = TypeOf(child.type);
    if (type == nullptr) return nullptr;
    const std::string own = name.kind == "struct" ? child.name : "item";
    fields.push_back(arrow::field(own, std::move(type), child.nullable));
  }
  if (name.kind == "struct") return arrow::struct_(std::move(fields));
  if (name.kind == "map" && fields.size() == 2 && fields[0]->nullable()) {
    return arrow::map(fields[0]->type(), fields[1]->WithName("value"));
  }
  if (name.kind != "list" || fields.size() != 1) return nullptr;
  if (name.parameters.empty()) return arrow::list(fields[0]);
  const auto size = Number(name.parameters[0]);
  return size.value_or(0) > 0 ? arrow::fixed_size_list(fields[0], *size) : nullptr;
}

TypePtr TypeOf(const TypeName& name) {
  if (name.kind == "extension") return nullptr;
  if (!name.children.empty()) return WithChildren(name);
  return name.parameters.empty() ? Simple(name.kind) : WithParameters(name.kind, name.parameters);
}

}  // namespace

Result<std::shared_ptr<arrow::DataType>> TypeNamed(const std::string& logical_type) {
  const auto parsed = table::ParseTypeName(logical_type);
  auto type = parsed ? TypeOf(*parsed) : nullptr;
  if (type != nullptr) return type;
  return Error{ErrorKind::kInvalidArgument,
               "'" + logical_type +
                   "' is no name of a type. Types are called, for example: string, int64, float64, "
                   "bool, date, time(us), timestamp(us), timestamp(us,UTC), decimal(10,2)."};
}

}  // namespace coreshed
