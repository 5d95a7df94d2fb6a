#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "commit/commit.h"
#include "parts/parts.h"

namespace coreshed::store {

/// A page or data file of a record that is copied.
struct CopiedObject {
  std::string name;  ///< relative to the record's folder
  int64_t size_bytes = 0;
  std::string sha256;                     ///< of a page or a kept file; empty: it is a data file
  parts::PartFile file;                   ///< of a data file
  std::shared_ptr<arrow::Schema> schema;  ///< of a table that has parts in it
};

/// What is known of a record at the place that is copied from.
struct CopySource {
  std::shared_ptr<storage::Storage> storage;
  commit::PageReader* pages = nullptr;
  std::shared_ptr<const commit::RecordDocument> document;

  /// The state that is copied.
  commit::StateMark mark() const { return {document->head_seq, document->head_hash}; }
  /// Whether its history has this event.
  Result<bool> Knows(int64_t seq, const std::string& hash) const;
  /// Whether there is something to copy to where the record is as `base` says (null: it is new).
  ///
  /// Errors  kConflict  it has a history of its own
  Result<bool> IsAheadOf(const commit::RecordDocument* base) const;
};

/// Where it is copied to. `is_grouped`: its storage shares syncs (storage::Storage::Group).
struct CopyTarget {
  std::shared_ptr<storage::Storage> storage;
  commit::DocumentReader* documents = nullptr;
  commit::PageReader* pages = nullptr;
  bool is_grouped = false;
};

/// Marks a record as being copied into (spec/commit.md, "Copying"): from then on nobody takes away
/// what lies in its folder, until the state that is copied, or a later one, is there.
///
/// Errors  kConflict  a history of its own; a newer state is on its way
class BeginCopyOperation : public commit::Operation {
 public:
  explicit BeginCopyOperation(CopySource source) : source_(std::move(source)) {}
  Result<commit::Decision> Decide(const commit::RecordDocument* base, commit::RecordDocument* next,
                                  const std::string& time, const std::string& event_id,
                                  storage::Stage& stage) override;
  /// A newer state is on its way: perhaps the source has it, too.
  bool is_overtaken() const { return is_overtaken_; }
  /// There was no metadata.json.
  bool is_new() const { return is_new_; }
  /// Another copier of this state had said so before.
  bool is_said() const { return is_said_; }

 private:
  const CopySource source_;
  bool is_overtaken_ = false;
  bool is_new_ = false;
  bool is_said_ = false;
};

/// Notes that what was erased elsewhere is gone here too, unless more was erased meanwhile.
class SweptOperation : public commit::Operation {
 public:
  /// What metadata.json said before the sweep.
  explicit SweptOperation(std::string to_sweep) : to_sweep_(std::move(to_sweep)) {}
  Result<commit::Decision> Decide(const commit::RecordDocument* base, commit::RecordDocument* next,
                                  const std::string& time, const std::string& event_id,
                                  storage::Stage& stage) override;

 private:
  const std::string to_sweep_;
};

/// Makes a record what it is at another place, if it has no history of its own since they parted.
class CopyOperation : public commit::Operation {
 public:
  /// `is_new`: as BeginCopyOperation found.
  CopyOperation(CopySource source, CopyTarget to, bool is_new, std::stop_token stop)
      : source_(std::move(source)), to_(std::move(to)), is_new_(is_new), stop_(std::move(stop)) {}

  Result<commit::Decision> Decide(const commit::RecordDocument* base, commit::RecordDocument* next,
                                  const std::string& time, const std::string& event_id,
                                  storage::Stage& stage) override;
  Result<void> Forget() override {
    done_.clear();
    return {};
  }

  /// The record has lost its mark (BeginCopyOperation), or has another: to be begun again.
  bool has_lost_mark() const { return has_lost_mark_; }
  int64_t files() const { return files_; }
  int64_t bytes() const { return bytes_; }

 private:
  using Objects = std::map<std::string, CopiedObject>;  ///< by name

  /// Pages of the source that `base` does not refer to, data files that they and metadata.json
  /// name, and the markers of the versions in them.
  Result<void> FindNew(const commit::RecordDocument& base);
  Result<void> TakePages(const std::vector<commit::PageRef>& refs,
                         const std::set<std::string>& known);
  Result<void> TakeEntries(const std::vector<commit::Item<commit::VersionEntry>>& entries,
                           const table::StoredSchemas& schemas);
  Result<void> TakeEventMarkers(int64_t after);
  /// Of the names that are taken at the copy: those that `base` refers to are as they should be.
  Result<void> DropKnown(const commit::RecordDocument& base, const std::set<std::string>& present);
  Result<std::set<std::string>> Present(const std::string& record_id);
  Result<void> CopyObject(const CopiedObject& object, const std::string& etag, bool is_there);
  Result<void> CopyObjects(const commit::RecordDocument& base,
                           const std::set<std::string>& present);
  Result<std::string> EtagOfMark(const commit::RecordDocument& base);
  Error OfSource(Error error) const;
  Error LostMark();
  Result<void> PutMarkers(storage::Stage& stage);

  const CopySource source_;
  const CopyTarget to_;
  const bool is_new_;
  const std::stop_token stop_;
  Objects needed_;
  std::vector<std::string> markers_;
  std::set<std::string> done_;  ///< names that are complete, and checked, at the copy
  bool has_lost_mark_ = false;
  std::chrono::steady_clock::time_point looked_;  ///< when the mark was last seen
  int64_t files_ = 0, bytes_ = 0;
};

/// Whether an event says that something was erased.
bool Erases(const commit::StoredEvent& event);

}  // namespace coreshed::store
