#pragma once

#include <coreshed/store.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "commit/commit.h"
#include "commit/documents.h"
#include "commit/erase.h"
#include "commit/pages.h"
#include "commit/read_again.h"
#include "legacy/old_tables.h"
#include "legacy/plan.h"
#include "parts/read.h"
#include "storage/storage.h"
#include "store/copy_operation.h"
#include "store/held.h"
#include "store/refs.h"
#include "store/settings.h"
#include "store/table_cache.h"
#include "store/write_operation.h"

namespace coreshed::store {

/// `…/v7.parquet` or `…/v7/0.parquet`: a name that the writer of version 7 may still claim.
std::optional<int64_t> CanonicalVersion(std::string_view name);

using OwnRows = std::shared_ptr<arrow::Table>;
/// What a table of the store's own record is to be, by what it is; null: as it is, or none.
using OwnChange = std::function<Result<OwnRows>(const OwnRows& before)>;

/// A schema of the store as it is stored.
struct StoredDefinition {
  std::string name;
  int64_t number = 0;
  std::string definition;
};

struct OneCopy;
struct ImportRun;
struct OneImport;
class EvenProgress;

/// Composes the stages behind the door; has no rules of its own. One file for each group of calls:
/// write.cc, upload.cc, registry.cc, own_record.cc, many.cc, review.cc, erase.cc, read.cc,
/// records.cc, verify.cc, seal.cc, vacuum.cc, copy.cc, import.cc, repair.cc.
class StoreImpl : public Store {
 public:
  StoreImpl(std::shared_ptr<storage::Storage> storage, std::string location, std::string store_id,
            const OpenOptions& options, bool keep_index, bool is_new);

  const std::string& location() const override { return location_; }
  const std::string& store_id() const override { return store_id_; }
  bool is_new() const override { return is_new_; }

  Result<Version> CreateRecord(const std::string& record_id, const Data& data,
                               const CreateOptions& options) override;
  Result<Version> UpdateRecord(const std::string& record_id, const Data& data,
                               const WriteOptions& options) override;
  std::vector<Result<Version>> CreateMany(const std::vector<RecordData>& items,
                                          const ManyOptions& options) override;
  std::vector<Result<Version>> UpdateMany(const std::vector<RecordData>& items,
                                          const ManyOptions& options) override;
  Result<Version> AppendRows(const std::string& record_id, const Data& data,
                             const WriteOptions& options) override;
  Result<Version> UpsertRows(const std::string& record_id, const Data& data,
                             const std::vector<std::string>& keys,
                             const WriteOptions& options) override;
  Result<Version> DeleteRows(const std::string& record_id, const std::string& where,
                             const std::string& table, const WriteOptions& options) override;
  Result<UploadResult> SaveUpload(const FileInput& input, const UploadOptions& options) override;
  Result<Version> ApproveRecord(const std::string& record_id,
                                const ReviewOptions& options) override;
  Result<Version> RejectRecord(const std::string& record_id, const ReviewOptions& options) override;
  Result<Version> RollbackToVersion(const std::string& record_id, int64_t version,
                                    const RollbackOptions& options) override;
  Result<Version> Tag(const std::string& ref, const std::string& name,
                      const EventOptions& options) override;
  Result<RecordInfo> SetAttributes(const std::string& record_id,
                                   const std::map<std::string, std::string>& attributes,
                                   const std::optional<std::string>& name,
                                   const EventOptions& options) override;
  Result<RecordInfo> SetDriftPolicy(const std::string& record_id, std::optional<DriftPolicy> policy,
                                    const EventOptions& options) override;
  Result<Version> SetSettings(const std::map<std::string, std::string>& settings,
                              const EventOptions& options) override;
  Result<std::map<std::string, std::string>> Settings() override;
  Result<NamedSchema> SaveSchema(const std::string& name, const SchemaDefinition& schema,
                                 const EventOptions& options) override;
  Result<NamedSchema> GetSchema(const std::string& name, int64_t number) override;
  Result<std::vector<NamedSchema>> ListSchemas() override;
  Result<RecordInfo> BindSchema(const std::string& record_id, const std::string& schema,
                                const EventOptions& options) override;
  Result<RejectReport> CheckFile(const FileInput& input, const CheckFileOptions& options) override;
  Result<std::vector<OpenedFile>> OpenFilesFor(const std::string& ref,
                                               const std::vector<RecordFile>& files,
                                               const RecordFileOptions& options) override;
  Result<Drift> FindDrift(const std::string& ref, const Data& data,
                          const DriftOptions& options) override;

