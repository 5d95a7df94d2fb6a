#pragma once

#include <coreshed/error.h>
#include <coreshed/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parts/parts.h"

namespace coreshed::commit {

/// One table of a version as stored. `schema` is a key of the container's `schemas`.
struct TableEntry {
  std::string schema;
  std::string fingerprint;
  parts::TableParts parts;
};

/// A file that is kept beside a version's data: the one it came from, or what of that was rejected.
struct KeptFile {
  std::string what;  ///< "source" or "rejects"
  std::string name;  ///< relative to the record's folder
  std::string sha256;
  int64_t size_bytes = 0;
  bool operator==(const KeptFile&) const = default;
};

/// A review as it stands on its version.
struct StoredReview {
  int64_t seq = 0;
  std::string by, at, meaning, reason;
};

/// One version as stored (spec/format.md, "Version entries").
struct VersionEntry {
  int64_t version = 0;
  Status status = Status::kDraft;
  int64_t seq = 0;  ///< of the event that made it
  std::string event_id, event_type;
  std::string created_by, created_at, comment;
  std::string exact_hash, duplicate_hash;
  std::optional<int64_t> equals;
  std::optional<Source> source;
  std::optional<StoredReview> review;
  std::vector<KeptFile> kept;
  nlohmann::json checked;  ///< by which schema: name and number; null: none
  nlohmann::json drift;    ///< null: none
  bool purged = false;
  bool erased = false;  ///< purged, and nothing of its data can come back any more
  /// It was sealed into a page and has changed since: the page's copy is out of date.
  bool changed = false;
  std::map<std::string, TableEntry> tables;

  int64_t rows() const;
  const KeptFile* Kept(std::string_view what) const;
  /// Every object that it refers to, relative to the record's folder.
  void EachObject(const std::function<void(const std::string& name)>& visit) const;
};

nlohmann::json EntryToJson(const VersionEntry& entry);
/// Its canonical JSON, as it lies in metadata.json and pages.
std::string LineOf(const VersionEntry& entry);
Result<VersionEntry> EntryFromJson(const nlohmann::json& json, const std::string& where);

std::optional<Status> ParseStatus(const std::string& name);

}  // namespace coreshed::commit
