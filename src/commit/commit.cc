#include "commit/commit.h"

#include <algorithm>
#include <thread>

#include "base/hex.h"
#include "base/paths.h"
#include "base/random.h"
#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "commit/annotate.h"
#include "commit/read_again.h"

namespace coreshed::commit {
namespace {

using Clock = std::chrono::steady_clock;

/// One call of Commit: the state that lives through its attempts.
class Loop {
 public:
  Loop(const Context& context, const std::string& record_id, const EventOptions& options,
       Operation& operation)
      : context_(context),
        record_id_(record_id),
        options_(options),
        operation_(operation),
        event_id_(options.event_id.empty() ? RandomUuid4() : options.event_id),
        deadline_(Clock::now() + context.timeout) {}

  Result<Committed> Run();

 private:
  struct Attempt {
    std::string expected_etag;  ///< of the base; empty: absent
    int64_t base_seq = 0;
    bool base_is_first = false;
    std::string bytes;
    std::shared_ptr<const RecordDocument> document;
    std::optional<StoredEvent> event;
    std::optional<Error> refusal;
  };

  /// One turn from reading to swapping. Nothing: the base has moved, decide again.
  Result<std::optional<Committed>> Try(std::string* commit_id);
  Result<void> Read();
  Result<std::optional<Committed>> FindOwn();
  /// Read, and look whether an earlier attempt was committed after all. Where that can't be found
  /// out, an attempt without an answer stays unknown.
  Result<std::optional<Committed>> ReadBack();
  Result<std::optional<Committed>> FindRepeated();
  Result<void> CheckRepeated(const StoredEvent& event) const;
  Result<std::optional<Committed>> Settled(Committed found) const;
  Result<void> OpenStage();
  /// Nothing: the operation found that there is nothing to do.
  Result<std::optional<Attempt>> Prepare();
  /// The operation's decision, and all it refers to is on its way. Decided again where names were
  /// taken.
  Result<std::optional<Attempt>> Decide();
  /// Make what was decided a commit: seal, add the event, put markers, serialize.
  Result<Attempt> Compose(Decision decision, RecordDocument next, const std::string& time);
  StoredEvent MakeEvent(const EventDraft& draft, const std::string& time) const;
  /// Swap once, and again with the same bytes while the answer is unclear and the base is there.
  /// Nothing: the base has moved, decide again.
  Result<std::optional<Committed>> Swap(const Attempt& attempt);
  Result<Committed> Finish(const Attempt& attempt) const;
  /// `base_etag`: empty where it is not known.
  Error Unknown(int64_t base_seq, const std::string& base_etag, std::string why) const;
  Error UnknownOf(const Attempt& attempt, std::string why) const;
  bool OutOfTime() const { return Clock::now() >= deadline_; }
  bool IsSwept(const Error& error);
  void Pause();

  const Context& context_;
  const std::string& record_id_;
  const EventOptions& options_;
  Operation& operation_;
  const std::string event_id_;
  const Clock::time_point deadline_;

