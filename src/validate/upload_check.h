#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/data.h>
#include <coreshed/error.h>
#include <coreshed/validation.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "validate/references.h"
#include "validate/rejects.h"
#include "validate/table_check.h"
#include "validate/value_hash.h"

namespace coreshed::validate {

/// A row that its file has, but not as a row of the table should be: too many fields.
struct ReadingFault {
  int64_t record = 0;  ///< from 1
  std::string rule;
  std::optional<std::string> value;
  std::string reason;
};

/// A table to be checked, and where it comes from.
struct UploadTable {
  TableInput input;
  std::string file = {};                         ///< of entries; may be empty
  std::function<int64_t(int64_t)> line_of = {};  ///< of a record (from 1); none: not known
  /// What was wrong with the records from `first` to `last` (from 1), ascending. Asked when they
  /// have been read, in their order.
  std::function<std::vector<ReadingFault>(int64_t first, int64_t last)> reading_faults = {};
  RowTail tail_of = {};  ///< of a record that is rejected; none: nothing
};

struct CheckOptions {
  bool splits = false;  ///< good rows go on without the others; else the whole is refused
  RejectLimits limits = {};
  std::stop_token stop = {};
};

/// Checks the tables of an upload against a schema while they are read (spec/validation.md).
class UploadCheck : public std::enable_shared_from_this<UploadCheck> {
 public:
  /// Match tables and columns. Tables that references join are read to their ends here.
  /// `existing`: rows that are there already and stay, as an append does not touch them.
  ///
  /// Errors  kValidation   the schema's own faults; tables and columns that do not fit, all of
  /// them;
  ///                       without `splits` the faults of rows, where they are known already
  ///         kInvalidArgument   a table without a name, where the schema has several
  ///         kCancelled, kUnsupported, kIo
  static Result<std::shared_ptr<UploadCheck>> Start(const SchemaDefinition& schema,
                                                    std::vector<UploadTable> tables,
                                                    const std::vector<TableInput>& existing = {},
                                                    const CheckOptions& options = {});

  /// The columns of tables, by name, once they keep the schema. Reads no rows.
  ///
  /// Errors  as Start, but for rows
  using Columns = std::map<std::string, std::shared_ptr<arrow::Schema>>;
  static Result<Columns> ColumnsUnder(const SchemaDefinition& schema, const Columns& tables);

  /// The tables as streams of good rows, by the names that they came with, in the order of the
  /// schema. A stream ends with kValidation where the upload is refused: for any fault without
  /// `splits`, too many of them, or when no row of any table is good. Streams may be read in any
  /// order, also by several threads. They keep this alive.
  std::vector<TableInput> Tables();

  /// When all streams have ended: what was found, and rows that were not good.
  const Rejects& rejects() const { return rejects_; }
  int64_t good_rows() const { return good_rows_; }
  /// Whether all rows were read, and none is good.
  bool is_all_bad() const { return is_all_bad_; }

 private:
  struct Table {
    UploadTable in;
    int number = 0;  ///< in the schema
    std::shared_ptr<arrow::RecordBatchReader> reader;
    std::optional<TableCheck> check;
    bool has_references = false;  ///< then `reader` gives again what was read at the start
    bool ended = false;
    int64_t records = 0;
    size_t next_broken = 0;
  };
  class GoodRows;
  using Batch = std::shared_ptr<arrow::RecordBatch>;

  explicit UploadCheck(const CheckOptions& options) : options_(options), rejects_(options.limits) {}

  static Result<std::shared_ptr<UploadCheck>> Make(const SchemaDefinition& schema,
                                                   const CheckOptions& options);
  Result<void> Match(std::vector<UploadTable> tables, const std::vector<TableInput>& existing);
  Result<void> MatchColumns(std::vector<std::string> faults);
  Result<void> AddExisting(const std::vector<TableInput>& existing);
  Result<void> ReadReferences();
  Result<void> Spool(Table* table);

  Result<Batch> Next(Table* table);
  Result<Batch> Read(Table* table);
  Result<Batch> CheckNext(Table* table, const Batch& batch);
  Result<Batch> SelectNext(Table* table, const Batch& batch);
  Result<std::vector<bool>> Examine(Table* table, const arrow::RecordBatch& batch, Batch* rows);
  Result<void> AddBroken(Table* table, const arrow::RecordBatch& batch);
  Result<void> AddFault(const Table& table, const arrow::RecordBatch& batch,
                        const CellFault& fault);
  Result<Batch> Split(Table* table, const arrow::RecordBatch& written, const Batch& rows,
                      const std::vector<bool>& is_rejected);
  Error Refuse();
  Result<void> End(Table* table);
  int NumberOf(const std::string& name, size_t tables) const;

  const CheckOptions options_;
  SchemaDefinition schema_;
  ValueHasher hasher_;
  std::optional<References> references_;
  std::vector<std::unique_ptr<Table>> tables_;  ///< in the schema's order
  Rejects rejects_;
  int64_t good_rows_ = 0;
  bool is_all_bad_ = false;
  std::optional<Error> refusal_;
  std::mutex mutex_;  ///< one batch at a time: faults are collected together
};

}  // namespace coreshed::validate
