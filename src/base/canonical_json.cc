#include "base/canonical_json.h"

namespace coreshed {
namespace {

constexpr int kDepthMax = 80;

}  // namespace

std::string CanonicalJson(const nlohmann::json& value) {
  // nlohmann's object is a std::map: sorted by bytes. Strings were checked to be UTF-8 at the door.
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<nlohmann::json> ParseJson(std::string_view text, const std::string& what) {
  bool too_deep = false;
  auto watch = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    too_deep = too_deep || depth > kDepthMax;
    return depth <= kDepthMax;
  };
  // The callback makes parsing slower, so it runs only where nesting could be a danger at all.
  size_t open = 0;
  for (char c : text)
    open += (c == '[' || c == '{') ? 1U : 0U;
  auto json = open > kDepthMax ? nlohmann::json::parse(text, watch, false)
                               : nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded() || too_deep) {
    return Error{ErrorKind::kCorruption, what + " is not readable JSON"};
  }
  return json;
}

}  // namespace coreshed
