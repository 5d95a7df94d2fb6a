#include "commit/pages.h"

#include <algorithm>

#include "base/canonical_json.h"
#include "base/missing.h"
#include "base/paths.h"
#include "base/result.h"
#include "base/sha256.h"
#include "commit/fields.h"
#include "commit/page_check.h"
#include "commit/schemas.h"

namespace coreshed::commit {
namespace {

using nlohmann::json;

constexpr int64_t kPageFormat = 1;

template <typename Item, typename FromJson>
Result<void> ParseList(const json& items, const std::string& where, FromJson from_json,
                       std::vector<Item>* out) {
  for (const auto& item : items) {
    auto parsed = from_json(item, where);
    if (!parsed) return std::move(parsed).error();
    out->push_back(std::move(parsed).value());
  }
  return {};
}

template <typename T>
void AppendList(const std::vector<Item<T>>& items, std::string* text) {
  *text += '[';
  for (const auto& item : items) {
    if (&item != &items.front()) *text += ',';
    *text += item.line();
  }
  *text += ']';
}

bool HoldsVersion(const PageRef& ref, int64_t version) {
  return ref.first_version <= version && version <= ref.last_version && ref.last_version > 0;
}

const Item<VersionEntry>* FindIn(const std::vector<Item<VersionEntry>>& entries, int64_t version) {
  for (const auto& entry : entries) {
    if (entry->version == version) return &entry;
  }
  return nullptr;
}

/// Go down from `refs` to the leaf that `holds` picks; null: none does.
template <typename Holds>
Result<std::shared_ptr<const Page>> FindLeaf(const std::string& record_id,
                                             const std::vector<PageRef>& refs, PageReader& reader,
                                             Holds holds) {
  const std::vector<PageRef>* level = &refs;
  std::shared_ptr<const Page> page;
  while (true) {
    const auto found = std::find_if(level->begin(), level->end(), holds);
    if (found == level->end()) return std::shared_ptr<const Page>();
    const bool leaf = found->level == 0;
    auto next = reader.Read(record_id, *found);
    if (!next) return std::move(next).error();
    page = std::move(next).value();
    if (leaf) return page;
    level = &page->pages;
  }
}

/// Visit leaves in order, skipping those that `skip` says hold nothing of interest.
Result<bool> EachLeaf(const std::string& record_id, const std::vector<PageRef>& refs,
                      PageReader& reader, const std::function<bool(const PageRef&)>& skip,
                      const std::function<Result<bool>(const Page&)>& visit) {
  for (const auto& ref : refs) {
    if (skip(ref)) continue;
    auto page = reader.Read(record_id, ref);
    if (!page) return std::move(page).error();
    auto go_on =
        ref.level == 0 ? visit(**page) : EachLeaf(record_id, (*page)->pages, reader, skip, visit);
    if (!go_on || !*go_on) return go_on;
  }
  return true;
}

Result<void> EachPageBelow(const std::string& record_id, const std::vector<PageRef>& refs,
                           PageReader& reader, const std::function<void(const PageRef&)>& visit) {
  for (const auto& ref : refs) {
    visit(ref);
    if (ref.level == 0) continue;
    auto page = reader.Read(record_id, ref);
    if (!page) return std::move(page).error();
    if (auto below = EachPageBelow(record_id, (*page)->pages, reader, visit); !below) return below;
  }
  return {};
}

}  // namespace

std::string SerializePage(const Page& page, const std::string& record_id) {
  if (page.level > 0) {
    json stored = {{"coreshed_page", kPageFormat}, {"record_id", record_id}, {"level", page.level}};
    auto& pages = stored["pages"] = json::array();
    for (const auto& ref : page.pages)
      pages.push_back(PageRefToJson(ref));
    return CanonicalJson(stored) + "\n";
  }
  // Its keys in canonical order; the lines are there already.
  std::string text = "{\"coreshed_page\":" + std::to_string(kPageFormat) + ",\"events\":";
  AppendList(page.events, &text);
  text += ",\"level\":0,\"record_id\":" + CanonicalJson(record_id);
  text += ",\"schemas\":" + SchemasText(page.schemas) + ",\"versions\":";
  AppendList(page.versions, &text);
  return text + "}\n";
}

Result<Page> ParsePage(std::string_view bytes, const PageRef& ref, const std::string& record_id) {
  const std::string where = "page " + ref.name + " of '" + record_id + "'";
  if (Sha256Hex(bytes) != ref.sha256) {
    return Error{ErrorKind::kCorruption, where + " was changed: its SHA-256 is another"}.With(
        kMissingField, paths::RecordFolder(record_id) + ref.name);
  }
  if (static_cast<int64_t>(bytes.size()) != ref.size_bytes) {
    return Error{ErrorKind::kCorruption, where + " has another size than its reference says"};
  }
  auto parsed = ParseJson(bytes, where);
  if (!parsed) return std::move(parsed).error();
  Fields fields(parsed.value(), where);
  if (auto known = CheckFormat(fields, "coreshed_page", kPageFormat); !known) return known.error();
  Page page;
  page.level = static_cast<int>(fields.Number("level"));
  Result<void> lists;
  if (page.level > 0) {
    lists = ParseList(fields.Array("pages"), where, PageRefFromJson, &page.pages);
  } else {
    lists = ParseList(fields.Array("events"), where, EventFromJson, &page.events);
    if (lists) lists = ParseList(fields.Array("versions"), where, EntryFromJson, &page.versions);
    CORESHED_ASSIGN(page.schemas, SchemasFromJson(fields.Object("schemas"), where));
  }
  if (!lists) return std::move(lists).error();
  if (fields.Text("record_id") != record_id) fields.Fail("it belongs to another record");
  if (!fields.ok()) return fields.error();
  if (std::string broken = CheckPage(page, ref); !broken.empty()) fields.Fail(broken);
  if (!fields.ok()) return fields.error();
  return page;
}

Result<std::shared_ptr<const Page>> PageReader::Read(const std::string& record_id,
                                                     const PageRef& ref) {
  const std::string key = paths::RecordFolder(record_id) + ref.name;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return recent_.front().second;
    }
  }
  auto blob = storage_->Get(key);
  if (!blob && blob.error().kind == ErrorKind::kNotFound) {
    return MissingObject("Page", key);
  }
  if (!blob) return std::move(blob).error();
  const auto& bytes = *blob->bytes;
  auto parsed =
      ParsePage({reinterpret_cast<const char*>(bytes.data()), static_cast<size_t>(bytes.size())},
                ref, record_id);
  if (!parsed) return std::move(parsed).error();
  auto page = std::make_shared<const Page>(std::move(parsed).value());
  Keep(key, page);
  return page;
}