  std::optional<Base> base_;
  bool looked_ = false;  ///< metadata.json was asked for
  bool seen_ = false;    ///< the record existed at an earlier read
  std::unique_ptr<storage::Stage> stage_;
  int64_t stage_fence_ = -1;                ///< of the base when the stage was opened; -1: absent
  std::optional<int64_t> unclear_seq_;      ///< base seq of an attempt that may have been committed
  std::optional<Attempt> unclear_attempt_;  ///< the last one that got no answer
  std::optional<Error> unclear_refusal_;    ///< what that attempt's event records, if a refusal
  unsigned losses_ = 0;
};

int64_t FenceOf(const std::optional<Base>& base) {
  return base ? base->document->fence : -1;
}

Result<void> Loop::Read() {
  CORESHED_ASSIGN(base_, context_.documents->ReadForWriting(record_id_));
  if (seen_ && !base_) {
    return Error{ErrorKind::kCorruption,
                 "metadata.json of '" + record_id_ +
                     "' has vanished while it was being written; "
                     "it is never deleted by Coreshed. Restore it from a backup."};
  }
  seen_ = seen_ || base_.has_value();
  return {};
}

/// An attempt of ours may have been committed although its answer was lost: then its event stands
/// right behind the base it was made against.
Result<std::optional<Committed>> Loop::FindOwn() {
  if (!unclear_seq_ || !base_) return std::optional<Committed>();
  CORESHED_ASSIGN(auto event, FindEvent(*base_->document, *unclear_seq_ + 1, *context_.pages));
  if (!event || event->event_id != event_id_) return std::optional<Committed>();
  if (unclear_refusal_) return *unclear_refusal_;
  return std::optional(Committed{base_->document, std::move(event), false});
}

Result<std::optional<Committed>> Loop::ReadBack() {
  auto own = ReadAgain([&](std::string* commit_id) -> Result<std::optional<Committed>> {
    CORESHED_TRY(Read());
    if (base_) *commit_id = base_->document->commit_id;
    return FindOwn();
  });
  if (own) return *own ? Settled(std::move(**own)) : own;
  const bool refused = unclear_refusal_ && own.error().message == unclear_refusal_->message;
  if (refused || !unclear_attempt_) return own;
  return UnknownOf(*unclear_attempt_, own.error().message);
}

/// A commit that was found can be seen, but whoever made it may not have come to its last sync.
Result<std::optional<Committed>> Loop::Settled(Committed found) const {
  auto durable = context_.storage->MakeDurable(paths::Escape(record_id_));
  if (durable) return std::optional(std::move(found));
  return Unknown(found.event->seq - 1, "",
                 "it is visible, but not durable. " + durable.error().message);
}

/// An event id chosen by the caller is looked for in the whole history, through its markers.
Result<std::optional<Committed>> Loop::FindRepeated() {
  if (options_.event_id.empty() || !base_) return std::optional<Committed>();
  std::vector<int64_t> seqs;
  CORESHED_TRY(context_.storage->List(paths::EventPrefix(record_id_, event_id_),
                                      [&](const storage::ObjectStat& object) {
                                        if (auto seq = paths::ParseEventMarker(object.key))
                                          seqs.push_back(*seq);
                                        return true;
                                      }));
  for (const int64_t seq : seqs) {
    CORESHED_ASSIGN(auto event, FindEvent(*base_->document, seq, *context_.pages));
    if (!event || event->event_id != event_id_) continue;
    CORESHED_TRY(CheckRepeated(*event));
    if (event->event_type.ends_with("_refused")) {
      return Error{ErrorKind::kInvalidState,
                   "An earlier call with this event id was refused: " + event->Text("why")};
    }
    return Settled({base_->document, std::move(event), true});
  }
  return std::optional<Committed>();
}

/// "Approved" must not be said because an update was made under the same event id.
Result<void> Loop::CheckRepeated(const StoredEvent& event) const {
  const auto types = operation_.EventTypes();
  if (types.empty() || std::find(types.begin(), types.end(), event.event_type) != types.end()) {
    return {};
  }
  return Error{ErrorKind::kInvalidArgument,
               "The event id " + event_id_ + " was given to another call before: event " +
                   std::to_string(event.seq) + " of '" + record_id_ + "' is of the type " +
                   event.event_type + ". Nothing was changed: each call needs an id of its own."};
}

Result<void> Loop::OpenStage() {
  const int64_t fence = FenceOf(base_);
  if (stage_ && fence != stage_fence_) {
    stage_.reset();
    CORESHED_TRY(operation_.Forget());
  }
  if (stage_) return {};
  CORESHED_ASSIGN(stage_, context_.storage->OpenStage(paths::Escape(record_id_), !base_));
  stage_fence_ = fence;
  return {};
}

/// What goes into the chain must be readable for ever: free texts are checked for every operation.
Result<void> CheckTexts(const EventDraft& draft) {
  constexpr size_t kTextBytesMax = 1 << 20;
  for (const auto& [name, text] : draft.texts) {
    CORESHED_TRY(CheckText("The text '" + name + "'", text, kTextBytesMax));
  }
  return {};
}

StoredEvent Loop::MakeEvent(const EventDraft& draft, const std::string& time) const {
  const RecordDocument* base = base_ ? base_->document.get() : nullptr;
  StoredEvent event;
  event.seq = base != nullptr ? base->head_seq + 1 : 1;
  event.event_id = event_id_;
  event.event_type = draft.type;
  event.version = draft.version;
  if (base != nullptr && base->current_version > 0) event.active_before = base->current_version;
  event.time = time;
  event.details = draft.details;
  auto texts = draft.texts;
  texts["actor"] = options_.actor;
  if (!options_.comment.empty()) texts["comment"] = options_.comment;
  for (const auto& [name, text] : texts) {
    const SaltedText salted{text, RandomHex32()};
    event.digests[name] = DigestOf(salted);
    event.texts[name] = salted;
  }
  event.prev_hash =
      base != nullptr && base->head_seq > 0 ? base->head_hash : ChainStart(record_id_);
  event.hash = HashOf(event);
  return event;
}

Result<std::optional<Loop::Attempt>> Loop::Prepare() {
  while (true) {
    CORESHED_ASSIGN(auto attempt, Decide());
    if (!attempt) return attempt;
    auto renamed = stage_->Settle();
    if (!renamed && attempt->refusal) return *attempt->refusal;
    if (!renamed) return std::move(renamed).error();
    if (renamed->empty()) return attempt;
    operation_.Rename(*renamed);
  }
}

Result<std::optional<Loop::Attempt>> Loop::Decide() {
  const RecordDocument* base = base_ ? base_->document.get() : nullptr;
  int64_t now_us = base_ ? base_->now_us : 0;
  if (!base_) {
    CORESHED_ASSIGN(now_us, context_.storage->NowMicros());
  }
  const std::string now = FormatTime(now_us);
  const std::string time =
      std::max(context_.as_of.value_or(now), base != nullptr ? base->head_time : "");
  RecordDocument next = base != nullptr ? *base : RecordDocument{};
  next.record_id = record_id_;
  CORESHED_ASSIGN(auto decision, operation_.Decide(base, &next, time, event_id_, *stage_));
  if (decision.nothing_to_do) return std::optional<Attempt>();
  if (context_.as_of && decision.event) decision.event->details["imported_at"] = now;
  const auto refusal = decision.refusal;
  auto attempt = Compose(std::move(decision), std::move(next), time);
  if (attempt) return std::optional(std::move(attempt).value());
  // A refusal stands whether or not its event can be committed.
  if (refusal && !SaysMissing(attempt.error())) return *refusal;
  return std::move(attempt).error();
}

Result<Loop::Attempt> Loop::Compose(Decision decision, RecordDocument next,
                                    const std::string& time) {
  const RecordDocument* base = base_ ? base_->document.get() : nullptr;
  if (decision.event) CORESHED_TRY(CheckTexts(*decision.event));
  if (options_.stop.stop_requested()) {
    return Error{ErrorKind::kCancelled, "Stopped before the commit: nothing was changed."};
  }
  // Only with an event: a state that a copy brings is named by its last event, which must say, too,
  // which pages it has (N39).
  if (decision.event && next.history.size() >= kTailMax) {
    CORESHED_TRY(SealPages(base->last_version, &next, *context_.pages, *stage_));
  }
  Attempt attempt;
  if (decision.event) {
    attempt.event = MakeEvent(*decision.event, time);
    next.head_seq = attempt.event->seq;
    next.head_hash = attempt.event->hash;
    next.head_time = time;
    next.updated_by = options_.actor;
    next.copying.reset();
    next.history.push_back(*attempt.event);
    if (!options_.event_id.empty()) {
      decision.markers.push_back(paths::EventMarker(record_id_, event_id_, next.head_seq));
    }
  }
  for (const auto& marker : decision.markers)
    CORESHED_TRY(stage_->PutMarker(marker));
  next.commit_id = RandomHex32();
  DropUnusedSchemas(next.versions, &next.schemas);
  if (std::string broken = CheckDocument(next); !broken.empty()) {
    return Error{ErrorKind::kCorruption, "The commit would break a rule of '" + record_id_ +
                                             "' and was not made: " + broken};
  }
  attempt.expected_etag = base_ ? base_->etag : "";
  attempt.base_seq = base != nullptr ? base->head_seq : 0;
  attempt.base_is_first = base_.has_value() && attempt.base_seq <= 1;  // a void record has none
  attempt.bytes = Serialize(next);
  const bool may_be_too_much = static_cast<int64_t>(attempt.bytes.size()) > kLeafBytesMax;
  if (attempt.event && may_be_too_much) {
    CORESHED_TRY(CheckSealable(base != nullptr ? base->last_version : 0, next));
  }
  attempt.document = std::make_shared<const RecordDocument>(std::move(next));
  attempt.refusal = std::move(decision.refusal);
  return attempt;
}

Error Loop::Unknown(int64_t base_seq, const std::string& base_etag, std::string why) const {
  while (why.ends_with('.'))
    why.pop_back();
  Error error =
      Error{ErrorKind::kOutcomeUnknown,
            "Whether the change to '" + record_id_ + "' was made is not known: " + why +
                ". Nothing was deleted. Ask: coreshed resolve " + ShellQuoted(record_id_) + " " +
                event_id_ + " " + std::to_string(base_seq)}
          .With("record_id", record_id_)
          .With("event_id", event_id_)
          .With("base_seq", std::to_string(base_seq));
  if (!base_etag.empty()) error.fields["base_etag"] = base_etag;
  return error;
}

/// Nobody can be asked about a commit that leaves nothing in the history (a fence, a copy), and it
/// does no harm twice.
Error Loop::UnknownOf(const Attempt& attempt, std::string why) const {
  if (attempt.event) return Unknown(attempt.base_seq, attempt.expected_etag, std::move(why));
  while (why.ends_with('.'))
    why.pop_back();
  return Error{ErrorKind::kOutcomeUnknown,
               "Whether '" + record_id_ + "' was changed is not known: " + why +
                   ". Nothing was deleted. Make the same call again: it goes on from there."}
      .With("record_id", record_id_);
}

Result<Committed> Loop::Finish(const Attempt& attempt) const {
  context_.documents->Remember(attempt.document, attempt.bytes);
  if (attempt.refusal) return *attempt.refusal;
  return Committed{attempt.document, attempt.event, false};
}

Result<std::optional<Committed>> Loop::Swap(const Attempt& attempt) {
  unclear_refusal_ = attempt.refusal;
  const auto unknown = [&](const std::string& why) { return UnknownOf(attempt, why); };
  // What was sent before took its time; the swap gets as much again.
  const auto deadline = std::max(deadline_, Clock::now() + context_.timeout);
  bool unclear = false;
  while (true) {
    auto outcome = stage_->Swap(attempt.expected_etag, attempt.bytes, attempt.base_is_first);
    if (!outcome) {
      // A definite failure of this request says nothing of an earlier one that got no answer.
      if (unclear) return unknown(outcome.error().message);
      return attempt.refusal ? *attempt.refusal : std::move(outcome).error();
    }
    switch (outcome.value()) {
      case storage::SwapOutcome::kSwapped: {
        CORESHED_ASSIGN(auto done, Finish(attempt));
        return std::optional(std::move(done));
      }
      case storage::SwapOutcome::kNotDurable:
        return unknown("it is visible, but the disk refused to make it durable");
      case storage::SwapOutcome::kMoved:
        // Its own first request may have moved it, repeated by a library below.
        unclear_seq_ = attempt.base_seq;
        return std::optional<Committed>();
      case storage::SwapOutcome::kUnclear:
        break;
    }
    unclear = true;
    unclear_seq_ = attempt.base_seq;
    unclear_attempt_ = attempt;
    CORESHED_ASSIGN(auto own, ReadBack());
    if (own) return own;
    const std::string etag = base_ ? base_->etag : "";
    if (etag != attempt.expected_etag) return std::optional<Committed>();
    if (Clock::now() >= deadline) return unknown("the storage gave no clear answer in time");
    Pause();
  }
}

/// Whether an error comes of a vacuum that took for remains what this try was making: it is made
/// anew, unless somebody else may still see what became of it.
bool Loop::IsSwept(const Error& error) {
  const bool is_swept =
      error.kind == ErrorKind::kIo && !unclear_attempt_ && stage_ && stage_->IsSwept(error);
  if (is_swept) ++losses_;
  return is_swept;
}

void Loop::Pause() {
  constexpr unsigned kLongestMicros = 50'000;
  const unsigned longest = std::min(kLongestMicros, 500U << std::min(losses_, 7U));
  ++losses_;
  std::this_thread::sleep_for(std::chrono::microseconds(RandomBelow(longest)));
}

Result<std::optional<Committed>> Loop::Try(std::string* commit_id) {
  const bool guess = !looked_ && options_.event_id.empty() && operation_.ExpectsAbsent();
  looked_ = true;
  if (!guess) {
    CORESHED_ASSIGN(auto own, ReadBack());
    if (own) return own;
  }
  unclear_seq_.reset();
  unclear_attempt_.reset();
  if (base_) *commit_id = base_->document->commit_id;
  CORESHED_ASSIGN(auto repeated, FindRepeated());
  if (repeated) return repeated;
  if (losses_ > 0 && OutOfTime()) {
    return Error{ErrorKind::kConflict,
                 "'" + record_id_ + "' is being changed by others all the time; gave up after " +
                     std::to_string(context_.timeout.count() / 1000) +
                     " s. Nothing was changed: try again later."};
  }
  CORESHED_TRY(OpenStage());
  CORESHED_ASSIGN(auto attempt, Prepare());
  if (attempt) return Swap(*attempt);
  // What is answered rests on what was found, see Settled.
  if (base_) CORESHED_TRY(context_.storage->MakeDurable(paths::Escape(record_id_)));
  return std::optional(Committed{base_ ? base_->document : nullptr, std::nullopt, false});
}

Result<Committed> Loop::Run() {
  while (true) {
    auto tried = ReadAgain([this](std::string* commit_id) { return Try(commit_id); });
    const bool is_swept = !tried && IsSwept(tried.error());
    if (!tried && !is_swept) return std::move(tried).error();
    if (tried && *tried) return std::move(**tried);
    if (stage_ && stage_->has_turn()) {
      ++losses_;
    } else {
      Pause();
    }
    if (is_swept || stage_fence_ < 0) {  // a stage of a new record is of no more use, see storage.h
      stage_.reset();
      CORESHED_TRY(operation_.Forget());
    }
  }
}

}  // namespace

Result<Committed> Commit(const Context& context, const std::string& record_id,
                         const EventOptions& options, Operation& operation) {
  if (options.actor.empty()) {
    return Error{ErrorKind::kInvalidArgument, "Who does this? The actor is empty."};
  }
  CORESHED_TRY(CheckText("The actor", options.actor, kActorBytesMax));
  CORESHED_TRY(CheckText("The comment", options.comment, kCommentBytesMax));
  if (!options.event_id.empty() && !IsHex(options.event_id, 32)) {
    return Error{ErrorKind::kInvalidArgument,
                 "The event id must be 32 lower-case hex digits (a UUID4 without dashes)."};
  }
  auto done = Loop(context, record_id, options, operation).Run();
  if (!done && done.error().kind == ErrorKind::kIo) {
    done.error().message = operation.NotDone(record_id) + ": " + done.error().message;
  }
  return done;
}

}  // namespace coreshed::commit
