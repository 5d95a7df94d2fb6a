#include "commit/event.h"

#include "base/canonical_json.h"
#include "base/sha256.h"
#include "commit/fields.h"

namespace coreshed::commit {
namespace {

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

const nlohmann::json& StoredEvent::Detail(const char* name) const {
  static const nlohmann::json none;
  const auto found = details.find(name);
  return found == details.end() ? none : *found;
}

std::optional<std::string> StoredEvent::KnownText(const std::string& name) const {
  if (!digests.contains(name)) return "";
  const auto found = texts.find(name);
  if (found == texts.end() || found->second.salt.empty()) return std::nullopt;
  return found->second.text;
}

bool MakesVersion(const std::string& event_type) {
  for (const char* type :
       {"create", "update", "append", "upsert", "delete_rows", "upload", "overwrite"}) {
    if (event_type == type) return true;
  }
  return false;
}

bool MakesActive(const std::string& event_type) {
  return MakesVersion(event_type) || event_type == "rollback";
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
    if (!digest.is_string()) fields.Fail("the digest of text '" + name + "' is no text");
    if (fields.ok()) event.digests[name] = digest.get<std::string>();
  }
  event.prev_hash = fields.Hex("prev_hash", 64);
  event.hash = fields.Hex("hash", 64);
  for (const auto& [name, text] : fields.Object("texts").items()) {
    Fields parts(text, where + ", text '" + name + "'");
    event.texts[name] = {parts.Text("text"), parts.Text("salt")};
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
