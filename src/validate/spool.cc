#include "validate/spool.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>

#include <string_view>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/input.h"

namespace coreshed::validate {
namespace {

constexpr const char* kWhat = "keeping rows that are being checked";

/// Arrow's stream into a sink.
class SinkStream : public arrow::io::OutputStream {
 public:
  explicit SinkStream(const sources::InputFile::Sink& sink) : sink_(sink) {}

  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* bytes, int64_t size) override {
    position_ += size;
    const auto written = sink_({static_cast<const char*>(bytes), static_cast<size_t>(size)});
    return written ? arrow::Status::OK() : ToArrow(written.error());
  }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Close() override {
    is_closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return is_closed_; }

 private:
  const sources::InputFile::Sink& sink_;
  int64_t position_ = 0;
  bool is_closed_ = false;
};

/// The rows that were kept; keeps their file.
class Again : public arrow::RecordBatchReader {
 public:
  Again(std::shared_ptr<sources::InputFile> file, std::shared_ptr<arrow::RecordBatchReader> reader)
      : file_(std::move(file)), reader_(std::move(reader)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    return reader_->ReadNext(batch);
  }

 private:
  const std::shared_ptr<sources::InputFile> file_;
  const std::shared_ptr<arrow::RecordBatchReader> reader_;
};

}  // namespace

Result<std::shared_ptr<arrow::RecordBatchReader>> ReadThrough(
    const std::shared_ptr<arrow::Schema>& schema,
    const std::function<Result<std::shared_ptr<arrow::RecordBatch>>()>& next) {
  const auto fill = [&](const sources::InputFile::Sink& sink) -> Result<void> {
    SinkStream stream(sink);
    CORESHED_ARROW_ASSIGN(const auto writer, arrow::ipc::MakeStreamWriter(&stream, schema), kWhat);
    while (true) {
      CORESHED_ASSIGN(const auto batch, next());
      if (batch == nullptr) break;
      CORESHED_ARROW_TRY(writer->WriteRecordBatch(*batch), kWhat);
    }
    CORESHED_ARROW_TRY(writer->Close(), kWhat);
    return {};
  };
  CORESHED_ASSIGN(auto file, sources::InputFile::Make("rows being checked", "rows", fill));
  CORESHED_ARROW_TRY(file->file()->Seek(0), kWhat);
  CORESHED_ARROW_ASSIGN(auto reader, arrow::ipc::RecordBatchStreamReader::Open(file->file()),
                        kWhat);
  return std::shared_ptr<arrow::RecordBatchReader>(
      std::make_shared<Again>(std::move(file), std::move(reader)));
}

}  // namespace coreshed::validate
