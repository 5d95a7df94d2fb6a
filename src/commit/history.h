#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "commit/document.h"
#include "commit/event.h"

namespace coreshed::commit {

/// Where verify puts what it finds: the rule that is broken, and a sentence.
using ReportFault = std::function<void(const std::string& rule, const std::string& sentence)>;

/// What a record must be, as its events tell it one after the other (spec/format.md, "Events").
/// What a redacted text set is not known any more; a record created anew begins with everything
/// known.
class History {
 public:
  explicit History(ReportFault report) : report_(std::move(report)) {}

  /// Take the next event; reports one that can't come after those before it.
  void Take(const StoredEvent& event);

  /// Report what the top of metadata.json says otherwise.
  void CompareTop(const RecordDocument& document) const;
  /// What an entry says that its version's own event does not tell.
  struct Said {
    Status status = Status::kDraft;
    bool purged = false;
    bool erased = false;
  };
  /// Report what an entry says otherwise.
  void CompareVersion(int64_t version, const Said& said) const;

 private:
  struct Version {
    nlohmann::json exact_hash;
    Said said;
  };

  void TakeVersion(const StoredEvent& event);
  void TakeReview(const StoredEvent& event, Version* reviewed);
  void TakePurge(const StoredEvent& event, Version* purged);
  void TakeDeletion();
  void TakeBinding(const StoredEvent& event);
  void TakeRollback(const StoredEvent& event, const Version& target);
  void TakeNaming(const StoredEvent& event);
  void TakeTag(const StoredEvent& event);
  /// The version that an event speaks of; null, and reported, where it is none or other content.
  Version* Named(const StoredEvent& event);
  void Report(const char* rule, const StoredEvent& event, const std::string& what) const;

  ReportFault report_;
  RecordState state_ = RecordState::kVoid;
  int64_t active_ = 0;
  int64_t last_version_ = 0;
  int64_t last_approved_ = 0;
  int64_t deleted_through_ = 0;
  std::map<int64_t, Version> versions_;
  std::string created_at_;
  nlohmann::json drift_policy_;  ///< null: the record has none of its own
  nlohmann::json bound_schema_;  ///< null: none
  // Nothing: a text was redacted.
  std::optional<std::string> created_by_ = "";
  std::optional<std::string> updated_by_ = "";
  std::optional<std::string> name_ = "";
  std::optional<std::map<std::string, std::string>> attributes_{std::in_place};
  std::optional<std::map<std::string, int64_t>> tags_{std::in_place};
};

}  // namespace coreshed::commit
