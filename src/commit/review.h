#pragma once

#include <coreshed/options.h>

#include <string>
#include <vector>

#include "commit/commit.h"

namespace coreshed::commit {

/// What the store's settings say about reviews.
struct ReviewRules {
  std::vector<std::string> meanings;  ///< allowed meanings; empty: any
  bool forbid_self_approval = false;  ///< no author since the last approved version approves
};

/// Approve or reject the active version, from draft. A refusal for status, reason or author is an
/// event too; a version that is no longer active is a Conflict and none.
class ReviewOperation : public Operation {
 public:
  ReviewOperation(Status verdict, const ReviewOptions& options, ReviewRules rules,
                  PageReader& pages)
      : verdict_(verdict), options_(options), rules_(std::move(rules)), pages_(pages) {}

  Result<Decision> Decide(const RecordDocument* base, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override {
    const std::string verb = approves() ? "approve" : "reject";
    return {verb, verb + "_refused"};
  }

 private:
  Result<std::string> WhyRefused(const RecordDocument& base, const VersionEntry& active,
                                 ErrorKind* kind);
  Result<bool> IsAuthor(const RecordDocument& base);
  bool approves() const { return verdict_ == Status::kApproved; }

  const Status verdict_;
  const ReviewOptions& options_;
  const ReviewRules rules_;
  PageReader& pages_;
};

/// The error of a call on a record that is not there (or was deleted).
Error NoSuchRecord(const std::string& record_id);

/// `base`, if it is a live record; else NoSuchRecord.
Result<const RecordDocument*> RequireLive(const RecordDocument* base, const std::string& record_id);

/// An entry of `next` that may be changed: brought in from its page where it was sealed.
/// Nothing: there is no such version.
Result<VersionEntry*> EntryForChange(int64_t version, RecordDocument* next, PageReader& pages);

}  // namespace coreshed::commit
