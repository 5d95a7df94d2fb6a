#include "store/settings.h"

#include <charconv>
#include <functional>
#include <system_error>

namespace coreshed::store {
namespace {

constexpr char kListSeparator = '|';

bool ParseFlag(const std::string& text, bool* flag) {
  *flag = text == "true";
  return text == "true" || text == "false";
}

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> items;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(kListSeparator, begin), text.size());
    if (end > begin) items.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

std::string JoinList(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items)
    text += (text.empty() ? "" : "|") + item;
  return text;
}

/// How one setting is read, and what it may be.
struct Rule {
  std::function<bool(const std::string&, Settings*)> set;
  std::string values;
};

Rule Limit(int64_t* (*limit)(Settings*)) {
  return {[limit](const std::string& text, Settings* out) {
            const char* end = text.data() + text.size();
            const auto [stop, code] = std::from_chars(text.data(), end, *limit(out));
            return code == std::errc() && stop == end && *limit(out) > 0;
          },
          "a whole number above 0"};
}

const std::map<std::string, Rule>& Rules() {
  static const std::map<std::string, Rule> rules = {
      {"default_selector",
       {[](const std::string& text, Settings* out) {
          out->default_selector = text;
          return text == "active" || text == "approved";
        },
        "active or approved"}},
      {"drift_policy",
       {[](const std::string& text, Settings* out) {
          const auto policy = ParseDriftPolicy(text);
          if (policy) out->drift_policy = *policy;
          return policy.has_value();
        },
        "reject, warn or allow"}},
      {"widening_is_additive",
       {[](const std::string& text, Settings* out) {
          return ParseFlag(text, &out->widening_is_additive);
        },
        "true or false"}},
      {"allow_empty",
       {[](const std::string& text, Settings* out) { return ParseFlag(text, &out->allow_empty); },
        "true or false"}},
      {"allow_delete",
       {[](const std::string& text, Settings* out) { return ParseFlag(text, &out->allow_delete); },
        "true or false"}},
      {"forbid_self_approval",
       {[](const std::string& text, Settings* out) {
          return ParseFlag(text, &out->forbid_self_approval);
        },
        "true or false"}},
      {"require_schema",
       {[](const std::string& text, Settings* out) {
          return ParseFlag(text, &out->require_schema);
        },
        "true or false"}},
      {"keep_sources",
       {[](const std::string& text, Settings* out) { return ParseFlag(text, &out->keep_sources); },
        "true or false"}},
      {"upload_bytes_max", Limit([](Settings* out) { return &out->limits.bytes; })},
      {"upload_columns_max", Limit([](Settings* out) { return &out->limits.columns; })},
      {"upload_entries_max", Limit([](Settings* out) { return &out->limits.entries; })},
      {"upload_ratio_max", Limit([](Settings* out) { return &out->limits.ratio; })},
      {"upload_unpacked_bytes_max",
       Limit([](Settings* out) { return &out->limits.unpacked_bytes; })},
      {"review_meanings",
       {[](const std::string& text, Settings* out) {
          out->review_meanings = SplitList(text);
          return true;
        },
        "texts parted by |"}}};
  return rules;
}

}  // namespace

std::map<std::string, std::string> Settings::ToTexts() const {
  const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  return {{"default_selector", default_selector},
          {"drift_policy", DriftPolicyName(drift_policy)},
          {"widening_is_additive", flag(widening_is_additive)},
          {"allow_delete", flag(allow_delete)},
          {"allow_empty", flag(allow_empty)},
          {"forbid_self_approval", flag(forbid_self_approval)},
          {"keep_sources", flag(keep_sources)},
          {"require_schema", flag(require_schema)},
          {"upload_bytes_max", std::to_string(limits.bytes)},
          {"upload_columns_max", std::to_string(limits.columns)},
          {"upload_entries_max", std::to_string(limits.entries)},
          {"upload_ratio_max", std::to_string(limits.ratio)},
          {"upload_unpacked_bytes_max", std::to_string(limits.unpacked_bytes)},
          {"review_meanings", JoinList(review_meanings)}};
}

Result<Settings> ParseSettings(const std::map<std::string, std::string>& texts, bool lenient) {
  Settings settings;
  for (const auto& [key, value] : texts) {
    const auto rule = Rules().find(key);
    if (rule == Rules().end()) {
      if (lenient) continue;
      std::string list;
      for (const auto& [name, known] : Rules())
        list += (list.empty() ? "" : ", ") + name;
      return Error{ErrorKind::kInvalidArgument,
                   "'" + key + "' is no setting; there are: " + list + "."};
    }
    if (!rule->second.set(value, &settings)) {
      return Error{ErrorKind::kInvalidArgument, "'" + value + "' is no value for " + key +
                                                    ": it takes " + rule->second.values + "."};
    }
  }
  return settings;
}

}  // namespace coreshed::store
