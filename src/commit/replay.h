#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "commit/document.h"
#include "commit/pages.h"

namespace coreshed::commit {

/// Goes through a record's whole history from its first event: checks the chain, works out what the
/// metadata must say, and compares. Every fault is reported as (rule, sentence).
class Replay {
 public:
  using Report = std::function<void(const std::string& rule, const std::string& sentence)>;

  Replay(const RecordDocument& document, PageReader& pages, Report report)
      : document_(document), pages_(pages), report_(std::move(report)) {}

  /// An Error where a page can't be read at all.
  Result<void> Run();

 private:
  struct Expected {
    std::string exact_hash;
    Status status = Status::kDraft;
    int64_t seq = 0;
  };

  void CheckOrder(const StoredEvent& event);
  void Apply(const StoredEvent& event);
  void ApplyVersion(const StoredEvent& event);
  void ApplyReview(const StoredEvent& event, Status verdict);
  void ApplyTexts(const StoredEvent& event);
  Result<void> CompareVersions();
  void CompareTop();

  const RecordDocument& document_;
  PageReader& pages_;
  Report report_;

  int64_t seq_ = 0;
  std::string hash_;
  std::string time_;
  int64_t active_ = 0;
  int64_t last_version_ = 0;
  int64_t last_approved_ = 0;
  std::optional<DriftPolicy> drift_policy_;
  bool texts_redacted_ = false;  ///< attributes and name can't be worked out any more
  std::string name_;
  std::map<int64_t, Expected> versions_;
  std::map<std::string, int64_t> tags_;
  std::map<std::string, std::string> attributes_;
};

}  // namespace coreshed::commit
