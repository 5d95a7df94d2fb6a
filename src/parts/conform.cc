#include "parts/conform.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/compute/cast.h>
#include <arrow/datum.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/bitmap_ops.h>

#include <limits>
#include <string>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/dictionary.h"
#include "parts/list_range.h"
#include "parts/memory_pool.h"
#include "parts/types.h"
#include "parts/validity.h"

namespace coreshed::parts {
namespace {

using arrow::ArrayData;
using arrow::DataType;
using arrow::Type;
using DataPtr = std::shared_ptr<ArrayData>;
using TypePtr = std::shared_ptr<DataType>;

constexpr int64_t kDayMillis = 86'400'000;

Error Mismatch(const DataType& stored, const DataType& wanted) {
  return Error{ErrorKind::kCorruption,
               "holds " + stored.ToString() + " where " + wanted.ToString() + " was written"};
}

DataPtr WithType(const ArrayData& data, TypePtr type) {
  auto copy = data.Copy();
  copy->type = std::move(type);
  return copy;
}

/// Each value by `convert`, which answers false for one that nothing was stored as.
template <typename From, typename To, typename Convert>
Result<DataPtr> Map(const ArrayData& data, const TypePtr& type, Convert&& convert) {
  CORESHED_ARROW_ASSIGN(
      auto buffer, arrow::AllocateBuffer(data.length * static_cast<int64_t>(sizeof(To)), Pool()),
      "reading a column");
  const From* from = data.GetValues<From>(1);
  To* to = reinterpret_cast<To*>(buffer->mutable_data());
  const bool nulls = data.GetNullCount() > 0;
  for (int64_t i = 0; i < data.length; ++i) {
    to[i] = 0;
    if (nulls && data.IsNull(i)) continue;
    if (!convert(from[i], &to[i])) return Mismatch(*data.type, *type);
  }
  CORESHED_ASSIGN(auto validity, ValidityFromZero(data));
  return ArrayData::Make(type, data.length, {std::move(validity), std::move(buffer)},
                         data.GetNullCount());
}

/// Children of nulls, which are nulls too, though what was read is something else where a child may
/// not be null: no dictionary needs to have it. `size` children for each parent.
Result<DataPtr> BelowNulls(const ArrayData& parents, const DataPtr& children, int64_t size,
                           const DataType& type) {
  if (parents.GetNullCount() == 0 || !HasDictionary(type)) return children;
  const auto outer = Validity::Of(parents, parents.offset, parents.length, {});
  const auto repeated = outer.Repeat(parents.length, size);
  const auto both = Validity::Of(*children, children->offset, children->length, repeated);
  auto masked = children->Copy();
  CORESHED_ARROW_ASSIGN(auto bits,
                        arrow::AllocateEmptyBitmap(children->offset + children->length, Pool()),
                        "reading a column");
  arrow::internal::CopyBitmap(both.bits(), both.offset(), children->length, bits->mutable_data(),
                              children->offset);
  masked->buffers[0] = std::move(bits);
  masked->null_count = arrow::kUnknownNullCount;
  return masked;
}

template <typename Int>
bool Thousandth(Int value, Int* out) {
  *out = value / 1000;
  return value % 1000 == 0;
}

/// Walks an array and the type it shall have, outermost first.
class Walk {
 public:
  explicit Walk(std::span<const std::shared_ptr<arrow::Array>> dictionaries)
      : dictionaries_(dictionaries) {}
  Result<DataPtr> To(const DataPtr& data, const TypePtr& type);

 private:
  Result<DataPtr> ToDictionary(const DataPtr& data, const TypePtr& type);
  Result<DataPtr> ToStruct(const ArrayData& data, const TypePtr& type, bool is_map);
  Result<DataPtr> ToList(const ArrayData& data, const TypePtr& type);
  Result<DataPtr> ToLeaf(const DataPtr& data, const TypePtr& type);

