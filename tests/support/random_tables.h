#pragma once

#include <arrow/api.h>

#include <map>
#include <memory>
#include <random>
#include <string>

namespace coreshed {

/// Makes schemas and tables of every type that can be stored, by seed: nested, with garbage under
/// their nulls, as slices and in chunks.
class RandomTables {
 public:
  explicit RandomTables(unsigned seed) : random_(seed) {}

  /// 1 to `columns` columns; metadata of columns and table.
  std::shared_ptr<arrow::Schema> Schema(int columns);
  /// A table of the schema: some chunks, some of them empty, each a slice of something larger.
  std::shared_ptr<arrow::Table> Table(const std::shared_ptr<arrow::Schema>& schema, int64_t rows);

  /// A number below `limit`.
  int64_t Below(int64_t limit) {
    return static_cast<int64_t>(random_() % static_cast<uint64_t>(limit));
  }
  bool OneIn(int64_t n) { return Below(n) == 0; }

 private:
  std::shared_ptr<arrow::DataType> Type(int depth);
  std::shared_ptr<arrow::DataType> Leaf();
  std::shared_ptr<arrow::DataType> DictionaryType();
  std::shared_ptr<arrow::Field> Field(const std::string& name, int depth);
  std::shared_ptr<arrow::KeyValueMetadata> Metadata();

  std::shared_ptr<arrow::Array> Array(const arrow::Field& field, int64_t length);
  std::shared_ptr<arrow::ArrayData> Data(const std::shared_ptr<arrow::DataType>& type,
                                         int64_t length, bool nullable);
  std::shared_ptr<arrow::ArrayData> Fixed(const std::shared_ptr<arrow::DataType>& type,
                                          int64_t length);
  std::shared_ptr<arrow::ArrayData> Numbers(const std::shared_ptr<arrow::DataType>& type,
                                            int64_t length);
  template <typename Offset>
  std::shared_ptr<arrow::ArrayData> Bytes(const std::shared_ptr<arrow::DataType>& type,
                                          int64_t length);
  template <typename Offset>
  std::shared_ptr<arrow::ArrayData> Lists(const std::shared_ptr<arrow::DataType>& type,
                                          int64_t length);
  std::shared_ptr<arrow::ArrayData> Dictionary(const std::shared_ptr<arrow::DataType>& type,
                                               int64_t length, bool nullable);
  std::shared_ptr<arrow::ArrayData> Values(const std::shared_ptr<arrow::DataType>& type,
                                           int64_t length);
  std::shared_ptr<arrow::Buffer> WithGarbage(const arrow::ArrayData& data);
  std::shared_ptr<arrow::Buffer> Bits(int64_t length, int64_t one_zero_in);

  std::mt19937_64 random_;
  std::map<const arrow::DataType*, std::shared_ptr<arrow::Array>> pools_;  ///< of dictionaries
};

/// The values of a column, bit by bit, whatever they are laid out as: dictionaries, extensions and
/// views as what they stand for, floats as their bits, all chunks in one.
std::shared_ptr<arrow::Array> PlainValues(const arrow::ChunkedArray& column);

}  // namespace coreshed
