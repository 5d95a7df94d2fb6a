#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "commit/chain.h"
#include "commit/document.h"
#include "commit/event_ids.h"
#include "commit/history.h"
#include "commit/pages.h"

namespace coreshed::commit {

/// Goes through a record from its first event to its head, and compares what lies there with what
/// its history says (spec/format.md, "Invariants", 10 to 14 and 17). Every page is read once; of
/// what was gone through, only some fixed bytes for each event and version are kept.
class Replay {
 public:
  /// Called with the entry of each version that holds, ascending, and the schemas beside it.
  using VisitVersion =
      std::function<Result<void>(const Item<VersionEntry>&, const table::StoredSchemas& schemas)>;

  Replay(const RecordDocument& document, PageReader& pages, const ReportFault& report,
         VisitVersion visit)
      : document_(document),
        pages_(pages),
        report_(report),
        visit_(std::move(visit)),
        chain_(document.record_id),
        history_(report) {}

  /// An Error where a page can't be read at all, or of `visit`.
  Result<void> Run();

 private:
  /// The entry of a version that holds, and the schemas beside it.
  struct Holding {
    const Item<VersionEntry>& entry;
    const table::StoredSchemas& schemas;
  };
  using Made = std::map<int64_t, const StoredEvent*>;

  Result<void> TakeLeaf(const Page& leaf);
  Result<void> TakeTail();
  /// Events, and the entries of the versions that they made.
  Result<void> Take(const std::vector<Item<StoredEvent>>& events,
                    const std::vector<Holding>& entries);
  /// Gives the events that made versions, by version.
  Made TakeEvents(const std::vector<Item<StoredEvent>>& events);
  void CompareEnd();
  void Report(const char* rule, const std::string& sentence);
  void Report(const char* rule, const std::vector<std::string>& sentences);

  const RecordDocument& document_;
  PageReader& pages_;
  ReportFault report_;
  VisitVersion visit_;

  Chain chain_;
  EventIds event_ids_;
  History history_;
  std::vector<History::Said> said_;          ///< by version, from 1 on
  std::map<int64_t, StoredReview> reviews_;  ///< by version: those whose event is still to come
};

}  // namespace coreshed::commit