void PageReader::Remember(const std::string& record_id, const PageRef& ref, Page page) {
  Keep(paths::RecordFolder(record_id) + ref.name, std::make_shared<const Page>(std::move(page)));
}

void PageReader::Keep(const std::string& key, std::shared_ptr<const Page> page) {
  std::lock_guard lock(mutex_);
  if (by_key_.contains(key)) return;
  recent_.emplace_front(key, std::move(page));
  by_key_[key] = recent_.begin();
  if (recent_.size() > kPagesMax) {
    by_key_.erase(recent_.back().first);
    recent_.pop_back();
  }
}

Result<std::optional<FoundEntry>> FindVersion(const RecordDocument& document, int64_t version,
                                              PageReader& reader) {
  const auto with_schemas = [](const Item<VersionEntry>& entry, const auto& schemas) {
    FoundEntry found{entry, {}};
    for (const auto& [name, table] : entry->tables) {
      if (const auto used = schemas.find(table.schema); used != schemas.end()) {
        found.schemas.insert(*used);
      }
    }
    return std::optional<FoundEntry>(std::move(found));
  };
  if (const auto* entry = document.FindItem(version)) return with_schemas(*entry, document.schemas);
  auto leaf = FindLeaf(document.record_id, document.pages, reader,
                       [&](const PageRef& ref) { return HoldsVersion(ref, version); });
  if (!leaf) return std::move(leaf).error();
  const auto* entry = *leaf ? FindIn((*leaf)->versions, version) : nullptr;
  if (entry == nullptr) return std::optional<FoundEntry>();
  return with_schemas(*entry, (*leaf)->schemas);
}

