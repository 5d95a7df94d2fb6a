#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "commit/commit.h"

namespace coreshed::commit {

/// Make a record a tombstone: out of the lists, no version active, its data to be erased.
class DeleteOperation : public Operation {
 public:
  explicit DeleteOperation(PageReader& pages) : pages_(pages) {}

  Result<Decision> Decide(const RecordDocument* base, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override { return {"delete"}; }

 private:
  PageReader& pages_;
};

/// Take free texts out of events, and out of whatever repeats them. The chain still holds: it
/// covers their digests.
class RedactOperation : public Operation {
 public:
  /// `texts`: names of free texts (actor, comment, …). Events that have none of them are left as
  /// they are; one that does not exist is an error, and so is a name that none of them has.
  RedactOperation(std::set<int64_t> events, std::set<std::string> texts, PageReader& pages)
      : events_(std::move(events)), texts_(std::move(texts)), pages_(pages) {}

  Result<Decision> Decide(const RecordDocument* base, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override { return {"redact"}; }

 private:
  Result<std::vector<StoredEvent>> FindEvents(const RecordDocument& base);
  Result<void> EditLeaves(const std::vector<StoredEvent>& events, RecordDocument* next,
                          storage::Stage& stage);
  Result<void> EditTop(RecordDocument* next) const;
  void EditEntry(const std::vector<StoredEvent>& events, VersionEntry* entry) const;
  /// The same without the texts; nothing: it has none of them.
  std::optional<StoredEvent> Redacted(const StoredEvent& event) const;
  bool Hides(const StoredEvent& event, const char* text) const;

  const std::set<int64_t> events_;
  const std::set<std::string> texts_;
  PageReader& pages_;
};

/// Note that nothing of a purged version (or, without one, of a deleted record) is left, and that
/// nothing of it can come back. Nothing to do where it was noted before.
class ErasedOperation : public Operation {
 public:
  ErasedOperation(std::optional<int64_t> version, PageReader& pages)
      : version_(version), pages_(pages) {}
  Result<Decision> Decide(const RecordDocument* base, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override { return {"erased"}; }

 private:
  const std::optional<int64_t> version_;
  PageReader& pages_;
};

/// The event that purged a version, or deleted the record (no version); nothing: there is none.
/// `erased`: whether an event says that it was erased.
struct FoundErasure {
  StoredEvent event;
  bool erased = false;
};
Result<std::optional<FoundErasure>> FindErasure(const RecordDocument& document,
                                                std::optional<int64_t> version, PageReader& pages);

}  // namespace coreshed::commit
