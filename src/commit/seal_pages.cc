#include <algorithm>

#include "base/paths.h"
#include "base/random.h"
#include "base/result.h"
#include "base/sha256.h"
#include "commit/page_check.h"
#include "commit/pages.h"

namespace coreshed::commit {
namespace {

Result<PageRef> WritePage(const Page& page, const std::string& record_id, storage::Stage& stage) {
  PageRef ref = Summary(page);
  const std::string bytes = SerializePage(page, record_id);
  // A page's name is its writer's own: what happens to lie under a name is never adopted.
  const auto name = [&] {
    return paths::Page(ref.level, ref.first_seq, ref.last_seq, RandomHex32());
  };
  CORESHED_ASSIGN(auto upload, stage.NewObject(name(), name()));
  CORESHED_TRY(upload->Write(bytes.data(), static_cast<int64_t>(bytes.size())));
  CORESHED_ASSIGN(ref.name, upload->Finish());
  ref.sha256 = Sha256Hex(bytes);
  ref.size_bytes = static_cast<int64_t>(bytes.size());
  return ref;
}

/// Write the page of `ref` anew with `entry` in place of its copy, and every page above it.
Result<PageRef> ReplaceEntry(const PageRef& ref, const VersionEntry& entry,
                             const std::map<std::string, nlohmann::json>& schemas,
                             const std::string& record_id, PageReader& reader,
                             storage::Stage& stage) {
  CORESHED_ASSIGN(auto old_page, reader.Read(record_id, ref));
  Page page = *old_page;
  if (page.level > 0) {
    for (auto& below : page.pages) {
      const bool holds = below.last_version > 0 && below.first_version <= entry.version &&
                         entry.version <= below.last_version;
      if (!holds) continue;
      CORESHED_ASSIGN(below, ReplaceEntry(below, entry, schemas, record_id, reader, stage));
    }
    return WritePage(page, record_id, stage);
  }
  for (auto& sealed : page.versions) {
    if (sealed.version != entry.version) continue;
    sealed = entry;
    sealed.changed = false;
  }
  page.schemas.insert(schemas.begin(), schemas.end());
  DropUnusedSchemas(page.versions, &page.schemas);
  return WritePage(page, record_id, stage);
}

/// Bring the pages up to date with entries that changed after they were sealed.
Result<void> WriteBackChanged(RecordDocument* document, PageReader& reader, storage::Stage& stage) {
  for (auto& entry : document->versions) {
    if (!entry.changed || entry.version > document->sealed_through) continue;
    if (entry.version == document->current_version) continue;  // may change again; stays here
    for (auto& ref : document->pages) {
      const bool holds = ref.last_version > 0 && ref.first_version <= entry.version &&
                         entry.version <= ref.last_version;
      if (!holds) continue;
      CORESHED_ASSIGN(
          ref, ReplaceEntry(ref, entry, document->schemas, document->record_id, reader, stage));
    }
    entry.changed = false;
  }
  return {};
}

/// Gather the newest pages of one level under a page of the next, while there are enough of them.
Result<void> GatherLevels(RecordDocument* document, storage::Stage& stage) {
  auto& refs = document->pages;
  while (!refs.empty()) {
    const int level = refs.back().level;
    const auto first = std::find_if(refs.begin(), refs.end(),
                                    [&](const PageRef& ref) { return ref.level == level; });
    if (static_cast<size_t>(refs.end() - first) < kFanOut) return {};
    Page inner;
    inner.level = level + 1;
    inner.pages.assign(first, refs.end());
    CORESHED_ASSIGN(auto ref, WritePage(inner, document->record_id, stage));
    refs.erase(first, refs.end());
    refs.push_back(std::move(ref));
  }
  return {};
}

}  // namespace

Result<void> SealPages(int64_t through, RecordDocument* document, PageReader& reader,
                       storage::Stage& stage) {
  CORESHED_TRY(WriteBackChanged(document, reader, stage));
  Page leaf;
  leaf.events = std::move(document->history);
  document->history.clear();
  for (const auto& entry : document->versions) {
    const bool unsealed = entry.version > document->sealed_through && entry.version <= through;
    if (unsealed) leaf.versions.push_back(entry);
  }
  leaf.schemas = document->schemas;
  DropUnusedSchemas(leaf.versions, &leaf.schemas);
  CORESHED_ASSIGN(auto ref, WritePage(leaf, document->record_id, stage));
  document->pages.push_back(std::move(ref));
  document->sealed_through = through;
  std::erase_if(document->versions, [&](const VersionEntry& entry) {
    return entry.version <= through && entry.version != document->current_version;
  });
  DropUnusedSchemas(document->versions, &document->schemas);
  return GatherLevels(document, stage);
}

}  // namespace coreshed::commit
