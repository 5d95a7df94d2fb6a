#include "commit/page_check.h"

#include <algorithm>

namespace coreshed::commit {
namespace {

std::string N(int64_t number) {
  return std::to_string(number);
}

/// Whether each number is one above that before it.
template <typename T>
bool IsDense(const std::vector<Item<T>>& items, int64_t T::*number) {
  return std::adjacent_find(items.begin(), items.end(), [&](const T& a, const T& b) {
           return a.*number != b.*number - 1;
         }) == items.end();
}

std::string CheckLeaf(const Page& page) {
  if (!IsDense(page.events, &StoredEvent::seq)) return "events are missing from it";
  if (!IsDense(page.versions, &VersionEntry::version)) return "versions are missing from it";
  for (const VersionEntry& entry : page.versions) {
    for (const auto& [name, table] : entry.tables) {
      if (entry.purged || page.schemas.contains(table.schema)) continue;
      return "the schema of table '" + name + "' of version " + N(entry.version) + " is missing";
    }
  }
  return "";
}

std::string CheckInner(const Page& page) {
  if (page.pages.size() > kFanOut) return "it refers to more pages than fit";
  for (const auto& below : page.pages) {
    if (below.level >= page.level) return "it refers to a page that is not below it";
  }
  const PageRef holds = Summary(page);
  int64_t seq = holds.first_seq - 1;
  int64_t version = std::max<int64_t>(holds.first_version - 1, 0);
  return FollowReferences(page.pages, &seq, &version);
}

}  // namespace

PageRef Summary(const Page& page) {
  PageRef ref;
  ref.level = page.level;
  if (page.level == 0) {
    ref.first_seq = page.events.front()->seq;
    ref.last_seq = page.events.back()->seq;
    ref.first_time = page.events.front()->time;
    ref.last_time = page.events.back()->time;
    ref.last_hash = page.events.back()->hash;
    if (!page.versions.empty()) {
      ref.first_version = page.versions.front()->version;
      ref.last_version = page.versions.back()->version;
    }
    return ref;
  }
  ref.first_seq = page.pages.front().first_seq;
  ref.last_seq = page.pages.back().last_seq;
  ref.first_time = page.pages.front().first_time;
  ref.last_time = page.pages.back().last_time;
  ref.last_hash = page.pages.back().last_hash;
  for (const auto& below : page.pages) {
    if (below.last_version == 0) continue;
    if (ref.first_version == 0) ref.first_version = below.first_version;
    ref.last_version = below.last_version;
  }
  return ref;
}

std::string FollowReferences(const std::vector<PageRef>& refs, int64_t* seq, int64_t* version) {
  for (const auto& ref : refs) {
    if (ref.first_seq - 1 != *seq || ref.last_seq < ref.first_seq) {
      return "pages do not follow one another after event " + N(*seq);
    }
    *seq = ref.last_seq;
    if (ref.first_version == 0 && ref.last_version == 0) continue;
    if (ref.first_version - 1 != *version || ref.last_version < ref.first_version) {
      return "pages do not follow one another after version " + N(*version);
    }
    *version = ref.last_version;
  }
  return "";
}

std::string CheckPage(const Page& page, const PageRef& ref) {
  if (page.level != ref.level) return "its level is another";
  if (page.level == 0 ? page.events.empty() : page.pages.empty()) return "it holds nothing";
  std::string broken = page.level == 0 ? CheckLeaf(page) : CheckInner(page);
  if (!broken.empty()) return broken;
  const PageRef holds = Summary(page);
  const auto differs = [](const char* what) {
    return std::string("its ") + what + " are not those that its reference says";
  };
  if (holds.first_seq != ref.first_seq || holds.last_seq != ref.last_seq) return differs("events");
  if (holds.first_version != ref.first_version || holds.last_version != ref.last_version) {
    return differs("versions");
  }
  if (holds.first_time != ref.first_time || holds.last_time != ref.last_time) {
    return differs("times");
  }
  if (holds.last_hash != ref.last_hash) return "its last event is another than its reference says";
  return "";
}

}  // namespace coreshed::commit
