#include "support/random_tables.h"

#include <arrow/compute/api.h>
#include <arrow/extension/json.h>
#include <arrow/extension/uuid.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/decimal.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace coreshed {
namespace {

using arrow::ArrayData;
using arrow::DataType;
using arrow::TimeUnit;
using arrow::Type;
using DataPtr = std::shared_ptr<ArrayData>;
using TypePtr = std::shared_ptr<DataType>;

constexpr int kDepthMax = 4;

template <typename T>
std::shared_ptr<arrow::Buffer> BufferOf(const std::vector<T>& values) {
  return arrow::Buffer::FromVector(values);
}

int64_t WholesOf(const DataType& type) {
  switch (type.id()) {
    case Type::TIME32:
    case Type::TIME64: {
      const auto unit = static_cast<const arrow::TimeType&>(type).unit();
      constexpr int64_t kDay[] = {86'400, 86'400'000, 86'400'000'000, 86'400'000'000'000};
      return kDay[unit];
    }
    case Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).unit() == TimeUnit::SECOND
                 ? 9'000'000'000'000'000
                 : 0;
    default:
      return 0;
  }
}

const std::vector<std::string>& Pieces() {
  static const std::vector<std::string> pieces{"",    "a", "NA", "längerer Text als zwölf Bytes",
                                               "b\n", "😀", "0",  "\"quoted\""};
  return pieces;
}

}  // namespace

std::shared_ptr<arrow::KeyValueMetadata> RandomTables::Metadata() {
  if (!OneIn(3)) return nullptr;
  std::vector<std::string> keys, values;
  for (int64_t i = 0; i <= Below(3); ++i) {
    keys.push_back(OneIn(4) ? "same" : "key " + std::to_string(i));
    values.push_back(OneIn(4) ? std::string("\xFF\x00 bytes", 8)
                              : Pieces()[static_cast<size_t>(Below(8))]);
  }
  return arrow::key_value_metadata(std::move(keys), std::move(values));
}

TypePtr RandomTables::DictionaryType() {
  const std::vector<TypePtr> indices{arrow::int8(),   arrow::uint8(), arrow::int16(),
                                     arrow::uint16(), arrow::int32(), arrow::uint32(),
                                     arrow::int64(),  arrow::uint64()};
  const std::vector<TypePtr> values{arrow::utf8(),
                                    arrow::utf8(),
                                    arrow::large_utf8(),
                                    arrow::binary(),
                                    arrow::large_binary(),
                                    arrow::int16(),
                                    arrow::int64(),
                                    arrow::float64(),
                                    arrow::float32(),
                                    arrow::boolean(),
                                    arrow::date32(),
                                    arrow::date64(),
                                    arrow::timestamp(TimeUnit::SECOND, "UTC"),
                                    arrow::fixed_size_binary(3),
                                    arrow::decimal128(9, 2)};
  return arrow::dictionary(indices[static_cast<size_t>(Below(8))],
                           values[static_cast<size_t>(Below(static_cast<int64_t>(values.size())))],
                           false);
}

TypePtr RandomTables::Leaf() {
  static const std::vector<TypePtr> leaves = [] {
    std::vector<TypePtr> types{arrow::null(),
                               arrow::boolean(),
                               arrow::int8(),
                               arrow::uint8(),
                               arrow::int16(),
                               arrow::uint16(),
                               arrow::int32(),
                               arrow::uint32(),
                               arrow::int64(),
                               arrow::uint64(),
                               arrow::float16(),
                               arrow::float32(),
                               arrow::float64(),
                               arrow::utf8(),
                               arrow::large_utf8(),
                               arrow::utf8_view(),
                               arrow::binary(),
                               arrow::large_binary(),
                               arrow::binary_view(),
                               arrow::date32(),
                               arrow::date64(),
                               arrow::decimal32(7, 2),
                               arrow::decimal64(15, 15),
                               arrow::decimal128(5, 0),
                               arrow::decimal128(20, 3),
                               arrow::decimal128(38, 10),
                               arrow::decimal256(9, 2),
                               arrow::decimal256(38, 38),
                               arrow::decimal256(76, 20),
                               arrow::fixed_size_binary(1),
                               arrow::fixed_size_binary(16),
                               arrow::extension::uuid(),
                               arrow::extension::json()};
    for (const auto unit : {TimeUnit::SECOND, TimeUnit::MILLI, TimeUnit::MICRO, TimeUnit::NANO}) {
      types.push_back(unit < TimeUnit::MICRO ? arrow::time32(unit) : arrow::time64(unit));
      types.push_back(arrow::duration(unit));
      for (const char* zone : {"", "UTC", "Europe/Oslo", "-03:30"})
        types.push_back(arrow::timestamp(unit, zone));
    }
    return types;
  }();
  if (OneIn(6)) return DictionaryType();
  return leaves[static_cast<size_t>(Below(static_cast<int64_t>(leaves.size())))];
}

