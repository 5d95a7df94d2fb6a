#include "legacy/json_fields.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "legacy/old_folder.h"

namespace coreshed::legacy {
namespace {

using validate::JsonNode;
using Kind = JsonNode::Kind;

constexpr int64_t kSecond = 1'000'000;

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::optional<int64_t> ParseWhole(std::string_view text) {
  constexpr size_t kDigitsMax = 15;
  if (!IsDigits(text) || text.size() > kDigitsMax) return std::nullopt;
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Seconds since 1970, as a number is written.
std::optional<int64_t> ParseSeconds(std::string_view text) {
  constexpr size_t kMicroDigits = 6;
  constexpr int64_t kSecondsMax = 253'402'300'799;  // the end of the year 9999
  const auto point = text.find('.');
  const auto whole = ParseWhole(text.substr(0, point));
  if (!whole || *whole > kSecondsMax) return std::nullopt;
  if (point == text.npos) return *whole * kSecond;
  std::string fraction(text.substr(point + 1));
  if (!IsDigits(fraction)) return std::nullopt;
  fraction.resize(kMicroDigits, '0');
  return *whole * kSecond + *ParseWhole(fraction);
}

/// ISO 8601, in the forms that programs write (spec/import.md, "Times").
std::optional<int64_t> ParseIso(std::string text, TimeRules* rules) {
  constexpr size_t kDateBytes = 10;
  if (text.size() == kDateBytes) {
    const auto day = ParseTime(text + "T00:00:00Z");
    rules->some_without_hour = rules->some_without_hour || day.has_value();
    return day;
  }
  if (text.size() < kDateBytes) return std::nullopt;
  if (text[kDateBytes] == ' ') text[kDateBytes] = 'T';
  if (text.find_first_of("Z+-", kDateBytes) == text.npos) {
    const auto time = ParseTime(text + "Z");
    rules->some_without_zone = rules->some_without_zone || time.has_value();
    return time;
  }
  return ParseTime(text);
}

}  // namespace

Result<JsonFields> JsonFields::Of(const JsonNode& node, std::string where) {
  const std::string what = where.empty() ? "it" : where.substr(0, where.size() - 1);
  if (node.kind != Kind::kObject) return BadRecord(what + " is no JSON object.");
  std::set<std::string> names;
  for (const auto& key : node.keys) {
    if (names.insert(key).second) continue;
    return BadRecord("'" + where + key + "' stands there twice.");
  }
  return JsonFields(node, std::move(where));
}

bool JsonFields::Has(const char* name) const {
  for (size_t i = 0; i < node_->keys.size(); ++i) {
    if (node_->keys[i] == name) return node_->items[i].kind != Kind::kNull;
  }
  return false;
}

const JsonNode* JsonFields::Take(Names names, std::string* name) {
  for (const char* candidate : names) {
    for (size_t i = 0; i < node_->keys.size(); ++i) {
      if (node_->keys[i] != candidate || node_->items[i].kind == Kind::kNull) continue;
      taken_.insert(candidate);
      *name = where_ + candidate;
      return &node_->items[i];
    }
  }
  return nullptr;
}

const JsonNode* JsonFields::Node(Names names) {
  std::string name;
  return Take(names, &name);
}

Result<std::string> JsonFields::Text(Names names) {
  std::string name;
  const JsonNode* node = Take(names, &name);
  if (node == nullptr) return std::string();
  if (node->kind == Kind::kText || node->kind == Kind::kNumber) return node->text;
  return BadRecord("'" + name + "' is neither a text nor a number.");
}

Result<std::optional<int64_t>> JsonFields::Version(Names names) {
  std::string name;
  const JsonNode* node = Take(names, &name);
  if (node == nullptr) return std::optional<int64_t>();
  if (node->kind == Kind::kText || node->kind == Kind::kNumber) {
    std::string_view text = node->text;
    if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
    const auto version = ParseWhole(text);
    if (version && *version > 0) return version;
  }
  return BadRecord("'" + name + "' is no number of a version.");
}

Result<std::string> JsonFields::Time(Names names, TimeRules* rules) {
  std::string name;
  const JsonNode* node = Take(names, &name);
  if (node == nullptr) return std::string();
  std::optional<int64_t> time;
  if (node->kind == Kind::kText && node->text.empty()) return std::string();
  if (node->kind == Kind::kText) time = ParseIso(node->text, rules);
  if (node->kind == Kind::kNumber) time = ParseSeconds(node->text);
  if (!time) {
    return BadRecord("'" + name +
                     "' is no time: neither ISO 8601 with seconds (2024-03-01T10:00:00Z) nor "
                     "seconds since 1970.");
  }
  if (*time > rules->now_us) {
    return BadRecord("'" + name + "' (" + FormatTime(*time) + ") lies in the future.");
  }
  return FormatTime(*time);
}

void JsonFields::EachOther(
    const std::function<void(const std::string&, const JsonNode&)>& visit) const {
  for (size_t i = 0; i < node_->keys.size(); ++i) {
    const JsonNode& node = node_->items[i];
    const bool is_nothing =
        node.kind == Kind::kNull || (node.kind == Kind::kText && node.text.empty());
    if (!is_nothing && !taken_.contains(node_->keys[i])) visit(node_->keys[i], node);
  }
}

}  // namespace coreshed::legacy
