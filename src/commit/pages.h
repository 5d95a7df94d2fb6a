#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "commit/document.h"
#include "storage/storage.h"

namespace coreshed::commit {

/// A sealed page (spec/format.md, "Pages"): a leaf holds events and version entries, an inner page
/// references to pages one level below. Immutable.
struct Page {
  int level = 0;
  std::vector<Item<StoredEvent>> events;
  std::vector<Item<VersionEntry>> versions;
  table::StoredSchemas schemas;
  std::vector<PageRef> pages;
};

std::string SerializePage(const Page& page, const std::string& record_id);
Result<Page> ParsePage(std::string_view bytes, const PageRef& ref, const std::string& record_id);

/// Reads pages of a store and keeps the newest used in memory. Thread-safe.
class PageReader {
 public:
  explicit PageReader(std::shared_ptr<storage::Storage> storage) : storage_(std::move(storage)) {}

  /// kCorruption, marked as missing (base/missing.h), where there is none or one of another hash.
  Result<std::shared_ptr<const Page>> Read(const std::string& record_id, const PageRef& ref);
  /// A page that was written just now, and may still be on its way: it need not be read.
  void Remember(const std::string& record_id, const PageRef& ref, Page page);

 private:
  void Keep(const std::string& key, std::shared_ptr<const Page> page);

  static constexpr size_t kPagesMax = 256;

  std::shared_ptr<storage::Storage> storage_;
  std::mutex mutex_;
  std::list<std::pair<std::string, std::shared_ptr<const Page>>> recent_;
  std::unordered_map<std::string, decltype(recent_)::iterator> by_key_;
};

/// A version's entry with the schemas it needs.
struct FoundEntry {
  Item<VersionEntry> entry;
  table::StoredSchemas schemas;
};

/// The entry of a version: from metadata.json, else from its page. Nothing: there is no such
/// version.
Result<std::optional<FoundEntry>> FindVersion(const RecordDocument&, int64_t version, PageReader&);

/// The event with this sequence number, if there is one.
Result<std::optional<StoredEvent>> FindEvent(const RecordDocument&, int64_t seq, PageReader&);

/// The last event at or before a time, if there is one.
Result<std::optional<StoredEvent>> FindEventAt(const RecordDocument&, const std::string& time,
                                               PageReader&);

/// Visit events with a sequence number above `after`, ascending; ends early when `visit` says
/// false.
Result<void> EachEvent(const RecordDocument&, int64_t after, PageReader&,
                       const std::function<Result<bool>(const StoredEvent&)>& visit);

/// Visit entries of versions above `after`, ascending; likewise.
Result<void> EachVersion(
    const RecordDocument&, int64_t after, PageReader&,
    const std::function<Result<bool>(const Item<VersionEntry>&,
                                     const table::StoredSchemas& schemas)>& visit);

/// Visit every leaf, in the order of its events.
Result<void> EachLeaf(const RecordDocument&, PageReader&,
                      const std::function<Result<void>(const Page&)>& visit);

/// Visit every page reference of the tree, inner ones too.
Result<void> EachPage(const RecordDocument&, PageReader&,
                      const std::function<void(const PageRef&)>& visit);

/// Events in metadata.json from which on a commit seals them first.
inline constexpr size_t kTailMax = 16;
/// Pages of one level that are gathered under one page of the next.
inline constexpr size_t kFanOut = 16;

/// What a leaf is written with at most; the rest of kPageBytesMax is for reviews written back.
inline constexpr int64_t kLeafBytesMax = kPageBytesMax - (int64_t{4} << 20);

/// Whether the newest event of `document` with the entries above version `through`, which it made,
/// can be sealed one day. kValidation says what is too much.
Result<void> CheckSealable(int64_t through, const RecordDocument& document);

/// Move the events of `document` and its entries up to version `through` (what was committed
/// before) into pages written through `stage`: a new leaf, the pages of changed entries written
/// anew, inner pages as needed. The active entry stays in the document too. The pages have names of
/// their own and belong to the one commit that refers to them. No leaf of several events takes more
/// than `leaf_bytes_max`.
Result<void> SealPages(int64_t through, RecordDocument* document, PageReader&,
                       storage::Stage& stage, int64_t leaf_bytes_max = kLeafBytesMax);

}  // namespace coreshed::commit
