#include "parts/dictionary.h"

#include <arrow/array.h>
#include <arrow/array/array_dict.h>
#include <arrow/buffer.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/type.h>

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
    for (int64_t i = 0; i < count; ++i) longest = std::max(longest, offsets[i + 1] - offsets[i]);
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

/// Entry numbers of the rows, -1 for nulls (of the index or of the entry).
template <typename Index>
void EntryNumbers(const ArrayData& encoded, std::vector<int64_t>& numbers) {
  const Index* indices = encoded.GetValues<Index>(1);
  const bool index_nulls = encoded.GetNullCount() > 0;
  const ArrayData& dictionary = *encoded.dictionary;
  const bool entry_nulls = dictionary.GetNullCount() > 0;
  for (int64_t i = 0; i < encoded.length; ++i) {
    if (index_nulls && encoded.IsNull(i)) {
      numbers[static_cast<size_t>(i)] = -1;
      continue;
    }
    const auto entry = static_cast<int64_t>(indices[i]);
    numbers[static_cast<size_t>(i)] = entry_nulls && dictionary.IsNull(entry) ? -1 : entry;
  }
}

std::vector<int64_t> EntryNumbers(const ArrayData& encoded) {
  std::vector<int64_t> numbers(static_cast<size_t>(encoded.length));
  const auto& type = static_cast<const arrow::DictionaryType&>(*encoded.type);
  switch (type.index_type()->id()) {
    case Type::INT8: EntryNumbers<int8_t>(encoded, numbers); break;
    case Type::UINT8: EntryNumbers<uint8_t>(encoded, numbers); break;
    case Type::INT16: EntryNumbers<int16_t>(encoded, numbers); break;
    case Type::UINT16: EntryNumbers<uint16_t>(encoded, numbers); break;
    case Type::INT32: EntryNumbers<int32_t>(encoded, numbers); break;
    case Type::UINT32: EntryNumbers<uint32_t>(encoded, numbers); break;
    case Type::INT64: EntryNumbers<int64_t>(encoded, numbers); break;
    default: EntryNumbers<uint64_t>(encoded, numbers); break;
  }
  return numbers;
}

template <typename Offset>
Result<std::shared_ptr<ArrayData>> ExpandBytes(const ArrayData& encoded,
                                               const std::shared_ptr<arrow::DataType>& type) {
  const Entries<Offset> entries(*encoded.dictionary);
  const auto numbers = EntryNumbers(encoded);
  const int64_t length = encoded.length;
  CORESHED_ARROW_ASSIGN(auto offset_buffer,
                        arrow::AllocateBuffer((length + 1) * static_cast<int64_t>(sizeof(Offset)), Pool()),
                        "decoding a dictionary");
  auto* offsets = reinterpret_cast<Offset*>(offset_buffer->mutable_data());
  int64_t total = 0, nulls = 0;
  offsets[0] = 0;
  for (int64_t i = 0; i < length; ++i) {
    const int64_t entry = numbers[static_cast<size_t>(i)];
    if (entry >= 0) {
      total += entries.offsets[entry + 1] - entries.offsets[entry];
    } else {
      ++nulls;
    }
    offsets[i + 1] = static_cast<Offset>(total);
  }
  if (total > std::numeric_limits<Offset>::max()) {
    return Error{ErrorKind::kUnsupported, "more than 2 GiB of text in one dictionary column part"};
  }
  CORESHED_ARROW_ASSIGN(auto byte_buffer, arrow::AllocateBuffer(total + 16, Pool()),
                        "decoding a dictionary");
  CORESHED_ARROW_ASSIGN(auto bitmap, arrow::AllocateEmptyBitmap(nulls > 0 ? length : 0, Pool()),
                        "decoding a dictionary");
  uint8_t* bytes = byte_buffer->mutable_data();
  for (int64_t i = 0; i < length; ++i) {
    const int64_t entry = numbers[static_cast<size_t>(i)];
    if (entry < 0) continue;
    if (nulls > 0) arrow::bit_util::SetBit(bitmap->mutable_data(), i);
    if (!entries.padded.empty()) {
      std::memcpy(bytes + offsets[i], entries.padded[static_cast<size_t>(entry)].data(), 16);
    } else if (const Offset size = offsets[i + 1] - offsets[i]; size > 0) {
      std::memcpy(bytes + offsets[i], entries.bytes + entries.offsets[entry],
                  static_cast<size_t>(size));
    }
  }
  return ArrayData::Make(
      type, length,
      {nulls > 0 ? std::shared_ptr<arrow::Buffer>(std::move(bitmap)) : nullptr,
       std::move(offset_buffer), arrow::SliceBuffer(std::move(byte_buffer), 0, total)},
      nulls);
}

}  // namespace

Result<std::shared_ptr<ArrayData>> ExpandDictionary(const ArrayData& encoded) {
  const auto& type = static_cast<const arrow::DictionaryType&>(*encoded.type);
  switch (type.value_type()->id()) {
    case Type::STRING:
    case Type::BINARY:
      return ExpandBytes<int32_t>(encoded, type.value_type());
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
      return ExpandBytes<int64_t>(encoded, type.value_type());
    default:
      break;
  }
  // The numbers alone, so that nothing tries to keep them a dictionary.
  auto indices = encoded.Copy();
  indices->type = type.index_type();
  indices->dictionary = nullptr;
  CORESHED_ARROW_ASSIGN(auto values,
                        arrow::compute::Take(arrow::Datum(encoded.dictionary),
                                             arrow::Datum(std::move(indices))),
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
  CORESHED_ARROW_ASSIGN(
      auto result,
      array->Transpose(type, kept != nullptr ? kept : unified,
                       reinterpret_cast<const int32_t*>(transpose->data())),
      what);
  return result->data();
}

}  // namespace coreshed::parts
