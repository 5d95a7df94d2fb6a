#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/batch_pool.h"
#include "sources/checked_reader.h"
#include "sources/table_file.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kBatchRows = 65'536, kBatchRowsMin = 1'024;
constexpr int64_t kBatchValues = int64_t{1} << 22;
constexpr int64_t kBatchBytes = int64_t{32} << 20;
constexpr int64_t kBufferBytes = int64_t{1} << 20;
constexpr int64_t kRowGroupRows = 131'072;
constexpr int64_t kMagicSize = 4;

/// The reader and the batches it gives; it has to outlive them.
class ParquetReader : public arrow::RecordBatchReader {
 public:
  explicit ParquetReader(std::unique_ptr<parquet::arrow::FileReader> file)
      : file_(std::move(file)) {}

  arrow::Status Start() { return file_->GetRecordBatchReader().Value(&batches_); }
  std::shared_ptr<arrow::Schema> schema() const override { return batches_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    return batches_->ReadNext(batch);
  }

 private:
  std::unique_ptr<parquet::arrow::FileReader> file_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
};

/// What Arrow's messages leave open: whether a file ends early, or never was Parquet.
Result<void> CheckMagic(const InputFile& input) {
  CORESHED_ASSIGN(const std::string head, input.Head(kMagicSize));
  const auto fault = [&](const std::string& what) {
    return Error{ErrorKind::kValidation, input.label() + " " + what}.With("file", input.label());
  };
  if (input.size() == 0) return fault("is empty.");
  if (head == "PARE") return Error{ErrorKind::kUnsupported, input.label() + " is encrypted."};
  if (head != "PAR1") return fault("is no Parquet file: it does not begin with PAR1.");
  CORESHED_ARROW_ASSIGN(const auto tail,
                        input.file()->ReadAt(input.size() - kMagicSize, kMagicSize), input.label());
  if (input.size() < 3 * kMagicSize || tail->ToString() != "PAR1") {
    return fault("is cut off: it begins as a Parquet file, but its end is missing. Get it again.");
  }
  return {};
}

/// So few that neither many columns nor long values take much memory.
int64_t BatchRows(const parquet::FileMetaData& file) {
  int64_t row_bytes = 1;
  for (int i = 0; i < file.num_row_groups(); ++i) {
    const auto group = file.RowGroup(i);
    row_bytes =
        std::max(row_bytes, group->total_byte_size() / std::max<int64_t>(1, group->num_rows()));
  }
  const int64_t by_columns =
      std::clamp(kBatchValues / std::max(1, file.num_columns()), kBatchRowsMin, kBatchRows);
  return std::clamp(kBatchBytes / row_bytes, int64_t{1}, by_columns);
}

Error Damaged(const InputFile& input, const std::string& why) {
  if (why.find("decrypt") != why.npos) {
    return Error{ErrorKind::kUnsupported, input.label() + " has encrypted columns."}.With(
        "file", input.label());
  }
  return Error{ErrorKind::kValidation, input.label() + " is a damaged Parquet file: " + why}.With(
      "file", input.label());
}

}  // namespace

Result<std::shared_ptr<arrow::RecordBatchReader>> OpenParquet(std::shared_ptr<InputFile> input,
                                                              const FileLimits& limits) {
  CORESHED_TRY(CheckMagic(*input));
  // One row group's pages at a time, and of those one buffer for each column.
  auto pool = BatchPool::For(*input);
  parquet::ReaderProperties properties(pool.get());
  properties.enable_buffered_stream();
  properties.set_buffer_size(kBufferBytes);
  properties.set_page_checksum_verification(true);
  parquet::ArrowReaderProperties arrow_properties;
  arrow_properties.set_pre_buffer(false);
  // Nanoseconds, the default, hold no year outside of 1677 to 2262, and say nothing of that.
  arrow_properties.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);
  parquet::arrow::FileReaderBuilder builder;
  if (const auto status = builder.Open(input->file(), properties); !status.ok()) {
    return Damaged(*input, status.message());
  }
  arrow_properties.set_batch_size(BatchRows(*builder.raw_reader()->metadata()));
  auto file = builder.memory_pool(pool.get())->properties(arrow_properties)->Build();
  if (!file.ok()) {
    if (!file.status().IsNotImplemented()) return Damaged(*input, file.status().message());
    return FromArrow(file.status(), "reading " + input->label());
  }
  auto reader = std::make_shared<ParquetReader>(std::move(*file));
  if (const auto status = reader->Start(); !status.ok()) {
    if (!status.IsNotImplemented()) return Damaged(*input, status.message());
    return FromArrow(status, "reading " + input->label());
  }
  return MakeChecked(std::move(input), std::move(reader), std::move(pool), "Parquet file", limits);
}

Result<int64_t> WriteParquet(arrow::RecordBatchReader& rows,
                             const std::shared_ptr<arrow::io::OutputStream>& sink) {
  const auto properties = parquet::WriterProperties::Builder()
                              .compression(arrow::Compression::ZSTD)
                              ->max_row_group_length(kRowGroupRows)
                              ->enable_page_checksum()
                              ->build();
  const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  CORESHED_ARROW_ASSIGN(
      const auto writer,
      parquet::arrow::FileWriter::Open(*rows.schema(), arrow::default_memory_pool(), sink,
                                       properties, arrow_properties),
      "writing Parquet");
  int64_t written = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    CORESHED_ARROW_TRY(rows.ReadNext(&batch), "reading the rows");
    if (batch == nullptr) break;
    CORESHED_ARROW_TRY(writer->WriteRecordBatch(*batch), "writing Parquet");
    written += batch->num_rows();
  }
  CORESHED_ARROW_TRY(writer->Close(), "writing Parquet");
  return written;
}

}  // namespace coreshed::sources
