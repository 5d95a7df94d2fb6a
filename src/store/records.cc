#include <algorithm>

#include "base/hex.h"
#include "base/paths.h"
#include "base/result.h"
#include "store/store_impl.h"

namespace coreshed::store {

Result<std::vector<Version>> StoreImpl::Versions(const std::string& record_id, int64_t after,
                                                 int64_t limit) {
  CORESHED_ASSIGN(const std::string id, paths::CheckAnyRecordId(record_id));
  return ReadLive(id, [&](const commit::Base& base) -> Result<std::vector<Version>> {
    const auto& document = *base.document;
    std::vector<Version> versions;
    if (limit == 0) return versions;
    CORESHED_TRY(commit::EachVersion(
        document, std::max(after, document.deleted_through), pages_,
        [&](const commit::VersionEntry& entry, const auto& schemas) -> Result<bool> {
          versions.push_back(ToVersion(document, {entry, schemas}));
          return limit < 0 || static_cast<int64_t>(versions.size()) < limit;
        }));
    return versions;
  });
}

Result<std::vector<Event>> StoreImpl::History(const std::string& record_id, int64_t after,
                                              int64_t limit) {
  CORESHED_ASSIGN(const std::string id, paths::CheckAnyRecordId(record_id));
  return commit::ReadAgain([&](std::string* commit_id) -> Result<std::vector<Event>> {
    CORESHED_ASSIGN(const auto base, documents_.Read(id));
    if (!base || base->document->head_seq == 0) return NoRecord(id);
    *commit_id = base->document->commit_id;
    std::vector<Event> events;
    if (limit == 0) return events;
    CORESHED_TRY(commit::EachEvent(
        *base->document, after, pages_, [&](const commit::StoredEvent& event) -> Result<bool> {
          events.push_back(commit::ToPublic(event));
          return limit < 0 || static_cast<int64_t>(events.size()) < limit;
        }));
    return events;
  });
}

Result<RecordInfo> StoreImpl::GetRecord(const std::string& record_id) {
  CORESHED_ASSIGN(const std::string id, paths::CheckAnyRecordId(record_id));
  CORESHED_ASSIGN(const auto base, ReadLive(id));
  return ToInfo(*base.document);
}

Result<std::string> StoreImpl::GetMetadata(const std::string& record_id) {
  CORESHED_ASSIGN(const std::string id, paths::CheckAnyRecordId(record_id));
  auto blob = storage_->Get(paths::Metadata(id));
  if (!blob && blob.error().kind != ErrorKind::kNotFound) return std::move(blob).error();
  if (!blob) return NoRecord(id);
  std::string bytes = blob->bytes->ToString();
  // Damaged ones are given as they are, too: there is no other way to look at the damage.
  const auto document = commit::ParseDocument(bytes, id);
  if (document && document->state != commit::RecordState::kLive) return NoRecord(id);
  return bytes;
}

Result<std::optional<RecordInfo>> StoreImpl::LoadInfo(const std::string& record_id) {
  if (record_id == paths::kSettingsRecord) return std::optional<RecordInfo>();
  auto base = documents_.Read(record_id);
  if (!base) {
    if (base.error().kind != ErrorKind::kCorruption) return std::move(base).error();
    RecordInfo info;
    info.record_id = record_id;
    info.corrupt = base.error().message;
    return std::optional(std::move(info));
  }
  const bool live = *base && (*base)->document->state == commit::RecordState::kLive;
  if (!live) return std::optional<RecordInfo>();
  return std::optional(ToInfo(*(*base)->document));
}

Result<std::vector<RecordInfo>> StoreImpl::ListRecords(const ListOptions& options) {
  return Index().List(options);
}

Result<RecordChanges> StoreImpl::Changes(const std::string& since) {
  return Index().ChangesSince(since);
}

Result<std::vector<ContentMatch>> StoreImpl::FindByContentHash(const std::string& hash) {
  if (!IsHex(hash, 32)) {
    return Error{ErrorKind::kInvalidArgument,
                 "'" + hash + "' is no duplicate hash: that is 32 lower-case hex digits."};
  }
  CORESHED_ASSIGN(const auto markers, MarkersBelow(paths::ContentPrefix(hash)));
  return MatchesOf(markers, -1);
}

/// Content markers, sorted by hash, record and version.
Result<std::vector<paths::ParsedMarker>> StoreImpl::MarkersBelow(const std::string& prefix) {
  std::vector<paths::ParsedMarker> markers;
  CORESHED_TRY(storage_->List(prefix, [&](const storage::ObjectStat& object) {
    if (auto marker = paths::ParseContentMarker(object.key)) markers.push_back(std::move(*marker));
    return true;
  }));
  std::sort(markers.begin(), markers.end(), [](const auto& a, const auto& b) {
    return std::tie(a.hash, a.record_id, a.version) < std::tie(b.hash, b.record_id, b.version);
  });
  return markers;
}

Result<std::vector<DuplicateGroup>> StoreImpl::FindDuplicates() {
  CORESHED_ASSIGN(const auto markers, MarkersBelow(std::string(paths::kContent)));
  std::vector<DuplicateGroup> groups;
  for (auto first = markers.begin(); first != markers.end();) {
    const auto last = std::find_if(first, markers.end(),
                                   [&](const auto& marker) { return marker.hash != first->hash; });
    const std::vector<paths::ParsedMarker> same(first, last);
    first = last;
    if (same.front().record_id == same.back().record_id) continue;
    CORESHED_ASSIGN(auto matches, MatchesOf(same, -1));
    if (matches.empty() || matches.front().record_id == matches.back().record_id) continue;
    groups.push_back({same.front().hash, std::move(matches)});
  }
  return groups;
}

/// Those of the versions that markers point at which have the content, at most so many (below 0:
/// all).
Result<std::vector<ContentMatch>> StoreImpl::MatchesOf(
    const std::vector<paths::ParsedMarker>& markers, int64_t most) {
  // A marker is only a hint: its commit may have been lost, or its version deleted since.
  std::vector<ContentMatch> matches;
  for (const auto& marker : markers) {
    auto match = MatchOf(marker);
    const bool is_unreadable = !match && (match.error().kind == ErrorKind::kCorruption ||
                                          match.error().kind == ErrorKind::kUnsupported);
    if (is_unreadable) {  // the others are still found
      match = std::optional(ContentMatch{marker.record_id, marker.version, Status::kDraft, false,
                                         match.error().message});
    }
    if (!match) return std::move(match).error();
    if (static_cast<int64_t>(matches.size()) == most) break;
    if (*match) matches.push_back(std::move(**match));
  }
  return matches;
}

Result<std::optional<ContentMatch>> StoreImpl::MatchOf(const paths::ParsedMarker& marker) {
  using Match = std::optional<ContentMatch>;
  return commit::ReadAgain([&](std::string* commit_id) -> Result<Match> {
    CORESHED_ASSIGN(const auto base, documents_.Read(marker.record_id));
    if (!base || base->document->state != commit::RecordState::kLive) return Match();
    const auto& document = *base->document;
    *commit_id = document.commit_id;
    if (marker.version <= document.deleted_through) return Match();
    CORESHED_ASSIGN(const auto found, commit::FindVersion(document, marker.version, pages_));
    if (!found || found->entry->purged || found->entry->duplicate_hash != marker.hash)
      return Match();
    return Match({marker.record_id, marker.version, found->entry->status,
                  marker.version == document.current_version, ""});
  });
}

Result<std::vector<std::string>> StoreImpl::RecordIds() {
  CORESHED_ASSIGN(const auto stamps, storage_->SweepRecords());
  std::vector<std::string> ids;
  for (const auto& stamp : stamps) {
    if (auto id = paths::Unescape(stamp.segment)) ids.push_back(std::move(*id));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<coreshed::Stats> StoreImpl::Stats() {
  coreshed::Stats stats;
  CORESHED_ASSIGN(const auto ids, RecordIds());
  for (const auto& id : ids) {
    auto base = documents_.Read(id);
    if (!base) {
      ++stats.corrupt;
      continue;
    }
    const bool live = *base && (*base)->document->state == commit::RecordState::kLive;
    if (!live || id == paths::kSettingsRecord) continue;
    const auto& document = *(*base)->document;
    ++stats.records;
    stats.versions += document.last_version - document.deleted_through;
    stats.events += document.head_seq;
    ++stats.by_status[StatusName(document.Active()->status)];
  }
  CORESHED_TRY(storage_->List(std::string(paths::kRecords), [&](const storage::ObjectStat& object) {
    if (object.key.ends_with(".parquet")) {
      ++stats.data_files;
      stats.data_bytes += object.size_bytes;
    } else {
      stats.metadata_bytes += object.size_bytes;
    }
    return true;
  }));
  return stats;
}

}  // namespace coreshed::store
