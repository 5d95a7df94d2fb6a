#include "parts/write.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/base_parts.h"
#include "parts/cut.h"
#include "parts/kept_dictionaries.h"
#include "parts/new_files.h"
#include "parts/placement.h"
#include "parts/row_bytes.h"
#include "parts/row_source.h"
#include "parts/types.h"
#include "parts/worker_pool.h"

namespace coreshed::parts {
namespace {

using BatchPtr = std::shared_ptr<arrow::RecordBatch>;

/// New parts beside reused ones stay together in one file up to this; it bounds what is held of a
/// file whose name is not known yet, too.
constexpr int64_t kUpdateBlockBytes = int64_t{32} << 20;
constexpr int64_t kFirstBlockBytes = int64_t{8} << 20;
constexpr int64_t kMemoryBytesMin = int64_t{16} << 20;

Error Cancelled() {
  return Error{ErrorKind::kCancelled, "The write was cancelled; nothing was changed."};
}

Result<PartEntry> HashPart(const arrow::RecordBatch& rows) {
  PartEntry entry;
  entry.rows = rows.num_rows();
  entry.columns.reserve(static_cast<size_t>(rows.num_columns()));
  for (int i = 0; i < rows.num_columns(); ++i) {
    auto hash = ColumnHash(*rows.column(i));
    if (!hash) {
      hash.error().message = "column '" + rows.column_name(i) + "': " + hash.error().message;
      return std::move(hash).error().With("column", rows.column_name(i));
    }
    entry.columns.push_back(*hash);
  }
  entry.hash = PartHash(entry.rows, entry.columns);
  return entry;
}

/// One call of WriteParts.
///
/// The caller's thread reads and cuts; each part is hashed on the pool; then, in the order of the
/// table, a part is found in the base, or given to NewFiles, which encodes it on the pool.
class TableWriter {
 public:
  TableWriter(const WriteRequest& request, storage::Storage& storage, storage::Stage& stage)
      : request_(request), storage_(storage), stage_(stage) {}

  Result<WriteAnswer> Run();

 private:
  Result<void> Prepare();
  Result<void> LoadBase();
  Result<void> AddBaseRows();
  Result<void> AddDictionariesHandedIn();
  Result<void> CutBasePart(size_t index, const PartPlace& place, bool is_touched);
  Result<void> Keep(const PartPlace& place);
  Result<void> CutRows();
  Result<void> Submit(BatchPtr rows);
  Result<void> Dispatch(BatchPtr rows);
  void StartPool(bool only_part, const arrow::RecordBatch& rows);
  Result<void> HashAndPlace(size_t index, BatchPtr rows, int64_t bytes);
  void PlaceInOrder(size_t index, NewPart part, std::optional<PartPlace> found);
  Result<void> RewriteScattered();
  void CountRows(int64_t rows);

  const WriteRequest& request_;
  storage::Storage& storage_;
  storage::Stage& stage_;

  std::optional<RowSource> source_;
  CutRule cut_;
  std::optional<Cutter> cutter_;
  std::optional<DictionaryCollector> dictionaries_;
  std::optional<BaseParts> base_;
  std::map<int64_t, std::shared_ptr<TableSource>> base_sources_;  ///< by file, of those read again
  int64_t memory_bytes_ = kMemoryBytesMin;
  BatchPtr first_;  ///< held back until it is known whether it is the only one
  size_t submitted_ = 0;

  struct Hashed {
    NewPart part;
    std::optional<PartPlace> found;
  };
  std::mutex order_mutex_;
  std::map<size_t, Hashed> waiting_;  ///< hashed before one that stands before them
  std::vector<PlacedPart> placed_;

  std::mutex rows_mutex_;
  int64_t rows_done_ = 0;

