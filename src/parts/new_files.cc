#include "parts/new_files.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "base/result.h"
#include "parts/checked_values.h"

namespace coreshed::parts {
namespace {

/// A file that has grown to this gets no further block.
constexpr int64_t kFileBytesMax = int64_t{1} << 30;

/// So much of a file is held back until it is known whether it stays alone, which its name tells.
constexpr int64_t kHeldBytesMax = int64_t{16} << 20;

}  // namespace

NewFiles::NewFiles(const WriteRequest& request, std::shared_ptr<arrow::Schema> schema,
                   storage::Stage& stage, WorkerPool& pool, Options options,
                   std::function<void(int64_t)> on_written)
    : request_(request),
      schema_(std::move(schema)),
      stage_(stage),
      pool_(pool),
      options_(options),
      on_written_(std::move(on_written)),
      block_bytes_(options.block_bytes) {}

/// The file that the next part goes to; called with the mutex held.
NewFiles::File& NewFiles::ChooseFile(int64_t bytes) {
  const bool is_full = current_ != nullptr && current_->written_bytes >= kFileBytesMax;
  if (current_ != nullptr && block_left_ > 0 && !is_full) {
    block_left_ -= bytes;
    return *current_;
  }
  if (current_ != nullptr) block_bytes_ = std::min(block_bytes_ * 2, options_.block_bytes_max);
  block_left_ = block_bytes_ - bytes;
  current_ = nullptr;
  int64_t open = 0;
  for (const auto& file : files_) {
    if (file->written_bytes >= kFileBytesMax) continue;
    ++open;
    if (current_ == nullptr || file->queued_bytes < current_->queued_bytes) current_ = file.get();
  }
  const bool may_open = open < std::max(1, pool_.threads());
  if (current_ == nullptr || (may_open && current_->queued_bytes > 0)) {
    files_.push_back(std::make_unique<File>());
    current_ = files_.back().get();
    for (size_t k = 0; files_.size() > 1 && k < files_.size(); ++k) {
      if (!files_[k]->names) files_[k]->names = request_.name(static_cast<int>(k), false);
    }
  }
  return *current_;
}

PartPlace NewFiles::Add(NewPart part) {
  File* file = nullptr;
  PartPlace place;
  bool begin = false;
  {
    const std::lock_guard lock(mutex_);
    file = &ChooseFile(part.bytes);
    while (files_[static_cast<size_t>(place.file)].get() != file)
      ++place.file;
    place.part = file->parts++;
    file->queued_bytes += part.bytes;
    file->queue.push_back(std::move(part));
    begin = !std::exchange(file->is_busy, true);
  }
  if (begin) pool_.Run([this, file] { return Drain(*file); });
  return place;
}

/// Write what is queued for a file. One thread at a time for one file.
Result<void> NewFiles::Drain(File& file) {
  while (true) {
    NewPart part;
    std::optional<std::pair<std::string, std::string>> names;
    {
      const std::lock_guard lock(mutex_);
      if (file.queue.empty()) {
        file.is_busy = false;
        return {};
      }
      part = std::move(file.queue.front());
      file.queue.pop_front();
      if (!file.names && file.written_bytes > kHeldBytesMax) file.names = request_.name(0, false);
      names = file.names;
    }
    if (request_.stop.stop_requested()) {
      return Error{ErrorKind::kCancelled, "The write was cancelled; nothing was changed."};
    }
    const int64_t rows = part.entry.rows, bytes = part.bytes;
    CORESHED_TRY(WritePart(file, part, names));
    part = {};
    {
      const std::lock_guard lock(mutex_);
      file.queued_bytes -= bytes;
      file.written_bytes = file.writer->stream().size_bytes();
    }
    pool_.GiveBack(bytes);
    on_written_(rows);
  }
}

Result<void> NewFiles::OpenWriter(File& file, const arrow::RecordBatch& stored) {
  const std::lock_guard lock(encodings_mutex_);
  if (!encodings_) {
    CORESHED_ASSIGN(encodings_, ChooseEncodings(stored, options_.only_part));
  }
  CORESHED_ASSIGN(file.writer, PartFileWriter::Open(schema_, *encodings_));
  return {};
}

Result<void> NewFiles::WritePart(File& file, NewPart& part,
                                 const std::optional<std::pair<std::string, std::string>>& names) {
  CORESHED_ASSIGN(const auto stored, StoredRows(*part.rows, *schema_));
  if (file.writer == nullptr) CORESHED_TRY(OpenWriter(file, *stored));
  if (names) CORESHED_TRY(file.writer->stream().Begin(stage_, *names));
  return file.writer->Add(*stored, std::move(part.entry));
}

Result<std::vector<PartFile>> NewFiles::Finish() {
  std::vector<PartFile> files;
  for (size_t k = 0; k < files_.size(); ++k) {
    auto& file = *files_[k];
    if (!file.names) file.names = request_.name(static_cast<int>(k), true);
    CORESHED_TRY(file.writer->stream().Begin(stage_, *file.names));
    CORESHED_ASSIGN(auto written, file.writer->Finish());
    files.push_back(std::move(written));
  }
  return files;
}

}  // namespace coreshed::parts
