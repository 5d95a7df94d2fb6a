#include "commit/chain.h"

#include "base/hex.h"
#include "base/time.h"

namespace coreshed::commit {
namespace {

constexpr size_t kSaltDigits = 32;

/// A text is genuine where its digest follows, or redacted. A salt of another length is none: the
/// same bytes could be parted into another salt and another text.
std::string CheckTexts(const StoredEvent& event, const std::string& at) {
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

}  // namespace

std::string Chain::CheckNext(const StoredEvent& event) const {
  const std::string at = "event " + std::to_string(event.seq);
  if (event.seq - 1 != seq_) {
    return at + " follows event " + std::to_string(seq_) + ": events are missing or reordered";
  }
  if (event.prev_hash != hash_) return at + " does not follow from the event before it";
  if (HashOf(event) != event.hash) return at + " was changed: its hash is another";
  if (!IsStoredTime(event.time)) return at + ": its time is none";
  if (event.time < time_) return at + ": its time is before that of the event before it";
  return CheckTexts(event, at);
}

std::string Chain::Follow(const StoredEvent& event) {
  std::string broken = CheckNext(event);
  seq_ = event.seq;
  hash_ = event.hash;
  time_ = event.time;
  return broken;
}

bool Chain::EndsAt(int64_t seq, const std::string& hash, const std::string& time) const {
  return seq == seq_ && hash == (seq_ > 0 ? hash_ : "") && time == time_;
}

}  // namespace coreshed::commit
