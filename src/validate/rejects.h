#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/validation.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace coreshed::validate {

/// What a row's file has of a record beyond the columns, as it is written behind them in a CSV
/// file.
using RowTail = std::function<Result<std::string>(int64_t record)>;

/// Rows that broke a rule, of one table, with all columns as they were handed in.
struct RejectedRows {
  std::string table, file;
  std::shared_ptr<arrow::Table> rows;
  std::vector<int64_t> records;  ///< of each row; ascending
  RowTail tail_of = {};
};

/// What may be kept of faults; more, and the upload is refused as a whole.
struct RejectLimits {
  int64_t entries = 100'000;
  int64_t bytes = int64_t{256} << 20;  ///< of entries and rejected rows together
};

/// Collects faults and the rows that have them.
class Rejects {
 public:
  explicit Rejects(RejectLimits limits) : limits_(limits) {}

  /// `table` and `column` tell where it stands among the others: by table, record, column.
  ///
  /// Errors (this and AddRows)  kValidation   it is one too many: what Refusal says, and that
  Result<void> Add(Reject reject, int table, int column);
  /// The rows of the n-th table in their order, with the schema that they all have; `of`: all else.
  Result<void> AddRows(int table, RejectedRows of, std::shared_ptr<arrow::RecordBatch> rows);

  bool empty() const { return entries_.empty(); }
  /// How many faults of each rule.
  const std::map<std::string, int64_t>& by_rule() const { return by_rule_; }
  /// All faults in their order.
  std::vector<Reject> All() const;
  /// Rejected rows by table; those of an upload that was split.
  Result<std::vector<RejectedRows>> Rows() const;

  /// The error of an upload that is refused for its faults: how many of which rule, and the first
  /// of them. Fields: `faults` (their number), `rules` (like "min 2, type 1").
  Error Refusal() const;

 private:
  struct Entry {
    Reject reject;
    int table = 0, column = 0;
  };
  struct TableRows {
    RejectedRows of;
    std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  };
  std::vector<const Entry*> Sorted() const;
  std::string RuleCounts() const;
  Error FirstFaults() const;
  Error TooMany(const std::string& what) const;

  RejectLimits limits_;
  int64_t bytes_ = 0;
  std::vector<Entry> entries_;
  std::map<std::string, int64_t> by_rule_;
  std::map<int, TableRows> rows_;
};

}  // namespace coreshed::validate
