#include "commit/replay.h"

#include "base/canonical_json.h"
#include "base/result.h"

namespace coreshed::commit {
namespace {

std::string N(int64_t number) {
  return std::to_string(number);
}

std::string TextField(const nlohmann::json& details, const char* name) {
  const auto found = details.find(name);
  return found != details.end() && found->is_string() ? found->get<std::string>() : "";
}

bool MakesVersion(const std::string& event_type) {
  return MakesActive(event_type) && event_type != "rollback";
}

}  // namespace

void Replay::CheckOrder(const StoredEvent& event) {
  if (std::string broken = CheckLink(event, seq_, hash_); !broken.empty()) report_("chain", broken);
  if (event.time < time_) {
    report_("chain",
            "the time of event " + N(event.seq) + " is before that of the event before it");
  }
  const int64_t before = event.active_before.value_or(0);
  if (before != active_) {
    report_("active", "event " + N(event.seq) + " says that version " + N(before) +
                          " was active, but it was " + N(active_));
  }
  seq_ = event.seq;
  hash_ = event.hash;
  time_ = event.time;
}

void Replay::ApplyVersion(const StoredEvent& event) {
  const int64_t version = event.version.value_or(0);
  if (version != last_version_ + 1) {
    report_("versions", "event " + N(event.seq) + " makes version " + N(version) +
                            " after version " + N(last_version_));
  }
  last_version_ = version;
  active_ = version;
  versions_[version] = {TextField(event.details, "exact_hash"), Status::kDraft, event.seq};
  if (event.event_type != "create") return;
  last_approved_ = 0;
  drift_policy_ = ParseDriftPolicy(TextField(event.details, "drift_policy"));
  attributes_.clear();
  tags_.clear();
}

void Replay::ApplyReview(const StoredEvent& event, Status verdict) {
  const auto found = versions_.find(event.version.value_or(0));
  if (found == versions_.end() || found->first != active_) {
    report_("review", "event " + N(event.seq) + " reviews a version that was not active");
    return;
  }
  if (found->second.status != Status::kDraft) {
    report_("review", "event " + N(event.seq) + " reviews a version that was no draft");
  }
  if (TextField(event.details, "exact_hash") != found->second.exact_hash) {
    report_("review", "event " + N(event.seq) + " reviewed other content than its version has");
  }
  found->second.status = verdict;
  if (verdict == Status::kApproved) last_approved_ = found->first;
}

void Replay::ApplyTexts(const StoredEvent& event) {
  for (const char* name : {"attributes", "name", "tag"}) {
    const auto text = event.texts.find(name);
    const bool named = event.digests.contains(name);
    if (named && (text == event.texts.end() || text->second.salt.empty())) texts_redacted_ = true;
  }
  if (texts_redacted_) return;
  if (event.texts.contains("name")) name_ = event.Text("name");
  if (event.texts.contains("tag")) tags_[event.Text("tag")] = event.version.value_or(0);
  if (!event.texts.contains("attributes")) return;
  const auto set = nlohmann::json::parse(event.Text("attributes"), nullptr, false);
  if (!set.is_object()) return;
  for (const auto& [name, value] : set.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    if (text.empty()) {
      attributes_.erase(name);
    } else {
      attributes_[name] = text;
    }
  }
}

void Replay::Apply(const StoredEvent& event) {
  if (MakesVersion(event.event_type)) {
    ApplyVersion(event);
  } else if (event.event_type == "approve") {
    ApplyReview(event, Status::kApproved);
  } else if (event.event_type == "reject") {
    ApplyReview(event, Status::kRejected);
  } else if (event.event_type == "rollback") {
    active_ = event.version.value_or(0);
    const auto found = versions_.find(active_);
    if (found == versions_.end()) {
      report_("rollback", "event " + N(event.seq) + " goes back to a version that does not exist");
    } else if (found->second.status == Status::kApproved) {
      last_approved_ = active_;
    }
  } else if (event.event_type == "delete") {
    active_ = 0;
  } else if (event.event_type == "set_drift_policy") {
    drift_policy_ = ParseDriftPolicy(TextField(event.details, "drift_policy"));
  }
  ApplyTexts(event);
}

Result<void> Replay::CompareVersions() {
  int64_t expected = 0;
  CORESHED_TRY(EachVersion(
      document_, 0, pages_, [&](const VersionEntry& entry, const auto&) -> Result<bool> {
        const std::string what = "version " + N(entry.version);
        if (entry.version != ++expected)
          report_("versions", what + " comes where " + N(expected) + " is due");
        expected = entry.version;
        const auto found = versions_.find(entry.version);
        if (found == versions_.end()) {
          report_("versions", what + " has no event that made it");
          return true;
        }
        const auto& due = found->second;
        if (due.status != entry.status) {
          report_("status", what + " says " + StatusName(entry.status) + ", but its history says " +
                                StatusName(due.status));
        }
        if (due.exact_hash != entry.exact_hash || due.seq != entry.seq) {
          report_("versions", what + " is not the one that event " + N(due.seq) + " made");
        }
        return true;
      }));
  if (expected != last_version_) {
    report_("versions", "version " + N(expected + 1) + " has no entry");
  }
  return {};
}

void Replay::CompareTop() {
  const auto differs = [&](const char* field) {
    report_("metadata", std::string("its field '") + field + "' is not what its history says");
  };
  if (document_.current_version != active_) differs("current_version");
  if (document_.last_version != last_version_) differs("last_version");
  if (document_.last_approved != last_approved_) differs("last_approved");
  if (document_.head_seq != seq_ || (seq_ > 0 && document_.head_hash != hash_)) differs("head");
  if (document_.drift_policy != drift_policy_) differs("drift_policy");
  if (texts_redacted_) return;
  if (document_.name != name_) differs("name");
  if (document_.tags != tags_) differs("tags");
  if (document_.attributes != attributes_) differs("attributes");
}

Result<void> Replay::Run() {
  hash_ = ChainStart(document_.record_id);
  CORESHED_TRY(EachEvent(document_, 0, pages_, [&](const StoredEvent& event) -> Result<bool> {
    CheckOrder(event);
    Apply(event);
    return true;
  }));
  if (document_.state == RecordState::kVoid) return {};
  CORESHED_TRY(CompareVersions());
  CompareTop();
  return {};
}

}  // namespace coreshed::commit
