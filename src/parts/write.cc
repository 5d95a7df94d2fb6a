#include "parts/write.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <map>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/base_parts.h"
#include "parts/cut.h"
#include "parts/file_writer.h"
#include "parts/stored.h"
#include "parts/types.h"

namespace coreshed::parts {

Result<WriteAnswer> WriteParts(const WriteRequest& request, storage::Storage& storage,
                               storage::Stage& stage) {
  auto reader = request.reader;
  if (reader == nullptr) reader = std::make_shared<arrow::TableBatchReader>(*request.table);
  const auto schema = reader->schema();
  CORESHED_TRY(CheckTypes(*schema));
  WriteAnswer answer;
  answer.schema = schema;
  std::vector<std::shared_ptr<arrow::RecordBatch>> held;
  int64_t held_rows = 0;
  const auto next = [&]() -> Result<std::shared_ptr<arrow::RecordBatch>> {
    std::shared_ptr<arrow::RecordBatch> batch;
    CORESHED_ARROW_TRY(reader->ReadNext(&batch), "reading the rows to write");
    return batch;
  };
  if (request.cut) {
    answer.cut = *request.cut;
  } else {
    while (held_rows < kCutSampleRows) {
      CORESHED_ASSIGN(auto batch, next());
      if (batch == nullptr) break;
      held_rows += batch->num_rows();
      held.push_back(batch);
    }
    CORESHED_ASSIGN(answer.cut, ChooseCutRule(held, *schema));
  }
  std::optional<BaseParts> base;
  if (request.base != nullptr && request.base_schema != nullptr &&
      StoredAlike(*request.base_schema, *schema)) {
    CORESHED_ASSIGN(base, BaseParts::Load(*request.base, request.record_prefix, storage));
  }
  Cutter cutter(answer.cut, schema);
  std::vector<std::shared_ptr<arrow::RecordBatch>> parts;
  std::vector<std::pair<PartPlace, PartEntry>> placed;  // file -1: new
  std::unique_ptr<PartFileWriter> writer;
  Sum128 sum;
  std::vector<Hash256> hashes;
  if (request.append) {
    if (!base) return Error{ErrorKind::kInvalidArgument, "append_rows: other columns than the base's"};
    ReadRequest read{request.base, request.record_prefix, schema, {}, 1, 0};
    CORESHED_ASSIGN(const auto source, TableSource::Open(read, storage));
    const auto& places = source->places();
    for (size_t i = 0; i + 1 < places.size(); ++i) {
      CORESHED_ASSIGN(auto entry, base->Entry(places[i]));
      placed.emplace_back(places[i], entry);
    }
    if (!places.empty()) {
      CORESHED_ASSIGN(auto last, source->ReadPart(places.back()));
      CORESHED_TRY(cutter.Add(last, &parts));
    }
  }
  const auto write = [&](const std::shared_ptr<arrow::RecordBatch>& part, bool only) -> Result<void> {
    if (request.stop.stop_requested()) return Error{ErrorKind::kCancelled, "The write was cancelled."};
    PartEntry entry;
    entry.rows = part->num_rows();
    for (const auto& column : part->columns()) {
      CORESHED_ASSIGN(const auto hash, ColumnHash(*column));
      entry.columns.push_back(hash);
    }
    entry.hash = PartHash(entry.rows, entry.columns);
    if (base) {
      if (const auto place = base->Find(entry.hash)) {
        CORESHED_ASSIGN(entry.sum, DuplicateSum(*part));
        placed.emplace_back(*place, entry);
        return {};
      }
    }
    CORESHED_ASSIGN(entry.sum, DuplicateSum(*part));
    arrow::ArrayVector columns;
    for (int i = 0; i < part->num_columns(); ++i) {
      CORESHED_ASSIGN(auto column, ToStored(part->column(i), part->column_name(i)));
      columns.push_back(column);
    }
    const auto stored = arrow::RecordBatch::Make(StoredSchema(*schema), part->num_rows(), columns);
    if (writer == nullptr) {
      CORESHED_ASSIGN(const auto encodings, ChooseEncodings(*stored, only));
      CORESHED_ASSIGN(writer, PartFileWriter::Open(schema, encodings));
      CORESHED_TRY(writer->stream().Begin(stage, request.name(0, true)));
    }
    int64_t count = 0;
    for (const auto& p : placed) count += p.first.file < 0;
    placed.emplace_back(PartPlace{-1, count}, entry);
    return writer->Add(*stored, entry);
  };
  for (size_t i = 0;; ++i) {
    std::shared_ptr<arrow::RecordBatch> batch;
    if (i < held.size()) {
      batch = held[i];
    } else {
      CORESHED_ASSIGN(batch, next());
    }
    if (batch == nullptr) break;
    CORESHED_TRY(cutter.Add(batch, &parts));
    for (const auto& part : parts) CORESHED_TRY(write(part, false));
    parts.clear();
  }
  CORESHED_ASSIGN(const auto last, cutter.Finish());
  for (const auto& part : parts) CORESHED_TRY(write(part, false));
  if (last != nullptr) CORESHED_TRY(write(last, placed.empty()));
  std::map<int64_t, int64_t> numbers;
  auto& table = answer.parts;
  if (writer != nullptr) {
    CORESHED_ASSIGN(auto file, writer->Finish());
    answer.new_bytes = file.size_bytes;
    table.files.push_back(file);
    numbers[-1] = 0;
  }
  for (const auto& [place, entry] : placed) {
    if (!numbers.contains(place.file)) {
      numbers[place.file] = static_cast<int64_t>(table.files.size());
      table.files.push_back(request.base->files[static_cast<size_t>(place.file)]);
    }
    const int64_t file = numbers[place.file];
    if (!table.runs.empty() && table.runs.back().file == file &&
        table.runs.back().first + table.runs.back().count == place.part) {
      ++table.runs.back().count;
    } else {
      table.runs.push_back({file, place.part, 1});
    }
    hashes.push_back(entry.hash);
    sum.Add(entry.sum);
    table.rows += entry.rows;
  }
  table.parts = static_cast<int64_t>(placed.size());
  table.exact_hash = TableExactHash(hashes);
  table.duplicate_sum = ToHex(sum);
  return answer;
}

}  // namespace coreshed::parts