Result<std::optional<StoredEvent>> FindEvent(const RecordDocument& document, int64_t seq,
                                             PageReader& reader) {
  for (const StoredEvent& event : document.history) {
    if (event.seq == seq) return std::optional(event);
  }
  auto leaf = FindLeaf(document.record_id, document.pages, reader, [&](const PageRef& ref) {
    return ref.first_seq <= seq && seq <= ref.last_seq;
  });
  if (!leaf) return std::move(leaf).error();
  if (!*leaf) return std::optional<StoredEvent>();
  const auto& events = (*leaf)->events;
  return std::optional<StoredEvent>(events.at(static_cast<size_t>(seq - events.front()->seq)));
}

Result<std::optional<StoredEvent>> FindEventAt(const RecordDocument& document,
                                               const std::string& time, PageReader& reader) {
  const auto not_after = [&](const auto& events) -> std::optional<StoredEvent> {
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if ((*event)->time <= time) return *event;
    }
    return std::nullopt;
  };
  if (auto found = not_after(document.history)) return found;
  // The last page that begins in time holds the last event in time: pages ascend.
  std::vector<PageRef> refs = document.pages;
  while (!refs.empty()) {
    const auto found = std::find_if(refs.rbegin(), refs.rend(),
                                    [&](const PageRef& ref) { return ref.first_time <= time; });
    if (found == refs.rend()) break;
    auto page = reader.Read(document.record_id, *found);
    if (!page) return std::move(page).error();
    if ((*page)->level == 0) return not_after((*page)->events);
    refs = (*page)->pages;
  }
  return std::optional<StoredEvent>();
}

Result<void> EachEvent(const RecordDocument& document, int64_t after, PageReader& reader,
                       const std::function<Result<bool>(const StoredEvent&)>& visit) {
  const auto each = [&](const std::vector<Item<StoredEvent>>& events) -> Result<bool> {
    for (const StoredEvent& event : events) {
      if (event.seq <= after) continue;
      auto go_on = visit(event);
      if (!go_on || !*go_on) return go_on;
    }
    return true;
  };
  auto go_on = EachLeaf(
      document.record_id, document.pages, reader,
      [&](const PageRef& ref) { return ref.last_seq <= after; },
      [&](const Page& page) { return each(page.events); });
  if (go_on && *go_on) go_on = each(document.history);
  if (!go_on) return std::move(go_on).error();
  return {};
}

Result<void> EachVersion(const RecordDocument& document, int64_t after, PageReader& reader,
                         const std::function<Result<bool>(const Item<VersionEntry>&,
                                                          const table::StoredSchemas&)>& visit) {
  auto go_on = EachLeaf(
      document.record_id, document.pages, reader,
      [&](const PageRef& ref) { return ref.last_version <= after; },
      [&](const Page& page) -> Result<bool> {
        for (const auto& sealed : page.versions) {
          if (sealed->version <= after) continue;
          const auto* newer = document.FindItem(sealed->version);  // metadata.json is always right
          auto next =
              newer != nullptr ? visit(*newer, document.schemas) : visit(sealed, page.schemas);
          if (!next || !*next) return next;
        }
        return true;
      });
  if (!go_on) return std::move(go_on).error();
  if (!*go_on) return {};
  for (const auto& entry : document.versions) {
    if (entry->version <= after || entry->version <= document.sealed_through) continue;
    auto next = visit(entry, document.schemas);
    if (!next) return std::move(next).error();
    if (!*next) break;
  }
  return {};
}

Result<void> EachLeaf(const RecordDocument& document, PageReader& reader,
                      const std::function<Result<void>(const Page&)>& visit) {
  auto done = EachLeaf(
      document.record_id, document.pages, reader, [](const PageRef&) { return false; },
      [&](const Page& page) -> Result<bool> {
        CORESHED_TRY(visit(page));
        return true;
      });
  if (!done) return std::move(done).error();
  return {};
}

Result<void> EachPage(const RecordDocument& document, PageReader& reader,
                      const std::function<void(const PageRef&)>& visit) {
  return EachPageBelow(document.record_id, document.pages, reader, visit);
}

}  // namespace coreshed::commit
