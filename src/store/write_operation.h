#pragma once

#include <coreshed/data.h>
#include <coreshed/options.h>
#include <coreshed/upload.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commit/commit.h"
#include "parts/write.h"
#include "sources/input.h"
#include "store/settings.h"

namespace coreshed::store {

enum class WriteKind { kCreate, kUpdate, kUpload, kAppend, kUpsert, kDeleteRows };

/// What an upload of a file is, beside a write of its tables (kUpload).
struct UploadChoice {
  bool overwrite = false;       ///< a record that is there gets its next version
  bool as_new_version = false;  ///< also if it has this content already
  /// The file as it was handed in, to be kept with the version; nothing: it is not kept.
  std::shared_ptr<const sources::InputFile> file = nullptr;
  /// What was rejected of it, once all its rows are read; nothing: it was not split.
  std::function<Result<RejectReport>()> rejects = nullptr;
  /// Whether an older version's data are all there: else it is none to go back to.
  std::function<Result<bool>(const commit::FoundEntry&)> is_whole = nullptr;
};

/// Which rows of the active version a write is about.
struct RowChoice {
  std::vector<std::string> keys;  ///< kUpsert: those with the same values in these columns
  std::string where;              ///< kDeleteRows: those for which it is true
};

/// Data that are held to a schema while they are read.
struct HeldData {
  Data data;
  CheckedBy schema;
};

/// Everything a write needs besides its data.
struct WriteContext {
  std::shared_ptr<storage::Storage> storage;
  commit::PageReader* pages = nullptr;
  Settings settings;
  int threads = 1;
  int64_t memory_bytes = 0;
  /// Holds tables to the schema of this name.
  std::function<Result<HeldData>(const std::string& name, const Data& tables)> hold = nullptr;
  std::optional<CheckedBy> schema = {};  ///< the data are held to it already
  bool of_settings = false;  ///< of the store's own record, which the first change of them makes
};

/// A dataset of this name is there, and may not be overwritten.
Error NameInUse(const commit::RecordDocument& base, const std::string& name);

/// Every write of rows: checks the data against the record, uploads parts, adds a version.
class WriteOperation : public commit::Operation {
 public:
  WriteOperation(WriteKind kind, const Data& data, const CreateOptions& options,
                 WriteContext context, RowChoice choice = {}, UploadChoice upload = {});

  /// Whether the tables could be stored at all.
  Result<void> CheckTables();
  /// Before the commit, of a record that is to be created: see ExpectsAbsent.
  Result<void> ReadAhead();

  Result<commit::Decision> Decide(const commit::RecordDocument* base, commit::RecordDocument* next,
                                  const std::string& time, const std::string& event_id,
                                  storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override;
  std::string NotDone(const std::string& record_id) const override;
  bool ExpectsAbsent() const override;
  void Rename(const std::map<std::string, std::string>& names) override;
  Result<void> Forget() override;

  const std::vector<std::string>& warnings() const { return warnings_; }
  /// It failed because its data, which can't be read twice, were needed again: with the same data
  /// from the start it may succeed.
  bool is_spent() const { return is_spent_; }

 private:
  /// One table handed in, with what is known of it.
  struct Input {
    std::string name;
    std::shared_ptr<arrow::Table> table;
    std::shared_ptr<arrow::RecordBatchReader> reader;
    std::shared_ptr<arrow::Schema> schema;
    std::vector<Column> columns;
    bool consumed = false;  ///< the reader has been read
    /// kUpsert, kDeleteRows: what is done to the rows there are.
    std::shared_ptr<const parts::RowEdit> edit = nullptr;
  };
  struct Uploaded {
    parts::WriteAnswer answer;
    table::StoredSchema schema;
    std::vector<Column> columns;
  };

  Result<void> CheckBase(const commit::RecordDocument* base, const std::string& record_id) const;
  bool creates(const commit::RecordDocument* base) const;
  const char* EventType(const commit::RecordDocument* base) const;
  Result<void> KeepRejects(commit::VersionEntry* entry, storage::Stage& stage);
  void SetInputs(const Data& data);
  Result<void> HoldInputs(const commit::RecordDocument* base);
  Result<void> CheckBound(const commit::RecordDocument& base) const;
  Result<void> KeepFile(const commit::RecordDocument* base, commit::VersionEntry* entry,
                        storage::Stage& stage);
  Result<int64_t> FindSame(const commit::RecordDocument& base, const commit::VersionEntry& entry);
  Result<commit::Decision> Reuse(int64_t found, const commit::RecordDocument* base,
                                 commit::RecordDocument* next, const std::string& time,
                                 const std::string& event_id, const Drift& drift,
                                 storage::Stage& stage);
  void Withdraw(storage::Stage& stage);
  void BindTo(const commit::RecordDocument* base, commit::RecordDocument* next);
  Result<void> NameInputs(const commit::VersionEntry* active);
  Result<void> DescribeInputs();
  /// Whether tables that are not given, and rows that are not meant, stay.
  bool is_partial() const { return kind_ >= WriteKind::kAppend; }
  Result<void> InheritMetadata(const commit::RecordDocument& base);
  Result<void> TakeSchemaOfBase(const commit::RecordDocument& base);
  Result<void> FitAppended(const commit::RecordDocument& base);
  Result<void> ChooseRows(Input& input, parts::WriteRequest* request);
  Result<Drift> FindDrift(const commit::RecordDocument& base) const;
  DriftPolicy PolicyFor(const commit::RecordDocument& base) const;
  commit::Decision RefuseDrift(const commit::RecordDocument& base, const Drift& drift) const;
  Result<void> Upload(const commit::RecordDocument* base, const std::string& record_id,
                      storage::Stage& stage);
  Result<void> UploadTable(Input& input, const commit::RecordDocument* base,
                           const std::string& record_id, bool only_table, storage::Stage& stage);
  bool MayBeEmpty() const;
  Result<void> CheckRows(const std::string& table, int64_t rows) const;
  Result<void> CheckAllRows() const;
  /// Uploaded parts may share parts of the version they were compared with: is that still there?
  Result<void> CheckShared(const commit::RecordDocument& base);
  Result<commit::VersionEntry> MakeEntry(const commit::RecordDocument* base,
                                         const commit::RecordDocument& next,
                                         const std::string& time, const std::string& event_id,
                                         const Drift& drift) const;
  void AddVersion(commit::VersionEntry entry, const commit::RecordDocument* base,
                  commit::RecordDocument* next);
  void FillNewRecord(commit::RecordDocument* next, const std::string& time) const;
  commit::Decision Describe(const commit::RecordDocument* base, const commit::RecordDocument& next,
                            const nlohmann::json& attributes) const;

  const WriteKind kind_;
  const CreateOptions& options_;
  const WriteContext context_;
  const RowChoice choice_;
  const UploadChoice upload_;
  std::vector<Input> inputs_;
  std::map<std::string, Uploaded> uploaded_;
  std::optional<commit::KeptFile> kept_;          ///< uploaded by this call
  std::optional<commit::KeptFile> kept_rejects_;  ///< the same
  int64_t rejected_rows_ = 0;
  std::optional<CheckedBy> schema_;  ///< that the inputs are held to
  bool is_spent_ = false;
  int64_t version_ = 0;        ///< the number that the new version is to have; 0: not known yet
  int64_t compared_with_ = 0;  ///< the version whose parts the upload may share; 0: none
  int64_t rows_replaced_ = 0, rows_added_ = 0, rows_deleted_ = 0;
  std::vector<std::string> warnings_;
};

}  // namespace coreshed::store
