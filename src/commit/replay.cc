#include "commit/replay.h"

#include "base/result.h"
#include "commit/compare.h"

namespace coreshed::commit {
namespace {

std::string V(int64_t version) {
  return "version " + std::to_string(version);
}

}  // namespace

void Replay::Report(const char* rule, const std::string& sentence) {
  if (!sentence.empty()) report_(rule, sentence);
}

void Replay::Report(const char* rule, const std::vector<std::string>& sentences) {
  for (const auto& sentence : sentences)
    report_(rule, sentence);
}

Replay::Made Replay::TakeEvents(const std::vector<Item<StoredEvent>>& events) {
  Made made;
  for (const StoredEvent& event : events) {
    Report("chain", chain_.Follow(event));
    event_ids_.Add(event.event_id, event.seq);
    history_.Take(event);
    const int64_t version = event.version.value_or(0);
    if (MakesVersion(event.event_type)) made[version] = &event;
    if (event.event_type != "approve" && event.event_type != "reject") continue;
    if (const auto said = reviews_.extract(version)) {
      Report("review", CompareReview(version, said.mapped(), event));
    }
  }
  return made;
}

Result<void> Replay::Take(const std::vector<Item<StoredEvent>>& events,
                          const std::vector<Holding>& entries) {
  // Before the events: a review may follow its version at once, and never comes before it.
  for (const auto& [entry, schemas] : entries) {
    said_.push_back({entry->status, entry->purged, entry->erased});
    if (entry->review) reviews_[entry->version] = *entry->review;
  }
  Made made = TakeEvents(events);
  for (const auto& [entry, schemas] : entries) {
    if (const auto event = made.extract(entry->version)) {
      Report("versions", CompareWithEvent(entry, *event.mapped()));
    } else {
      Report("versions", V(entry->version) + " has no event beside it that made it");
    }
    CORESHED_TRY(visit_(entry, schemas));
  }
  for (const auto& [version, event] : made) {
    Report("versions", V(version) + " has no entry beside event " + std::to_string(event->seq));
  }
  return {};
}

Result<void> Replay::TakeLeaf(const Page& leaf) {
  Report("schema", CompareSchemas(leaf.schemas, leaf.versions));
  std::vector<Holding> entries;
  for (const auto& sealed : leaf.versions) {
    if (sealed->changed) Report("versions", V(sealed->version) + " is called changed in its page");
    const auto* copy = document_.FindItem(sealed->version);
    if (copy == nullptr) {
      entries.push_back({sealed, leaf.schemas});
      continue;
    }
    Report("versions", CompareCopies(*copy, sealed));
    entries.push_back({*copy, document_.schemas});
  }
  return Take(leaf.events, entries);
}

Result<void> Replay::TakeTail() {
  Report("schema", CompareSchemas(document_.schemas, document_.versions));
  std::vector<Holding> entries;
  for (const auto& entry : document_.versions) {
    if (entry->version <= document_.sealed_through) continue;
    if (entry->changed)
      Report("versions", V(entry->version) + " is called changed, but not sealed");
    entries.push_back({entry, document_.schemas});
  }
  return Take(document_.history, entries);
}

void Replay::CompareEnd() {
  if (!chain_.EndsAt(document_.head_seq, document_.head_hash, document_.head_time)) {
    Report("chain", "the head is not the last event");
  }
  for (const auto& [version, review] : reviews_) {
    Report("review", V(version) + " has a review that its history does not know");
  }
  if (const auto twice = event_ids_.FindTwice()) {
    Report("event_id", "events " + std::to_string(twice->first) + " and " +
                           std::to_string(twice->second) + " have the same id");
  }
  for (size_t i = 0; i < said_.size(); ++i) {
    history_.CompareVersion(static_cast<int64_t>(i) + 1, said_[i]);
  }
  history_.CompareTop(document_);
}

Result<void> Replay::Run() {
  CORESHED_TRY(EachLeaf(document_, pages_, [&](const Page& leaf) { return TakeLeaf(leaf); }));
  CORESHED_TRY(TakeTail());
  CompareEnd();
  return {};
}

}  // namespace coreshed::commit
