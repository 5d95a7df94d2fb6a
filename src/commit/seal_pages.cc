#include <algorithm>
#include <utility>

#include "base/paths.h"
#include "base/random.h"
#include "base/result.h"
#include "base/sha256.h"
#include "commit/page_check.h"
#include "commit/pages.h"

namespace coreshed::commit {
namespace {

Result<PageRef> WritePage(Page page, const std::string& bytes, const std::string& record_id,
                          PageReader& reader, storage::Stage& stage) {
  PageRef ref = Summary(page);
  // A page's name is its writer's own: what happens to lie under a name is never adopted.
  const std::string name = paths::Page(ref.level, ref.first_seq, ref.last_seq, RandomHex32());
  CORESHED_ASSIGN(auto upload, stage.NewObject(name, name));
  CORESHED_TRY(upload->Write(bytes.data(), static_cast<int64_t>(bytes.size())));
  CORESHED_ASSIGN(ref.name, upload->Finish());
  ref.sha256 = Sha256Hex(bytes);
  ref.size_bytes = static_cast<int64_t>(bytes.size());
  reader.Remember(record_id, ref, std::move(page));
  return ref;
}

/// Write the page of `ref` anew with `entry` in place of its copy, and every page above it.
Result<PageRef> ReplaceEntry(const PageRef& ref, const VersionEntry& entry,
                             const table::StoredSchemas& schemas, const std::string& record_id,
                             PageReader& reader, storage::Stage& stage) {
  CORESHED_ASSIGN(auto old_page, reader.Read(record_id, ref));
  Page page = *old_page;
  if (page.level > 0) {
    for (auto& below : page.pages) {
      const bool holds = below.last_version > 0 && below.first_version <= entry.version &&
                         entry.version <= below.last_version;
      if (!holds) continue;
      CORESHED_ASSIGN(below, ReplaceEntry(below, entry, schemas, record_id, reader, stage));
    }
    const std::string bytes = SerializePage(page, record_id);
    return WritePage(std::move(page), bytes, record_id, reader, stage);
  }
  for (auto& sealed : page.versions) {
    if (sealed->version != entry.version) continue;
    sealed = entry;
    sealed.Edit().changed = false;
  }
  page.schemas.insert(schemas.begin(), schemas.end());
  DropUnusedSchemas(page.versions, &page.schemas);
  const std::string bytes = SerializePage(page, record_id);
  return WritePage(std::move(page), bytes, record_id, reader, stage);
}

/// Bring the pages up to date with entries that changed after they were sealed.
Result<void> WriteBackChanged(RecordDocument* document, PageReader& reader, storage::Stage& stage) {
  for (auto& item : document->versions) {
    const VersionEntry& entry = item;
    if (!entry.changed || entry.version > document->sealed_through) continue;
    if (entry.version == document->current_version) continue;  // may change again; stays here
    for (auto& ref : document->pages) {
      const bool holds = ref.last_version > 0 && ref.first_version <= entry.version &&
                         entry.version <= ref.last_version;
      if (!holds) continue;
      CORESHED_ASSIGN(
          ref, ReplaceEntry(ref, entry, document->schemas, document->record_id, reader, stage));
    }
    item.Edit().changed = false;
  }
  return {};
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
