#include "commit/history.h"

namespace coreshed::commit {
namespace {

std::string V(int64_t version) {
  return "version " + std::to_string(version);
}

}  // namespace

void History::Report(const char* rule, const StoredEvent& event, const std::string& what) const {
  report_(rule, "event " + std::to_string(event.seq) + " " + what);
}

void History::Take(const StoredEvent& event) {
  const std::string& type = event.event_type;
  const int64_t before = event.active_before.value_or(0);
  if (before != active_) {
    Report("active", event,
           "says that " + V(before) + " was active, but it was " + std::to_string(active_));
  }
  updated_by_ = event.KnownText("actor");
  if (MakesVersion(type)) return TakeVersion(event);
  Version* named = event.version ? Named(event) : nullptr;
  if (type == "set_attributes") TakeNaming(event);
  if (type == "set_drift_policy") drift_policy_ = event.Detail("drift_policy");
  if (type == "bind_schema") TakeBinding(event);
  if (type == "delete") TakeDeletion();
  if (named == nullptr) return;
  if (type == "approve" || type == "reject") TakeReview(event, named);
  if (type == "rollback") TakeRollback(event, *named);
  if (type == "tag") TakeTag(event);
  if (type == "purge" || type == "erased") TakePurge(event, named);
}

History::Version* History::Named(const StoredEvent& event) {
  const auto found = versions_.find(*event.version);
  if (found == versions_.end()) {
    Report("versions", event, "speaks of " + V(*event.version) + ", which does not exist");
    return nullptr;
  }
  const auto& exact_hash = event.Detail("exact_hash");
  if (exact_hash.is_null() || exact_hash == found->second.exact_hash) return &found->second;
  Report("versions", event, "speaks of other content than its version has");
  return nullptr;
}

void History::TakeVersion(const StoredEvent& event) {
  const int64_t version = event.version.value_or(0);
  if (version - 1 != last_version_) {
    Report("versions", event, "makes " + V(version) + " after " + V(last_version_));
  }
  state_ = RecordState::kLive;
  last_version_ = version;
  active_ = version;
  versions_[version] = {event.Detail("exact_hash"), {}};
  if (event.event_type == "overwrite") TakeNaming(event);
  const auto& bound = event.Detail("bound_schema");
  if (event.event_type == "create" || event.event_type == "upload" || !bound.is_null()) {
    bound_schema_ = bound;
  }
  if (event.event_type != "create" && event.event_type != "upload") return;
  created_by_ = event.KnownText("actor");
  created_at_ = event.time;
  last_approved_ = 0;
  drift_policy_ = event.Detail("drift_policy");
  attributes_.emplace();
  tags_.emplace();
  TakeNaming(event);
}

void History::TakeReview(const StoredEvent& event, Version* reviewed) {
  if (*event.version != active_) {
    return Report("review", event, "reviews a version that was not active");
  }
  if (reviewed->said.status != Status::kDraft) {
    Report("review", event, "reviews a version that was no draft");
  }
  const bool approved = event.event_type == "approve";
  reviewed->said.status = approved ? Status::kApproved : Status::kRejected;
  if (approved) last_approved_ = active_;
}

void History::TakePurge(const StoredEvent& event, Version* purged) {
  const bool erased = event.event_type == "erased";
  if (*event.version == active_) Report("purged", event, "purges the active version");
  if (erased != purged->said.purged) {
    Report("purged", event,
           erased ? "calls a version erased that was not purged" : "purges a version again");
  }
  (erased ? purged->said.erased : purged->said.purged) = true;
}

/// What people can be found by goes with the data.
void History::TakeDeletion() {
  state_ = RecordState::kDeleted;
  active_ = 0;
  for (auto version = versions_.upper_bound(deleted_through_); version != versions_.end();
       ++version) {
    version->second.said.purged = true;
  }
  deleted_through_ = last_version_;
  attributes_.emplace();
  tags_.emplace();
}

void History::TakeBinding(const StoredEvent& event) {
  bound_schema_ = event.Detail("bound_schema");
  TakeNaming(event);
}

void History::TakeRollback(const StoredEvent& event, const Version& target) {
  if (*event.version <= deleted_through_) {
    Report("rollback", event, "goes back to a version that was deleted");
  }
  active_ = *event.version;
  if (target.said.purged) Report("rollback", event, "goes back to a version that was purged");
  if (target.said.status == Status::kApproved) last_approved_ = active_;
  if (!event.Detail("bound_schema").is_null()) bound_schema_ = event.Detail("bound_schema");
  TakeNaming(event);
}

void History::TakeNaming(const StoredEvent& event) {
  if (event.digests.contains("name")) name_ = event.KnownText("name");
  if (!event.digests.contains("attributes")) return;
  const auto text = event.KnownText("attributes");
  if (!text) attributes_.reset();
  if (!attributes_) return;
  const auto set = nlohmann::json::parse(*text, nullptr, false);
  if (!set.is_object()) return Report("attributes", event, "sets attributes that are none");
  for (const auto& [name, value] : set.items()) {
    if (!value.is_string()) {
      Report("attributes", event, "sets attribute '" + name + "' to what is no text");
    } else if (value.get_ref<const std::string&>().empty()) {
      attributes_->erase(name);
    } else {
      (*attributes_)[name] = value.get<std::string>();
    }
  }
}

void History::TakeTag(const StoredEvent& event) {
  const auto tag = event.KnownText("tag");
  if (!tag) tags_.reset();
  if (tags_) (*tags_)[*tag] = *event.version;
}

void History::CompareTop(const RecordDocument& document) const {
  const auto compare = [&](const char* field, bool same) {
    if (same) return;
    report_("metadata", std::string("its field '") + field + "' is not what its history says");
  };
  const auto knows = [](const auto& known, const auto& said) { return !known || *known == said; };
  compare("state", document.state == state_);
  compare("current_version", document.current_version == active_);
  compare("last_version", document.last_version == last_version_);
  compare("last_approved", document.last_approved == last_approved_);
  compare("deleted_through", document.deleted_through == deleted_through_);
  compare("bound_schema",
          bound_schema_ == (document.bound_schema.empty() ? nlohmann::json()
                                                          : nlohmann::json(document.bound_schema)));
  compare("drift_policy",
          drift_policy_ == (document.drift_policy
                                ? nlohmann::json(DriftPolicyName(*document.drift_policy))
                                : nlohmann::json()));
  compare("created_at", document.created_at == created_at_);
  compare("created_by", knows(created_by_, document.created_by));
  compare("updated_by", knows(updated_by_, document.updated_by));
  compare("name", knows(name_, document.name));
  compare("tags", knows(tags_, document.tags));
  compare("attributes", knows(attributes_, document.attributes));
}

void History::CompareVersion(int64_t version, const Said& said) const {
  const auto found = versions_.find(version);
  if (found == versions_.end()) return;  // reported where its entry lies
  const auto& told = found->second.said;
  if (told.status != said.status) {
    report_("status", V(version) + " says " + StatusName(said.status) + ", but its history says " +
                          StatusName(told.status));
  }
  if (told.purged != said.purged) {
    report_("purged",
            V(version) + (said.purged ? " says that it was purged, but its history does not"
                                      : " does not say that it was purged"));
  }
  if (told.erased != said.erased) {
    report_("purged",
            V(version) + (said.erased ? " says that it was erased, but its history does not"
                                      : " does not say that it was erased"));
  }
}

}  // namespace coreshed::commit
