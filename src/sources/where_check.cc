#include "sources/where_check.h"

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/result.h"

namespace coreshed::sources {
namespace {

using Json = nlohmann::json;

constexpr size_t kLengthMax = 64 * 1024;
constexpr std::array<std::string_view, 10> kAllowed = {
    "COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "BETWEEN",
    "OPERATOR",   "CASE",     "CAST",       "FUNCTION",    "LAMBDA"};

Error NotScalar(const std::string& what) {
  return Error{ErrorKind::kInvalidArgument,
               "where: " + what +
                   ". It takes one scalar expression, such as depth > 10 AND "
                   "soil = 'clay'."};
}

/// What a class of DuckDB's expressions is called where it is refused.
std::string Called(const std::string& expression_class) {
  static const std::map<std::string, std::string> kNames = {
      {"SUBQUERY", "a subquery"},   {"WINDOW", "a window function"},
      {"PARAMETER", "a parameter"}, {"STAR", "a star"},
      {"DEFAULT", "DEFAULT"},       {"POSITIONAL_REFERENCE", "a column by its position"},
      {"COLLATE", "a collation"}};
  const auto found = kNames.find(expression_class);
  return found != kNames.end() ? found->second : "an expression of the kind " + expression_class;
}

Result<Json> Parse(duckdb::Session& session, const std::string& expression) {
  CORESHED_ASSIGN(auto statement, session.Prepare("SELECT json_serialize_sql(?::VARCHAR)"));
  CORESHED_TRY(statement.Bind(1, "SELECT (\n" + expression + "\n) FROM t"));
  CORESHED_ASSIGN(auto rows, statement.Execute());
  CORESHED_ASSIGN(const auto chunk, rows.Next());
  const duckdb::Values<duckdb::String> texts(session.api(), chunk.column(0));
  Json parsed = Json::parse(texts[0].view(), nullptr, false);
  if (!parsed.is_object()) return NotScalar("it can't be parsed");
  if (parsed.value("error", true)) return NotScalar(parsed.value("error_message", "no expression"));
  return parsed;
}

/// Look at every expression within `root`; add the names of columns to `names`.
Result<void> Walk(const Json& root, std::set<std::string>* names) {
  std::vector<const Json*> todo = {&root};
  while (!todo.empty()) {
    const Json& node = *todo.back();
    todo.pop_back();
    if (const auto kind = node.find("class"); node.is_object() && kind != node.end()) {
      const auto& text = kind->get_ref<const std::string&>();
      if (std::find(kAllowed.begin(), kAllowed.end(), text) == kAllowed.end()) {
        return NotScalar(Called(text) + " is not allowed");
      }
      if (text == "COLUMN_REF") {
        for (const auto& name : node.at("column_names"))
          names->insert(name.get<std::string>());
      }
    }
    if (node.is_structured()) {
      for (const auto& child : node)
        todo.push_back(&child);
    }
  }
  return {};
}

/// What stands around the select list, without positions.
Json Frame(Json parsed) {
  for (auto& statement : parsed.at("statements")) {
    auto& node = statement.at("node");
    node.erase("select_list");
    if (node.contains("from_table")) node.at("from_table").erase("query_location");
  }
  return parsed;
}

}  // namespace

Result<std::set<std::string>> CheckExpression(duckdb::Session& session, const std::string& text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) return NotScalar("there is no expression");
  if (text.size() > kLengthMax) return NotScalar("the expression is too long");
  if (text.find('\0') != text.npos) return NotScalar("there is a zero byte in it");
  CORESHED_ASSIGN(const Json parsed, Parse(session, text));
  CORESHED_ASSIGN(const Json plain, Parse(session, "true"));
  if (Frame(parsed) != Frame(plain)) return NotScalar("there is more than an expression");
  const Json& list = parsed.at("statements").at(0).at("node").at("select_list");
  if (list.size() != 1) return NotScalar("there is more than one expression");
  std::set<std::string> names;
  CORESHED_TRY(Walk(list, &names));
  return names;
}

}  // namespace coreshed::sources
