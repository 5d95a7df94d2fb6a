#include "store/imported_operation.h"

#include "base/result.h"

namespace coreshed::store {

Result<commit::Decision> ImportedOperation::Decide(const commit::RecordDocument* base,
                                                   commit::RecordDocument* next,
                                                   const std::string& time,
                                                   const std::string& event_id,
                                                   storage::Stage& stage) {
  if ((base != nullptr ? base->head_seq : 0) != seq_ - 1) {
    return Error{ErrorKind::kConflict, "'" + next->record_id +
                                           "' was changed by somebody else while it was being "
                                           "imported. Nothing more was imported of it."};
  }
  CORESHED_ASSIGN(auto decision, operation_.Decide(base, next, time, event_id, stage));
  if (decision.refusal) return *decision.refusal;
  if (!decision.event) {
    return Error{ErrorKind::kConflict, "'" + next->record_id + "' has what " +
                                           legacy::EventTypeOf(step_) + " of version " +
                                           std::to_string(step_.version) +
                                           " would do already, and not from this import."};
  }
  decision.event->texts["imported_by"] = imported_by_;
  if (!step_.is_now && step_.told_at.empty()) decision.event->details["told_at"] = nullptr;
  if (!step_.told_at.empty() && step_.told_at != time) {
    decision.event->details["told_at"] = step_.told_at;
  }
  return decision;
}

}  // namespace coreshed::store
