#pragma once

#include <arrow/array/data.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <coreshed/error.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>

#include "base/result.h"
#include "parts/dictionary.h"
#include "parts/types.h"

// The bytes of single cells: spec/parts.md, "Duplicate hash".

namespace coreshed::parts {

/// Append the canonical bytes of value `at` (counted from the beginning of the buffers; not null)
/// of any type that can be stored; nested values with a byte before each inner value that tells
/// nulls.
Result<void> AppendCell(const arrow::DataType& type, const arrow::ArrayData& data, int64_t at,
                        std::string& out);

namespace internal {

/// A size known to the compiler, so that the hash of a cell is a handful of instructions.
template <size_t kSize>
using Size = std::integral_constant<size_t, kSize>;

inline bool IsNullAt(const arrow::ArrayData& data, int64_t at) {
  return data.buffers[0] != nullptr && !arrow::bit_util::GetBit(data.buffers[0]->data(), at);
}

template <typename Visit>
void ForEach(const arrow::ArrayData& data, int64_t begin, int64_t count, Visit&& visit) {
  if (data.null_count.load() == 0 || data.buffers[0] == nullptr) {
    for (int64_t i = 0; i < count; ++i)
      visit(i, begin + i, true);
  } else {
    const uint8_t* bits = data.buffers[0]->data();
    for (int64_t i = 0; i < count; ++i)
      visit(i, begin + i, arrow::bit_util::GetBit(bits, begin + i));
  }
}

/// `kSize` bytes of each value; there may be more of them in memory, up to `kStride`.
template <size_t kSize, size_t kStride = kSize, typename Cell, typename Null>
void FixedCells(const arrow::ArrayData& data, int64_t begin, int64_t count, Cell& cell,
                Null& null) {
  const uint8_t* values = data.buffers[1]->data();
  ForEach(data, begin, count, [&](int64_t i, int64_t at, bool valid) {
    if (valid) {
      cell(i, values + at * static_cast<int64_t>(kStride), Size<kSize>());
    } else {
      null(i);
    }
  });
}

template <typename Offset, typename Cell, typename Null>
void ByteCells(const arrow::ArrayData& data, int64_t begin, int64_t count, Cell& cell, Null& null) {
  const auto* offsets = data.GetValues<Offset>(1, 0);
  const auto* bytes =
      data.buffers[2] == nullptr ? reinterpret_cast<const uint8_t*>("") : data.buffers[2]->data();
  ForEach(data, begin, count, [&](int64_t i, int64_t at, bool valid) {
    if (valid) {
      cell(i, bytes + offsets[at], static_cast<size_t>(offsets[at + 1] - offsets[at]));
    } else {
      null(i);
    }
  });
}

template <typename Cell, typename Null>
Result<void> OtherCells(const arrow::DataType& type, const arrow::ArrayData& data, int64_t begin,
                        int64_t count, Cell& cell, Null& null) {
  std::string bytes;
  for (int64_t i = 0; i < count; ++i) {
    if (type.id() == arrow::Type::NA || IsNullAt(data, begin + i)) {
      null(i);
      continue;
    }
    bytes.clear();
    CORESHED_TRY(AppendCell(type, data, begin + i, bytes));
    cell(i, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
  return {};
}

}  // namespace internal

/// Call `cell(i, const uint8_t* bytes, size)` or `null(i)` for the `count` rows from row `begin` of
/// a column, i from 0. `size` is a constant for the types of fixed width.
template <typename Cell, typename Null>
Result<void> ForEachCell(const arrow::ArrayData& column, int64_t begin, int64_t count, Cell&& cell,
                         Null&& null) {
  using arrow::Type;
  if (count == 0) return {};
  const arrow::DataType* type = column.type.get();
  while (type->id() == Type::EXTENSION) {
    type = static_cast<const arrow::ExtensionType*>(type)->storage_type().get();
  }
  const int64_t from = column.offset + begin;
  switch (type->id()) {
    case Type::DICTIONARY: {
      auto part = column.Slice(begin, count);
      part->type = type->GetSharedPtr();
      CORESHED_ASSIGN(const auto dense, ExpandDictionary(*part));
      return ForEachCell(*dense, 0, count, cell, null);
    }
    case Type::STRING:
    case Type::BINARY:
      internal::ByteCells<int32_t>(column, from, count, cell, null);
      return {};
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
      internal::ByteCells<int64_t>(column, from, count, cell, null);
      return {};
    case Type::BOOL:
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::FIXED_SIZE_BINARY:
      return internal::OtherCells(*type, column, from, count, cell, null);
    default:
      break;
  }
  switch (type->byte_width()) {
    case 1:
      internal::FixedCells<1>(column, from, count, cell, null);
      return {};
    case 2:
      internal::FixedCells<2>(column, from, count, cell, null);
      return {};
    case 4:
      internal::FixedCells<4>(column, from, count, cell, null);
      return {};
    case 8:
      internal::FixedCells<8>(column, from, count, cell, null);
      return {};
    case 16:
      internal::FixedCells<16>(column, from, count, cell, null);
      return {};
    case 32:
      if (IsDecimalOf16Bytes(*type)) {
        internal::FixedCells<16, 32>(column, from, count, cell, null);
      } else {
        internal::FixedCells<32>(column, from, count, cell, null);
      }
      return {};
    default:
      return internal::OtherCells(*type, column, from, count, cell, null);
  }
}

}  // namespace coreshed::parts
