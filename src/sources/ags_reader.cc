#include "sources/ags_reader.h"

#include <arrow/array/builder_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/builder.h>

#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kBatchRows = 65'536;
constexpr int64_t kBatchBytes = int64_t{16} << 20;
constexpr int64_t kValueBytes = 16;  // of any value but a text's own

}  // namespace

AgsReader::AgsReader(std::shared_ptr<InputFile> input, AgsGroupRows group, std::stop_token stop)
    : input_(std::move(input)), group_(std::move(group)), stop_(std::move(stop)) {}

arrow::Status AgsReader::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  batch->reset();
  if (ended_) return arrow::Status::OK();
  auto next = Next();
  // What is odd now was not so when the file was first looked over.
  if (auto unchanged = input_->CheckUnchanged(); !unchanged) return ToArrow(unchanged.error());
  if (!next) return ToArrow(next.error());
  *batch = std::move(*next);
  return arrow::Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> AgsReader::Next() {
  Builders builders;
  for (const auto& field : group_.schema->fields()) {
    CORESHED_ARROW_ASSIGN(auto builder, arrow::MakeBuilder(field->type()), field->name());
    builders.push_back(std::move(builder));
  }
  CORESHED_ASSIGN(const int64_t rows, Fill(&builders));
  rows_read_ += rows;
  if (rows == 0) {
    ended_ = true;
    records_.reset();
    if (rows_read_ != group_.rows) return Changed();
    return std::shared_ptr<arrow::RecordBatch>();
  }
  arrow::ArrayVector arrays;
  for (auto& builder : builders) {
    CORESHED_ARROW_ASSIGN(auto array, builder->Finish(), "reading " + input_->label());
    arrays.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(group_.schema, rows, std::move(arrays));
}

Result<bool> AgsReader::NextRecord(AgsRecord* record) {
  while (true) {
    if (!records_) {
      if (range_ == group_.ranges.size()) return false;
      AgsRecords::Options options;
      options.fields_max = group_.fields_max;
      options.stop = stop_;
      records_.emplace(input_, group_.ranges[range_++], std::move(options));
    }
    CORESHED_ASSIGN(const bool found, records_->Next(record));
    if (!found) {
      records_.reset();
    } else if (!record->fields.empty()) {
      return true;
    }
  }
}

/// Take rows until there are enough for a batch; returns how many.
Result<int64_t> AgsReader::Fill(Builders* builders) {
  int64_t rows = 0, bytes = 0;
  AgsRecord record;
  while (rows < kBatchRows && bytes < kBatchBytes) {
    CORESHED_ASSIGN(const bool found, NextRecord(&record));
    if (!found) break;
    CORESHED_ASSIGN(const int64_t size, Append(record, builders));
    bytes += size;
    ++rows;
  }
  return rows;
}

Result<int64_t> AgsReader::Append(const AgsRecord& record, Builders* builders) const {
  int64_t bytes = 0;
  for (size_t i = 0; i < builders->size(); ++i) {
    auto* builder = (*builders)[i].get();
    const auto text = i + 1 < record.fields.size() ? record.fields[i + 1] : std::string_view();
    bytes += kValueBytes;
    arrow::Status appended;
    if (text.empty()) {
      appended = builder->AppendNull();
    } else if (group_.formats[i] == nullptr) {
      bytes += static_cast<int64_t>(text.size());
      appended = static_cast<arrow::StringBuilder*>(builder)->Append(text);
    } else if (group_.formats[i]->Takes(AgsCell(text))) {
      appended = group_.formats[i]->Append(text, builder);
    } else {
      return Changed();
    }
    CORESHED_ARROW_TRY(appended,
                       group_.group + " " + group_.schema->field(static_cast<int>(i))->name());
  }
  return bytes;
}

Error AgsReader::Changed() const {
  return Error{ErrorKind::kConflict, "Group " + group_.group + " of " + input_->label() +
                                         " is not what it was when the file was opened. Try again "
                                         "when it is complete."}
      .With("file", input_->label());
}

}  // namespace coreshed::sources
