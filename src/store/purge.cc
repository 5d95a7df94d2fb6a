#include "store/purge.h"

#include <algorithm>
#include <utility>

#include "base/paths.h"
#include "base/random.h"
#include "base/result.h"
#include "commit/edit_pages.h"
#include "commit/review.h"
#include "commit/rollback.h"
#include "parts/keep_parts.h"
#include "store/stored_columns.h"

namespace coreshed::store {
namespace {

std::string V(int64_t version) {
  return "version " + std::to_string(version);
}

/// The new file lies where the old one does, under a name that nobody else claims.
std::string NameBeside(const std::string& name, int64_t version) {
  const std::string folder = name.substr(0, name.rfind("versions/v"));
  return folder + paths::DataFile("", true, version, -1, RandomHex32());
}

}  // namespace

Result<void> PurgeOperation::CheckTarget(const commit::RecordDocument& base,
                                         const commit::VersionEntry& entry) {
  if (entry.version != base.current_version) return {};
  return Error{ErrorKind::kInvalidState,
               V(version_) + " of '" + base.record_id +
                   "' is the active one, and a record can't be without data. Write a new version "
                   "(update) or go back to another one (rollback) first."};
}

/// What not-purged versions use of the files that the version to be purged refers to.
Result<PurgeOperation::Uses> PurgeOperation::FindUses(const commit::RecordDocument& base,
                                                      const commit::VersionEntry& entry) {
  Uses uses;
  for (const auto& [name, table] : entry.tables) {
    for (const auto& file : table.parts.files)
      uses[file.name].file = file;
  }
  CORESHED_TRY(commit::EachVersion(
      base, base.deleted_through, pages_,
      [&](const commit::VersionEntry& other, const auto& schemas) -> Result<bool> {
        if (other.purged || other.version == version_) return true;
        for (const auto& [name, table] : other.tables) {
          for (const auto& run : table.parts.runs) {
            const auto& file = table.parts.files[static_cast<size_t>(run.file)];
            const auto use = uses.find(file.name);
            if (use == uses.end()) continue;
            for (int64_t i = 0; i < run.count; ++i)
              use->second.parts.insert(run.first + i);
            use->second.versions.insert(other.version);
            if (use->second.schema != nullptr) continue;
            CORESHED_ASSIGN(use->second.schema, SchemaOf(table, schemas));
          }
        }
        return true;
      }));
  return uses;
}

Result<void> PurgeOperation::KeepParts(const std::string& record_id, const Use& use,
                                       storage::Stage& stage) {
  auto& kept = kept_[use.file.name];
  const bool same = kept.places.size() == use.parts.size() &&
                    std::all_of(use.parts.begin(), use.parts.end(),
                                [&](int64_t part) { return kept.places.contains(part); });
  if (same) return {};
  kept.places.clear();
  parts::KeepRequest request;
  request.file = use.file;
  request.schema = use.schema;
  request.record_prefix = paths::RecordFolder(record_id);
  request.name = NameBeside(use.file.name, version_);
  for (const int64_t part : use.parts) {
    kept.places[part] = static_cast<int64_t>(request.parts.size());
    request.parts.push_back(part);
  }
  auto written = parts::KeepParts(request, *storage_, stage);
  if (!written) kept_.erase(use.file.name);
  CORESHED_ASSIGN(kept_[use.file.name].file, std::move(written));
  return {};
}

bool PurgeOperation::EditEntry(const std::set<std::string>& moved,
                               commit::VersionEntry* entry) const {
  if (entry->version == version_) return !std::exchange(entry->purged, true);
  bool changed = false;
  for (auto& [name, table] : entry->tables) {
    for (size_t at = 0; at < table.parts.files.size(); ++at) {
      auto& file = table.parts.files[at];
      if (!moved.contains(file.name)) continue;
      const Kept& kept = kept_.at(file.name);
      file = kept.file;
      for (auto& run : table.parts.runs) {
        if (run.file == static_cast<int64_t>(at)) run.first = kept.places.at(run.first);
      }
      changed = true;
    }
  }
  return changed;
}

/// Both an entry in metadata.json and its copy in a page, which must say the same.
Result<void> PurgeOperation::EditEntries(const std::set<std::string>& moved,
                                         std::set<int64_t> versions, commit::RecordDocument* next,
                                         storage::Stage& stage) {
  versions.insert(version_);
  for (auto& entry : next->versions) {
    if (versions.contains(entry->version)) EditEntry(moved, &entry.Edit());
  }
  commit::PageEdit edit;
  edit.may_change = [&](const commit::PageRef& ref) {
    const auto first = versions.lower_bound(std::max<int64_t>(ref.first_version, 1));
    return first != versions.end() && *first <= ref.last_version;
  };
  edit.change = [&](commit::Page* leaf) -> Result<bool> {
    bool changed = false;
    for (auto& entry : leaf->versions) {
      if (!versions.contains(entry->version)) continue;
      changed = EditEntry(moved, &entry.Edit()) || changed;
    }
    return changed;
  };
  return commit::EditPages(edit, next, pages_, stage);
}

Result<commit::Decision> PurgeOperation::Decide(const commit::RecordDocument* base,
                                                commit::RecordDocument* next, const std::string&,
                                                const std::string&, storage::Stage& stage) {
  CORESHED_ASSIGN(base, commit::RequireLive(base, next->record_id));
  std::optional<commit::FoundEntry> found;
  if (version_ > base->deleted_through) {
    CORESHED_ASSIGN(found, commit::FindVersion(*base, version_, pages_));
  }
  if (!found) {
    return Error{ErrorKind::kNotFound, "'" + base->record_id + "' has no " + V(version_) + "; " +
                                           commit::VersionsThereAre(*base) + "."};
  }
  CORESHED_TRY(CheckTarget(*base, found->entry));
  commit::Decision decision;
  if (found->entry->purged) {
    decision.nothing_to_do = true;
    return decision;
  }
  CORESHED_ASSIGN(const auto uses, FindUses(*base, found->entry));
  std::set<std::string> moved;
  std::set<int64_t> versions;
  for (const auto& [name, use] : uses) {
    const auto used = static_cast<int64_t>(use.parts.size());
    if (used == 0 || used == use.file.parts) continue;  // it goes whole, or others need it whole
    CORESHED_TRY(KeepParts(base->record_id, use, stage));
    moved.insert(name);
    versions.insert(use.versions.begin(), use.versions.end());
  }
  CORESHED_TRY(EditEntries(moved, std::move(versions), next, stage));
  ++next->fence;
  auto& event = decision.event.emplace();
  event.type = "purge";
  event.version = version_;
  event.details["exact_hash"] = found->entry->exact_hash;
  return decision;
}

}  // namespace coreshed::store