std::shared_ptr<arrow::Field> RandomTables::Field(const std::string& name, int depth) {
  auto type = Type(depth);
  const bool nullable = type->id() == Type::NA || !OneIn(4);
  return arrow::field(name, std::move(type), nullable, Metadata());
}

TypePtr RandomTables::Type(int depth) {
  if (depth >= kDepthMax || OneIn(2)) return Leaf();
  switch (Below(6)) {
    case 0:
      return arrow::list(Field("item", depth + 1));
    case 1:
      return arrow::large_list(Field("element", depth + 1));
    case 2:
      return arrow::fixed_size_list(Field("item", depth + 1), static_cast<int32_t>(1 + Below(3)));
    case 3: {
      // A key is never null; of the null type it could be nothing else.
      auto key = Type(kDepthMax);
      while (key->id() == Type::NA)
        key = Type(kDepthMax);
      return std::make_shared<arrow::MapType>(std::move(key), Field("value", depth + 1), OneIn(2));
    }
    default: {
      arrow::FieldVector fields;
      for (int64_t i = 0; i <= Below(3); ++i)
        fields.push_back(Field("field " + std::to_string(i), depth + 1));
      return arrow::struct_(std::move(fields));
    }
  }
}

std::shared_ptr<arrow::Schema> RandomTables::Schema(int columns) {
  arrow::FieldVector fields;
  for (int64_t i = 0; i <= Below(columns); ++i)
    fields.push_back(Field("column " + std::to_string(i), 0));
  return arrow::schema(std::move(fields), Metadata());
}

/// `length` bits, of which one in `one_zero_in` is 0.
std::shared_ptr<arrow::Buffer> RandomTables::Bits(int64_t length, int64_t one_zero_in) {
  std::vector<uint8_t> bits(static_cast<size_t>(arrow::bit_util::BytesForBits(length)), 0xFF);
  for (int64_t i = 0; i < length; ++i)
    arrow::bit_util::SetBitTo(bits.data(), i, !OneIn(one_zero_in));
  return BufferOf(bits);
}

/// Bytes that are all values of their type: integers, floats with any payload, fixed binary.
DataPtr RandomTables::Fixed(const TypePtr& type, int64_t length) {
  std::vector<uint8_t> bytes(static_cast<size_t>(length * type->byte_width()));
  const bool few = OneIn(2);  // so that some values are equal, some are 0 and some -0.0
  for (auto& byte : bytes)
    byte = static_cast<uint8_t>(few ? Below(2) * 0x80 : Below(256));
  return ArrayData::Make(type, length, {nullptr, BufferOf(bytes)});
}

