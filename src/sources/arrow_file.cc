#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/batch_pool.h"
#include "sources/checked_reader.h"
#include "sources/table_file.h"

namespace coreshed::sources {
namespace {

constexpr std::string_view kFileMagic = "ARROW1";
constexpr std::string_view kFeather1Magic = "FEA1";

Error Fault(const InputFile& input, const std::string& what) {
  return Error{ErrorKind::kValidation, input.label() + " " + what}.With("file", input.label());
}

/// A file's batches one after the other: Arrow's own reader of files is by number.
class FileBatches : public arrow::RecordBatchReader {
 public:
  explicit FileBatches(std::shared_ptr<arrow::ipc::RecordBatchFileReader> file)
      : file_(std::move(file)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return file_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    if (next_ == file_->num_record_batches()) return arrow::Status::OK();
    return file_->ReadRecordBatch(next_++).Value(batch);
  }

 private:
  std::shared_ptr<arrow::ipc::RecordBatchFileReader> file_;
  int next_ = 0;
};

/// A stream's batches; what comes after its end mark would be missing unseen.
class StreamBatches : public arrow::RecordBatchReader {
 public:
  StreamBatches(std::shared_ptr<arrow::RecordBatchReader> stream,
                std::shared_ptr<arrow::io::RandomAccessFile> bytes, int64_t size)
      : stream_(std::move(stream)), bytes_(std::move(bytes)), size_(size) {}

  std::shared_ptr<arrow::Schema> schema() const override { return stream_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    ARROW_RETURN_NOT_OK(stream_->ReadNext(batch));
    if (*batch != nullptr) return arrow::Status::OK();
    ARROW_ASSIGN_OR_RAISE(const int64_t at, bytes_->Tell());
    if (at == size_) return arrow::Status::OK();
    return arrow::Status::Invalid("it goes on after its end, at byte ", at,
                                  ". Are these several streams?");
  }

 private:
  std::shared_ptr<arrow::RecordBatchReader> stream_;
  std::shared_ptr<arrow::io::RandomAccessFile> bytes_;
  const int64_t size_;
};

arrow::ipc::IpcReadOptions OptionsFor(BatchPool& pool) {
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.memory_pool = &pool;
  return options;
}

Result<std::shared_ptr<arrow::RecordBatchReader>> OpenFile(const InputFile& input,
                                                           BatchPool& pool) {
  CORESHED_ARROW_ASSIGN(
      const auto tail,
      input.file()->ReadAt(
          std::max<int64_t>(0, input.size() - static_cast<int64_t>(kFileMagic.size())),
          static_cast<int64_t>(kFileMagic.size())),
      input.label());
  if (tail->ToString() != kFileMagic) {
    return Fault(input,
                 "is cut off: it begins as an Arrow file, but its end is missing. Get it again.");
  }
  CORESHED_ASSIGN(auto bytes, input.Reopened(pool));
  auto file = arrow::ipc::RecordBatchFileReader::Open(std::move(bytes), OptionsFor(pool));
  if (!file.ok()) return Fault(input, "is a damaged Arrow file: " + file.status().message());
  return std::shared_ptr<arrow::RecordBatchReader>(std::make_shared<FileBatches>(std::move(*file)));
}

Result<std::shared_ptr<arrow::RecordBatchReader>> OpenStream(const InputFile& input,
                                                             BatchPool& pool) {
  // Arrow takes a stream that stops between two batches as whole: rows would be missing unseen.
  constexpr std::string_view kEnd("\xFF\xFF\xFF\xFF\0\0\0\0", 8);
  constexpr auto kEndSize = static_cast<int64_t>(kEnd.size());
  CORESHED_ARROW_ASSIGN(
      const auto tail,
      input.file()->ReadAt(std::max<int64_t>(0, input.size() - kEndSize), kEndSize),
      "reading " + input.label());
  CORESHED_ASSIGN(auto bytes, input.Reopened(pool));
  CORESHED_ARROW_TRY(bytes->Seek(0), "reading " + input.label());
  auto stream = arrow::ipc::RecordBatchStreamReader::Open(bytes, OptionsFor(pool));
  if (!stream.ok()) {
    return Fault(input, "is no Arrow IPC file or stream: " + stream.status().message());
  }
  if (tail->ToString() != kEnd) {
    return Fault(input,
                 "is an Arrow stream without its end mark: rows may be missing. Get it again.");
  }
  return std::shared_ptr<arrow::RecordBatchReader>(
      std::make_shared<StreamBatches>(std::move(*stream), std::move(bytes), input.size()));
}

}  // namespace

Result<std::shared_ptr<arrow::RecordBatchReader>> OpenArrow(std::shared_ptr<InputFile> input,
                                                            const FileLimits& limits) {
  if (input->size() == 0) return Fault(*input, "is empty.");
  CORESHED_ASSIGN(const std::string head, input->Head(static_cast<int64_t>(kFileMagic.size())));
  if (head.starts_with(kFeather1Magic)) {
    return Error{ErrorKind::kUnsupported,
                 input->label() + " is a Feather file of version 1. Write it as version 2."};
  }
  auto pool = BatchPool::For(*input);
  CORESHED_ASSIGN(auto reader,
                  head == kFileMagic ? OpenFile(*input, *pool) : OpenStream(*input, *pool));
  return MakeChecked(std::move(input), std::move(reader), std::move(pool), "Arrow file", limits);
}

Result<int64_t> WriteArrow(arrow::RecordBatchReader& rows,
                           const std::shared_ptr<arrow::io::OutputStream>& sink, bool stream) {
  CORESHED_ARROW_ASSIGN(const auto writer,
                        stream ? arrow::ipc::MakeStreamWriter(sink, rows.schema())
                               : arrow::ipc::MakeFileWriter(sink, rows.schema()),
                        "writing Arrow");
  int64_t written = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    CORESHED_ARROW_TRY(rows.ReadNext(&batch), "reading the rows");
    if (batch == nullptr) break;
    CORESHED_ARROW_TRY(writer->WriteRecordBatch(*batch), "writing Arrow");
    written += batch->num_rows();
  }
  CORESHED_ARROW_TRY(writer->Close(), "writing Arrow");
  return written;
}

}  // namespace coreshed::sources
