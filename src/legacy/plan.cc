#include "legacy/plan.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include "base/canonical_json.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "commit/annotate.h"
#include "commit/commit.h"
#include "legacy/version_files.h"
#include "validate/json_tree.h"

namespace coreshed::legacy {
namespace {

constexpr int64_t kJsonBytesMax = int64_t{16} << 20;
constexpr size_t kNameBytesMax = 200;
constexpr int64_t kTwice = 60'000'000;  // of a program that asks the clock twice, microseconds
constexpr const char* kNobody = "unknown";
constexpr const char* kNoReason = "no reason was recorded";

std::string V(int64_t version) {
  return "version " + std::to_string(version);
}

using Tables = std::map<int64_t, std::vector<TableFile>>;

/// Makes the steps, and follows them as the store will: what could not happen here is found before
/// anything is written.
class Planner {
 public:
  Planner(const OldRecord& record, const Tables& tables, std::vector<std::string>* notes)
      : record_(record), tables_(tables), notes_(notes) {}

  Result<std::vector<Step>> Make();

 private:
  struct Reviewed {
    Status status = Status::kDraft;
    OldFacts facts;
  };

  Result<void> FollowHistory();
  Result<Step> StepOf(const OldEvent& event) const;
  /// What is said twice must be the same; what the event says of a comment is kept.
  Result<void> CheckSame(const std::string& what, const OldFacts& said,
                         const OldFacts& event) const;
  Result<void> MakeFromFields();
  Result<void> AddReview(int64_t version, const std::string& next_at);
  OldFacts MadeOf(int64_t version) const;
  OldStatus ReviewOf(int64_t version) const;
  /// What the store would say; a step that changes nothing is left out.
  Result<void> Apply(Step step, const std::string& where);
  Result<void> ApplyReview(const Step& step, const std::string& where);
  Result<void> CheckEnd() const;
  Result<void> CheckReview(int64_t version, const OldStatus& said, const std::string& what) const;
  void Complete();
  void SetTimes();

