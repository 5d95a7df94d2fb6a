#include "commit/event.h"

#include "base/canonical_json.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "commit/fields.h"

namespace coreshed::commit {
namespace {

constexpr size_t kSaltDigits = 32;

nlohmann::json NumberOrNull(const std::optional<int64_t>& number) {
  return number ? nlohmann::json(*number) : nlohmann::json(nullptr);
}

nlohmann::json ChainedPart(const StoredEvent& event) {
  return {{"seq", event.seq},
          {"event_id", event.event_id},
          {"event_type", event.event_type},
          {"version", NumberOrNull(event.version)},
          {"active_before", NumberOrNull(event.active_before)},
          {"time", event.time},
          {"details", event.details},
          {"digests", event.digests},
          {"prev_hash", event.prev_hash}};
}

std::optional<int64_t> OptionalNumber(Fields& fields, const char* name) {
  if (!fields.Has(name)) return std::nullopt;
  return fields.Number(name);
}

}  // namespace

std::string DigestOf(const SaltedText& text) {
  return Sha256Hex(text.salt + text.text);
}

const std::string& StoredEvent::Text(const std::string& name) const {
  static const std::string empty;
  const auto found = texts.find(name);
  return found == texts.end() ? empty : found->second.text;
}

std::string ChainStart(const std::string& record_id) {
  return Sha256Hex("coreshed record " + record_id);
}

std::string HashOf(const StoredEvent& event) {
  return Sha256Hex(CanonicalJson(ChainedPart(event)));
}

std::string CheckLink(const StoredEvent& event, int64_t seq_before,
                      const std::string& hash_before) {
  const std::string at = "event " + std::to_string(event.seq);
  if (event.seq != seq_before + 1) {
    return at + " follows event " + std::to_string(seq_before) +
           ": events are missing or reordered";
  }
  if (event.prev_hash != hash_before) return at + " does not follow from the event before it";
  if (HashOf(event) != event.hash) return at + " was changed: its hash is another";
  for (const auto& [name, text] : event.texts) {
    const auto digest = event.digests.find(name);
    if (digest == event.digests.end()) return at + " has a text '" + name + "' without a digest";
    const bool redacted = text.salt.empty() && text.text.empty();
    if (!redacted && (!IsHex(text.salt, kSaltDigits) || DigestOf(text) != digest->second)) {
      return at + ": its text '" + name + "' was changed";
    }
  }
  return "";
}

bool MakesActive(const std::string& event_type) {
  for (const char* type : {"create", "update", "append", "upload", "overwrite", "rollback"}) {
    if (event_type == type) return true;
  }
  return false;
}

std::optional<int64_t> ActiveAfter(const StoredEvent& event) {
  if (event.event_type == "delete") return std::nullopt;
  return MakesActive(event.event_type) ? event.version : event.active_before;
}

nlohmann::json EventToJson(const StoredEvent& event) {
  nlohmann::json json = ChainedPart(event);
  json["hash"] = event.hash;
  auto& texts = json["texts"] = nlohmann::json::object();
  for (const auto& [name, text] : event.texts) {
    texts[name] = {{"text", text.text}, {"salt", text.salt}};
  }
  return json;
}

std::string LineOf(const StoredEvent& event) {
  return CanonicalJson(EventToJson(event));
}

Result<StoredEvent> EventFromJson(const nlohmann::json& json, const std::string& where) {
  Fields fields(json, where);
  StoredEvent event;
  event.seq = fields.Number("seq");
  event.event_id = fields.Hex("event_id", 32);
  event.event_type = fields.Text("event_type");
  event.version = OptionalNumber(fields, "version");
  event.active_before = OptionalNumber(fields, "active_before");
  event.time = fields.Text("time");
  event.details = fields.Object("details");
  for (const auto& [name, digest] : fields.Object("digests").items()) {
    if (digest.is_string()) event.digests[name] = digest.get<std::string>();
  }
  event.prev_hash = fields.Hex("prev_hash", 64);
  event.hash = fields.Hex("hash", 64);
  for (const auto& [name, text] : fields.Object("texts").items()) {
    Fields parts(text, where + ", text '" + name + "'");
    event.texts[name] = {parts.TextOr("text", ""), parts.TextOr("salt", "")};
    if (!parts.ok()) return parts.error();
  }
  if (!fields.ok()) return fields.error();
  return event;
}

Event ToPublic(const StoredEvent& event) {
  Event shown;
  shown.seq = event.seq;
  shown.event_id = event.event_id;
  shown.event_type = event.event_type;
  shown.version = event.version;
  shown.active_before = event.active_before;
  shown.actor = event.Text("actor");
  shown.time = event.time;
  shown.comment = event.Text("comment");
  shown.details = CanonicalJson(event.details);
  for (const auto& [name, text] : event.texts) {
    if (name != "actor" && name != "comment") shown.texts[name] = text.text;
  }
  shown.prev_hash = event.prev_hash;
  shown.hash = event.hash;
  return shown;
}

}  // namespace coreshed::commit