  Result<Resolved> Resolve(const std::string& ref) override;
  Result<Reading> Read(const std::string& ref, const ReadOptions& options) override;
  Result<std::vector<Reading>> ReadTables(const std::string& ref,
                                          const ReadOptions& options) override;
  Result<Reading> GetCohort(const std::string& upload_id, const ReadOptions& options,
                            const std::string& table) override;
  Result<std::map<std::string, std::shared_ptr<arrow::Schema>>> Schemas(
      const std::string& ref) override;
  Result<std::shared_ptr<arrow::Table>> ReadTable(const std::string& ref,
                                                  const ReadOptions& options) override;
  Result<KeptSource> ReadSource(const std::string& ref) override;
  Result<KeptSource> ReadRejects(const std::string& ref) override;
  Result<std::vector<Version>> Versions(const std::string& record_id, int64_t after,
                                        int64_t limit) override;
  Result<std::vector<Event>> History(const std::string& record_id, int64_t after,
                                     int64_t limit) override;
  Result<RecordInfo> GetRecord(const std::string& record_id) override;
  Result<std::string> GetMetadata(const std::string& record_id) override;
  Result<std::vector<RecordInfo>> ListRecords(const ListOptions& options) override;
  Result<RecordChanges> Changes(const std::string& since) override;
  Result<std::vector<ContentMatch>> FindByContentHash(const std::string& hash) override;
  Result<std::vector<DuplicateGroup>> FindDuplicates() override;

  Result<Erasure> Purge(const std::string& record_id, int64_t version,
                        const EventOptions& options) override;
  Result<Erasure> DeleteRecord(const std::string& record_id, const EventOptions& options) override;
  Result<Erasure> Redact(const std::string& record_id, const std::vector<int64_t>& events,
                         const std::vector<std::string>& texts,
                         const EventOptions& options) override;

  Result<VerifyReport> Verify(const VerifyOptions& options) override;
  Result<std::string> Seal(const std::string& private_key_pem) override;
  Result<VacuumReport> Vacuum(const VacuumOptions& options) override;
  Result<CopyReport> Copy(const std::string& location, const CopyOptions& options) override;
  /// The same, where the storage at the place is known.
  Result<CopyReport> CopyInto(const std::shared_ptr<storage::Storage>& storage,
                              const std::string& location, const std::vector<std::string>& ids,
                              const CopyOptions& options);
  Result<ImportReport> Import(const std::string& folder, const ImportOptions& options) override;
  Result<RepairReport> Repair(const RepairOptions& options) override;
  Result<coreshed::Stats> Stats() override;
  Result<std::optional<Event>> ResolveOutcome(const std::string& record_id,
                                              const std::string& event_id,
                                              int64_t base_seq) override;

 private:
  struct Selected {
    commit::Base base;
    commit::FoundEntry found;
    Ref ref;
  };
  struct SelectedTable {
    Selected selected;
    std::string name;
    std::shared_ptr<arrow::Schema> schema;
    std::string what() const;  ///< for messages
  };

  Result<Version> Write(WriteKind kind, const std::string& record_id, const Data& data,
                        const CreateOptions& options, const RowChoice& choice = {},
                        std::shared_ptr<storage::Storage> on = nullptr);
  Result<void> CheckWrite(WriteKind kind, const RecordData& item);
  std::vector<std::optional<Error>> CheckMany(WriteKind kind, const std::vector<RecordData>& items);
  Result<Version> WriteOne(WriteKind kind, const RecordData& item,
                           const std::shared_ptr<storage::Storage>& storage);
  std::vector<Result<Version>> WriteMany(WriteKind kind, const std::vector<RecordData>& items,
                                         const ManyOptions& options);
  /// A table of the version of the store's own record; null: it has none.
  Result<OwnRows> OwnTable(const commit::Base& base, int64_t version, const std::string& table);
  /// The same of its active version, if there is one.
  Result<OwnRows> ReadOwn(const std::string& table);
  Result<commit::Committed> WriteOwn(const std::optional<commit::Base>& base,
                                     const std::string& table, OwnRows rows,
                                     const EventOptions& options);
  /// Change a table of the store's own record; the others stay. Nothing: there was nothing to
  /// change.
  Result<std::optional<Version>> ChangeOwn(const std::string& table, const OwnChange& change,
                                           const EventOptions& options);
  Result<void> CheckRepeated(const commit::Committed& done, const std::string& table,
                             const OwnChange& change);
  Result<std::vector<StoredDefinition>> StoredDefinitions();
  Result<std::optional<NamedSchema>> SchemaFor(const std::string& record_id,
                                               const std::string& name);
  Result<std::vector<TableInput>> ExistingFor(const std::string& record_id,
                                              const SchemaDefinition& schema);
  Result<Held> HoldToSchema(WriteKind kind, const std::string& record_id, const NamedSchema& schema,
                            std::vector<validate::UploadTable> tables, bool splits,
                            const WriteOptions& options);
  Result<KeptSource> ReadKept(const std::string& ref, const std::string& what);
  /// The dataset that a file is uploaded to, as it is before the file is read.
  struct Expected {
    std::string bound_schema;
    std::map<std::string, std::shared_ptr<arrow::Schema>> like;
  };
  Result<Expected> ExpectedOf(const std::string& record_id, const std::string& name,
                              const UploadOptions& options);
  struct ToUpload {
    std::string name, id;
    std::optional<NamedSchema> schema;
    sources::Opened opened;
  };
  Result<ToUpload> OpenUpload(const FileInput& input, const UploadOptions& options,
                              const store::Settings& settings, EvenProgress& progress);
  void TellOthers(const std::vector<std::string>& of_reading, UploadResult* result);
  Result<UploadResult> UploadOnce(const FileInput& input, const UploadOptions& options,
                                  EvenProgress& progress, bool* again);
  Result<bool> IsWhole(const std::string& record_id, const commit::FoundEntry& found);
  Result<std::vector<ContentMatch>> OthersWith(const Version& version);
  Result<Version> Review(Status verdict, const std::string& record_id,
                         const ReviewOptions& options);
  Result<Version> ResultOf(const commit::Committed& done, std::vector<std::string> warnings);
  /// A version that a commit of ours was about, as it is right after it.
  Result<Version> VersionAfter(const commit::Committed& done, int64_t version);
  Result<store::Settings> ReadSettings();
  Result<store::Settings> LoadSettings();

