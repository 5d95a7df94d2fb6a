#include "commit/compare.h"

#include <set>

#include "table/stored_schema.h"

namespace coreshed::commit {
namespace {

using nlohmann::json;

/// Collects the fields in which something stored differs from its event.
class Comparison {
 public:
  Comparison(std::string what, const StoredEvent& event) : what_(std::move(what)), event_(event) {}

  void Fact(const char* field, const json& said, const json& known) {
    if (said == known) return;
    faults_.push_back(what_ + " '" + field + "' is not what event " + std::to_string(event_.seq) +
                      " says");
  }
  void Detail(const char* field, const json& said, const char* detail) {
    Fact(field, said, event_.Detail(detail));
  }
  void Text(const char* field, const std::string& said, const char* text) {
    const auto known = event_.KnownText(text);
    Fact(field, said, known.value_or(said));  // redacted: nobody knows
  }
  std::vector<std::string> faults() && { return std::move(faults_); }

 private:
  std::string what_;
  const StoredEvent& event_;
  std::vector<std::string> faults_;
};

std::string V(int64_t version) {
  return "version " + std::to_string(version);
}

}  // namespace

std::vector<std::string> CompareWithEvent(const VersionEntry& entry, const StoredEvent& made) {
  Comparison compare(V(entry.version) + ": its", made);
  compare.Fact("seq", entry.seq, made.seq);
  compare.Fact("event_id", entry.event_id, made.event_id);
  compare.Fact("event_type", entry.event_type, made.event_type);
  compare.Fact("created_at", entry.created_at, made.time);
  compare.Text("created_by", entry.created_by, "actor");
  compare.Text("comment", entry.comment, "comment");
  compare.Detail("exact_hash", entry.exact_hash, "exact_hash");
  compare.Detail("duplicate_hash", entry.duplicate_hash, "duplicate_hash");
  json schemas;
  for (const auto& [name, table] : entry.tables)
    schemas[name] = table.schema;
  compare.Detail("schemas", schemas, "schemas");
  compare.Detail("equals", entry.equals ? json(*entry.equals) : json(), "equals");
  compare.Detail("drift", entry.drift, "drift");
  compare.Detail("checked", entry.checked, "checked");
  const auto* source = entry.source ? &*entry.source : nullptr;
  compare.Detail("source.sha256", source != nullptr ? json(source->sha256) : json(),
                 "source_sha256");
  compare.Detail("source.bytes", source != nullptr ? json(source->size_bytes) : json(),
                 "source_bytes");
  const auto* kept = entry.Kept("source");
  const json said = source != nullptr ? json(source->sha256) : json();
  if (kept != nullptr) compare.Fact("kept source", kept->sha256, said);
  const auto* rejects = entry.Kept("rejects");
  compare.Detail("kept rejects", rejects != nullptr ? json(rejects->sha256) : json(),
                 "rejects_sha256");
  compare.Text("source.file_name", source != nullptr ? source->file_name : "", "file_name");
  return std::move(compare).faults();
}

std::vector<std::string> CompareReview(int64_t version, const StoredReview& review,
                                       const StoredEvent& event) {
  Comparison compare(V(version) + ": its", event);
  compare.Fact("review.seq", review.seq, event.seq);
  compare.Fact("review.at", review.at, event.time);
  compare.Text("review.by", review.by, "actor");
  compare.Text("review.meaning", review.meaning, "meaning");
  compare.Text("review.reason", review.reason, "comment");
  return std::move(compare).faults();
}

std::string CompareCopies(const VersionEntry& copy, const VersionEntry& sealed) {
  VersionEntry now = copy;
  now.changed = false;
  const json then = EntryToJson(sealed);
  const bool same = EntryToJson(now) == then;
  if (same == copy.changed) {
    return V(copy.version) + (same ? " is called changed since it was sealed, and is not"
                                   : " is not what its page says, and is not called changed");
  }
  // Nothing else of an entry may change (spec/format.md, "Active, sealed, changed").
  now.status = sealed.status;
  now.review = sealed.review;
  now.purged = sealed.purged;
  now.erased = sealed.erased;
  now.created_by = sealed.created_by;
  now.comment = sealed.comment;
  if (now.source && sealed.source) now.source->file_name = sealed.source->file_name;
  if (EntryToJson(now) == then) return "";
  return V(copy.version) + " differs from its page in what never changes";
}

std::string CompareSchemas(const table::StoredSchemas& schemas,
                           const std::vector<Item<VersionEntry>>& entries) {
  std::set<std::string> used;
  for (const VersionEntry& entry : entries) {
    if (entry.purged) continue;
    for (const auto& [name, table] : entry.tables)
      used.insert(table.schema);
  }
  for (const auto& [key, schema] : schemas) {
    if (schema.key() != key) return "schema " + key + " was changed";
    if (!used.contains(key)) return "schema " + key + " is there, but no version uses it";
  }
  return "";
}

}  // namespace coreshed::commit
