#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coreshed::table {

/// The name of a logical type taken apart.
struct TypeName {
  struct Child;
  std::string kind;                     ///< "int32", "list", "struct", …
  std::vector<std::string> parameters;  ///< numbers, units, names; unquoted
  std::vector<Child> children;
  bool operator==(const TypeName&) const = default;
};

struct TypeName::Child {
  std::string name;  ///< of a field of a struct
  TypeName type;
  bool nullable = true;
  bool operator==(const Child&) const = default;
};

/// Take a documented type name apart (spec/schema.md, "Logical types"); nothing if it is none.
std::optional<TypeName> ParseTypeName(std::string_view text);

}  // namespace coreshed::table
