#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "commit/commit.h"
#include "legacy/plan.h"

namespace coreshed::store {

/// One event of an older store (spec/import.md): an ordinary operation, but for this: it is
/// committed as the event with its own number or not at all, it is marked as told, and a refusal
/// leaves nothing behind.
class ImportedOperation : public commit::Operation {
 public:
  ImportedOperation(commit::Operation& operation, const legacy::Step& step, int64_t seq,
                    std::string imported_by)
      : operation_(operation), step_(step), seq_(seq), imported_by_(std::move(imported_by)) {}

  Result<commit::Decision> Decide(const commit::RecordDocument* base, commit::RecordDocument* next,
                                  const std::string& time, const std::string& event_id,
                                  storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override { return {legacy::EventTypeOf(step_)}; }
  std::string NotDone(const std::string& record_id) const override {
    return operation_.NotDone(record_id);
  }
  void Rename(const std::map<std::string, std::string>& names) override {
    operation_.Rename(names);
  }
  Result<void> Forget() override { return operation_.Forget(); }

 private:
  commit::Operation& operation_;
  const legacy::Step& step_;
  const int64_t seq_;
  const std::string imported_by_;
};

}  // namespace coreshed::store
