#pragma once

#include <map>
#include <optional>
#include <string>

#include "commit/commit.h"

namespace coreshed::commit {

/// Give a version a name. Moving a tag is an event too; giving it again is nothing to do.
class TagOperation : public Operation {
 public:
  TagOperation(int64_t version, std::string tag) : version_(version), tag_(std::move(tag)) {}
  Result<Decision> Decide(const RecordDocument* base, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override { return {"tag"}; }

 private:
  const int64_t version_;
  const std::string tag_;
};

/// Set or remove (empty value) attributes, and the display name.
class AttributesOperation : public Operation {
 public:
  AttributesOperation(std::map<std::string, std::string> attributes,
                      std::optional<std::string> name)
      : attributes_(std::move(attributes)), name_(std::move(name)) {}
  Result<Decision> Decide(const RecordDocument* base, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override { return {"set_attributes"}; }

 private:
  const std::map<std::string, std::string> attributes_;
  const std::optional<std::string> name_;
};

/// Set the record's own drift policy; nothing: the store's holds again.
class DriftPolicyOperation : public Operation {
 public:
  explicit DriftPolicyOperation(std::optional<DriftPolicy> policy) : policy_(policy) {}
  Result<Decision> Decide(const RecordDocument* base, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override { return {"set_drift_policy"}; }

 private:
  const std::optional<DriftPolicy> policy_;
};

/// Sets the schema that the record's versions must keep; empty: none.
class BindOperation : public Operation {
 public:
  explicit BindOperation(std::string schema) : schema_(std::move(schema)) {}
  Result<Decision> Decide(const RecordDocument* base, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override { return {"bind_schema"}; }

 private:
  const std::string schema_;
};

/// A commit without an event: the fence number grows, so that whatever others uploaded before
/// counts as gone for them, and the metadata replaced can never be the base of a late commit. A
/// record that does not exist gets a void metadata.json.
class FenceOperation : public Operation {
 public:
  Result<Decision> Decide(const RecordDocument* base, RecordDocument* next, const std::string& time,
                          const std::string& event_id, storage::Stage& stage) override;
};

/// Check attributes as handed in: number, lengths, UTF-8. kInvalidArgument names the fault.
Result<void> CheckAttributes(const std::map<std::string, std::string>& attributes);
/// Change attributes of `next`: an empty value removes one. The changes that there are to make, as
/// a JSON object name → text. kInvalidArgument: it would have too many.
Result<nlohmann::json> ChangeAttributes(const std::map<std::string, std::string>& changes,
                                        RecordDocument* next);
/// Check a free text (actor, comment, name): UTF-8, length.
Result<void> CheckText(const std::string& what, const std::string& text, size_t bytes_max);
/// Check a tag: it can't look like another selector.
Result<void> CheckTag(const std::string& tag);

}  // namespace coreshed::commit
