#include "parts/file_writer.h"

#include <arrow/chunked_array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/few_values.h"
#include "parts/memory_pool.h"
#include "parts/stored.h"

namespace coreshed::parts {

PartFileWriter::~PartFileWriter() = default;

Result<std::unique_ptr<PartFileWriter>> PartFileWriter::Open(std::shared_ptr<arrow::Schema> schema,
                                                             const Encodings& encodings) {
  std::unique_ptr<PartFileWriter> file(new PartFileWriter());
  file->few_values_ = encodings.few_values;
  file->stream_ = std::make_shared<UploadStream>();
  // The Arrow schema goes into the file by our own hand: it tells the types as handed in.
  CORESHED_ARROW_ASSIGN(file->writer_,
                        parquet::arrow::FileWriter::Open(
                            *StoredSchema(*schema), Pool(), file->stream_, encodings.properties,
                            parquet::default_arrow_writer_properties()),
                        "writing a Parquet file");
  file->schema_ = std::move(schema);
  return file;
}

Result<void> PartFileWriter::Add(const arrow::RecordBatch& stored, PartEntry entry) {
  CORESHED_ARROW_TRY(writer_->NewRowGroup(), "writing a Parquet file");
  for (int i = 0; i < stored.num_columns(); ++i) {
    auto column = stored.column(i);
    if (few_values_[static_cast<size_t>(i)]) {
      CORESHED_ASSIGN(column, EncodeFewValues(column));
    }
    CORESHED_ARROW_TRY(writer_->WriteColumnChunk(*column),
                       "writing column '" + stored.column_name(i) + "'");
  }
  entries_.push_back(std::move(entry));
  return {};
}

Result<PartFile> PartFileWriter::Finish() {
  CORESHED_ASSIGN(const auto footer, MakeFooter(*schema_, entries_));
  CORESHED_ARROW_TRY(writer_->AddKeyValueMetadata(footer), "writing a Parquet file");
  CORESHED_ARROW_TRY(writer_->Close(), "writing a Parquet file");
  std::vector<Hash256> hashes;
  for (const auto& entry : entries_)
    hashes.push_back(entry.hash);
  PartFile file{"", stream_->size_bytes(), static_cast<int64_t>(entries_.size()), FileRoot(hashes)};
  CORESHED_ASSIGN(file.name, stream_->Finish());
  return file;
}

}  // namespace coreshed::parts
