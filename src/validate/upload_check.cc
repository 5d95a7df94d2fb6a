#include "validate/upload_check.h"

#include <arrow/api.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"
#include "table/check.h"
#include "validate/filter.h"
#include "validate/spool.h"
#include "validate/values.h"

namespace coreshed::validate {
namespace {

constexpr int64_t kBatchRows = 65'536;
constexpr size_t kFaultsShownMax = 100, kShownBytesMax = 100;

std::shared_ptr<arrow::RecordBatchReader> ReaderOf(const TableInput& input) {
  if (input.reader != nullptr) return input.reader;
  auto reader = std::make_shared<arrow::TableBatchReader>(input.table);
  reader->set_chunksize(kBatchRows);
  return reader;
}

std::string Sentence(const std::optional<std::string>& value, const std::string& what) {
  return value ? "'" + CutText(*value, kShownBytesMax) + "' " + what : "It " + what;
}

}  // namespace

/// What the check lets through of a table.
class UploadCheck::GoodRows : public arrow::RecordBatchReader {
 public:
  GoodRows(std::shared_ptr<UploadCheck> upload, Table* table)
      : upload_(std::move(upload)), table_(table) {}

  std::shared_ptr<arrow::Schema> schema() const override { return table_->check->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    auto next = upload_->Next(table_);
    if (!next) return ToArrow(next.error());
    *batch = std::move(*next);
    return arrow::Status::OK();
  }

