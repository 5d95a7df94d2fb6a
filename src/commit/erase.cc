#include "commit/erase.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/canonical_json.h"
#include "base/result.h"
#include "base/text.h"
#include "commit/edit_pages.h"
#include "commit/review.h"

namespace coreshed::commit {
namespace {

bool Holds(int64_t first, int64_t last, int64_t number) {
  return last > 0 && first <= number && number <= last;
}

bool IsReview(const StoredEvent& event) {
  return event.event_type == "approve" || event.event_type == "reject";
}

}  // namespace

Result<Decision> DeleteOperation::Decide(const RecordDocument* base, RecordDocument* next,
                                         const std::string&, const std::string&,
                                         storage::Stage& stage) {
  CORESHED_ASSIGN(base, RequireLive(base, next->record_id));
  for (auto& entry : next->versions)
    entry.Edit().purged = true;
  PageEdit edit;
  edit.may_change = [&](const PageRef& ref) { return ref.last_version > base->deleted_through; };
  edit.change = [&](Page* leaf) -> Result<bool> {
    for (auto& entry : leaf->versions)
      entry.Edit().purged = true;
    return !leaf->versions.empty();
  };
  CORESHED_TRY(EditPages(edit, next, pages_, stage));
  next->state = RecordState::kDeleted;
  next->current_version = 0;
  next->deleted_through = base->last_version;
  next->attributes.clear();
  next->tags.clear();
  ++next->fence;
  Decision decision;
  decision.event.emplace().type = "delete";
  return decision;
}

Result<std::vector<StoredEvent>> RedactOperation::FindEvents(const RecordDocument& base) {
  std::vector<StoredEvent> found;
  std::set<std::string> there_are;
  for (const int64_t seq : events_) {
    CORESHED_ASSIGN(auto event, FindEvent(base, seq, pages_));
    if (!event) {
      return Error{ErrorKind::kNotFound, "'" + base.record_id + "' has no event " +
                                             std::to_string(seq) + "; there are events 1 to " +
                                             std::to_string(base.head_seq) + "."};
    }
    for (const auto& [name, digest] : event->digests)
      there_are.insert(name);
    if (Redacted(*event)) found.push_back(std::move(*event));
  }
  // The names go into the chain: nothing that is none may get there.
  for (const auto& text : texts_) {
    if (there_are.contains(text)) continue;
    return Error{ErrorKind::kNotFound,
                 "None of these events has a text '" + text + "'; they have: " +
                     Joined({there_are.begin(), there_are.end()}, there_are.size()) + "."};
  }
  return found;
}

bool RedactOperation::Hides(const StoredEvent& event, const char* text) const {
  return texts_.contains(text) && event.digests.contains(text);
}

std::optional<StoredEvent> RedactOperation::Redacted(const StoredEvent& event) const {
  StoredEvent redacted = event;
  for (auto& [name, text] : redacted.texts) {
    if (texts_.contains(name)) text = {};
  }
  if (redacted.texts == event.texts) return std::nullopt;
  return redacted;
}

/// A version's entry repeats texts of the event that made it, and of its review.
void RedactOperation::EditEntry(const std::vector<StoredEvent>& events, VersionEntry* entry) const {
  for (const auto& event : events) {
    if (event.version != entry->version) continue;
    if (MakesVersion(event.event_type)) {
      if (Hides(event, "actor")) entry->created_by.clear();
      if (Hides(event, "comment")) entry->comment.clear();
      if (Hides(event, "file_name") && entry->source) entry->source->file_name.clear();
    }
    if (IsReview(event) && entry->review && entry->review->seq == event.seq) {
      if (Hides(event, "actor")) entry->review->by.clear();
      if (Hides(event, "meaning")) entry->review->meaning.clear();
      if (Hides(event, "comment")) entry->review->reason.clear();
    }
  }
}

Result<void> RedactOperation::EditLeaves(const std::vector<StoredEvent>& events,
                                         RecordDocument* next, storage::Stage& stage) {
  const auto any = [&](auto meant) { return std::any_of(events.begin(), events.end(), meant); };
  PageEdit edit;
  edit.may_change = [&](const PageRef& ref) {
    return any([&](const StoredEvent& event) {
      return Holds(ref.first_seq, ref.last_seq, event.seq) ||
             Holds(ref.first_version, ref.last_version, event.version.value_or(0));
    });
  };
  edit.change = [&](Page* leaf) -> Result<bool> {
    bool changed = false;
    for (auto& event : leaf->events) {
      if (!events_.contains(event->seq)) continue;
      const auto redacted = Redacted(event);
      if (redacted) event = *redacted;
      changed = changed || redacted;
    }
    for (auto& item : leaf->versions) {
      const bool meant = any([&](const auto& event) { return event.version == item->version; });
      if (!meant) continue;
      const std::string before = item.line();
      EditEntry(events, &item.Edit());
      changed = changed || item.line() != before;
    }
    return changed;
  };
  return EditPages(edit, next, pages_, stage);
}

/// What stands at the top of metadata.json comes from the events of the record's present, or last,
/// life, and is hidden where the last one that set it is.
Result<void> RedactOperation::EditTop(RecordDocument* next) const {
  CORESHED_ASSIGN(const auto first, FindVersion(*next, next->deleted_through + 1, pages_));
  int64_t born = first ? first->entry->seq : 0;  // of a deleted record: sought from the first event
  int64_t named = 0;
  std::map<std::string, int64_t> set, tagged;
  CORESHED_TRY(EachEvent(*next, born - 1, pages_, [&](const StoredEvent& event) {
    if (event.event_type == "create" || event.event_type == "upload") born = event.seq;
    if (event.digests.contains("name")) named = event.seq;
    if (event.event_type == "tag") tagged[event.Text("tag")] = event.seq;
    const auto attributes = nlohmann::json::parse(event.Text("attributes"), nullptr, false);
    if (attributes.is_object()) {
      for (const auto& [name, value] : attributes.items())
        set[name] = event.seq;
    }
    return Result<bool>(true);
  }));
  const auto hides = [&](const char* text, int64_t seq) {
    return texts_.contains(text) && events_.contains(seq);
  };
  if (hides("actor", born)) next->created_by.clear();
  if (hides("name", named)) next->name = next->record_id;
  std::erase_if(next->attributes,
                [&](const auto& item) { return hides("attributes", set[item.first]); });
  std::erase_if(next->tags, [&](const auto& item) { return hides("tag", tagged[item.first]); });
  return {};
}

Result<Decision> RedactOperation::Decide(const RecordDocument* base, RecordDocument* next,
                                         const std::string&, const std::string&,
                                         storage::Stage& stage) {
  if (base == nullptr || base->state == RecordState::kVoid) return NoSuchRecord(next->record_id);
  CORESHED_ASSIGN(const auto events, FindEvents(*base));
  Decision decision;
  if (events.empty()) {
    decision.nothing_to_do = true;
    return decision;
  }
  CORESHED_TRY(EditTop(next));
  CORESHED_TRY(EditLeaves(events, next, stage));
  for (auto& event : next->history) {
    if (!events_.contains(event->seq)) continue;
    if (auto redacted = Redacted(event)) event = std::move(*redacted);
  }
  for (auto& entry : next->versions)
    EditEntry(events, &entry.Edit());
  ++next->fence;
  auto& event = decision.event.emplace();
  event.type = "redact";
  std::set<int64_t> numbers;
  for (const auto& redacted : events)
    numbers.insert(redacted.seq);
  event.details["events"] = numbers;
  event.details["texts"] = texts_;
  return decision;
}

Result<std::optional<FoundErasure>> FindErasure(const RecordDocument& document,
                                                std::optional<int64_t> version, PageReader& pages) {
  std::optional<FoundErasure> found;
  const std::string type = version ? "purge" : "delete";
  int64_t after = 0;
  if (version) {
    CORESHED_ASSIGN(const auto entry, FindVersion(document, *version, pages));
    if (entry) after = entry->entry->seq;
  }
  CORESHED_TRY(EachEvent(document, after, pages, [&](const StoredEvent& event) -> Result<bool> {
    if (event.version != version) return true;
    if (event.event_type == type) found = FoundErasure{event, false};
    if (event.event_type == "erased" && found) found->erased = true;
    return true;
  }));
  return found;
}

Result<Decision> ErasedOperation::Decide(const RecordDocument* base, RecordDocument* next,
                                         const std::string&, const std::string&, storage::Stage&) {
  if (base == nullptr) return NoSuchRecord(next->record_id);
  CORESHED_ASSIGN(const auto found, FindErasure(*base, version_, pages_));
  Decision decision;
  decision.nothing_to_do = !found || found->erased;
  if (decision.nothing_to_do) return decision;
  if (version_) {
    CORESHED_ASSIGN(VersionEntry * entry, EntryForChange(*version_, next, pages_));
    if (entry != nullptr) entry->erased = true;
  }
  auto& event = decision.event.emplace();
  event.type = "erased";
  event.version = version_;
  return decision;
}

}  // namespace coreshed::commit
