#include "commit/document.h"

/// The rules that metadata.json shows by itself. Whoever adds one adds it to spec/format.md,
/// "Invariants", and a test that breaks it.
namespace coreshed::commit {
namespace {

std::string N(int64_t number) {
  return std::to_string(number);
}

/// A record never created, or deleted, has no active version; a live one has exactly one.
std::string CheckState(const RecordDocument& document) {
  const bool live = document.state == RecordState::kLive;
  if (!live)
    return document.current_version == 0 ? "" : "a record that is not live has an active version";
  if (document.last_version < 1) return "it has no version";
  if (document.current_version < 1) return "no version is active";
  if (document.current_version > document.last_version) {
    return "version " + N(document.current_version) + " is active, but the highest is " +
           N(document.last_version);
  }
  const VersionEntry* active = document.Active();
  if (active == nullptr)
    return "the active version " + N(document.current_version) + " has no entry";
  if (active->purged) return "the active version " + N(active->version) + " is purged";
  if (active->tables.empty()) return "the active version has no tables";
  return "";
}

std::string CheckVersions(const RecordDocument& document) {
  int64_t before = 0;
  int64_t unsealed = document.sealed_through;
  for (const VersionEntry& entry : document.versions) {
    if (entry.version <= before) return "versions are not in ascending order";
    before = entry.version;
    if (entry.version > document.last_version) return "a version is above the highest number";
    if (entry.version > document.sealed_through && entry.version != ++unsealed) {
      return "version " + N(unsealed) + " is missing";
    }
    for (const auto& [name, table] : entry.tables) {
      if (!document.schemas.contains(table.schema)) {
        return "the schema of table '" + name + "' of version " + N(entry.version) + " is missing";
      }
    }
  }
  if (unsealed != document.last_version) return "version " + N(unsealed + 1) + " is missing";
  return "";
}

std::string CheckPages(const RecordDocument& document) {
  int64_t seq = 0;
  int64_t version = 0;
  for (const auto& page : document.pages) {
    if (page.first_seq != seq + 1 || page.last_seq < page.first_seq) {
      return "pages do not follow one another at event " + N(seq + 1);
    }
    seq = page.last_seq;
    if (page.last_version == 0) continue;
    if (page.first_version != version + 1 || page.last_version < page.first_version) {
      return "pages do not follow one another at version " + N(version + 1);
    }
    version = page.last_version;
  }
  if (version != document.sealed_through) return "pages and sealed_through disagree";
  return "";
}

std::string CheckTags(const RecordDocument& document) {
  for (const auto& [tag, version] : document.tags) {
    if (version < 1 || version > document.last_version) {
      return "tag '" + tag + "' names version " + N(version) + ", which does not exist";
    }
  }
  if (document.last_approved > document.last_version) return "last_approved does not exist";
  return "";
}

}  // namespace

std::string CheckDocument(const RecordDocument& document) {
  for (auto* check : {CheckState, CheckVersions, CheckPages, CheckTags}) {
    if (std::string broken = check(document); !broken.empty()) return broken;
  }
  return "";
}

std::string CheckTailChain(const RecordDocument& document) {
  int64_t seq = 0;
  std::string hash = ChainStart(document.record_id);
  std::string time;
  if (!document.pages.empty()) {
    seq = document.pages.back().last_seq;
    hash = document.pages.back().last_hash;
    time = document.pages.back().last_time;
  }
  for (const StoredEvent& event : document.history) {
    if (std::string broken = CheckLink(event, seq, hash); !broken.empty())
      return "chain: " + broken;
    if (event.time < time) return "chain: the time of event " + N(event.seq) + " falls";
    seq = event.seq;
    hash = event.hash;
    time = event.time;
  }
  if (seq != document.head_seq)
    return "chain: the head is event " + N(document.head_seq) + ", but the last one is " + N(seq);
  if (seq > 0 && (hash != document.head_hash || time != document.head_time)) {
    return "chain: the head is not the last event";
  }
  return "";
}

}  // namespace coreshed::commit