  /// The record's metadata; kNotFound names similar ids.
  Result<commit::Base> ReadLive(const std::string& record_id);
  /// Do `read` (a Result of a commit::Base) with the record's metadata, and again where it misses
  /// what they refer to and the record has moved on (commit::ReadAgain).
  template <typename Read>
  auto ReadLive(const std::string& record_id, const Read& read) -> decltype(read(commit::Base())) {
    return commit::ReadAgain([&](std::string* commit_id) -> decltype(read(commit::Base())) {
      CORESHED_ASSIGN(const auto base, ReadLive(record_id));
      *commit_id = base.document->commit_id;
      return read(base);
    });
  }
  Error WithNearest(Error error, const std::string& record_id);
  Error NoRecord(const std::string& record_id);
  /// A ref taken apart, with the store's default selector where it names none.
  Result<Ref> RefOf(const std::string& text);
  Result<Selected> SelectIn(const commit::Base& base, const Ref& ref);
  Result<Selected> Select(const std::string& ref);
  /// Without a selector the active version, whatever the store's default is: as writes do.
  Result<Selected> SelectAsWrites(const std::string& ref);
  /// What is known of tables before their files are read: `like` and `schema`.
  Result<OpenFileOptions> KnownOf(const std::string& ref, const RecordFileOptions& options);
  Result<void> RequireData(const Selected& selected);
  /// `text`: the ref as given, for messages.
  Result<SelectedTable> SelectTable(const commit::Base& base, const Ref& ref,
                                    const std::string& text);
  Result<Reading> ReadFrom(const SelectedTable& table, const ReadOptions& options);
  parts::ReadRequest RequestFor(const SelectedTable& table) const;
  Result<std::shared_ptr<arrow::Table>> ReadWhole(const SelectedTable& table,
                                                  const std::vector<std::string>& columns);
  /// Do `read` with the selected table, as ReadLive does.
  template <typename T>
  Result<T> ReadSelected(const std::string& ref,
                         const std::function<Result<T>(const SelectedTable&)>& read);
  /// Why data may be called faulty that are not.
  struct Doubt {
    bool missed = false;          ///< a file is not there: perhaps the record has moved on
    std::optional<Error> unread;  ///< the storage failed
  };
  Result<void> CheckData(const std::string& record_id, const commit::FoundEntry& found, bool deep,
                         VerifyReport* report, Doubt* doubt);
  Result<std::optional<RecordInfo>> LoadInfo(const std::string& record_id);
  Result<std::vector<paths::ParsedMarker>> MarkersBelow(const std::string& prefix);
  Result<std::vector<ContentMatch>> MatchesOf(const std::vector<paths::ParsedMarker>& markers,
                                              int64_t most);
  /// What a content marker points at, if it holds.
  Result<std::optional<ContentMatch>> MatchOf(const paths::ParsedMarker& marker);

