#pragma once

#include <arrow/type.h>

#include <memory>
#include <optional>
#include <string>

#include "commit/commit.h"
#include "table/stored_schema.h"

/// For the tests of this folder: commits without tables.
namespace coreshed::commit {

/// An entry that passes the invariants; its parts are never read.
inline VersionEntry PlainEntry(int64_t version, int64_t seq, const std::string& schema) {
  VersionEntry entry;
  entry.version = version;
  entry.seq = seq;
  entry.event_type = version == 1 ? "create" : "update";
  entry.created_by = "a.meier";
  entry.exact_hash = std::string(56, 'a') + std::to_string(10'000'000 + version);
  entry.duplicate_hash = std::string(32, 'd');
  TableEntry table;
  table.schema = schema;
  table.fingerprint = std::string(64, 'f');
  table.parts.files = {{"versions/v1.parquet", 100, 1, std::string(64, '0')}};
  table.parts.runs = {{0, 0, 1}};
  table.parts.rows = 7;
  table.parts.parts = 1;
  table.parts.exact_hash = std::string(64, '1');
  table.parts.duplicate_sum = std::string(32, '2');
  entry.tables["data"] = table;
  return entry;
}

/// Adds a version, or creates the record.
class AddVersion : public Operation {
 public:
  Result<Decision> Decide(const RecordDocument*, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage&) override {
    ++decided;
    const auto schema =
        table::StoredSchema::Of(*arrow::schema({arrow::field("depth_m", arrow::float64())}));
    next->schemas.insert_or_assign(schema.key(), schema);
    auto entry = PlainEntry(next->last_version + 1, next->head_seq + 1, schema.key());
    entry.event_id = event_id;
    entry.created_at = time;
    next->versions.push_back(entry);
    if (next->last_version == 0) {
      next->state = RecordState::kLive;
      next->created_by = entry.created_by;
      next->created_at = time;
    }
    next->current_version = ++next->last_version;
    Decision decision;
    auto& event = decision.event.emplace();
    event.type = entry.event_type;
    event.version = next->last_version;
    event.details["exact_hash"] = entry.exact_hash;
    event.details["duplicate_hash"] = entry.duplicate_hash;
    event.details["schemas"]["data"] = schema.key();
    return decision;
  }
  Result<void> Forget() override {
    ++forgotten;
    return {};
  }
  int decided = 0;
  int forgotten = 0;
};

/// A record's world: storage, readers, context.
struct World {
  explicit World(std::shared_ptr<storage::Storage> from)
      : storage(std::move(from)), documents(storage), pages(storage) {}
  Context context() { return {storage, &documents, &pages, std::chrono::seconds(5)}; }
  Result<Committed> Add(const std::string& event_id = "") {
    AddVersion add;
    EventOptions options;
    options.actor = "a.meier";
    options.event_id = event_id;
    return Commit(context(), "BH-7", options, add);
  }
  std::shared_ptr<const RecordDocument> Document() {
    auto base = documents.Read("BH-7");
    return base && *base ? (*base)->document : nullptr;
  }

  std::shared_ptr<storage::Storage> storage;
  DocumentReader documents;
  PageReader pages;
};

}  // namespace coreshed::commit
