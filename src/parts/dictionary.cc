#include "parts/dictionary.h"

#include <arrow/array.h>
#include <arrow/array/array_dict.h>
#include <arrow/buffer.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/int_util.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/memory_pool.h"

namespace coreshed::parts {
namespace {

using arrow::ArrayData;
using arrow::Type;

/// A dictionary of strings laid out for copying: entries of up to 16 bytes stand padded in a table,
/// so that each cell is one copy of fixed size.
template <typename Offset>
struct Entries {
  explicit Entries(const ArrayData& dictionary)
      : offsets(dictionary.GetValues<Offset>(1)),
        bytes(dictionary.buffers[2] == nullptr ? nullptr : dictionary.buffers[2]->data()),
        count(dictionary.length) {
    for (int64_t i = 0; i < count; ++i)
      longest = std::max(longest, offsets[i + 1] - offsets[i]);
    if (longest > 16 || count > 4096) return;
    padded.resize(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) {
      const auto size = static_cast<size_t>(offsets[i + 1] - offsets[i]);
      if (size > 0) std::memcpy(padded[static_cast<size_t>(i)].data(), bytes + offsets[i], size);
    }
  }
  const Offset* offsets;
  const uint8_t* bytes;
  int64_t count;
  Offset longest = 0;
  std::vector<std::array<uint8_t, 16>> padded;
};

/// Neither Parquet's reader nor a cheap validation looks whether the numbers are those of entries.
Result<void> CheckNumbers(const ArrayData& encoded) {
  auto indices = encoded.Copy();
  indices->type = static_cast<const arrow::DictionaryType&>(*encoded.type).index_type();
  indices->dictionary = nullptr;
  const auto checked = arrow::internal::CheckIndexBounds(
      arrow::ArraySpan(*indices), static_cast<uint64_t>(encoded.dictionary->length));
  if (checked.ok()) return {};
  return Error{ErrorKind::kCorruption, "has values that its dictionary does not have"};
}

/// What some dictionary arrays of one type are expanded into.
template <typename Offset>
struct Expanded {
  Offset* offsets;  ///< where the next value begins; one for each value is added
  uint8_t* bytes;
  uint8_t* validity;  ///< null: no values are null
  int64_t rows = 0;
};

template <typename Index>
int64_t EntryAt(const ArrayData& encoded, const Index* indices, bool index_nulls, bool entry_nulls,
                int64_t row) {
  if (index_nulls && encoded.IsNull(row)) return -1;
  const auto entry = static_cast<int64_t>(indices[row]);
  return entry_nulls && encoded.dictionary->IsNull(entry) ? -1 : entry;
}

/// How many bytes and nulls a dictionary array stands for.
struct Measure {
  int64_t bytes = 0, nulls = 0;
};

template <typename Offset, typename Index>
void MeasureRows(const ArrayData& encoded, const Entries<Offset>& entries, Measure* measure) {
  const auto* indices = encoded.GetValues<Index>(1);
  const bool index_nulls = encoded.GetNullCount() > 0;
  const bool entry_nulls = encoded.dictionary->GetNullCount() > 0;
  for (int64_t i = 0; i < encoded.length; ++i) {
    const int64_t entry = EntryAt(encoded, indices, index_nulls, entry_nulls, i);
    if (entry < 0) {
      ++measure->nulls;
    } else {
      measure->bytes += entries.offsets[entry + 1] - entries.offsets[entry];
    }
  }
}

template <typename Offset, typename Index>
void ExpandRows(const ArrayData& encoded, const Entries<Offset>& entries,
                Expanded<Offset>* expanded) {
  const auto* indices = encoded.GetValues<Index>(1);
  const bool index_nulls = encoded.GetNullCount() > 0;
  const bool entry_nulls = encoded.dictionary->GetNullCount() > 0;
  Offset* offsets = expanded->offsets + expanded->rows;
  uint8_t* bytes = expanded->bytes;
  Offset end = offsets[0];
  for (int64_t i = 0; i < encoded.length; ++i) {
    const int64_t entry = EntryAt(encoded, indices, index_nulls, entry_nulls, i);
    if (entry >= 0) {
      const Offset size = entries.offsets[entry + 1] - entries.offsets[entry];
      if (!entries.padded.empty()) {
        std::memcpy(bytes + end, entries.padded[static_cast<size_t>(entry)].data(), 16);
      } else if (size > 0) {
        std::memcpy(bytes + end, entries.bytes + entries.offsets[entry], static_cast<size_t>(size));
      }
      end += size;
      if (expanded->validity != nullptr) {
        arrow::bit_util::SetBit(expanded->validity, expanded->rows + i);
      }
    }
    offsets[i + 1] = end;
  }
  expanded->rows += encoded.length;
}

/// Call `visit` with a value of the C++ type of the indices.
template <typename Visit>
void WithIndexType(const ArrayData& encoded, Visit&& visit) {
  const auto& type = static_cast<const arrow::DictionaryType&>(*encoded.type);
  switch (type.index_type()->id()) {
    case Type::INT8:
      return visit(int8_t{});
    case Type::UINT8:
      return visit(uint8_t{});
    case Type::INT16:
      return visit(int16_t{});
    case Type::UINT16:
      return visit(uint16_t{});
    case Type::INT32:
      return visit(int32_t{});
    case Type::UINT32:
      return visit(uint32_t{});
    case Type::INT64:
      return visit(int64_t{});
    default:
      return visit(uint64_t{});
  }
}

template <typename Offset>
Result<std::shared_ptr<ArrayData>> ExpandBytes(std::span<const std::shared_ptr<ArrayData>> chunks,
                                               const std::shared_ptr<arrow::DataType>& type) {
  const std::string what = "decoding a dictionary";
  std::vector<Entries<Offset>> entries;
  Measure measure;
  int64_t rows = 0;
  for (const auto& chunk : chunks) {
    CORESHED_TRY(CheckNumbers(*chunk));
    entries.emplace_back(*chunk->dictionary);
    WithIndexType(*chunk, [&](auto index) {
      MeasureRows<Offset, decltype(index)>(*chunk, entries.back(), &measure);
    });
    rows += chunk->length;
  }
  if (measure.bytes > std::numeric_limits<Offset>::max()) {
    return Error{ErrorKind::kUnsupported, "more than 2 GiB of text in one piece of a column"};
  }
  CORESHED_ARROW_ASSIGN(
      auto offsets,
      arrow::AllocateBuffer((rows + 1) * static_cast<int64_t>(sizeof(Offset)), Pool()), what);
  CORESHED_ARROW_ASSIGN(auto bytes, arrow::AllocateBuffer(measure.bytes + 16, Pool()), what);
  std::shared_ptr<arrow::Buffer> validity;
  if (measure.nulls > 0) {
    CORESHED_ARROW_ASSIGN(validity, arrow::AllocateEmptyBitmap(rows, Pool()), what);
  }
  Expanded<Offset> expanded{reinterpret_cast<Offset*>(offsets->mutable_data()),
                            bytes->mutable_data(),
                            validity == nullptr ? nullptr : validity->mutable_data()};
  expanded.offsets[0] = 0;
  for (size_t i = 0; i < chunks.size(); ++i) {
    WithIndexType(*chunks[i], [&](auto index) {
      ExpandRows<Offset, decltype(index)>(*chunks[i], entries[i], &expanded);
    });
  }
  return ArrayData::Make(
      type, rows,
      {std::move(validity), std::move(offsets),
       arrow::SliceBuffer(std::shared_ptr<arrow::Buffer>(std::move(bytes)), 0, measure.bytes)},
      measure.nulls);
}

}  // namespace

Result<std::shared_ptr<ArrayData>> ExpandTexts(std::span<const std::shared_ptr<ArrayData>> chunks) {
  const auto& type = static_cast<const arrow::DictionaryType&>(*chunks[0]->type).value_type();
  const bool is_large = type->id() == Type::LARGE_STRING || type->id() == Type::LARGE_BINARY;
  return is_large ? ExpandBytes<int64_t>(chunks, type) : ExpandBytes<int32_t>(chunks, type);
}

Result<std::shared_ptr<ArrayData>> ExpandDictionary(const ArrayData& encoded) {
  const auto& type = static_cast<const arrow::DictionaryType&>(*encoded.type);
  switch (type.value_type()->id()) {
    case Type::STRING:
    case Type::BINARY:
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY: {
      const auto chunk = encoded.Copy();
      return ExpandTexts({&chunk, 1});
    }
    default:
      break;
  }
  // The numbers alone, so that nothing tries to keep them a dictionary.
  auto indices = encoded.Copy();
  indices->type = type.index_type();
  indices->dictionary = nullptr;
  CORESHED_ARROW_ASSIGN(
      auto values,
      arrow::compute::Take(arrow::Datum(encoded.dictionary), arrow::Datum(std::move(indices))),
      "decoding a dictionary");
  return values.array();
}

Result<std::shared_ptr<ArrayData>> EncodeDictionary(const std::shared_ptr<ArrayData>& values,
                                                    const std::shared_ptr<arrow::DataType>& type,
                                                    const std::shared_ptr<arrow::Array>& kept) {
  const std::string what = "reading a dictionary column";
  arrow::Datum encoded(values);
  if (values->type->id() != Type::DICTIONARY) {
    CORESHED_ARROW_ASSIGN(encoded, arrow::compute::DictionaryEncode(encoded), what);
  }
  CORESHED_TRY(CheckNumbers(*encoded.array()));
  const auto array = std::static_pointer_cast<arrow::DictionaryArray>(encoded.make_array());
  const auto& value_type = static_cast<const arrow::DictionaryType&>(*type).value_type();
  CORESHED_ARROW_ASSIGN(auto unifier, arrow::DictionaryUnifier::Make(value_type, Pool()), what);
  if (kept != nullptr) CORESHED_ARROW_TRY(unifier->Unify(*kept), what);
  std::shared_ptr<arrow::Buffer> transpose;
  CORESHED_ARROW_TRY(unifier->Unify(*array->dictionary(), &transpose), what);
  std::shared_ptr<arrow::DataType> any_type;
  std::shared_ptr<arrow::Array> unified;
  CORESHED_ARROW_TRY(unifier->GetResult(&any_type, &unified), what);
  if (kept != nullptr && unified->length() != kept->length()) {
    return Error{ErrorKind::kCorruption, "holds a value that its dictionary does not have"};
  }
  if (unified->length() > EntriesMax(static_cast<const arrow::DictionaryType&>(*type))) {
    return Error{ErrorKind::kUnsupported,
                 "more different values together than " + type->ToString() + " can number"};
  }
  CORESHED_ARROW_ASSIGN(auto result,
                        array->Transpose(type, kept != nullptr ? kept : unified,
                                         reinterpret_cast<const int32_t*>(transpose->data())),
                        what);
  return result->data();
}

int64_t EntriesMax(const arrow::DictionaryType& type) {
  const auto& index = static_cast<const arrow::FixedWidthType&>(*type.index_type());
  const int bits = index.bit_width() - (arrow::is_signed_integer(index.id()) ? 1 : 0);
  return int64_t{1} << std::min(bits, 62);
}

void ForEachDictionary(
    const arrow::DataType& type, const ArrayData* data,
    const std::function<void(const arrow::DictionaryType&, const ArrayData*)>& visit) {
  if (type.id() == Type::EXTENSION) {
    const auto& storage = *static_cast<const arrow::ExtensionType&>(type).storage_type();
    return ForEachDictionary(storage, data, visit);
  }
  if (type.id() == Type::DICTIONARY) {
    return visit(static_cast<const arrow::DictionaryType&>(type), data);
  }
  for (int i = 0; i < type.num_fields(); ++i) {
    const ArrayData* child =
        data == nullptr ? nullptr : data->child_data[static_cast<size_t>(i)].get();
    ForEachDictionary(*type.field(i)->type(), child, visit);
  }
}

}  // namespace coreshed::parts
