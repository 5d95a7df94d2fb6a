#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "commit/commit.h"
#include "parts/parts.h"

namespace coreshed::store {

/// Purge a version: mark it, and part its data from what other versions share with it. A file that
/// holds parts of this version alone beside parts of others has the latter written anew, and the
/// other versions refer to that.
class PurgeOperation : public commit::Operation {
 public:
  PurgeOperation(int64_t version, std::shared_ptr<storage::Storage> storage,
                 commit::PageReader& pages)
      : version_(version), storage_(std::move(storage)), pages_(pages) {}

  Result<commit::Decision> Decide(const commit::RecordDocument* base, commit::RecordDocument* next,
                                  const std::string& time, const std::string& event_id,
                                  storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override { return {"purge"}; }
  Result<void> Forget() override {
    kept_.clear();
    return {};
  }

 private:
  /// What other versions use of one of the purged version's files.
  struct Use {
    parts::PartFile file;
    std::set<int64_t> parts;
    std::shared_ptr<arrow::Schema> schema;
    std::set<int64_t> versions;
  };
  using Uses = std::map<std::string, Use>;  ///< by the file's name
  /// A file in the place of another one, and where the parts of that one are in it.
  struct Kept {
    parts::PartFile file;
    std::map<int64_t, int64_t> places;
  };

  Result<void> CheckTarget(const commit::RecordDocument& base, const commit::VersionEntry& entry);
  Result<Uses> FindUses(const commit::RecordDocument& base, const commit::VersionEntry& entry);
  Result<void> KeepParts(const std::string& record_id, const Use& use, storage::Stage& stage);
  /// Mark the version purged, and let others refer to what was moved, in metadata.json and in
  /// pages.
  Result<void> EditEntries(const std::set<std::string>& moved, std::set<int64_t> versions,
                           commit::RecordDocument* next, storage::Stage& stage);
  bool EditEntry(const std::set<std::string>& moved, commit::VersionEntry* entry) const;

  const int64_t version_;
  const std::shared_ptr<storage::Storage> storage_;
  commit::PageReader& pages_;
  std::map<std::string, Kept> kept_;  ///< by the name of the file that it stands for
};

}  // namespace coreshed::store