/// Whole numbers within the bounds of their type: times, dates, decimals.
DataPtr RandomTables::Numbers(const TypePtr& type, int64_t length) {
  if (!arrow::is_decimal(type->id())) {
    std::vector<int64_t> numbers(static_cast<size_t>(length));
    const int64_t bound = WholesOf(*type);
    for (auto& number : numbers) {
      number = static_cast<int64_t>(random_());
      if (type->id() == Type::DATE64) number = (Below(40'000) - 20'000) * 86'400'000;
      if (bound > 0) number = number % bound;
      if (arrow::is_time(type->id())) number = std::abs(number);
    }
    if (type->byte_width() == 8) return ArrayData::Make(type, length, {nullptr, BufferOf(numbers)});
    const std::vector<int32_t> small(numbers.begin(), numbers.end());
    return ArrayData::Make(type, length, {nullptr, BufferOf(small)});
  }
  const auto& decimal = static_cast<const arrow::DecimalType&>(*type);
  arrow::Decimal256Builder builder(arrow::decimal256(decimal.precision(), decimal.scale()));
  for (int64_t i = 0; i < length; ++i) {
    std::string digits(OneIn(3) ? "-" : "");
    for (int64_t left = 1 + Below(decimal.precision()); left > 0; --left)
      digits += static_cast<char>('0' + Below(10));
    (void)builder.Append(arrow::Decimal256::FromString(digits).ValueOrDie());
  }
  const auto wide = builder.Finish().ValueOrDie();
  return arrow::compute::Cast(*wide, type).ValueOrDie()->data();
}

template <typename Offset>
DataPtr RandomTables::Bytes(const TypePtr& type, int64_t length) {
  std::vector<Offset> offsets;
  std::string bytes(static_cast<size_t>(Below(3)), 'x');  // the first value need not begin at 0
  for (int64_t i = 0; i < length; ++i) {
    offsets.push_back(static_cast<Offset>(bytes.size()));
    for (int64_t n = Below(3); n > 0; --n)
      bytes += Pieces()[static_cast<size_t>(Below(8))];
  }
  offsets.push_back(static_cast<Offset>(bytes.size()));
  return ArrayData::Make(type, length,
                         {nullptr, BufferOf(offsets), arrow::Buffer::FromString(std::move(bytes))});
}

template <typename Offset>
DataPtr RandomTables::Lists(const TypePtr& type, int64_t length) {
  std::vector<Offset> offsets{static_cast<Offset>(Below(3))};
  const int64_t longest = 1 + Below(4);
  for (int64_t i = 0; i < length; ++i)
    offsets.push_back(static_cast<Offset>(offsets.back() + Below(longest)));
  const auto& item = *type->field(0);
  auto child = Data(item.type(), offsets.back() + Below(3), item.nullable());
  return ArrayData::Make(type, length, {nullptr, BufferOf(offsets)}, {std::move(child)});
}

/// Entries that are all different, in any order; one may be null, and some unused.
DataPtr RandomTables::Dictionary(const TypePtr& type, int64_t length, bool nullable) {
  const auto& dictionary = static_cast<const arrow::DictionaryType&>(*type);
  // Each type has few values, so that even int8 can number those of all chunks together.
  auto& pool = pools_[type.get()];
  if (pool == nullptr) {
    const auto some = arrow::MakeArray(Values(dictionary.value_type(), 20));
    pool = arrow::compute::Unique(some).ValueOrDie();
  }
  std::vector<int64_t> chosen(static_cast<size_t>(pool->length()));
  std::iota(chosen.begin(), chosen.end(), 0);
  std::shuffle(chosen.begin(), chosen.end(), random_);
  chosen.resize(static_cast<size_t>(1 + Below(pool->length())));
  const auto places = arrow::Int64Array(static_cast<int64_t>(chosen.size()), BufferOf(chosen));
  auto entries = arrow::compute::Take(*pool, places).ValueOrDie();
  if (nullable && OneIn(3)) {
    const auto null = arrow::MakeArrayOfNull(dictionary.value_type(), 1).ValueOrDie();
    entries = arrow::Concatenate({entries, null, entries->Slice(0, 0)}).ValueOrDie();
  }
  std::vector<int64_t> numbers(static_cast<size_t>(length));
  for (auto& number : numbers)
    number = Below(entries->length());
  const auto wide = ArrayData::Make(arrow::int64(), length, {nullptr, BufferOf(numbers)});
  auto data =
      arrow::compute::Cast(arrow::Datum(wide), dictionary.index_type()).ValueOrDie().array();
  data = data->Copy();
  data->type = type;
  data->dictionary = entries->data();
  return data;
}

/// Values without nulls of their own.
DataPtr RandomTables::Values(const TypePtr& type, int64_t length) {
  switch (type->id()) {
    case Type::BOOL:
      return ArrayData::Make(type, length, {nullptr, Bits(length, 2)});
    case Type::STRING:
    case Type::BINARY:
      return Bytes<int32_t>(type, length);
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
      return Bytes<int64_t>(type, length);
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW: {
      const auto plain =
          Bytes<int32_t>(type->id() == Type::STRING_VIEW ? arrow::utf8() : arrow::binary(), length);
      return arrow::compute::Cast(arrow::Datum(plain), type).ValueOrDie().array()->Copy();
    }
    case Type::LIST:
      return Lists<int32_t>(type, length);
    case Type::LARGE_LIST:
      return Lists<int64_t>(type, length);
    case Type::MAP:
      return Lists<int32_t>(type, length);
    case Type::FIXED_SIZE_LIST: {
      const auto size = static_cast<const arrow::FixedSizeListType&>(*type).list_size();
      const auto& item = *type->field(0);
      return ArrayData::Make(type, length, {nullptr},
                             {Data(item.type(), length * size, item.nullable())});
    }
    case Type::STRUCT: {
      std::vector<DataPtr> children;
      for (const auto& field : type->fields())
        children.push_back(Data(field->type(), length, field->nullable()));
      return ArrayData::Make(type, length, {nullptr}, std::move(children));
    }
    case Type::EXTENSION: {
      auto data = Values(static_cast<const arrow::ExtensionType&>(*type).storage_type(), length);
      data->type = type;
      return data;
    }
    default:
      break;
  }
  const bool bounded = arrow::is_decimal(type->id()) || arrow::is_temporal(type->id());
  return bounded ? Numbers(type, length) : Fixed(type, length);
}

/// What no value of the type could be lies under the nulls, too.
std::shared_ptr<arrow::Buffer> RandomTables::WithGarbage(const ArrayData& data) {
  const auto width = static_cast<size_t>(data.type->byte_width());
  std::vector<uint8_t> bytes(data.buffers[1]->data(),
                             data.buffers[1]->data() + static_cast<size_t>(data.length) * width);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const bool valid =
        arrow::bit_util::GetBit(data.buffers[0]->data(), static_cast<int64_t>(i / width));
    if (!valid) bytes[i] = static_cast<uint8_t>(Below(256));
  }
  return BufferOf(bytes);
}

