#pragma once

#include <coreshed/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace coreshed {

/// The rules of spec.md section 3 in their simplest form: what one record must look like after a
/// sequence of calls. Kept free of anything that the store does to get there.
class RecordModel {
 public:
  struct ModelVersion {
    int64_t mark = 0;
    Status status = Status::kDraft;
  };

  bool exists() const { return !versions_.empty(); }
  int64_t active() const { return active_; }
  int64_t last() const { return static_cast<int64_t>(versions_.size()); }
  int64_t events() const { return events_; }
  int64_t last_approved() const { return last_approved_; }
  const ModelVersion& version(int64_t number) const {
    return versions_.at(static_cast<size_t>(number - 1));
  }
  const std::map<std::string, int64_t>& tags() const { return tags_; }

  void Write(int64_t mark) {
    versions_.push_back({mark, Status::kDraft});
    active_ = last();
    ++events_;
  }
  /// Whether the review is allowed; a refusal is an event too.
  bool Review(Status verdict) {
    ++events_;
    auto& version = versions_.at(static_cast<size_t>(active_ - 1));
    if (version.status != Status::kDraft) return false;
    version.status = verdict;
    if (verdict == Status::kApproved) last_approved_ = active_;
    return true;
  }
  bool RollBack(int64_t number, bool allow_rejected) {
    if (number < 1 || number > last()) return false;
    if (number == active_) return true;
    if (version(number).status == Status::kRejected && !allow_rejected) return false;
    active_ = number;
    if (version(number).status == Status::kApproved) last_approved_ = number;
    ++events_;
    return true;
  }
  void Tag(const std::string& tag, int64_t number) {
    const auto found = tags_.find(tag);
    if (found != tags_.end() && found->second == number) return;
    tags_[tag] = number;
    ++events_;
  }

 private:
  std::vector<ModelVersion> versions_;
  std::map<std::string, int64_t> tags_;
  int64_t active_ = 0;
  int64_t last_approved_ = 0;
  int64_t events_ = 0;
};

}  // namespace coreshed
