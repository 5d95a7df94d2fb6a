#pragma once

#include <coreshed/options.h>

#include <functional>
#include <string>
#include <vector>

#include "commit/commit.h"

namespace coreshed::commit {

/// Make an older version active. Rolling back to the active one is nothing to do.
class RollbackOperation : public Operation {
 public:
  /// `check_data` reads the version's parts: a version whose data are damaged is no way back.
  RollbackOperation(int64_t version, const RollbackOptions& options, PageReader& pages,
                    std::function<Result<void>(const FoundEntry&)> check_data)
      : version_(version), options_(options), pages_(pages), check_data_(std::move(check_data)) {}

  Result<Decision> Decide(const RecordDocument* base, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override { return {"rollback"}; }

  /// What the caller should be told beside success, e.g. columns that the older version lacks.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Result<void> CheckTarget(const VersionEntry& target) const;

  const int64_t version_;
  const RollbackOptions& options_;
  PageReader& pages_;
  std::function<Result<void>(const FoundEntry&)> check_data_;
  std::vector<std::string> warnings_;
};

/// "versions 1 to 7" for a message that lists what there is.
std::string VersionsThereAre(const RecordDocument& document);

}  // namespace coreshed::commit