DataPtr RandomTables::Data(const TypePtr& type, int64_t length, bool nullable) {
  if (type->id() == Type::NA) return ArrayData::Make(type, length, {nullptr}, length);
  const int64_t before = Below(4), after = Below(3);
  const int64_t whole = before + length + after;
  auto data =
      type->id() == Type::DICTIONARY ? Dictionary(type, whole, nullable) : Values(type, whole);
  if (nullable && !OneIn(3)) {
    // What lies under the nulls stays there, as garbage.
    data->buffers[0] = Bits(whole, OneIn(4) ? 1 : 1 + Below(5));
    data->null_count = arrow::kUnknownNullCount;
    if (arrow::is_decimal(type->id())) data->buffers[1] = WithGarbage(*data);
  }
  return data->Slice(before, length);
}

std::shared_ptr<arrow::Table> RandomTables::Table(const std::shared_ptr<arrow::Schema>& schema,
                                                  int64_t rows) {
  arrow::ChunkedArrayVector columns;
  for (const auto& field : schema->fields()) {
    arrow::ArrayVector chunks;
    int64_t left = rows;
    while (left > 0 || chunks.empty() || OneIn(4)) {
      const int64_t length = OneIn(4) ? 0 : std::min(left, 1 + Below(std::max<int64_t>(left, 1)));
      chunks.push_back(arrow::MakeArray(Data(field->type(), length, field->nullable())));
      left -= length;
    }
    columns.push_back(std::make_shared<arrow::ChunkedArray>(std::move(chunks), field->type()));
  }
  return arrow::Table::Make(schema, std::move(columns), rows);
}

namespace {

DataPtr Plain(const ArrayData& data);

TypePtr WithFields(const DataType& type, const arrow::FieldVector& fields) {
  switch (type.id()) {
    case Type::STRUCT:
      return arrow::struct_(fields);
    case Type::FIXED_SIZE_LIST:
      return arrow::fixed_size_list(fields[0],
                                    static_cast<const arrow::FixedSizeListType&>(type).list_size());
    case Type::LARGE_LIST:
      return arrow::large_list(fields[0]);
    default:
      return arrow::list(fields[0]);  // a map is a list of pairs
  }
}

DataPtr PlainNested(const ArrayData& data) {
  auto plain = data.Copy();
  arrow::FieldVector fields;
  for (size_t i = 0; i < data.child_data.size(); ++i) {
    plain->child_data[i] = Plain(*data.child_data[i]);
    fields.push_back(
        arrow::field(data.type->field(static_cast<int>(i))->name(), plain->child_data[i]->type));
  }
  plain->type = WithFields(*data.type, fields);
  return plain;
}

DataPtr Plain(const ArrayData& data) {
  auto plain = data.Copy();
  switch (data.type->id()) {
    case Type::EXTENSION:
      plain->type = static_cast<const arrow::ExtensionType&>(*data.type).storage_type();
      return Plain(*plain);
    case Type::DICTIONARY: {
      const auto encoded = std::make_shared<arrow::DictionaryArray>(plain);
      const auto taken = arrow::compute::Take(*encoded->dictionary(), *encoded->indices());
      return Plain(*taken.ValueOrDie()->data());
    }
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW:
      return arrow::compute::Cast(arrow::Datum(plain), data.type->id() == Type::STRING_VIEW
                                                           ? arrow::utf8()
                                                           : arrow::binary())
          .ValueOrDie()
          .array();
    case Type::HALF_FLOAT:
      plain->type = arrow::uint16();
      return plain;
    case Type::FLOAT:
      plain->type = arrow::uint32();
      return plain;
    case Type::DOUBLE:
      plain->type = arrow::uint64();
      return plain;
    default:
      return data.child_data.empty() ? plain : PlainNested(data);
  }
}

}  // namespace

std::shared_ptr<arrow::Array> PlainValues(const arrow::ChunkedArray& column) {
  arrow::ArrayVector chunks;
  for (const auto& chunk : column.chunks())
    chunks.push_back(arrow::MakeArray(Plain(*chunk->data())));
  if (chunks.empty()) return arrow::MakeEmptyArray(arrow::null()).ValueOrDie();
  return arrow::Concatenate(chunks).ValueOrDie();
}

}  // namespace coreshed
