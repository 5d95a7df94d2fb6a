#include <algorithm>
#include <map>
#include <utility>

#include "base/result.h"
#include "commit/edit_pages.h"
#include "commit/pages.h"

namespace coreshed::commit {
namespace {

bool Holds(const PageRef& ref, int64_t version) {
  return ref.last_version > 0 && ref.first_version <= version && version <= ref.last_version;
}

/// Bring the pages up to date with entries that changed after they were sealed.
Result<void> WriteBackChanged(RecordDocument* document, PageReader& reader, storage::Stage& stage) {
  std::map<int64_t, Item<VersionEntry>*> changed;
  for (auto& item : document->versions) {
    const int64_t version = item->version;
    if (!item->changed || version > document->sealed_through) continue;
    if (version == document->current_version) continue;  // may change again; stays here
    item.Edit().changed = false;
    changed[version] = &item;
  }
  PageEdit edit;
  edit.may_change = [&](const PageRef& ref) {
    return std::any_of(changed.begin(), changed.end(),
                       [&](const auto& entry) { return Holds(ref, entry.first); });
  };
  edit.change = [&](Page* leaf) -> Result<bool> {
    for (auto& sealed : leaf->versions) {
      const auto found = changed.find(sealed->version);
      if (found != changed.end()) sealed = *found->second;
    }
    leaf->schemas.insert(document->schemas.begin(), document->schemas.end());
    return true;
  };
  return EditPages(edit, document, reader, stage);
}

/// Gather the newest pages of one level under a page of the next, while there are enough of them.
Result<void> GatherLevels(RecordDocument* document, PageReader& reader, storage::Stage& stage) {
  auto& refs = document->pages;
  while (!refs.empty()) {
    const int level = refs.back().level;
    const auto first = std::find_if(refs.begin(), refs.end(),
                                    [&](const PageRef& ref) { return ref.level == level; });
    if (static_cast<size_t>(refs.end() - first) < kFanOut) return {};
    Page inner;
    inner.level = level + 1;
    inner.pages.assign(first, refs.end());
    const std::string bytes = SerializePage(inner, document->record_id);
    CORESHED_ASSIGN(auto ref,
                    WritePage(std::move(inner), bytes, document->record_id, reader, stage));
    refs.erase(first, refs.end());
    refs.push_back(std::move(ref));
  }
  return {};
}

/// A leaf with the schemas of `from` that its versions use.
Page MakeLeaf(std::vector<Item<StoredEvent>> events, std::vector<Item<VersionEntry>> versions,
              const table::StoredSchemas& from) {
  Page leaf;
  leaf.events = std::move(events);
  leaf.versions = std::move(versions);
  leaf.schemas = from;
  DropUnusedSchemas(leaf.versions, &leaf.schemas);
  return leaf;
}

/// Write a leaf, or two of half the events each where it is too large.
Result<void> WriteLeaves(const Page& leaf, int64_t bytes_max, RecordDocument* document,
                         PageReader& reader, storage::Stage& stage) {
  const std::string bytes = SerializePage(leaf, document->record_id);
  if (static_cast<int64_t>(bytes.size()) <= bytes_max || leaf.events.size() == 1) {
    CORESHED_ASSIGN(auto ref, WritePage(leaf, bytes, document->record_id, reader, stage));
    document->pages.push_back(std::move(ref));
    return GatherLevels(document, reader, stage);
  }
  const auto half = leaf.events.begin() + static_cast<int64_t>(leaf.events.size() / 2);
  const auto made_later =
      std::find_if(leaf.versions.begin(), leaf.versions.end(),
                   [&](const auto& entry) { return entry->seq >= (*half)->seq; });
  CORESHED_TRY(WriteLeaves(
      MakeLeaf({leaf.events.begin(), half}, {leaf.versions.begin(), made_later}, leaf.schemas),
      bytes_max, document, reader, stage));
  return WriteLeaves(
      MakeLeaf({half, leaf.events.end()}, {made_later, leaf.versions.end()}, leaf.schemas),
      bytes_max, document, reader, stage);
}

}  // namespace

Result<void> CheckSealable(int64_t through, const RecordDocument& document) {
  std::vector<Item<VersionEntry>> made;
  for (const auto& entry : document.versions) {
    if (entry->version > through) made.push_back(entry);
  }
  const Page leaf = MakeLeaf({document.history.back()}, std::move(made), document.schemas);
  const auto bytes = static_cast<int64_t>(SerializePage(leaf, document.record_id).size());
  if (bytes <= kLeafBytesMax) return {};
  return Error{ErrorKind::kValidation,
               "The history of '" + document.record_id +
                   "' can't keep this change: what it says "
                   "of columns, files and texts takes " +
                   std::to_string((bytes >> 20) + 1) + " MiB, and at most " +
                   std::to_string(kLeafBytesMax >> 20) +
                   " fit. Nothing was changed. Write fewer columns, with less metadata, or spread "
                   "them over several records."};
}

Result<void> SealPages(int64_t through, RecordDocument* document, PageReader& reader,
                       storage::Stage& stage, int64_t leaf_bytes_max) {
  CORESHED_TRY(WriteBackChanged(document, reader, stage));
  std::vector<Item<VersionEntry>> unsealed;
  for (const auto& entry : document->versions) {
    if (entry->version > document->sealed_through && entry->version <= through) {
      unsealed.push_back(entry);
    }
  }
  const Page leaf =
      MakeLeaf(std::exchange(document->history, {}), std::move(unsealed), document->schemas);
  CORESHED_TRY(WriteLeaves(leaf, leaf_bytes_max, document, reader, stage));
  document->sealed_through = through;
  std::erase_if(document->versions, [&](const VersionEntry& entry) {
    return entry.version <= through && entry.version != document->current_version;
  });
  DropUnusedSchemas(document->versions, &document->schemas);
  return {};
}

}  // namespace coreshed::commit
