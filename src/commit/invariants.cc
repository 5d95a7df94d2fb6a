#include "commit/chain.h"
#include "commit/document.h"
#include "commit/page_check.h"
#include "commit/pages.h"

/// The rules that metadata.json shows by itself. Whoever adds one adds it to spec/format.md,
/// "Invariants", and a test that breaks it.
namespace coreshed::commit {
namespace {

std::string N(int64_t number) {
  return std::to_string(number);
}

bool HasHistory(const RecordDocument& document) {
  return document.head_seq > 0 || document.last_version > 0 || !document.history.empty() ||
         !document.pages.empty();
}

/// A record never created, or deleted, has no active version; a live one has exactly one.
std::string CheckState(const RecordDocument& document) {
  const bool live = document.state == RecordState::kLive;
  if (!live && document.current_version != 0) {
    return "a record that is not live has an active version";
  }
  if (document.state == RecordState::kVoid && HasHistory(document)) {
    return "a void record has a history";
  }
  if (!live) return "";
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
      if (!entry.purged && !document.schemas.contains(table.schema)) {
        return "the schema of table '" + name + "' of version " + N(entry.version) + " is missing";
      }
    }
  }
  if (unsealed != document.last_version) return "versions after " + N(unsealed) + " are missing";
  return "";
}

std::string CheckPages(const RecordDocument& document) {
  int64_t seq = 0;
  int64_t version = 0;
  if (std::string broken = FollowReferences(document.pages, &seq, &version); !broken.empty()) {
    return broken;
  }
  if (version != document.sealed_through) return "pages and sealed_through disagree";
  if (document.history.size() > kTailMax) return "it holds more events than fit";
  const auto& pages = document.pages;
  for (size_t i = 1; i < pages.size(); ++i) {
    if (pages[i].level > pages[i - 1].level) return "levels of pages do not fall";
    const bool too_many = i + 1 >= kFanOut && pages[i].level == pages[i + 1 - kFanOut].level;
    if (too_many) return "it refers to more pages of one level than fit";
  }
  return "";
}

std::string CheckTags(const RecordDocument& document) {
  for (const auto& [tag, version] : document.tags) {
    if (version < 1 || version > document.last_version) {
      return "tag '" + tag + "' names version " + N(version) + ", which does not exist";
    }
  }
  if (document.last_approved > document.last_version) return "last_approved does not exist";
  if (document.deleted_through > document.last_version) return "deleted_through does not exist";
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
  Chain chain(document.record_id);
  if (!document.pages.empty()) {
    const auto& last = document.pages.back();
    chain = Chain(last.last_seq, last.last_hash, last.last_time);
  }
  for (const StoredEvent& event : document.history) {
    if (std::string broken = chain.Follow(event); !broken.empty()) return "chain: " + broken;
  }
  if (chain.seq() != document.head_seq) {
    return "chain: the head is event " + N(document.head_seq) + ", but the last one is " +
           N(chain.seq());
  }
  if (!chain.EndsAt(document.head_seq, document.head_hash, document.head_time)) {
    return "chain: the head is not the last event";
  }
  return "";
}

}  // namespace coreshed::commit
