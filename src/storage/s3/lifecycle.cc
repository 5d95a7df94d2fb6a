#include "storage/s3/lifecycle.h"

#include <pugixml.hpp>

#include "base/result.h"
#include "base/text.h"

namespace coreshed::storage::s3 {
namespace {

/// Rules may also filter by tag or size: one that may reach an object counts.
std::string PrefixOf(const pugi::xml_node& rule) {
  for (const char* path : {"Filter/And/Prefix", "Filter/Prefix", "Prefix"}) {
    if (const auto node = rule.first_element_by_path(path)) return node.text().as_string();
  }
  return "";
}

std::string HarmOf(const pugi::xml_node& rule) {
  const auto expiration = rule.child("Expiration");
  if (expiration.child("Days") || expiration.child("Date")) return "expires";
  if (rule.child("Transition")) return "moves";
  return "";
}

}  // namespace

std::vector<std::string> HarmfulRules(const std::string& xml, const std::string& prefix) {
  std::vector<std::string> found;
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return found;
  for (const auto& rule : document.child("LifecycleConfiguration").children("Rule")) {
    const std::string_view status = rule.child("Status").text().as_string();
    const std::string reach = PrefixOf(rule);
    const bool reaches = reach.starts_with(prefix) || prefix.starts_with(reach);
    const std::string harm = HarmOf(rule);
    if (status == "Disabled" || !reaches || harm.empty()) continue;
    found.push_back("'" + std::string(rule.child("ID").text().as_string()) + "' " + harm +
                    " objects below '" + reach + "'");
  }
  return found;
}

Result<void> CheckLifecycle(Client& client) {
  Call call{"GET", ""};
  call.query = {{"lifecycle", ""}};
  CORESHED_ASSIGN(const auto response, client.Repeat(call));
  if (response.status != 200) return {};  // none, not known to the server, or not ours to read
  const auto rules = HarmfulRules(response.body, client.address().prefix);
  if (rules.empty()) return {};
  return Error{
      ErrorKind::kUnsupported,
      "The bucket " + client.address().bucket +
          " has rules that would take the store's objects away: " + Joined(rules, 5, "; ") +
          ". Take the prefix out of them, or use another bucket."};
}

}  // namespace coreshed::storage::s3
