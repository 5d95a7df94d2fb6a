#include "parts/stored.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/compute/cast.h>
#include <arrow/datum.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/dictionary.h"
#include "parts/list_range.h"
#include "parts/memory_pool.h"
#include "parts/types.h"

namespace coreshed::parts {
namespace {

using arrow::ArrayData;
using arrow::DataType;
using arrow::Type;
using DataPtr = std::shared_ptr<ArrayData>;

constexpr int64_t kDayMillis = 86'400'000;

std::shared_ptr<arrow::Field> StoredField(const arrow::Field& field) {
  return field.WithType(StoredType(field.type()))->RemoveMetadata();
}

/// Arrow reads no list of fixed size below a null unless it may be null itself.
bool MustBeNullable(const arrow::Field& child) {
  return StorageType(child.type())->id() == Type::FIXED_SIZE_LIST;
}

std::shared_ptr<arrow::Field> StoredChild(const arrow::Field& field) {
  auto stored = StoredField(field);
  return MustBeNullable(field) ? stored->WithNullable(true) : stored;
}

/// Not by Equals of the whole type: to that, maps are equal whether values may be null or not.
bool IsStoredAsIs(const std::shared_ptr<DataType>& type) {
  if (type->id() == Type::EXTENSION) {
    return IsStoredAsIs(static_cast<const arrow::ExtensionType&>(*type).storage_type());
  }
  if (type->num_fields() == 0) return StoredType(type)->Equals(*type);
  return std::all_of(type->fields().begin(), type->fields().end(), [](const auto& child) {
    return (child->nullable() || !MustBeNullable(*child)) && IsStoredAsIs(child->type());
  });
}

/// Each value by `convert`, which answers false for one that can't be stored; nulls become 0.
template <typename From, typename To, typename Convert>
Result<DataPtr> Map(const ArrayData& data, std::shared_ptr<DataType> type, const std::string& name,
                    const std::string& trouble, Convert&& convert) {
  CORESHED_ARROW_ASSIGN(
      auto buffer, arrow::AllocateBuffer(data.length * static_cast<int64_t>(sizeof(To)), Pool()),
      "storing column '" + name + "'");
  const From* from = data.GetValues<From>(1);
  To* to = reinterpret_cast<To*>(buffer->mutable_data());
  const bool nulls = data.GetNullCount() > 0;
  for (int64_t i = 0; i < data.length; ++i) {
    to[i] = 0;
    if (nulls && data.IsNull(i)) continue;
    if (!convert(from[i], &to[i])) {
      return Error{ErrorKind::kUnsupported, "column '" + name + "' holds a " + trouble}.With(
          "column", name);
    }
  }
  CORESHED_ASSIGN(auto validity, ValidityFromZero(data));
  return ArrayData::Make(std::move(type), data.length, {std::move(validity), std::move(buffer)},
                         data.GetNullCount());
}

template <typename Int>
bool Thousandfold(Int value, Int* out) {
  return !__builtin_mul_overflow(value, Int{1000}, out);
}

Result<DataPtr> Convert(const DataPtr& data, const std::string& name);

Result<DataPtr> ConvertStruct(const ArrayData& data, const std::string& name) {
  CORESHED_ASSIGN(auto validity, ValidityFromZero(data));
  auto stored = ArrayData::Make(StoredType(data.type), data.length, {std::move(validity)},
                                data.GetNullCount());
  for (const auto& child : data.child_data) {
    CORESHED_ASSIGN(auto converted, Convert(child->Slice(data.offset, data.length), name));
    stored->child_data.push_back(std::move(converted));
  }
  return stored;
}

Result<DataPtr> ConvertList(const ArrayData& data, const std::string& name) {
  CORESHED_ASSIGN(auto range, ListFromZero(data));
  CORESHED_ASSIGN(range->child_data[0], Convert(range->child_data[0], name));
  range->type = StoredType(data.type);
  return range;
}

Result<DataPtr> Convert(const DataPtr& data, const std::string& name) {
  if (IsStoredAsIs(data->type)) return data;
  const auto stored = StoredType(data->type);
  switch (data->type->id()) {
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW: {
      CORESHED_ARROW_ASSIGN(const auto plain, arrow::compute::Cast(arrow::Datum(data), stored),
                            "storing column '" + name + "'");
      return plain.array();
    }
    case Type::DATE64:
      return Map<int64_t, int32_t>(
          *data, stored, name, "date64 value that is no whole day: convert it to timestamp[ms]",
          [](int64_t millis, int32_t* days) {
            *days = static_cast<int32_t>(millis / kDayMillis);
            return millis % kDayMillis == 0 && millis / kDayMillis == *days;
          });
    case Type::TIME32:
      return Map<int32_t, int32_t>(
          *data, stored, name, "time32[s] value that is no time of day: convert it to int32",
          [](int32_t seconds, int32_t* millis) { return Thousandfold(seconds, millis); });
    case Type::TIMESTAMP:
      return Map<int64_t, int64_t>(
          *data, stored, name,
          "timestamp[s] value beyond the year 292,277,026: convert it to int64",
          [](int64_t seconds, int64_t* millis) { return Thousandfold(seconds, millis); });
    case Type::DICTIONARY: {
      CORESHED_ASSIGN(auto values, ExpandDictionary(*data));
      return Convert(values, name);
    }
    case Type::EXTENSION: {
      auto storage = data->Copy();
      storage->type = static_cast<const arrow::ExtensionType&>(*data->type).storage_type();
      return Convert(storage, name);
    }
    case Type::STRUCT:
      return ConvertStruct(*data, name);
    default:
      return ConvertList(*data, name);
  }
}

}  // namespace

std::shared_ptr<DataType> StoredType(const std::shared_ptr<DataType>& type) {
  switch (type->id()) {
    // Parquet's writer can't slice views below lists and structs.
    case Type::STRING_VIEW:
      return arrow::utf8();
    case Type::BINARY_VIEW:
      return arrow::binary();
    case Type::DATE64:
      return arrow::date32();
    case Type::TIME32:
      return arrow::time32(arrow::TimeUnit::MILLI);
    case Type::TIMESTAMP: {
      const auto& stamp = static_cast<const arrow::TimestampType&>(*type);
      if (stamp.unit() != arrow::TimeUnit::SECOND) return type;
      return arrow::timestamp(arrow::TimeUnit::MILLI, stamp.timezone());
    }
    case Type::DICTIONARY:
      return StoredType(static_cast<const arrow::DictionaryType&>(*type).value_type());
    case Type::EXTENSION: {
      const auto& storage = static_cast<const arrow::ExtensionType&>(*type).storage_type();
      return IsStoredAsIs(storage) ? type : StoredType(storage);
    }
    case Type::STRUCT: {
      arrow::FieldVector fields;
      for (const auto& field : type->fields())
        fields.push_back(StoredChild(*field));
      return arrow::struct_(std::move(fields));
    }
    case Type::LIST:
      return arrow::list(StoredChild(*type->field(0)));
    case Type::LARGE_LIST:
      return arrow::large_list(StoredChild(*type->field(0)));
    case Type::FIXED_SIZE_LIST:
      return arrow::fixed_size_list(
          StoredChild(*type->field(0)),
          static_cast<const arrow::FixedSizeListType&>(*type).list_size());
    case Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(*type);
      return std::make_shared<arrow::MapType>(StoredChild(*map.key_field()),
                                              StoredChild(*map.item_field()), map.keys_sorted());
    }
    default:
      return type;
  }
}

std::shared_ptr<arrow::Schema> StoredSchema(const arrow::Schema& schema) {
  arrow::FieldVector fields;
  for (const auto& field : schema.fields())
    fields.push_back(StoredField(*field));
  return arrow::schema(std::move(fields));
}

Result<std::shared_ptr<arrow::Array>> ToStored(const std::shared_ptr<arrow::Array>& column,
                                               const std::string& name) {
  if (IsStoredAsIs(column->type())) return column;
  CORESHED_ASSIGN(auto stored, Convert(column->data(), name));
  return arrow::MakeArray(stored);
}

}  // namespace coreshed::parts
