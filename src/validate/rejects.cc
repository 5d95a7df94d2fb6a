#include "validate/rejects.h"

#include <arrow/api.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::validate {
namespace {

constexpr const char* kWhat = "collecting rejects";
constexpr size_t kShownMax = 20;

int64_t BytesOf(const Reject& reject) {
  constexpr size_t kEach = 300;  // of what holds the texts
  return static_cast<int64_t>(kEach + reject.table.size() + reject.file.size() +
                              reject.column.size() + reject.value.value_or("").size() +
                              reject.reason.size());
}

std::string Counted(int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// "samples.csv, record 3 (line 4), column top: '-1' is below 0, …"
std::string LineOf(const Reject& reject) {
  std::string line = reject.file.empty() ? reject.table : reject.file;
  line += (line.empty() ? "record " : ", record ") + std::to_string(reject.record);
  if (reject.line > 0) line += " (line " + std::to_string(reject.line) + ")";
  if (!reject.column.empty()) line += ", column " + reject.column;
  return line + ": " + reject.reason;
}

}  // namespace

Result<void> Rejects::Add(Reject reject, int table, int column) {
  if (static_cast<int64_t>(entries_.size()) >= limits_.entries) {
    return TooMany(Counted(limits_.entries, "fault"));
  }
  bytes_ += BytesOf(reject);
  ++by_rule_[reject.rule];
  entries_.push_back({std::move(reject), table, column});
  if (bytes_ > limits_.bytes) return TooMany(Counted(limits_.bytes, "byte") + " of faults");
  return {};
}

Result<void> Rejects::AddRows(int table, RejectedRows of,
                              std::shared_ptr<arrow::RecordBatch> rows) {
  bytes_ += arrow::util::TotalBufferSize(*rows);
  auto& all = rows_[table];
  all.batches.push_back(std::move(rows));
  auto records = std::move(all.of.records);
  records.insert(records.end(), of.records.begin(), of.records.end());
  all.of = std::move(of);
  all.of.records = std::move(records);
  if (bytes_ > limits_.bytes) return TooMany(Counted(limits_.bytes, "byte") + " of rejected rows");
  return {};
}

std::vector<const Rejects::Entry*> Rejects::Sorted() const {
  std::vector<const Entry*> sorted;
  for (const auto& entry : entries_)
    sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Entry* a, const Entry* b) {
    return std::tie(a->table, a->reject.record, a->column) <
           std::tie(b->table, b->reject.record, b->column);
  });
  return sorted;
}

std::vector<Reject> Rejects::All() const {
  std::vector<Reject> all;
  for (const auto* entry : Sorted())
    all.push_back(entry->reject);
  return all;
}

Result<std::vector<RejectedRows>> Rejects::Rows() const {
  std::vector<RejectedRows> all;
  for (const auto& [number, table] : rows_) {
    CORESHED_ARROW_ASSIGN(auto rows, arrow::Table::FromRecordBatches(table.batches), kWhat);
    all.push_back(table.of);
    all.back().rows = std::move(rows);
  }
  return all;
}

std::string Rejects::RuleCounts() const {
  std::string counts;
  for (const auto& [rule, count] : by_rule_)
    counts += (counts.empty() ? "" : ", ") + rule + " " + std::to_string(count);
  return counts;
}

Error Rejects::Refusal() const {
  auto error = FirstFaults();
  error.message +=
      " Mend the rows and send them again. Of an upload the good rows can be taken alone, and the "
      "others come back (--split, on_invalid).";
  return error;
}

Error Rejects::FirstFaults() const {
  const auto sorted = Sorted();
  std::string message =
      "The data break their schema: " + Counted(static_cast<int64_t>(sorted.size()), "fault") +
      " (" + RuleCounts() + ").";
  for (size_t i = 0; i < sorted.size() && i < kShownMax; ++i)
    message += " " + LineOf(sorted[i]->reject);
  if (sorted.size() > kShownMax) {
    message += " And " + std::to_string(sorted.size() - kShownMax) + " more.";
  }
  return Error{ErrorKind::kValidation, std::move(message)}
      .With("faults", std::to_string(sorted.size()))
      .With("rules", RuleCounts());
}

Error Rejects::TooMany(const std::string& what) const {
  auto error = FirstFaults();
  error.message = "There are more than " + what +
                  ", so the whole is refused and nothing is stored; mend what is wrong everywhere "
                  "first. Until then: " +
                  error.message;
  return error;
}

}  // namespace coreshed::validate
