#include <coreshed/types.h>

namespace coreshed {

std::string StatusName(Status status) {
  switch (status) {
    case Status::kDraft:
      return "draft";
    case Status::kApproved:
      return "approved";
    case Status::kRejected:
      return "rejected";
  }
  return "";
}

std::string DriftClassName(DriftClass drift_class) {
  switch (drift_class) {
    case DriftClass::kNone:
      return "none";
    case DriftClass::kAdditive:
      return "additive";
    case DriftClass::kBreaking:
      return "breaking";
  }
  return "";
}

std::string DriftPolicyName(DriftPolicy policy) {
  switch (policy) {
    case DriftPolicy::kReject:
      return "reject";
    case DriftPolicy::kWarn:
      return "warn";
    case DriftPolicy::kAllow:
      return "allow";
  }
  return "";
}

std::optional<DriftPolicy> ParseDriftPolicy(const std::string& name) {
  for (auto policy : {DriftPolicy::kReject, DriftPolicy::kWarn, DriftPolicy::kAllow}) {
    if (name == DriftPolicyName(policy)) return policy;
  }
  return std::nullopt;
}

std::string DriftChangeKindName(DriftChange::Kind kind) {
  using Kind = DriftChange::Kind;
  switch (kind) {
    case Kind::kColumnAdded:
      return "column_added";
    case Kind::kColumnRemoved:
      return "column_removed";
    case Kind::kColumnRetyped:
      return "column_retyped";
    case Kind::kColumnRenamed:
      return "column_renamed";
    case Kind::kReordered:
      return "reordered";
    case Kind::kNullableMadeRequired:
      return "nullable_made_required";
    case Kind::kRequiredMadeNullable:
      return "required_made_nullable";
    case Kind::kTableAdded:
      return "table_added";
    case Kind::kTableRemoved:
      return "table_removed";
    case Kind::kRenameCandidate:
      return "rename_candidate";
  }
  return "";
}

}  // namespace coreshed
