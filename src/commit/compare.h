#pragma once

#include <string>
#include <vector>

#include "commit/entry.h"
#include "commit/event.h"
#include "commit/item.h"
#include "table/stored_schema.h"

/// What version entries and schemas say, compared with what vouches for it (spec/format.md,
/// "Invariants"). Each answer is made of sentences that name what differs; empty: nothing does.
namespace coreshed::commit {

/// An entry with the event that made its version. Status, review and purge come from later events.
std::vector<std::string> CompareWithEvent(const VersionEntry& entry, const StoredEvent& made);

/// What version `version` says of its review, with the event of that review.
std::vector<std::string> CompareReview(int64_t version, const StoredReview& review,
                                       const StoredEvent& event);

/// The entry of a sealed version in metadata.json with the one in its page.
std::string CompareCopies(const VersionEntry& copy, const VersionEntry& sealed);

/// The schemas of metadata.json, or of a page, with the entries beside them and with their keys.
std::string CompareSchemas(const table::StoredSchemas& schemas,
                           const std::vector<Item<VersionEntry>>& entries);

}  // namespace coreshed::commit
