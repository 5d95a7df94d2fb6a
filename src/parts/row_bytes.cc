#include "parts/row_bytes.h"

#include <arrow/array.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <algorithm>

#include "base/result.h"
#include "parts/cells.h"

namespace coreshed::parts {
namespace {

using arrow::ArrayData;
using arrow::DataType;
using arrow::Type;

int64_t CellsMax(const DataType& type, const ArrayData& data, int64_t from, int64_t count);

/// Inner values have a byte that tells nulls, and strings their length, before them.
int64_t InnerMax(const DataType& type, const ArrayData& data, int64_t from, int64_t count) {
  return count * 5 + CellsMax(type, data, from, count);
}

template <typename Offset>
int64_t Spanned(const ArrayData& data, int64_t from, int64_t count) {
  const auto* offsets = data.GetValues<Offset>(1, 0) + from;
  return offsets[count] - offsets[0];
}

template <typename Offset>
int64_t ListMax(const DataType& type, const ArrayData& data, int64_t from, int64_t count) {
  const ArrayData& child = *data.child_data[0];
  const auto first = data.GetValues<Offset>(1, 0)[from];
  return 4 * count + InnerMax(*type.field(0)->type(), child, child.offset + first,
                              Spanned<Offset>(data, from, count));
}

int64_t ViewBytes(const ArrayData& data, int64_t from, int64_t count) {
  const auto* views = data.GetValues<arrow::BinaryViewType::c_type>(1, 0) + from;
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += views[i].size();
  return sum;
}

/// The longest entry of a dictionary, for each row.
int64_t DictionaryMax(const DataType& type, const ArrayData& data, int64_t count) {
  const ArrayData& entries = *data.dictionary;
  const auto& value_type = *static_cast<const arrow::DictionaryType&>(type).value_type();
  int64_t longest = 0;
  for (int64_t i = 0; i < entries.length; ++i) {
    longest = std::max(longest, CellsMax(value_type, entries, entries.offset + i, 1));
  }
  return longest * count;
}

/// `from` counts from the beginning of the buffers.
int64_t CellsMax(const DataType& type, const ArrayData& data, int64_t from, int64_t count) {
  if (count == 0) return 0;
  switch (type.id()) {
    case Type::NA:
      return 0;
    case Type::BOOL:
      return count;
    case Type::DECIMAL32:
    case Type::DECIMAL64:
      return count * 16;
    case Type::STRING:
    case Type::BINARY:
      return Spanned<int32_t>(data, from, count);
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
      return Spanned<int64_t>(data, from, count);
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW:
      return ViewBytes(data, from, count);
    case Type::LIST:
    case Type::MAP:
      return ListMax<int32_t>(type, data, from, count);
    case Type::LARGE_LIST:
      return ListMax<int64_t>(type, data, from, count);
    case Type::FIXED_SIZE_LIST: {
      const int64_t size = static_cast<const arrow::FixedSizeListType&>(type).list_size();
      const ArrayData& child = *data.child_data[0];
      return InnerMax(*type.field(0)->type(), child, child.offset + from * size, count * size);
    }
    case Type::STRUCT: {
      int64_t sum = 0;
      for (int i = 0; i < type.num_fields(); ++i) {
        const ArrayData& child = *data.child_data[static_cast<size_t>(i)];
        sum += InnerMax(*type.field(i)->type(), child, child.offset + from, count);
      }
      return sum;
    }
    case Type::DICTIONARY:
      return DictionaryMax(type, data, count);
    case Type::EXTENSION:
      return CellsMax(*static_cast<const arrow::ExtensionType&>(type).storage_type(), data, from,
                      count);
    default:
      return count * std::max(type.byte_width(), 0);
  }
}

}  // namespace

int64_t RowBytesMax(const arrow::RecordBatch& rows, int64_t begin, int64_t count) {
  int64_t sum = 0;
  for (int i = 0; i < rows.num_columns(); ++i) {
    const ArrayData& column = *rows.column_data(i);
    sum += CellsMax(*column.type, column, column.offset + begin, count);
  }
  return sum;
}

int64_t MemoryBytes(const arrow::RecordBatch& rows) {
  constexpr int64_t kArrayBytes = 1'000, kNullBytes = 4;
  return std::max(RowBytesMax(rows, 0, rows.num_rows()),
                  rows.num_columns() * (kArrayBytes + rows.num_rows() * kNullBytes));
}

Result<std::vector<int64_t>> RowBytes(const arrow::RecordBatch& rows, int64_t begin,
                                      int64_t count) {
  std::vector<int64_t> sizes(static_cast<size_t>(count));
  for (int i = 0; i < rows.num_columns(); ++i) {
    CORESHED_TRY(ForEachCell(
        *rows.column_data(i), begin, count,
        [&](int64_t row, const uint8_t*, size_t size) {
          sizes[static_cast<size_t>(row)] += static_cast<int64_t>(size);
        },
        [](int64_t) {}));
  }
  return sizes;
}

}  // namespace coreshed::parts