  std::span<const std::shared_ptr<arrow::Array>> dictionaries_;
  size_t next_dictionary_ = 0;
};

Result<DataPtr> Walk::ToDictionary(const DataPtr& data, const TypePtr& type) {
  std::shared_ptr<arrow::Array> kept;
  if (next_dictionary_ < dictionaries_.size()) kept = dictionaries_[next_dictionary_++];
  const auto& dictionary_type = static_cast<const arrow::DictionaryType&>(*type);
  if (data->type->id() == Type::DICTIONARY && static_cast<const arrow::DictionaryType&>(*data->type)
                                                  .value_type()
                                                  ->Equals(*dictionary_type.value_type())) {
    return EncodeDictionary(data, type, kept);
  }
  CORESHED_ASSIGN(auto values, To(data, dictionary_type.value_type()));
  return EncodeDictionary(values, type, kept);
}

/// `is_map`: the entries of a map, whose fields have no names of their own in Parquet.
Result<DataPtr> Walk::ToStruct(const ArrayData& data, const TypePtr& type, bool is_map) {
  if (data.type->id() != Type::STRUCT || data.type->num_fields() != type->num_fields()) {
    return Mismatch(*data.type, *type);
  }
  CORESHED_ASSIGN(auto validity, ValidityFromZero(data));
  auto result = ArrayData::Make(type, data.length, {std::move(validity)}, data.GetNullCount());
  for (int i = 0; i < type->num_fields(); ++i) {
    if (!is_map && data.type->field(i)->name() != type->field(i)->name()) {
      return Mismatch(*data.type, *type);
    }
    const auto& child_type = type->field(i)->type();
    const auto read = data.child_data[static_cast<size_t>(i)]->Slice(data.offset, data.length);
    CORESHED_ASSIGN(const auto child, BelowNulls(data, read, 1, *child_type));
    CORESHED_ASSIGN(auto conformed, To(child, child_type));
    result->child_data.push_back(std::move(conformed));
  }
  return result;
}

template <typename From, typename Into>
Result<DataPtr> WithOffsets(const ArrayData& list, const TypePtr& type) {
  CORESHED_ARROW_ASSIGN(
      auto buffer,
      arrow::AllocateBuffer((list.length + 1) * static_cast<int64_t>(sizeof(Into)), Pool()),
      "reading a list column");
  const From* from = list.GetValues<From>(1, 0);
  Into* to = reinterpret_cast<Into*>(buffer->mutable_data());
  for (int64_t i = 0; i <= list.length; ++i) {
    if (static_cast<int64_t>(from[i]) > std::numeric_limits<Into>::max()) {
      return Error{ErrorKind::kUnsupported, "more than 2^31 list elements in one part"};
    }
    to[i] = static_cast<Into>(from[i]);
  }
  auto result = WithType(list, type);
  result->buffers[1] = std::move(buffer);
  return result;
}

Result<DataPtr> Walk::ToList(const ArrayData& data, const TypePtr& type) {
  const auto is_list = [](Type::type id) { return id == Type::LIST || id == Type::LARGE_LIST; };
  const auto from = data.type->id(), into = type->id();
  if (from != into && !(is_list(from) && is_list(into))) return Mismatch(*data.type, *type);
  if (into == Type::FIXED_SIZE_LIST &&
      static_cast<const arrow::FixedSizeListType&>(*type).list_size() !=
          static_cast<const arrow::FixedSizeListType&>(*data.type).list_size()) {
    return Mismatch(*data.type, *type);
  }
  CORESHED_ASSIGN(auto list, ListFromZero(data));
  if (into == Type::FIXED_SIZE_LIST) {
    const int64_t size = static_cast<const arrow::FixedSizeListType&>(*type).list_size();
    CORESHED_ASSIGN(list->child_data[0],
                    BelowNulls(*list, list->child_data[0], size, *type->field(0)->type()));
  }
  if (into == Type::MAP) {
    CORESHED_ASSIGN(list->child_data[0],
                    ToStruct(*list->child_data[0], type->field(0)->type(), true));
  } else {
    CORESHED_ASSIGN(list->child_data[0], To(list->child_data[0], type->field(0)->type()));
  }
  if (from == Type::LIST && into == Type::LARGE_LIST)
    return WithOffsets<int32_t, int64_t>(*list, type);
  if (from == Type::LARGE_LIST && into == Type::LIST)
    return WithOffsets<int64_t, int32_t>(*list, type);
  return WithType(*list, type);
}

bool IsText(Type::type id) {
  return id == Type::STRING || id == Type::LARGE_STRING || id == Type::STRING_VIEW;
}
bool IsBinary(Type::type id) {
  return id == Type::BINARY || id == Type::LARGE_BINARY || id == Type::BINARY_VIEW;
}

Result<DataPtr> Cast(const DataPtr& data, const TypePtr& type) {
  auto cast = arrow::compute::Cast(arrow::Datum(data), type, arrow::compute::CastOptions::Safe());
  if (!cast.ok()) return Mismatch(*data->type, *type);
  return cast->array();
}

Result<DataPtr> Walk::ToLeaf(const DataPtr& data, const TypePtr& type) {
  if (data->type->Equals(*type)) return WithType(*data, type);
  const auto from = data->type->id(), into = type->id();
  if (into == Type::DATE64 && from == Type::DATE32) {
    return Map<int32_t, int64_t>(*data, type, [](int32_t days, int64_t* millis) {
      *millis = days * kDayMillis;
      return true;
    });
  }
  if (into == Type::TIME32 && from == Type::TIME32) {
    const auto unit = static_cast<const arrow::Time32Type&>(*type).unit();
    if (unit != arrow::TimeUnit::SECOND) return Mismatch(*data->type, *type);
    return Map<int32_t, int32_t>(*data, type, Thousandth<int32_t>);
  }
  if (into == Type::TIMESTAMP && from == Type::TIMESTAMP) {
    const auto& wanted = static_cast<const arrow::TimestampType&>(*type);
    const auto& stored = static_cast<const arrow::TimestampType&>(*data->type);
    if (wanted.timezone().empty() != stored.timezone().empty()) return Mismatch(stored, *type);
    if (wanted.unit() == stored.unit()) return WithType(*data, type);
    if (wanted.unit() == arrow::TimeUnit::SECOND && stored.unit() == arrow::TimeUnit::MILLI) {
      return Map<int64_t, int64_t>(*data, type, Thousandth<int64_t>);
    }
    return Mismatch(stored, *type);
  }
  const bool same_family = (IsText(from) && IsText(into)) || (IsBinary(from) && IsBinary(into));
  if (same_family) return Cast(data, type);
  if (arrow::is_decimal(from) && arrow::is_decimal(into)) {
    const auto& wanted = static_cast<const arrow::DecimalType&>(*type);
    const auto& stored = static_cast<const arrow::DecimalType&>(*data->type);
    if (wanted.precision() == stored.precision() && wanted.scale() == stored.scale()) {
      return Cast(data, type);
    }
  }
  return Mismatch(*data->type, *type);
}

Result<DataPtr> Walk::To(const DataPtr& data, const TypePtr& type) {
  if (type->id() == Type::EXTENSION) {
    const auto& storage = static_cast<const arrow::ExtensionType&>(*type).storage_type();
    CORESHED_ASSIGN(auto conformed, To(data, storage));
    return WithType(*conformed, type);
  }
  if (data->type->id() == Type::EXTENSION) {
    const auto& storage = static_cast<const arrow::ExtensionType&>(*data->type).storage_type();
    return To(WithType(*data, storage), type);
  }
  if (type->id() == Type::DICTIONARY) return ToDictionary(data, type);
  if (data->type->id() == Type::DICTIONARY) {
    CORESHED_ASSIGN(auto values, ExpandDictionary(*data));
    return To(values, type);
  }
  switch (type->id()) {
    case Type::STRUCT:
      return ToStruct(*data, type, false);
    case Type::LIST:
    case Type::LARGE_LIST:
    case Type::FIXED_SIZE_LIST:
    case Type::MAP:
      return ToList(*data, type);
    default:
      return ToLeaf(data, type);
  }
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> Conform(
    const std::shared_ptr<arrow::Array>& array, const TypePtr& type,
    std::span<const std::shared_ptr<arrow::Array>> dictionaries) {
  if (array->type()->Equals(*type) && !arrow::is_nested(type->id()) &&
      type->id() != Type::DICTIONARY) {
    return array;
  }
  CORESHED_ASSIGN(auto data, Walk(dictionaries).To(array->data(), type));
  return arrow::MakeArray(data);
}

}  // namespace coreshed::parts
