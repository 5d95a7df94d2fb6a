#include "base/canonical_json.h"

#include <algorithm>

namespace coreshed {
namespace {

constexpr int kDepthMax = 80;

/// How deep arrays and objects are nested. Of text that is no JSON: at least as deep as a parser
/// gets before it finds the fault.
int DepthOf(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

std::string CanonicalJson(const nlohmann::json& value) {
  // nlohmann's object is a std::map: sorted by bytes. Strings were checked to be UTF-8 at the door.
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<nlohmann::json> ParseJson(std::string_view text, const std::string& what) {
  // Before parsing: nlohmann's own way to bound the depth, a callback, makes all parsing slower.
  const bool too_deep = DepthOf(text) > kDepthMax;
  auto json = too_deep ? nlohmann::json(nlohmann::json::value_t::discarded)
                       : nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    return Error{ErrorKind::kCorruption, what + " is not readable JSON"};
  }
  return json;
}

}  // namespace coreshed
