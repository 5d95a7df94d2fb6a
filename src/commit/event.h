#pragma once

#include <coreshed/error.h>
#include <coreshed/types.h>

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace coreshed::commit {

/// A free text with the random salt that its digest was made with. Redacted: both are empty.
struct SaltedText {
  std::string text;
  std::string salt;  ///< 32 hex digits
  bool operator==(const SaltedText&) const = default;
};

/// SHA-256 (hex) over the salt's hex digits followed by the text.
std::string DigestOf(const SaltedText& text);

/// One entry of a record's history as stored (spec/format.md, "Events").
///
/// The chain covers everything but `hash` and `texts`; of the texts it covers the salted digests.
struct StoredEvent {
  int64_t seq = 0;
  std::string event_id;
  std::string event_type;
  std::optional<int64_t> version;
  std::optional<int64_t> active_before;
  std::string time;
  nlohmann::json details = nlohmann::json::object();
  std::map<std::string, std::string> digests;  ///< by name: actor, comment, meaning, …
  std::string prev_hash;
  std::string hash;
  std::map<std::string, SaltedText> texts;

  /// As readers see it: empty where there is none, or it was redacted.
  const std::string& Text(const std::string& name) const;
  /// As a witness: empty where there never was one; nothing where it was redacted.
  std::optional<std::string> KnownText(const std::string& name) const;
  /// Null where there is none.
  const nlohmann::json& Detail(const char* name) const;
};

/// The `prev_hash` of a record's first event.
std::string ChainStart(const std::string& record_id);

/// SHA-256 (hex) over the canonical JSON of what the chain covers.
std::string HashOf(const StoredEvent& event);

/// Whether events of this type make the version they name.
bool MakesVersion(const std::string& event_type);

/// Whether events of this type make the version they name active.
bool MakesActive(const std::string& event_type);

/// The version that was active after an event; nothing: none.
std::optional<int64_t> ActiveAfter(const StoredEvent& event);

nlohmann::json EventToJson(const StoredEvent& event);
/// Its canonical JSON, as it lies in metadata.json and pages.
std::string LineOf(const StoredEvent& event);
Result<StoredEvent> EventFromJson(const nlohmann::json& json, const std::string& where);

/// As callers see it.
Event ToPublic(const StoredEvent& event);

}  // namespace coreshed::commit
