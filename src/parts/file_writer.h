#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "parts/encoding.h"
#include "parts/footer.h"
#include "parts/parts.h"
#include "parts/upload_stream.h"

namespace parquet::arrow {
class FileWriter;
}

namespace coreshed::parts {

/// Writes parts as the row groups of one new Parquet file. For one thread at a time.
class PartFileWriter {
 public:
  static Result<std::unique_ptr<PartFileWriter>> Open(std::shared_ptr<arrow::Schema> schema,
                                                      const Encodings& encodings);
  ~PartFileWriter();

  /// Write a part: `stored` are its rows with their stored types.
  Result<void> Add(const arrow::RecordBatch& stored, PartEntry entry);
  /// Where the file's bytes go, to be begun before Finish.
  UploadStream& stream() { return *stream_; }
  /// Complete the file.
  Result<PartFile> Finish();

 private:
  PartFileWriter() = default;

  std::shared_ptr<arrow::Schema> schema_;
  std::vector<bool> few_values_;
  std::shared_ptr<UploadStream> stream_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  std::vector<PartEntry> entries_;
};

}  // namespace coreshed::parts
