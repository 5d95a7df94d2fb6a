#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "validate/json_tree.h"

namespace coreshed::legacy {

/// How the times of one older record are to be understood, and how they turned out.
struct TimeRules {
  int64_t now_us = 0;
  bool some_without_zone = false, some_without_hour = false;
};

/// The fields of one object that somebody else's program wrote. Each is taken under the first of
/// its names that is there and not null; what nobody took can be asked for at the end.
class JsonFields {
 public:
  using Names = std::initializer_list<const char*>;

  /// `where`: what stands before a field's name in messages, "history[3]." for example.
  static Result<JsonFields> Of(const validate::JsonNode& node, std::string where);

  /// Text, or a number as it is written; empty where there is none.
  Result<std::string> Text(Names names);
  /// A number above 0, also as "3" or "v3".
  Result<std::optional<int64_t>> Version(Names names);
  /// A time as they are stored here; empty where there is none.
  Result<std::string> Time(Names names, TimeRules* rules);
  const validate::JsonNode* Node(Names names);

  /// What was not taken, but for nulls and empty texts.
  void EachOther(
      const std::function<void(const std::string& name, const validate::JsonNode&)>& visit) const;
  const std::string& where() const { return where_; }
  bool Has(const char* name) const;

 private:
  JsonFields(const validate::JsonNode& node, std::string where)
      : node_(&node), where_(std::move(where)) {}
  /// The field, with the name it has.
  const validate::JsonNode* Take(Names names, std::string* name);

  const validate::JsonNode* node_;
  std::string where_;
  std::set<std::string> taken_;
};

}  // namespace coreshed::legacy
