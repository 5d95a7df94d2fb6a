#include "parts/table_source.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/chunked_array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/conform.h"
#include "parts/dictionary.h"
#include "parts/hash.h"
#include "parts/kept_dictionaries.h"
#include "parts/memory_pool.h"
#include "parts/worker_pool.h"

namespace coreshed::parts {
namespace {

/// The rows of a chunked column as one array.
Result<std::shared_ptr<arrow::Array>> SliceOf(const arrow::ChunkedArray& column, int64_t begin,
                                              int64_t count) {
  const auto slice = column.Slice(begin, count);
  if (slice->num_chunks() == 1) return slice->chunk(0);
  CORESHED_ARROW_ASSIGN(auto joined, arrow::Concatenate(slice->chunks(), Pool()),
                        "reading a column");
  return joined;
}

Error InFile(Error error, const std::string& key) {
  if (error.kind == ErrorKind::kCorruption) {
    error.message = "File " + key + " is damaged: it " + error.message;
    error.fields["object"] = key;
  }
  return error;
}

/// Chunks that were read as dictionaries, and are to be none, as one chunk of values.
Result<arrow::ArrayVector> ExpandIfWanted(const arrow::ArrayVector& chunks,
                                          const arrow::DataType& type) {
  const bool wanted = !chunks.empty() && chunks[0]->type_id() == arrow::Type::DICTIONARY &&
                      type.id() != arrow::Type::DICTIONARY;
  if (!wanted) return chunks;
  std::vector<std::shared_ptr<arrow::ArrayData>> encoded;
  for (const auto& chunk : chunks)
    encoded.push_back(chunk->data());
  CORESHED_ASSIGN(const auto values, ExpandTexts(encoded));
  return arrow::ArrayVector{arrow::MakeArray(values)};
}

}  // namespace

Result<void> TableSource::ChooseColumns(const ReadRequest& request) {
  CORESHED_ASSIGN(const auto parsed, ParseStoredSchema(request.schema));
  const auto& stored = *parsed.schema;
  if (request.columns.empty()) {
    for (int i = 0; i < stored.num_fields(); ++i)
      columns_.push_back(i);
  }
  for (const auto& name : request.columns) {
    const auto found = stored.GetAllFieldIndices(name);
    if (found.empty()) {
      return Error{ErrorKind::kNotFound, "there is no column '" + name + "'"}.With("column", name);
    }
    columns_.push_back(found[0]);
  }
  auto sorted = columns_;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  all_columns_ = static_cast<int>(sorted.size()) == stored.num_fields();
  arrow::FieldVector fields;
  for (const int column : columns_) {
    fields.push_back(stored.field(column));
    dictionaries_.push_back(parsed.dictionaries[static_cast<size_t>(column)]);
  }
  schema_ = arrow::schema(std::move(fields), stored.metadata());
  return {};
}

Result<void> TableSource::OpenFiles(const ReadRequest& request, storage::Storage& storage) {
  const auto& table = *request.parts;
  is_remote_ = storage.is_remote();
  files_.resize(table.files.size());
  entries_.resize(table.files.size());
  std::vector<bool> is_named(table.files.size());
  for (const auto& place : places_) {
    const auto at = static_cast<size_t>(place.file);
    if (place.file < 0 || at >= table.files.size() || place.part < 0 ||
        place.part >= table.files[at].parts) {
      return Error{ErrorKind::kCorruption,
                   "The metadata of " + request.record_prefix + " name parts that no file has."};
    }
    is_named[at] = true;
  }
  std::vector<size_t> named;
  for (size_t at = 0; at < is_named.size(); ++at) {
    if (is_named[at]) named.push_back(at);
  }
  if (!is_remote_) {
    for (const size_t at : named)
      CORESHED_TRY(OpenFile(request, storage, at));
    return {};
  }
  constexpr size_t kAtOnce = 16;
  WorkerPool pool(static_cast<int>(std::min(named.size(), kAtOnce)));
  for (const size_t at : named) {
    pool.Run([this, &request, &storage, at] { return OpenFile(request, storage, at); });
  }
  return pool.Wait();
}

Result<void> TableSource::OpenFile(const ReadRequest& request, storage::Storage& storage,
                                   size_t at) {
  const auto& file = request.parts->files[at];
  CORESHED_ASSIGN(files_[at],
                  PartFileReader::Open(storage, request.record_prefix + file.name, file));
  CORESHED_TRY(files_[at]->CheckSchema(*request.schema));
  CORESHED_ASSIGN(entries_[at], files_[at]->Entries(all_columns_ ? PartFileReader::Need::kHashes
                                                                 : PartFileReader::Need::kColumns));
  return {};
}

Result<void> TableSource::CheckRows(const ReadRequest& request) const {
  int64_t rows = 0;
  for (const auto& place : places_)
    rows += this->rows(place);
  if (rows == request.parts->rows) return {};
  return Error{ErrorKind::kCorruption, "The files below " + request.record_prefix + " hold " +
                                           std::to_string(rows) + " rows, not the " +
                                           std::to_string(request.parts->rows) +
                                           " that the metadata give."};
}

Result<std::shared_ptr<TableSource>> TableSource::Open(const ReadRequest& request,
                                                       storage::Storage& storage) {
  std::vector<PartPlace> places;
  for (const auto& run : request.parts->runs) {
    for (int64_t i = 0; i < run.count; ++i)
      places.push_back({run.file, run.first + i});
  }
  CORESHED_ASSIGN(auto source, Open(request, storage, std::move(places)));
  CORESHED_TRY(source->CheckRows(request));
  return source;
}

Result<std::shared_ptr<TableSource>> TableSource::Open(const ReadRequest& request,
                                                       storage::Storage& storage,
                                                       std::vector<PartPlace> places) {
  std::shared_ptr<TableSource> source(new TableSource());
  source->places_ = std::move(places);
  CORESHED_TRY(source->ChooseColumns(request));
  CORESHED_TRY(source->OpenFiles(request, storage));
  return source;
}

/// A column as Parquet gave it, with the type that was handed in.
Result<std::shared_ptr<arrow::ChunkedArray>> TableSource::ConformColumn(
    int column, const PartFileReader& reader, const arrow::ChunkedArray& read) const {
  const auto& type = schema_->field(column)->type();
  auto expanded = ExpandIfWanted(read.chunks(), *type);
  if (!expanded) return InFile(std::move(expanded).error(), reader.key());
  arrow::ArrayVector chunks;
  for (const auto& chunk : *expanded) {
    auto conformed = Conform(chunk, type, dictionaries_[static_cast<size_t>(column)]);
    if (!conformed) return InFile(std::move(conformed).error(), reader.key());
    chunks.push_back(std::move(conformed).value());
  }
  return std::make_shared<arrow::ChunkedArray>(std::move(chunks), type);
}

void TableSource::WillRead(std::span<const PartPlace> places) const {
  if (!is_remote_) return;
  std::map<int64_t, std::vector<int>> by_file;
  for (const auto& place : places)
    by_file[place.file].push_back(static_cast<int>(place.part));
  auto columns = columns_;
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  for (const auto& [file, parts] : by_file)
    files_[static_cast<size_t>(file)]->WillRead(columns, parts);
}

Result<std::shared_ptr<arrow::ChunkedArray>> TableSource::ReadColumn(
    int column, int64_t file, std::span<const int> parts, std::span<Hash256> hashes) const {
  const auto& reader = *files_[static_cast<size_t>(file)];
  const int stored = columns_[static_cast<size_t>(column)];
  CORESHED_ASSIGN(const auto read,
                  reader.ReadColumns({&stored, 1}, std::vector<int>(parts.begin(), parts.end())));
  CORESHED_ASSIGN(auto result, ConformColumn(column, reader, *read[0]));
  int64_t begin = 0;
  for (size_t i = 0; i < hashes.size(); ++i) {
    const int64_t count = reader.rows(parts[i]);
    CORESHED_ASSIGN(const auto rows, SliceOf(*result, begin, count));
    CORESHED_ASSIGN(hashes[i], ColumnHash(*rows));
    begin += count;
  }
  return result;
}

Result<void> TableSource::CheckHashes(const PartPlace& place,
                                      std::span<const Hash256> columns) const {
  const auto& entry = entries_[static_cast<size_t>(place.file)][static_cast<size_t>(place.part)];
  bool same = true;
  if (all_columns_) {
    std::vector<Hash256> in_order(
        static_cast<size_t>(*std::max_element(columns_.begin(), columns_.end()) + 1));
    for (size_t i = 0; i < columns.size(); ++i) {
      in_order[static_cast<size_t>(columns_[i])] = columns[i];
    }
    same = PartHash(entry.rows, in_order) == entry.hash;
  } else {
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto column = static_cast<size_t>(columns_[i]);
      same = same && column < entry.columns.size() && columns[i] == entry.columns[column];
    }
  }
  if (same) return {};
  const auto& key = files_[static_cast<size_t>(place.file)]->key();
  return Error{ErrorKind::kCorruption, "File " + key + " is damaged: the rows of its row group " +
                                           std::to_string(place.part) +
                                           " are not those that were written."}
      .With("object", key);
}

Result<std::shared_ptr<arrow::RecordBatch>> TableSource::ReadPart(const PartPlace& place) const {
  const auto& reader = File(place);
  const int64_t rows = this->rows(place);
  auto stored = columns_;
  std::sort(stored.begin(), stored.end());
  stored.erase(std::unique(stored.begin(), stored.end()), stored.end());
  CORESHED_ASSIGN(const auto read, reader.ReadColumns(stored, {static_cast<int>(place.part)}));
  std::vector<Hash256> hashes(columns_.size());
  arrow::ArrayVector columns(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    const auto at = std::lower_bound(stored.begin(), stored.end(), columns_[i]) - stored.begin();
    CORESHED_ASSIGN(const auto column,
                    ConformColumn(static_cast<int>(i), reader, *read[static_cast<size_t>(at)]));
    CORESHED_ASSIGN(columns[i], SliceOf(*column, 0, rows));
    CORESHED_ASSIGN(hashes[i], ColumnHash(*columns[i]));
  }
  CORESHED_TRY(CheckHashes(place, hashes));
  return arrow::RecordBatch::Make(schema_, rows, std::move(columns));
}

}  // namespace coreshed::parts
