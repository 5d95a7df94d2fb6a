#include "commit/annotate.h"

#include <algorithm>
#include <cctype>

#include "base/canonical_json.h"
#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "commit/review.h"

namespace coreshed::commit {
namespace {

// They stand in metadata.json, which every commit writes: they are for finding records, not for
// data.
constexpr size_t kTagsMax = 256;
constexpr size_t kAttributesMax = 100;
constexpr size_t kNameBytesMax = 200;
constexpr size_t kValueBytesMax = 2000;

}  // namespace

Result<void> CheckText(const std::string& what, const std::string& text, size_t bytes_max) {
  if (!IsUtf8(text)) return Error{ErrorKind::kInvalidArgument, what + " is not valid UTF-8."};
  if (text.size() > bytes_max) {
    return Error{ErrorKind::kInvalidArgument,
                 what + " is longer than " + std::to_string(bytes_max) + " bytes."};
  }
  return {};
}

Result<void> CheckAttributes(const std::map<std::string, std::string>& attributes) {
  if (attributes.size() > kAttributesMax) {
    return Error{ErrorKind::kInvalidArgument,
                 "A record has at most " + std::to_string(kAttributesMax) + " attributes."};
  }
  for (const auto& [name, value] : attributes) {
    if (name.empty()) return Error{ErrorKind::kInvalidArgument, "An attribute needs a name."};
    CORESHED_TRY(CheckText("The attribute's name", name, kNameBytesMax));
    CORESHED_TRY(CheckText("The value of attribute '" + name + "'", value, kValueBytesMax));
  }
  return {};
}

Result<nlohmann::json> ChangeAttributes(const std::map<std::string, std::string>& changes,
                                        RecordDocument* next) {
  nlohmann::json set = nlohmann::json::object();
  for (const auto& [name, value] : changes) {
    const auto found = next->attributes.find(name);
    const std::string before = found == next->attributes.end() ? "" : found->second;
    if (before == value) continue;
    set[name] = value;
    if (value.empty()) {
      next->attributes.erase(found);
    } else {
      next->attributes[name] = value;
    }
  }
  CORESHED_TRY(CheckAttributes(next->attributes));
  return set;
}

Result<void> CheckTag(const std::string& tag) {
  CORESHED_TRY(CheckText("The tag", tag, kNameBytesMax));
  const bool digits =
      tag.size() > 1 && tag[0] == 'v' &&
      std::all_of(tag.begin() + 1, tag.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  const bool selector = digits || tag == "head" || tag == "approved" || tag == "active" ||
                        tag.starts_with("sha:") || ParseTime(tag).has_value();
  if (selector) {
    return Error{ErrorKind::kInvalidArgument,
                 "'" + tag + "' can't be a tag: it would read as another selector."};
  }
  if (tag.empty() || HasControl(tag) || tag.find_first_of("@#%") != tag.npos) {
    return Error{ErrorKind::kInvalidArgument,
                 "A tag is not empty and has no '@', '#', '%' or control characters."};
  }
  return {};
}

Result<Decision> TagOperation::Decide(const RecordDocument* base, RecordDocument* next,
                                      const std::string&, const std::string&, storage::Stage&) {
  CORESHED_ASSIGN(base, RequireLive(base, next->record_id));
  CORESHED_TRY(CheckTag(tag_));
  Decision decision;
  const auto found = next->tags.find(tag_);
  if (found != next->tags.end() && found->second == version_) {
    decision.nothing_to_do = true;
    return decision;
  }
  if (found == next->tags.end() && next->tags.size() >= kTagsMax) {
    return Error{ErrorKind::kInvalidArgument, "'" + base->record_id + "' has " +
                                                  std::to_string(kTagsMax) +
                                                  " tags, the most a record can have."};
  }
  auto& event = decision.event.emplace();
  event.type = "tag";
  event.version = version_;
  event.texts["tag"] = tag_;
  if (found != next->tags.end()) event.details["tagged_before"] = found->second;
  next->tags[tag_] = version_;
  return decision;
}

Result<Decision> AttributesOperation::Decide(const RecordDocument* base, RecordDocument* next,
                                             const std::string&, const std::string&,
                                             storage::Stage&) {
  CORESHED_ASSIGN(base, RequireLive(base, next->record_id));
  Decision decision;
  CORESHED_ASSIGN(const auto set, ChangeAttributes(attributes_, next));
  const bool renamed = name_ && *name_ != next->name;
  if (renamed) {
    CORESHED_TRY(CheckText("The name", *name_, kNameBytesMax));
    next->name = *name_;
  }
  if (set.empty() && !renamed) {
    decision.nothing_to_do = true;
    return decision;
  }
  auto& event = decision.event.emplace();
  event.type = "set_attributes";
  if (!set.empty()) event.texts["attributes"] = CanonicalJson(set);
  if (renamed) event.texts["name"] = *name_;
  return decision;
}

Result<Decision> DriftPolicyOperation::Decide(const RecordDocument* base, RecordDocument* next,
                                              const std::string&, const std::string&,
                                              storage::Stage&) {
  CORESHED_ASSIGN(base, RequireLive(base, next->record_id));
  Decision decision;
  if (base->drift_policy == policy_) {
    decision.nothing_to_do = true;
    return decision;
  }
  next->drift_policy = policy_;
  auto& event = decision.event.emplace();
  event.type = "set_drift_policy";
  event.details["drift_policy"] =
      policy_ ? nlohmann::json(DriftPolicyName(*policy_)) : nlohmann::json(nullptr);
  return decision;
}

Result<Decision> BindOperation::Decide(const RecordDocument* base, RecordDocument* next,
                                       const std::string&, const std::string&, storage::Stage&) {
  CORESHED_ASSIGN(base, RequireLive(base, next->record_id));
  Decision decision;
  if (base->bound_schema == schema_) {
    decision.nothing_to_do = true;
    return decision;
  }
  next->bound_schema = schema_;
  auto& event = decision.event.emplace();
  event.type = "bind_schema";
  event.details["bound_schema"] =
      schema_.empty() ? nlohmann::json(nullptr) : nlohmann::json(schema_);
  return decision;
}

Result<Decision> FenceOperation::Decide(const RecordDocument* base, RecordDocument* next,
                                        const std::string&, const std::string&, storage::Stage&) {
  if (base == nullptr) {
    next->state = RecordState::kVoid;
    next->fence = 0;
  } else {
    ++next->fence;
  }
  return Decision{};
}

}  // namespace coreshed::commit
