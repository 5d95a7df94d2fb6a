#pragma once

#include <coreshed/data.h>
#include <coreshed/options.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "commit/commit.h"
#include "parts/write.h"
#include "store/settings.h"

namespace coreshed::store {

enum class WriteKind { kCreate, kUpdate, kAppend };

/// Everything a write needs besides its data.
struct WriteContext {
  std::shared_ptr<storage::Storage> storage;
  commit::PageReader* pages = nullptr;
  Settings settings;
  int threads = 1;
  int64_t memory_bytes = 0;
  bool of_settings = false;  ///< of the store's own record, which the first change of them makes
};

/// Create, update or append: checks the data against the record, uploads parts, adds a version.
class WriteOperation : public commit::Operation {
 public:
  WriteOperation(WriteKind kind, const Data& data, const CreateOptions& options,
                 WriteContext context);

  Result<commit::Decision> Decide(const commit::RecordDocument* base, commit::RecordDocument* next,
                                  const std::string& time, const std::string& event_id,
                                  storage::Stage& stage) override;
  std::vector<std::string> EventTypes() const override;
  std::string NotDone(const std::string& record_id) const override;
  Result<void> Forget() override;

  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  /// One table handed in, with what is known of it.
  struct Input {
    std::string name;
    std::shared_ptr<arrow::Table> table;
    std::shared_ptr<arrow::RecordBatchReader> reader;
    std::shared_ptr<arrow::Schema> schema;
    std::vector<Column> columns;
    bool consumed = false;  ///< the reader has been read
  };
  struct Uploaded {
    parts::WriteAnswer answer;
    table::StoredSchema schema;
    std::vector<Column> columns;
  };

  Result<void> CheckBase(const commit::RecordDocument* base, const std::string& record_id) const;
  Result<void> NameInputs(const commit::VersionEntry* active);
  Result<void> DescribeInputs();
  Result<void> FitAppended(const commit::RecordDocument& base);
  Result<Drift> FindDrift(const commit::RecordDocument& base) const;
  DriftPolicy PolicyFor(const commit::RecordDocument& base) const;
  commit::Decision RefuseDrift(const commit::RecordDocument& base, const Drift& drift) const;
  Result<void> Upload(const commit::RecordDocument* base, const std::string& record_id,
                      storage::Stage& stage);
  Result<void> UploadTable(Input& input, const commit::RecordDocument* base,
                           const std::string& record_id, bool only_table, storage::Stage& stage);
  /// Uploaded parts may share parts of the version they were compared with: is that still there?
  Result<void> CheckShared(const commit::RecordDocument& base);
  Result<void> AddVersion(const commit::RecordDocument* base, commit::RecordDocument* next,
                          const std::string& time, const std::string& event_id, const Drift& drift);
  void FillNewRecord(commit::RecordDocument* next, const std::string& time) const;
  commit::Decision Describe(const commit::RecordDocument& next) const;

  const WriteKind kind_;
  const CreateOptions& options_;
  const WriteContext context_;
  std::vector<Input> inputs_;
  std::map<std::string, Uploaded> uploaded_;
  int64_t version_ = 0;        ///< the number that the new version is to have; 0: not known yet
  int64_t compared_with_ = 0;  ///< the version whose parts the upload may share; 0: none
  std::vector<std::string> warnings_;
};

}  // namespace coreshed::store