  Result<void> CheckOutcome(const std::string& record_id, const std::string& event_id,
                            int64_t base_seq);
  /// Marker and data of one version. `checked`: what was checked with the record's other versions.
  Result<void> VerifyVersion(const std::string& record_id, const commit::FoundEntry& found,
                             const VerifyOptions& options, std::set<std::string>* checked,
                             VerifyReport* report, Doubt* doubt);
  /// One pass over a record as its metadata are now; an Error where a page is missing.
  Result<void> VerifyOnce(const std::string& record_id, const VerifyOptions& options,
                          std::string* commit_id, VerifyReport* report, Doubt* doubt);
  Result<void> VerifyRecord(const std::string& record_id, const VerifyOptions& options,
                            VerifyReport* report);
  Result<void> VerifySeal(const VerifyOptions& options, VerifyReport* report);
  /// Of the candidates, listed before, those that may go; fences the record if there are any.
  Result<std::vector<storage::ObjectStat>> RemainsOf(
      const std::string& record_id, const std::vector<storage::ObjectStat>& candidates,
      bool dry_run, std::string* commit_id, bool* is_put_off);
  Result<void> VacuumRecords(int64_t before_us, const VacuumOptions& options,
                             std::set<std::string>* cleaned, VacuumReport* report);
  Result<bool> VacuumRecord(const std::string& record_id,
                            const std::vector<storage::ObjectStat>& candidates,
                            const VacuumOptions& options, VacuumReport* report);
  void ForgetCached(const std::string& record_id);
  Result<Erasure> EraseData(const std::string& record_id, std::optional<int64_t> version,
                            bool is_new, const EventOptions& by);
  Result<std::optional<Erasure>> FinishDeletion(const std::string& record_id,
                                                const EventOptions& options);
  Result<std::optional<commit::FoundErasure>> ReadErasure(const std::string& record_id,
                                                          std::optional<int64_t> version);
  Result<std::string> AgainAfter(const std::string& record_id, const std::string& time,
                                 bool is_new);
  Result<void> LeavePresentLife(const std::string& record_id, std::optional<int64_t> version,
                                std::vector<std::string>* left);
  Result<std::string> TimeOfRedaction(const std::string& record_id,
                                      const std::vector<int64_t>& events,
                                      const std::vector<std::string>& texts);
  Result<bool> RemoveTemporary(const std::string& record_id, VacuumReport* report);
  Result<void> FindLeft(const std::string& record_id, Erasure* erasure);
  /// Everything that a record's metadata refers to, relative to its folder.
  Result<std::set<std::string>> References(const commit::RecordDocument& document);
  Result<bool> RemoveUnreferenced(const std::string& record_id, const EventOptions& by,
                                  Erasure* erasure);
  Result<void> RemoveMarkers(const std::string& record_id, const std::set<std::string>& hashes,
                             const EventOptions& by);
  Result<bool> MayHold(const paths::ParsedMarker& marker);
  /// The duplicate hashes of one version, or of all that were deleted; `purged`: and purged.
  Result<std::set<std::string>> HashesErased(const std::string& record_id,
                                             std::optional<int64_t> version, bool purged);
  Result<void> CopyRecord(const std::string& record_id, StoreImpl& to, const CopyTarget& target,
                          const EventOptions& by, std::string* commit_id, OneCopy* report);
  Result<void> CheckSource(const commit::RecordDocument& document);
  Result<void> SweepCopy(const commit::RecordDocument& document, const EventOptions& by,
                         OneCopy* report);
  Result<void> ImportRecord(const ImportRun& run, const legacy::FoundRecord& found, OneImport* one);
  Result<size_t> StepsDone(const legacy::Plan& plan);
  Result<legacy::Schemas> SchemasHere(const commit::RecordDocument& document, int64_t version);
  Result<void> RunStep(const ImportRun& run, const legacy::Plan& plan, size_t index);
  Result<void> WriteStep(const ImportRun& run, const legacy::Plan& plan, size_t index,
                         const EventOptions& by);
  Result<void> CommitStep(const ImportRun& run, const legacy::Plan& plan, size_t index,
                          const EventOptions& by, commit::Operation& operation);
  Result<void> CompareStep(const ImportRun& run, const legacy::Plan& plan, const legacy::Step& step,
                           const commit::Base& base);
  Result<void> LostOrGone(const std::string& record_id);
  Result<std::vector<std::string>> IdsToCopy(const std::vector<std::string>& given);
  Result<void> RepairMarkers(const std::string& record_id, RepairReport* report);
  Result<std::vector<std::string>> RecordIds();
  catalog::Catalog& Index();
  commit::Context CommitContext();
  WriteContext WriteContextFor(store::Settings settings);

  const std::shared_ptr<storage::Storage> storage_;
  const std::string location_;
  const std::string store_id_;
  const OpenOptions options_;
  const bool keep_index_;
  const bool is_new_;
  const int threads_;
  commit::DocumentReader documents_;
  commit::PageReader pages_;
  TableCache tables_;
  std::once_flag catalog_made_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::mutex settings_mutex_;
  std::optional<store::Settings> settings_;
  std::chrono::steady_clock::time_point settings_read_;
};

/// Versions, as callers see them.
Version ToVersion(const commit::RecordDocument& document, const commit::FoundEntry& found);
/// One record, as the list shows it.
RecordInfo ToInfo(const commit::RecordDocument& document);

}  // namespace coreshed::store
