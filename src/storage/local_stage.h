#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "storage/local_files.h"
#include "storage/stage_files.h"
#include "storage/storage.h"
#include "storage/turn.h"

namespace coreshed::storage {

/// A stage of a local store (spec/commit.md, "Local sync sequences").
class LocalStage final : public Stage {
 public:
  /// Writes in the record's folder where there is one, else aside in `records/.new-…`.
  static Result<std::unique_ptr<Stage>> Open(std::shared_ptr<const LocalRoot> root,
                                             const std::string& segment, bool fresh);

  Result<std::unique_ptr<Upload>> NewObject(const std::string& wanted,
                                            const std::string& fallback) override;
  Result<void> PutMarker(const std::string& key) override;
  Result<void> Include(const std::string& name) override { return files_->Include(name); }
  Result<SwapOutcome> Swap(const std::string& expected_etag, std::string_view bytes,
                           bool base_is_first) override;
  bool IsSwept(const Error& error) const override;
  bool has_turn() const override { return turn_.is_taken(); }

  /// Leave everything as a killed process would (tests).
  void Abandon() { files_->Abandon(); }

 private:
  LocalStage(std::shared_ptr<const LocalRoot> root, const std::string& segment, Fd records,
             std::shared_ptr<StageFiles> files);

  Result<SwapOutcome> SwapAside(std::string_view bytes);
  Result<SwapOutcome> RenameAside();
  Result<SwapOutcome> SwapInTurn(const std::string& expected_etag, std::string_view bytes,
                                 bool base_is_first);
  Result<SwapOutcome> SwapInPlace(const std::string& expected_etag, std::string_view bytes,
                                  bool base_is_first);
  Result<SwapOutcome> LockAndRename(const std::string& temp, const std::string& expected_etag);
  Result<SwapOutcome> CompareAndRename(const std::string& temp, const std::string& expected_etag);
  Result<std::string> PresentEtag() const;
  Result<Fd> WriteMetadata(const std::string& name, std::string_view bytes);
  SwapOutcome SyncLast(int folder);

  const std::shared_ptr<const LocalRoot> root_;
  SystemCalls& calls_;
  const std::string segment_;
  const Fd records_;  // the folder records/
  const std::shared_ptr<StageFiles> files_;
  Turn turn_;
  bool is_moved_ = false;  // built aside, and the record was there first
};

}  // namespace coreshed::storage