 private:
  const std::shared_ptr<UploadCheck> upload_;
  Table* const table_;
};

Result<std::shared_ptr<UploadCheck>> UploadCheck::Make(const SchemaDefinition& schema,
                                                       const CheckOptions& options) {
  std::shared_ptr<UploadCheck> upload(new UploadCheck(options));
  // Also one that a program put together is held to the rules of schemas.
  CORESHED_ASSIGN(upload->schema_, ParseSchema(SchemaToJson(schema)));
  upload->references_.emplace(upload->schema_, upload->hasher_);
  return upload;
}

Result<std::shared_ptr<UploadCheck>> UploadCheck::Start(const SchemaDefinition& schema,
                                                        std::vector<UploadTable> tables,
                                                        const std::vector<TableInput>& existing,
                                                        const CheckOptions& options) {
  CORESHED_ASSIGN(auto upload, Make(schema, options));
  CORESHED_TRY(upload->Match(std::move(tables), existing));
  CORESHED_TRY(upload->AddExisting(existing));
  CORESHED_TRY(upload->ReadReferences());
  return upload;
}

Result<UploadCheck::Columns> UploadCheck::ColumnsUnder(const SchemaDefinition& schema,
                                                       const Columns& tables) {
  CORESHED_ASSIGN(const auto upload, Make(schema, {}));
  std::vector<UploadTable> empty;
  for (const auto& [name, columns] : tables) {
    CORESHED_ARROW_ASSIGN(auto table, arrow::Table::MakeEmpty(columns), "comparing columns");
    empty.push_back({{name, std::move(table), nullptr}});
  }
  CORESHED_TRY(upload->Match(std::move(empty), {}));
  Columns kept;
  for (const auto& table : upload->tables_)
    kept[table->in.input.name] = table->check->schema();
  return kept;
}

std::vector<TableInput> UploadCheck::Tables() {
  std::vector<TableInput> all;
  for (const auto& table : tables_) {
    all.push_back({table->in.input.name, nullptr,
                   std::make_shared<GoodRows>(shared_from_this(), table.get())});
  }
  return all;
}

/// The schema's table for one of `tables` that is called `name`; -1: none.
int UploadCheck::NumberOf(const std::string& name, size_t tables) const {
  if (tables == 1 && schema_.tables.size() == 1) return 0;
  for (size_t i = 0; i < schema_.tables.size(); ++i) {
    if (schema_.tables[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

Result<void> UploadCheck::Match(std::vector<UploadTable> tables,
                                const std::vector<TableInput>& existing) {
  std::vector<std::string> faults;
  std::set<int> there;
  const size_t count = tables.size();
  for (auto& in : tables) {
    const int number = NumberOf(in.input.name, count);
    if (number < 0 && in.input.name.empty()) {
      return Error{ErrorKind::kInvalidArgument,
                   "Each table needs its name where a record has several tables."};
    }
    if (number < 0) {
      faults.push_back("table '" + in.input.name + "' is not in the schema");
    } else if (!there.insert(number).second) {
      faults.push_back("table '" + in.input.name + "' is there twice");
    } else {
      auto table = std::make_unique<Table>();
      table->number = number;
      table->reader = ReaderOf(in.input);
      table->in = std::move(in);
      tables_.push_back(std::move(table));
    }
  }
  for (const auto& input : existing)
    there.insert(NumberOf(input.name, existing.size()));
  for (size_t i = 0; i < schema_.tables.size(); ++i) {
    if (there.contains(static_cast<int>(i))) continue;
    faults.push_back("table '" + schema_.tables[i].name + "' is missing");
  }
  std::sort(tables_.begin(), tables_.end(),
            [](const auto& a, const auto& b) { return a->number < b->number; });
  return MatchColumns(std::move(faults));
}

Result<void> UploadCheck::MatchColumns(std::vector<std::string> faults) {
  for (auto& table : tables_) {
    const auto& rule = schema_.tables[static_cast<size_t>(table->number)];
    const auto from = table->reader->schema();
    CORESHED_TRY(table::CheckNames(*from));
    std::vector<std::string> own;
    CORESHED_ASSIGN(auto check, TableCheck::Make(rule, *from, hasher_, &own));
    table->check.emplace(std::move(check));
    table->has_references = references_->Concerns(table->number);
    const std::string before =
        schema_.tables.size() > 1 ? "table '" + table->in.input.name + "': " : "";
    for (const auto& fault : own)
      faults.push_back(before + fault);
  }
  if (faults.empty()) return {};
  return Error{ErrorKind::kValidation,
               "The data do not fit their schema: " + Joined(faults, kFaultsShownMax, "; ") + "."}
      .With("faults", Joined(faults, kFaultsShownMax, "\n"));
}

Result<void> UploadCheck::AddExisting(const std::vector<TableInput>& existing) {
  for (const auto& input : existing) {
    const int number = NumberOf(input.name, existing.size());
    const auto found = std::find_if(tables_.begin(), tables_.end(),
                                    [&](const auto& table) { return table->number == number; });
    if (number < 0) continue;  // no rule is about it
    const auto reader = ReaderOf(input);
    while (true) {
      if (options_.stop.stop_requested()) {
        return Error{ErrorKind::kCancelled, "Checking was cancelled; nothing was changed."};
      }
      Batch batch;
      CORESHED_ARROW_TRY(reader->ReadNext(&batch), "reading table " + input.name);
      if (batch == nullptr) break;
      if (found != tables_.end()) CORESHED_TRY((*found)->check->AddKnown(*batch));
      CORESHED_TRY(references_->AddKnown(number, *batch));
    }
  }
  return {};
}

/// Only when all rows of such tables are known it is clear which are good.
Result<void> UploadCheck::ReadReferences() {
  bool has_any = false;
  for (auto& table : tables_) {
    if (!table->has_references) continue;
    CORESHED_TRY(Spool(table.get()));
    has_any = true;
  }
  if (!has_any) return {};
  references_->Resolve(options_.splits, options_.limits.entries);
  if (options_.splits) return {};
  bool is_broken = !rejects_.empty();
  for (const auto& table : tables_)
    is_broken = is_broken || !references_->BrokenOf(table->number).empty();
  if (is_broken) return Refuse();
  return {};
}

/// Read a table to its end, check it but for references, and keep what was read.
Result<void> UploadCheck::Spool(Table* table) {
  const auto next = [&]() -> Result<Batch> {
    CORESHED_ASSIGN(auto batch, Read(table));
    if (batch == nullptr) return batch;
    Batch rows;
    CORESHED_ASSIGN(const auto is_rejected, Examine(table, *batch, &rows));
    CORESHED_TRY(references_->Add(table->number, *rows, is_rejected));
    table->records += batch->num_rows();
    return batch;
  };
  CORESHED_ASSIGN(table->reader, ReadThrough(table->reader->schema(), next));
  table->records = 0;
  return {};
}

Result<UploadCheck::Batch> UploadCheck::Next(Table* table) {
  const std::lock_guard lock(mutex_);
  if (refusal_) return *refusal_;
  while (true) {
    auto next = [&]() -> Result<Batch> {
      if (table->ended) return Batch();
      CORESHED_ASSIGN(const auto batch, Read(table));
      if (batch == nullptr) {
        CORESHED_TRY(End(table));
        return batch;
      }
      return table->has_references ? SelectNext(table, batch) : CheckNext(table, batch);
    }();
    if (!next) refusal_ = next.error();
    if (!next || *next == nullptr || (*next)->num_rows() > 0) return next;
  }
}

Result<UploadCheck::Batch> UploadCheck::Read(Table* table) {
  if (options_.stop.stop_requested()) {
    return Error{ErrorKind::kCancelled, "Checking was cancelled; nothing was changed."};
  }
  Batch batch;
  CORESHED_ARROW_TRY(table->reader->ReadNext(&batch), "reading table " + table->in.input.name);
  return batch;
}

/// Check a batch by all rules but references; which rows have faults. `rows`: in the schema's
/// types.
Result<std::vector<bool>> UploadCheck::Examine(Table* table, const arrow::RecordBatch& batch,
                                               Batch* rows) {
  std::vector<bool> is_rejected(static_cast<size_t>(batch.num_rows()));
  if (table->in.reading_faults) {
    const int64_t before = table->records;
    for (auto& fault : table->in.reading_faults(before + 1, before + batch.num_rows())) {
      const int64_t row = fault.record - before - 1;
      is_rejected[static_cast<size_t>(row)] = true;
      const int64_t line = table->in.line_of ? table->in.line_of(fault.record) : 0;
      CORESHED_TRY(
          rejects_.Add({table->in.input.name, table->in.file, fault.record, line, "",
                        std::move(fault.value), std::move(fault.rule), std::move(fault.reason)},
                       table->number, -1));
    }
  }
  CORESHED_ASSIGN(const auto checked, table->check->Check(batch, options_.limits.entries));
  for (const auto& fault : checked.faults) {
    is_rejected[static_cast<size_t>(fault.row)] = true;
    CORESHED_TRY(AddFault(*table, batch, fault));
  }
  *rows = checked.rows;
  return is_rejected;
}

Result<void> UploadCheck::AddFault(const Table& table, const arrow::RecordBatch& batch,
                                   const CellFault& fault) {
  const int64_t record = table.records + fault.row + 1;
  const int64_t line = table.in.line_of ? table.in.line_of(record) : 0;
  auto value = table.check->Written(batch, fault);
  auto reason = Sentence(value, fault.what);
  return rejects_.Add(
      {table.in.input.name, table.in.file, record, line, table.check->ColumnsOf(fault),
       std::move(value), fault.rule, std::move(reason)},
      table.number, fault.column);
}

Result<UploadCheck::Batch> UploadCheck::CheckNext(Table* table, const Batch& batch) {
  Batch rows;
  CORESHED_ASSIGN(const auto is_rejected, Examine(table, *batch, &rows));
  if (!options_.splits && !rejects_.empty()) {
    table->records += batch->num_rows();
    return Refuse();
  }
  return Split(table, *batch, rows, is_rejected);
}

/// What was read before, now that it is known which rows are good.
Result<UploadCheck::Batch> UploadCheck::SelectNext(Table* table, const Batch& batch) {
  CORESHED_TRY(AddBroken(table, *batch));
  CORESHED_ASSIGN(const auto rows, table->check->Convert(*batch));
  std::vector<bool> is_rejected;
  for (int64_t row = 0; row < batch->num_rows(); ++row)
    is_rejected.push_back(references_->IsRejected(table->number, table->records + row));
  return Split(table, *batch, rows, is_rejected);
}

/// The faults of references in the next rows.
Result<void> UploadCheck::AddBroken(Table* table, const arrow::RecordBatch& batch) {
  const auto& broken = references_->BrokenOf(table->number);
  const int64_t end = table->records + batch.num_rows();
  for (; table->next_broken < broken.size(); ++table->next_broken) {
    const auto& reference = broken[table->next_broken];
    if (reference.row >= end) break;
    const auto target = references_->Target(table->number, reference.column);
    const std::string what =
        reference.to_rejected
            ? "stands in " + target + " only in rows that are rejected themselves."
            : "does not occur in " + target + ".";
    CORESHED_TRY(AddFault(*table, batch,
                          {reference.row - table->records, reference.column, "reference", what}));
  }
  return {};
}

/// Keep rejected rows as they were handed in, and give the others.
Result<UploadCheck::Batch> UploadCheck::Split(Table* table, const arrow::RecordBatch& written,
                                              const Batch& rows,
                                              const std::vector<bool>& is_rejected) {
  const int64_t first = table->records + 1;
  table->records += rows->num_rows();
  const auto rejected = std::count(is_rejected.begin(), is_rejected.end(), true);
  good_rows_ += rows->num_rows() - rejected;
  if (rejected == 0) return rows;
  std::vector<int64_t> records;
  for (size_t row = 0; row < is_rejected.size(); ++row) {
    if (is_rejected[row]) records.push_back(first + static_cast<int64_t>(row));
  }
  CORESHED_ASSIGN(auto bad, Filtered(written, is_rejected));
  CORESHED_TRY(rejects_.AddRows(
      table->number,
      {table->in.input.name, table->in.file, nullptr, std::move(records), table->in.tail_of},
      std::move(bad)));
  auto is_good = is_rejected;
  is_good.flip();
  return Filtered(*rows, is_good);
}

/// Read on for the other faults of all tables; then the error that names them.
Error UploadCheck::Refuse() {
  const auto read_on = [&]() -> Result<void> {
    for (auto& table : tables_) {
      if (table->has_references && references_->BrokenOf(table->number).empty()) continue;
      while (!table->ended) {
        CORESHED_ASSIGN(const auto batch, Read(table.get()));
        if (batch == nullptr) break;
        Batch rows;
        if (table->has_references) {
          CORESHED_TRY(AddBroken(table.get(), *batch));
        } else {
          CORESHED_TRY(Examine(table.get(), *batch, &rows));
        }
        table->records += batch->num_rows();
      }
      table->ended = true;
    }
    return {};
  };
  if (auto done = read_on(); !done) return std::move(done).error();
  return rejects_.Refusal();
}

Result<void> UploadCheck::End(Table* table) {
  table->ended = true;
  const bool all_ended =
      std::all_of(tables_.begin(), tables_.end(), [](const auto& each) { return each->ended; });
  if (!all_ended || good_rows_ > 0 || rejects_.empty()) return {};
  is_all_bad_ = true;
  auto error = rejects_.Refusal();
  error.message = "No row is good, so nothing is stored. " + error.message;
  return error;
}

}  // namespace coreshed::validate