  const OldRecord& record_;
  const Tables& tables_;
  std::vector<std::string>* notes_;
  std::vector<Step> steps_;
  int64_t active_ = 0, last_ = 0;
  std::map<int64_t, Reviewed> reviewed_;
};

/// Version 1 is what the record's own fields tell of, where nothing tells of it by itself.
OldFacts Planner::MadeOf(int64_t version) const {
  OldFacts facts;
  const auto said = record_.versions.find(version);
  if (said != record_.versions.end()) facts = said->second.made;
  if (version != 1) return facts;
  if (facts.by.empty()) facts.by = record_.made.by;
  if (facts.at.empty()) facts.at = record_.made.at;
  if (facts.comment.empty()) facts.comment = record_.made.comment;
  return facts;
}

OldStatus Planner::ReviewOf(int64_t version) const {
  const auto said = record_.versions.find(version);
  if (said != record_.versions.end() && said->second.review.status) return said->second.review;
  const int64_t active = record_.active.value_or(tables_.rbegin()->first);
  return version == active ? record_.review : OldStatus{};
}

Result<void> Planner::ApplyReview(const Step& step, const std::string& where) {
  Reviewed& reviewed = reviewed_[step.version];
  if (active_ == 0 || step.version != active_) {
    return BadRecord(where + " reviews " + V(step.version) + ", but " +
                     (active_ == 0 ? "no version" : V(active_)) + " was active then.");
  }
  if (reviewed.status != Status::kDraft) {
    return BadRecord(where + " reviews " + V(step.version) + ", which was " +
                     StatusName(reviewed.status) + " already: only a draft can be reviewed.");
  }
  reviewed.status = step.kind == Step::Kind::kApprove ? Status::kApproved : Status::kRejected;
  reviewed.facts = {step.actor, step.told_at, step.comment};
  return {};
}

Result<void> Planner::Apply(Step step, const std::string& where) {
  step.active_before = active_;
  if (step.kind == Step::Kind::kWrite) {
    if (step.version != last_ + 1) {
      return BadRecord(where + " makes " + V(step.version) + ", but " + V(last_ + 1) +
                       " would be next.");
    }
    if (!tables_.contains(step.version)) return BadRecord(V(step.version) + " has no file.");
    active_ = last_ = step.version;
  } else if (step.kind == Step::Kind::kRollback) {
    if (step.version > last_) {
      return BadRecord(where + " goes back to " + V(step.version) + ", which there was not yet.");
    }
    if (step.version == active_) {
      notes_->push_back(where + " goes back to " + V(step.version) +
                        ", which was active: it changes nothing, and was left out");
      return {};
    }
    active_ = step.version;
  } else {
    CORESHED_TRY(ApplyReview(step, where));
  }
  steps_.push_back(std::move(step));
  return {};
}

Result<Step> Planner::StepOf(const OldEvent& event) const {
  Step step;
  step.is_upload = event.is_upload;
  step.actor = event.facts.by;
  step.told_at = event.facts.at;
  step.comment = event.facts.comment;
  switch (event.kind) {
    case OldEvent::Kind::kWrite:
      step.version = event.version.value_or(last_ + 1);
      break;
    case OldEvent::Kind::kApprove:
    case OldEvent::Kind::kReject:
      step.kind =
          event.kind == OldEvent::Kind::kApprove ? Step::Kind::kApprove : Step::Kind::kReject;
      step.version = event.version.value_or(active_);
      break;
    default:
      step.kind = Step::Kind::kRollback;
      if (!event.version) return BadRecord("'" + event.where + "' does not say where it goes to.");
      step.version = *event.version;
  }
  if (event.previous && *event.previous != active_) {
    return BadRecord("'" + event.where + "' says that " + V(*event.previous) +
                     " was active before, but it was " + V(active_) + ".");
  }
  if (step.kind != Step::Kind::kWrite) return step;
  // What an event leaves open, the fields may say.
  const OldFacts facts = MadeOf(step.version);
  if (step.actor.empty()) step.actor = facts.by;
  if (step.told_at.empty()) step.told_at = facts.at;
  if (step.comment.empty()) step.comment = facts.comment;
  CORESHED_TRY(CheckSame("the making of " + V(step.version), facts,
                         {step.actor, step.told_at, step.comment}));
  return step;
}

Result<void> Planner::CheckSame(const std::string& what, const OldFacts& said,
                                const OldFacts& event) const {
  const auto differ = [](const std::string& a, const std::string& b) {
    return !a.empty() && !b.empty() && a != b;
  };
  if (differ(said.by, event.by)) {
    return BadRecord("of " + what + " its fields say that it was by '" + said.by +
                     "', and its history by '" + event.by + "'.");
  }
  if (differ(said.at, event.at) && std::abs(*ParseTime(said.at) - *ParseTime(event.at)) > kTwice) {
    return BadRecord("of " + what + " its fields say that it was at " + said.at +
                     ", and its history at " + event.at + ".");
  }
  if (!said.comment.empty() && said.comment != event.comment) {
    notes_->push_back("not kept: another comment on " + what + ", '" + said.comment + "'");
  }
  return {};
}

Result<void> Planner::FollowHistory() {
  for (const auto& event : record_.history) {
    CORESHED_ASSIGN(auto step, StepOf(event));
    CORESHED_TRY(Apply(std::move(step), "'" + event.where + "'"));
  }
  return {};
}

/// The review of a version whose status says that there was one. `next_at`: when the version after
/// it was made.
Result<void> Planner::AddReview(int64_t version, const std::string& next_at) {
  const auto review = ReviewOf(version);
  if (!review.status || *review.status == Status::kDraft) return {};
  const bool approved = *review.status == Status::kApproved;
  const OldFacts& facts = approved ? review.approved : review.rejected;
  if (!facts.at.empty() && !next_at.empty() && facts.at > next_at) {
    return BadRecord("it has no history, and " + V(version) + " was reviewed (" + facts.at +
                     ") after " + V(version + 1) + " was made (" + next_at +
                     "): what was active when can't be told.");
  }
  Step step;
  step.kind = approved ? Step::Kind::kApprove : Step::Kind::kReject;
  step.version = version;
  step.actor = facts.by;
  step.told_at = facts.at;
  step.comment = facts.comment;
  return Apply(std::move(step), "its status");
}

Result<void> Planner::MakeFromFields() {
  notes_->emplace_back("it has no history: its events were made from its fields");
  int64_t number = 0;
  for (const auto& [version, files] : tables_) {
    if (version != ++number) return BadRecord(V(number) + " has no file.");
    const OldFacts facts = MadeOf(version);
    Step step;
    step.is_upload = record_.is_upload;
    step.version = version;
    step.actor = facts.by;
    step.told_at = facts.at;
    step.comment = facts.comment;
    CORESHED_TRY(Apply(std::move(step), "its files"));
    CORESHED_TRY(AddReview(version, MadeOf(version + 1).at));
  }
  if (!record_.active || *record_.active == active_) return {};
  Step back;
  back.kind = Step::Kind::kRollback;
  back.version = *record_.active;
  back.is_now = true;
  back.comment = "active in the imported store; who made it so is not recorded there";
  return Apply(std::move(back), "'current_version'");
}

Result<void> Planner::CheckReview(int64_t version, const OldStatus& said,
                                  const std::string& what) const {
  if (!said.status) return {};
  const auto found = reviewed_.find(version);
  const Reviewed is = found == reviewed_.end() ? Reviewed{} : found->second;
  if (is.status != *said.status) {
    return BadRecord(what + " says that " + V(version) + " is " + StatusName(*said.status) +
                     "; by its history it is " + StatusName(is.status) + ".");
  }
  if (is.status == Status::kDraft) return {};
  return CheckSame("the review of " + V(version),
                   is.status == Status::kApproved ? said.approved : said.rejected, is.facts);
}

Result<void> Planner::CheckEnd() const {
  if (record_.active && *record_.active != active_) {
    return BadRecord("it says that " + V(*record_.active) + " is active; by its history it is " +
                     V(active_) + ".");
  }
  for (const auto& [version, files] : tables_) {
    if (version <= last_) continue;
    return BadRecord("'" + files.front().path + "' is of " + V(version) +
                     ", which its history does not know.");
  }
  for (const auto& [number, version] : record_.versions) {
    if (number > last_) {
      return BadRecord("'versions' has " + V(number) + ", which " +
                       (record_.history.empty() ? "has no file." : "its history does not know."));
    }
    CORESHED_TRY(CheckReview(number, version.review, "'versions'"));
  }
  if (const auto first = record_.versions.find(1); first != record_.versions.end()) {
    CORESHED_TRY(CheckSame("the making of version 1", record_.made, first->second.made));
  }
  return CheckReview(active_, record_.review, "it");
}

/// People and reasons that are not named, as the notes say.
void Planner::Complete() {
  std::vector<std::string> nobody;
  for (size_t i = 0; i < steps_.size(); ++i) {
    Step& step = steps_[i];
    const std::string what = EventTypeOf(step) + " of " + V(step.version);
    if (step.actor.empty() && !step.is_now) {
      nobody.push_back(what);
      step.actor = kNobody;
    }
    if (step.kind == Step::Kind::kReject && step.comment.empty()) {
      notes_->push_back("no reason is recorded for the rejection of " + V(step.version));
      step.comment = kNoReason;
    }
  }
  constexpr size_t kShown = 5;
  if (!nobody.empty()) {
    notes_->push_back("nobody is named ('" + std::string(kNobody) +
                      "'): " + Joined(nobody, kShown));
  }
}

/// An event whose time nobody knows stands at that of its neighbour.
void Planner::SetTimes() {
  std::vector<std::string> untold;
  std::string last;
  for (const auto& step : steps_) {
    if (last.empty()) last = step.told_at;
  }
  for (auto& step : steps_) {
    if (step.is_now) continue;
    last = std::max(last, step.told_at);
    step.as_of = step.told_at.empty() ? last : step.told_at;
    if (step.told_at.empty()) untold.push_back(EventTypeOf(step) + " of " + V(step.version));
  }
  constexpr size_t kShown = 5;
  if (!untold.empty()) notes_->push_back("no time is told: " + Joined(untold, kShown));
}

Result<std::vector<Step>> Planner::Make() {
  if (record_.history.empty()) {
    CORESHED_TRY(MakeFromFields());
  } else {
    CORESHED_TRY(FollowHistory());
  }
  CORESHED_TRY(CheckEnd());
  Complete();
  SetTimes();
  int64_t position = 0;
  for (auto& step : steps_) {
    const nlohmann::json facts = {"coreshed import 1", record_.id,   ++position,
                                  EventTypeOf(step),   step.version, step.told_at};
    step.event_id = Sha256Hex(CanonicalJson(facts)).substr(0, 32);
  }
  return std::move(steps_);
}

/// What a commit would refuse, before anything is written.
Result<void> CheckTexts(const Plan& plan) {
  CORESHED_TRY(commit::CheckText("Its name", plan.name, kNameBytesMax));
  for (const auto& step : plan.steps) {
    const std::string what = " of " + EventTypeOf(step) + " " + V(step.version);
    CORESHED_TRY(commit::CheckText("The actor" + what, step.actor, commit::kActorBytesMax));
    CORESHED_TRY(commit::CheckText("The comment" + what, step.comment, commit::kCommentBytesMax));
  }
  return {};
}

}  // namespace

std::string EventTypeOf(const Step& step) {
  const bool is_first = step.version == 1;
  switch (step.kind) {
    case Step::Kind::kWrite:
      if (step.is_upload) return is_first ? "upload" : "overwrite";
      return is_first ? "create" : "update";
    case Step::Kind::kApprove:
      return "approve";
    case Step::Kind::kReject:
      return "reject";
    case Step::Kind::kRollback:
      break;
  }
  return "rollback";
}

Result<OldRecord> ReadRecord(const OldFolder& folder, const FoundRecord& found, int64_t now_us) {
  auto text = folder.ReadText(found.json, kJsonBytesMax);
  if (!text && text.error().kind == ErrorKind::kNotFound) {
    return BadRecord("there is no '" + found.json + "'.");
  }
  if (!text) return std::move(text).error();
  CORESHED_ASSIGN(const auto root, validate::ReadJsonTree(*text, "'" + found.json + "'"));
  return ParseRecord(root, found.stem, now_us);
}

Result<Plan> MakePlan(const OldFolder& folder, const FoundRecord& found, int64_t now_us) {
  CORESHED_ASSIGN(auto record, ReadRecord(folder, found, now_us));
  Plan plan;
  plan.record_id = record.id;
  plan.name = record.name;
  plan.notes = std::move(record.notes);
  plan.attributes = record.attributes;
  CORESHED_ASSIGN(plan.tables, AssignFiles(folder, found, record, &plan.notes));
  CORESHED_ASSIGN(plan.steps, Planner(record, plan.tables, &plan.notes).Make());
  CORESHED_TRY(CheckTexts(plan));
  for (auto& note : plan.notes)
    note = Sentence(note);
  return plan;
}

}  // namespace coreshed::legacy
