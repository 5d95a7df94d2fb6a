#include "parts/encoding.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/schema.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/row_bytes.h"

namespace coreshed::parts {
namespace {

/// Up to this size, what Arrow spends on setting up zstd or a dictionary outweighs the bytes saved.
constexpr int64_t kSmallBytes = int64_t{64} << 10;

}  // namespace

Result<Encodings> ChooseEncodings(const arrow::RecordBatch& first, bool only_part) {
  parquet::WriterProperties::Builder builder;
  builder.version(parquet::ParquetVersion::PARQUET_2_6);
  builder.disable_dictionary();
  builder.max_row_group_length(int64_t{1} << 40);
  if (only_part && RowBytesMax(first, 0, first.num_rows()) <= kSmallBytes) {
    builder.compression(parquet::Compression::LZ4);
    return Encodings{builder.build(), std::vector<bool>(static_cast<size_t>(first.num_columns()))};
  }
  builder.compression(parquet::Compression::ZSTD);
  std::shared_ptr<parquet::SchemaDescriptor> descriptor;
  CORESHED_ARROW_TRY(parquet::arrow::ToParquetSchema(first.schema().get(), *builder.build(), &descriptor),
                     "writing a Parquet file");
  for (int i = 0; i < descriptor->num_columns(); ++i) {
    const auto& leaf = *descriptor->Column(i);
    switch (leaf.physical_type()) {
      case parquet::Type::INT32:
      case parquet::Type::INT64:
        builder.encoding(leaf.path(), parquet::Encoding::DELTA_BINARY_PACKED);
        builder.compression(leaf.path(), parquet::Compression::UNCOMPRESSED);
        break;
      case parquet::Type::FLOAT:
      case parquet::Type::DOUBLE:
        builder.encoding(leaf.path(), parquet::Encoding::BYTE_STREAM_SPLIT);
        break;
      default:
        break;
    }
  }
  return Encodings{builder.build(), std::vector<bool>(static_cast<size_t>(first.num_columns()))};
}

}  // namespace coreshed::parts
