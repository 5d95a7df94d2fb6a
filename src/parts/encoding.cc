// Which encodings: what every reader knows. Spark 4.0 reads neither BYTE_STREAM_SPLIT nor, in part,
// DELTA_BYTE_ARRAY with its fast reader, so PLAIN, dictionaries and DELTA_BINARY_PACKED have to do.

#include "parts/encoding.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/compression.h>
#include <parquet/arrow/schema.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/leaf_sample.h"
#include "parts/memory_pool.h"
#include "parts/row_bytes.h"

namespace coreshed::parts {
namespace {

using Builder = parquet::WriterProperties::Builder;

/// Up to this size, what Arrow spends on setting up zstd or a dictionary outweighs the bytes saved.
constexpr int64_t kSmallBytes = int64_t{64} << 10;

/// zstd must shrink a column to this before its time is well spent.
constexpr double kWorthZstd = 0.85;

/// DELTA_BINARY_PACKED: values in blocks of 128, each of four miniblocks with one bit width.
double DeltaBits(const std::vector<int64_t>& numbers) {
  constexpr size_t kBlock = 128, kMini = 32;
  double bits = 0;
  for (size_t begin = 1; begin < numbers.size(); begin += kBlock) {
    const size_t end = std::min(numbers.size(), begin + kBlock);
    const auto delta = [&](size_t i) {
      return static_cast<int64_t>(static_cast<uint64_t>(numbers[i]) -
                                  static_cast<uint64_t>(numbers[i - 1]));
    };
    int64_t least = delta(begin);
    for (size_t i = begin; i < end; ++i)
      least = std::min(least, delta(i));
    bits += 80;
    for (size_t mini = begin; mini < end; mini += kMini) {
      uint64_t all = 0;
      for (size_t i = mini; i < std::min(end, mini + kMini); ++i) {
        all |= static_cast<uint64_t>(delta(i)) - static_cast<uint64_t>(least);
      }
      bits += static_cast<double>(std::bit_width(all)) * kMini;
    }
  }
  return numbers.empty() ? 0 : bits / static_cast<double>(numbers.size());
}

/// The share of its size that zstd leaves of the sample.
double ZstdShare(const LeafSample& sample) {
  if (sample.plain.empty()) return 1;
  auto codec = arrow::util::Codec::Create(arrow::Compression::ZSTD, 1);
  if (!codec.ok()) return 1;
  const auto size = static_cast<int64_t>(sample.plain.size());
  std::vector<uint8_t> room(
      static_cast<size_t>((*codec)->MaxCompressedLen(size, sample.plain.data())));
  const auto compressed =
      (*codec)->Compress(size, sample.plain.data(), static_cast<int64_t>(room.size()), room.data());
  return compressed.ok() ? static_cast<double>(*compressed) / static_cast<double>(size) : 1;
}

/// Bits of a value where a part has a dictionary; large where there are too many different ones.
double DictionaryBits(const LeafSample& sample, double value_bits) {
  if (sample.values < 256 || sample.distinct > 0.25) return 1e9;
  const double entries = std::max(2.0, sample.distinct * static_cast<double>(sample.values));
  constexpr double kRows = 16'000;  // of a part
  return std::ceil(std::log2(entries)) + 2 * entries * value_bits / kRows;
}

/// Set a leaf's encoding. True: few different values.
bool ChooseLeaf(const LeafSample& sample, const std::shared_ptr<parquet::schema::ColumnPath>& path,
                Builder& builder) {
  builder.compression(path, parquet::Compression::UNCOMPRESSED);
  if (sample.values == 0 || sample.plain.empty()) return false;
  const double plain_bits =
      8 * static_cast<double>(sample.plain.size()) / static_cast<double>(sample.values);
  const double dictionary_bits = DictionaryBits(sample, plain_bits);
  // A dictionary takes several times as long as the others to make, but for text.
  const double dictionary_worth = dictionary_bits * (sample.is_text ? 1 : 2);
  const double delta_bits = sample.is_integer ? DeltaBits(sample.numbers) : 1e9;
  const double zstd_share = ZstdShare(sample);
  const double zstd_bits = zstd_share < kWorthZstd ? zstd_share * plain_bits : plain_bits;
  if (dictionary_worth < std::min(delta_bits, zstd_bits)) {
    builder.enable_dictionary(path);
    return sample.is_text;
  }
  // DELTA takes a third of the time of zstd, to read and to write.
  if (delta_bits < 0.9 * plain_bits && delta_bits < 1.5 * zstd_bits) {
    builder.encoding(path, parquet::Encoding::DELTA_BINARY_PACKED);
  } else if (zstd_share < kWorthZstd) {
    builder.compression(path, parquet::Compression::ZSTD);
  }
  return false;
}

Result<Encodings> ChooseLarge(const arrow::RecordBatch& first, Builder& builder) {
  std::shared_ptr<parquet::SchemaDescriptor> descriptor;
  const std::string what = "writing a Parquet file";
  CORESHED_ARROW_TRY(
      parquet::arrow::ToParquetSchema(first.schema().get(), *builder.build(), &descriptor), what);
  Encodings encodings;
  int leaf = 0;
  for (const auto& column : first.columns()) {
    bool few_values = false;
    for (const auto& sample : SampleLeaves(*column)) {
      if (leaf == descriptor->num_columns()) break;
      few_values = ChooseLeaf(sample, descriptor->Column(leaf++)->path(), builder);
    }
    encodings.few_values.push_back(few_values && arrow::is_base_binary_like(column->type_id()));
  }
  encodings.properties = builder.build();
  return encodings;
}

}  // namespace

Result<Encodings> ChooseEncodings(const arrow::RecordBatch& first, bool only_part) {
  Builder builder;
  builder.version(parquet::ParquetVersion::PARQUET_2_6)
      ->memory_pool(Pool())
      ->disable_dictionary()
      ->enable_store_decimal_as_integer()
      ->max_row_group_length(int64_t{1} << 40);
  if (!only_part || RowBytesMax(first, 0, first.num_rows()) > kSmallBytes) {
    return ChooseLarge(first, builder);
  }
  builder.compression(parquet::Compression::LZ4);
  return Encodings{builder.build(), std::vector<bool>(static_cast<size_t>(first.num_columns()))};
}

}  // namespace coreshed::parts
