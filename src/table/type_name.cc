#include "table/type_name.h"

#include <algorithm>
#include <utility>

#include "table/logical_type.h"

namespace coreshed::table {
namespace {

constexpr std::string_view kKindChars = "abcdefghijklmnopqrstuvwxyz0123456789_";
constexpr std::string_view kWordChars =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+/-";

/// Reads from the front of a text.
class TypeNameParser {
 public:
  explicit TypeNameParser(std::string_view text) : rest_(text) {}

  bool Type(TypeName* type, int depth);
  bool AtEnd() const { return rest_.empty(); }

 private:
  bool Take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  bool Run(std::string_view allowed, std::string* word) {
    const size_t end = std::min(rest_.find_first_not_of(allowed), rest_.size());
    word->assign(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return end > 0;
  }
  bool Word(std::string* word);
  bool Child(TypeName::Child* child, int depth);
  bool Children(TypeName* type, int depth);
  bool Parameters(TypeName* type, int depth);

  std::string_view rest_;
};

/// A bare or a quoted word.
bool TypeNameParser::Word(std::string* word) {
  if (!Take("\"")) return Run(kWordChars, word);
  word->clear();
  while (!rest_.empty() && rest_.front() != '"') {
    if (rest_.front() == '\\') rest_.remove_prefix(1);
    if (rest_.empty()) return false;
    word->push_back(rest_.front());
    rest_.remove_prefix(1);
  }
  return Take("\"");
}

bool TypeNameParser::Child(TypeName::Child* child, int depth) {
  if (!Type(&child->type, depth + 1)) return false;
  child->nullable = !Take(" not null");
  return true;
}

/// After "<": children, of a struct with their names, or one child and the size of a list.
bool TypeNameParser::Children(TypeName* type, int depth) {
  const bool named = type->kind == "struct";
  do {
    std::string size;
    if (type->kind == "list" && !type->children.empty()) {
      if (!Run("0123456789", &size)) return false;
      type->parameters.push_back(size);
      break;
    }
    auto& child = type->children.emplace_back();
    if (named && !(Word(&child.name) && Take(":"))) return false;
    if (!Child(&child, depth)) return false;
  } while (Take(","));
  return Take(">");
}

/// After "(": words; an extension's second one is its storage.
bool TypeNameParser::Parameters(TypeName* type, int depth) {
  do {
    if (type->kind == "extension" && !type->parameters.empty()) {
      if (!Type(&type->children.emplace_back().type, depth + 1)) return false;
    } else if (!Word(&type->parameters.emplace_back())) {
      return false;
    }
  } while (Take(","));
  return Take(")");
}

bool TypeNameParser::Type(TypeName* type, int depth) {
  if (depth > kTypeDepthMax || !Run(kKindChars, &type->kind)) return false;
  if (Take("<")) return Children(type, depth);
  if (Take("(")) return Parameters(type, depth);
  return true;
}

}  // namespace

std::optional<TypeName> ParseTypeName(std::string_view text) {
  TypeNameParser parser(text);
  TypeName type;
  if (!parser.Type(&type, 1) || !parser.AtEnd()) return std::nullopt;
  return type;
}

}  // namespace coreshed::table