  // Last: their tasks use all the others, and the pool ends first. By pointers, which still point
  // to it while its destructor waits for tasks that use it.
  std::optional<NewFiles> new_files_;
  std::unique_ptr<WorkerPool> pool_;
};

Result<void> TableWriter::Prepare() {
  CORESHED_ASSIGN(source_, RowSource::Open(request_));
  CORESHED_TRY(CheckTypes(*source_->schema()));
  if (source_->schema()->num_fields() == 0) {
    return Error{ErrorKind::kValidation, "A table without columns can't be stored."};
  }
  memory_bytes_ = std::max(request_.memory_bytes, kMemoryBytesMin);
  if (request_.cut) {
    cut_ = *request_.cut;
  } else {
    CORESHED_ASSIGN(const auto first_rows, source_->Peek(kCutSampleRows));
    CORESHED_ASSIGN(cut_, ChooseCutRule(first_rows, *source_->schema()));
  }
  CORESHED_TRY(CheckCutRule(cut_));
  cutter_.emplace(cut_, source_->schema());
  dictionaries_.emplace(*source_->schema());
  return LoadBase();
}

Result<void> TableWriter::LoadBase() {
  const bool usable = request_.base != nullptr && request_.base_schema != nullptr &&
                      StoredAlike(*request_.base_schema, *source_->schema());
  if (!usable) {
    if (!request_.append) return {};
    return Error{ErrorKind::kInvalidArgument,
                 "Rows can only be appended to a table with the same columns."};
  }
  CORESHED_ASSIGN(base_, BaseParts::Load(*request_.base, request_.record_prefix, storage_,
                                         request_.append && request_.base->parts > 1));
  return request_.append ? AddBaseRows() : Result<void>();
}

/// The base's rows. No more than the next row can move a cut, so parts that are not touched stay
/// where the one after them is not either, and nothing is left over from those before. The last
/// part, which the end of the table cut off, comes again before the rows that follow.
Result<void> TableWriter::AddBaseRows() {
  const auto places = base_->Places();
  if (!places.empty()) CORESHED_TRY(dictionaries_->StartFrom(*request_.base_schema));
  CORESHED_TRY(AddDictionariesHandedIn());
  CORESHED_ASSIGN(const auto following, source_->Peek(1));
  const auto touches = [&](size_t i) {
    return i < places.size() && request_.edit != nullptr && request_.edit->Touches(i);
  };
  for (size_t i = 0; i < places.size(); ++i) {
    // Where the cut after it was made because the next row was too large, that row counts, too.
    const bool may_move = touches(i + 1) || (i + 1 == places.size() && !following.empty());
    if (!touches(i) && !may_move && cutter_->is_at_cut()) {
      CORESHED_TRY(Keep(places[i]));
    } else {
      CORESHED_TRY(CutBasePart(i, places[i], touches(i)));
    }
  }
  return {};
}

/// Of an edit: rows that are put together from here and there have dictionaries in any order.
Result<void> TableWriter::AddDictionariesHandedIn() {
  if (request_.handed_in == nullptr) return {};
  arrow::TableBatchReader batches(*request_.handed_in);
  BatchPtr batch;
  while (true) {
    CORESHED_ARROW_TRY(batches.ReadNext(&batch), "the rows to write");
    if (batch == nullptr) return {};
    CORESHED_TRY(dictionaries_->Add(*batch));
  }
}

Result<void> TableWriter::CutBasePart(size_t index, const PartPlace& place, bool is_touched) {
  if (request_.stop.stop_requested()) return Cancelled();
  auto& source = base_sources_[place.file];
  if (source == nullptr) {
    ReadRequest read;
    read.parts = request_.base;
    read.record_prefix = request_.record_prefix;
    read.schema = source_->schema();
    CORESHED_ASSIGN(source, TableSource::Open(read, storage_, {place}));
  }
  CORESHED_ASSIGN(auto rows, source->ReadPart(place));
  if (is_touched) {
    CORESHED_ASSIGN(rows, request_.edit->Apply(index, rows));
  }
  std::vector<BatchPtr> parts;
  CORESHED_TRY(cutter_->Add(rows, &parts));
  for (auto& part : parts)
    CORESHED_TRY(Submit(std::move(part)));
  return {};
}

/// A part of the base at the next place.
Result<void> TableWriter::Keep(const PartPlace& place) {
  if (first_ != nullptr) {
    StartPool(false, *first_);
    CORESHED_TRY(Dispatch(std::exchange(first_, nullptr)));
  }
  NewPart part;
  part.entry = *base_->Entry(place);
  CountRows(part.entry.rows);
  PlaceInOrder(submitted_++, std::move(part), place);
  return {};
}

void TableWriter::CountRows(int64_t rows) {
  const std::lock_guard lock(rows_mutex_);
  rows_done_ += rows;
  if (request_.on_rows) request_.on_rows(rows_done_);
}

void TableWriter::StartPool(bool only_part, const arrow::RecordBatch& rows) {
  const int threads = only_part ? 1 : std::max(1, request_.threads);
  pool_ = std::make_unique<WorkerPool>(threads);
  NewFiles::Options options;
  options.only_part = only_part && placed_.empty();
  options.block_bytes = base_ ? kUpdateBlockBytes : kFirstBlockBytes;
  options.block_bytes_max = memory_bytes_ / (2 * threads);
  if (!base_ && request_.table != nullptr) {
    // All rows are there already, so they need no memory of ours: one stretch for each thread,
    const int64_t row_bytes = RowBytesMax(rows, 0, rows.num_rows()) / rows.num_rows();
    // and a little more, so that no thread is left with a second, short one.
    const int64_t share = source_->rows() * row_bytes / threads + kFirstBlockBytes / 2;
    options.block_bytes = std::max(kFirstBlockBytes, share);
  }
  options.block_bytes_max = std::max(options.block_bytes_max, options.block_bytes);
  new_files_.emplace(request_, source_->schema(), stage_, *pool_, options,
                     [this](int64_t written) { CountRows(written); });
}

/// The first part waits for the second: a lone one is dealt with by this thread.
Result<void> TableWriter::Submit(BatchPtr rows) {
  if (request_.stop.stop_requested()) return Cancelled();
  if (!pool_ && first_ == nullptr) {
    first_ = std::move(rows);
    return {};
  }
  if (!pool_) StartPool(false, *rows);
  if (first_ != nullptr) CORESHED_TRY(Dispatch(std::exchange(first_, nullptr)));
  return Dispatch(std::move(rows));
}

/// Hash a part on the pool and see to its place.
Result<void> TableWriter::Dispatch(BatchPtr rows) {
  if (pool_->failed()) return pool_->Wait();
  const int64_t bytes = MemoryBytes(*rows);
  pool_->Hold(bytes, memory_bytes_);
  pool_->Run([this, index = submitted_++, rows = std::move(rows), bytes] {
    return HashAndPlace(index, rows, bytes);
  });
  return {};
}

Result<void> TableWriter::HashAndPlace(size_t index, BatchPtr rows, int64_t bytes) {
  if (request_.stop.stop_requested()) return Cancelled();
  NewPart part;
  CORESHED_ASSIGN(part.entry, HashPart(*rows));
  std::optional<PartPlace> found;
  if (base_) found = base_->Find(part.entry.hash);
  const auto* known = found ? base_->Entry(*found) : nullptr;
  if (known != nullptr) {
    part.entry.sum = known->sum;
  } else {
    CORESHED_ASSIGN(part.entry.sum, DuplicateSum(*rows));
  }
  if (found) {
    pool_->GiveBack(bytes);
    CountRows(part.entry.rows);
  } else {
    part.rows = std::move(rows);
    part.bytes = bytes;
  }
  PlaceInOrder(index, std::move(part), found);
  return {};
}

void TableWriter::PlaceInOrder(size_t index, NewPart part, std::optional<PartPlace> found) {
  const std::lock_guard lock(order_mutex_);
  waiting_.emplace(index, Hashed{std::move(part), found});
  while (!waiting_.empty() && waiting_.begin()->first == placed_.size()) {
    auto next = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    PlacedPart placed;
    placed.is_new = !next.found;
    placed.entry = next.part.entry;
    placed.entry.columns.clear();
    placed.place = next.found ? *next.found : new_files_->Add(std::move(next.part));
    placed_.push_back(std::move(placed));
  }
}

Result<void> TableWriter::CutRows() {
  std::vector<BatchPtr> parts;
  while (true) {
    if (request_.stop.stop_requested()) return Cancelled();
    CORESHED_ASSIGN(const auto batch, source_->Next());
    if (batch == nullptr) break;
    if (request_.handed_in == nullptr) CORESHED_TRY(dictionaries_->Add(*batch));
    CORESHED_TRY(cutter_->Add(batch, &parts));
    for (auto& part : parts)
      CORESHED_TRY(Submit(std::move(part)));
    parts.clear();
  }
  CORESHED_ASSIGN(auto last, cutter_->Finish());
  if (last != nullptr) CORESHED_TRY(Submit(std::move(last)));
  if (first_ == nullptr) return {};
  StartPool(/*only_part=*/true, *first_);
  return Dispatch(std::exchange(first_, nullptr));
}

/// Keep the number of files that make up the version in bounds.
Result<void> TableWriter::RewriteScattered() {
  if (!base_) return {};
  const auto scattered = ScatteredParts(placed_, request_.base->files);
  if (scattered.empty()) return {};
  ReadRequest read;
  read.parts = request_.base;
  read.record_prefix = request_.record_prefix;
  read.schema = source_->schema();
  std::vector<PartPlace> places;
  for (const size_t at : scattered)
    places.push_back(placed_[at].place);
  CORESHED_ASSIGN(const auto source, TableSource::Open(read, storage_, places));
  for (const size_t at : scattered) {
    if (request_.stop.stop_requested()) return Cancelled();
    NewPart part;
    CORESHED_ASSIGN(part.rows, source->ReadPart(placed_[at].place));
    if (!pool_) StartPool(false, *part.rows);
    part.bytes = MemoryBytes(*part.rows);
    pool_->Hold(part.bytes, memory_bytes_);
    CORESHED_ASSIGN(part.entry, HashPart(*part.rows));
    part.entry.sum = placed_[at].entry.sum;
    placed_[at].is_new = true;
    placed_[at].place = new_files_->Add(std::move(part));
  }
  return pool_->Wait();
}

Result<WriteAnswer> TableWriter::Run() {
  CORESHED_TRY(Prepare());
  CORESHED_TRY(CutRows());
  if (pool_) CORESHED_TRY(pool_->Wait());
  CORESHED_TRY(RewriteScattered());
  WriteAnswer answer;
  std::vector<PartFile> new_files;
  if (new_files_) {
    CORESHED_ASSIGN(new_files, new_files_->Finish());
  }
  for (const auto& file : new_files)
    answer.new_bytes += file.size_bytes;
  answer.parts =
      ListParts(placed_, base_ ? request_.base->files : std::vector<PartFile>(), new_files);
  CORESHED_ASSIGN(answer.schema, dictionaries_->Annotate(source_->schema()));
  answer.cut = cut_;
  return answer;
}

}  // namespace

Result<WriteAnswer> WriteParts(const WriteRequest& request, storage::Storage& storage,
                               storage::Stage& stage) {
  try {
    return TableWriter(request, storage, stage).Run();
  } catch (const std::exception& error) {
    return Error{ErrorKind::kIo, std::string("writing a table failed: ") + error.what()};
  }
}

}  // namespace coreshed::parts
