#pragma once

#include <coreshed/error.h>
#include <coreshed/options.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "commit/document.h"
#include "commit/documents.h"
#include "commit/pages.h"
#include "storage/storage.h"

/// The one step that can't be undone (spec/commit.md). Knows nothing of tables.
///
/// Always true, whatever fails and whoever runs beside it:
///  1. A commit replaces exactly the metadata it was decided against, or nothing.
///  2. What a commit refers to is durable before the commit can be seen.
///  3. It refers only to what it uploaded itself under the present fence, or to what the metadata
///  it
///     replaces refers to.
///  4. An event is committed at most once, whatever answers were lost.
///  5. "Failed" is said only when it can no longer happen; else kOutcomeUnknown.
namespace coreshed::commit {

/// The event that an operation asks for; the loop gives it number, time, id and its place in the
/// chain.
struct EventDraft {
  std::string type;
  std::optional<int64_t> version;
  nlohmann::json details = nlohmann::json::object();
  std::map<std::string, std::string> texts;  ///< further free texts, besides actor and comment
};

/// What an operation decided against one base.
struct Decision {
  std::optional<EventDraft> event;   ///< nothing: no event (a fence), or nothing to do
  std::optional<Error> refusal;      ///< the event records a refusal, and this is the answer
  std::vector<std::string> markers;  ///< keys that must exist before the commit
  bool nothing_to_do = false;        ///< it is so already: no commit
};

/// One call that wants to change a record. Asked again for every base it meets.
class Operation {
 public:
  virtual ~Operation() = default;
  /// Check the operation against `base` (null: the record does not exist), upload what is not
  /// uploaded yet through `stage`, and make `next` (a copy of `base`, or empty) the new state, but
  /// for event, head and commit id. `time` is that of the event. An Error is final.
  virtual Result<Decision> Decide(const RecordDocument* base, RecordDocument* next,
                                  const std::string& time, const std::string& event_id,
                                  storage::Stage& stage) = 0;
  /// The types that its events may have, for telling a repeated call from another one that was
  /// given the same event id by mistake. Empty: any.
  virtual std::vector<std::string> EventTypes() const { return {}; }
  /// What did not come about where the storage fails: begins that error's sentence.
  virtual std::string NotDone(const std::string& record_id) const {
    return "'" + record_id + "' was not changed";
  }
  /// The record is expected not to exist, and looking first would cost more than to find out by the
  /// swap.
  virtual bool ExpectsAbsent() const { return false; }
  /// Objects that were uploaded have other names than they were given: old name → new name.
  virtual void Rename(const std::map<std::string, std::string>& /*names*/) {}
  /// All that was uploaded counts as gone: the next Decide uploads it again under new names. An
  /// Error if the rows can't be had again.
  virtual Result<void> Forget() { return {}; }
};

/// What commits need from their store.
struct Context {
  std::shared_ptr<storage::Storage> storage;
  DocumentReader* documents = nullptr;
  PageReader* pages = nullptr;
  std::chrono::milliseconds timeout{};
  /// The event tells of what happened then, elsewhere (spec/format.md, "Imported events"): its
  /// time, but for an earlier one than the last event's; the clock's is recorded beside it.
  std::optional<std::string> as_of = std::nullopt;
};

/// The longest name and comment that an event takes.
inline constexpr size_t kActorBytesMax = 200;
inline constexpr size_t kCommentBytesMax = 10'000;

struct Committed {
  std::shared_ptr<const RecordDocument> document;
  std::optional<StoredEvent> event;  ///< nothing: there was nothing to do
  bool repeated = false;             ///< an earlier call with this event id had committed it
};

/// Run an operation on one record until it is committed, refused or out of time.
///
/// Errors  those of Decide; kConflict (others were always first, until the deadline), kLockTimeout,
///         kIo, kCancelled, kCorruption, kOutcomeUnknown
Result<Committed> Commit(const Context& context, const std::string& record_id,
                         const EventOptions& options, Operation& operation);

}  // namespace coreshed::commit
