// Every type that can be stored comes back exactly: type, nulls, values, nullability, metadata.

#include <arrow/extension/json.h>
#include <arrow/extension/uuid.h>
#include <arrow/extension_type.h>
#include <arrow/json/from_string.h>
#include <arrow/util/key_value_metadata.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "parts/hash.h"
#include "parts/test_store.h"
#include "parts/types.h"

namespace coreshed::parts {
namespace {

using arrow::json::ArrayFromJSONString;
using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

struct Case {
  std::string name;
  ArrayPtr array;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

ArrayPtr FromJson(const TypePtr& type, const std::string& json) {
  return Get(ArrayFromJSONString(type, json));
}

ArrayPtr Dictionary(const TypePtr& index, const TypePtr& value, const std::string& indices,
                    const std::string& values, bool ordered = false) {
  return Get(arrow::DictionaryArray::FromArrays(arrow::dictionary(index, value, ordered),
                                                FromJson(index, indices), FromJson(value, values)));
}

template <typename Type>
ArrayPtr FromBits(const std::vector<typename Type::c_type>& values) {
  typename arrow::TypeTraits<Type>::BuilderType builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  EXPECT_TRUE(builder.AppendNull().ok());
  return Get(builder.Finish());
}

double NanWith(uint64_t payload) {
  const uint64_t bits = 0x7FF8000000000000ULL | payload;
  double value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

void AddNumbers(std::vector<Case>& cases) {
  for (const auto& type : {arrow::int8(), arrow::uint8(), arrow::int16(), arrow::uint16(),
                           arrow::int32(), arrow::uint32(), arrow::int64(), arrow::uint64(),
                           arrow::float16(), arrow::float32(), arrow::float64()}) {
    cases.push_back({type->ToString(), FromJson(type, "[1, null, 0, 100, 2, null, 1]")});
  }
  cases.push_back(
      {"int64_ends",
       FromJson(arrow::int64(), "[-9223372036854775808, null, 9223372036854775807, 0, -1]")});
  cases.push_back(
      {"uint64_ends",
       FromJson(arrow::uint64(), "[18446744073709551615, null, 0, 9223372036854775808]")});
  cases.push_back({"uint32_ends", FromJson(arrow::uint32(), "[4294967295, null, 0, 2147483648]")});
  cases.push_back(
      {"double_bits", FromBits<arrow::DoubleType>({0.0, -0.0, NanWith(0), NanWith(1), -NanWith(77),
                                                   std::numeric_limits<double>::infinity(),
                                                   std::numeric_limits<double>::denorm_min()})});
  cases.push_back(
      {"float_bits", FromBits<arrow::FloatType>({0.0F, -0.0F, std::nanf("5"), -std::nanf("")})});
  cases.push_back(
      {"float16_bits", FromBits<arrow::HalfFloatType>({0, 0x8000, 0x7E01, 0xFE00, 0x7C00, 1})});
  cases.push_back({"bool", FromJson(arrow::boolean(),
                                    "[true, null, false, false, true, true, null, true, false]")});
  for (const auto& type :
       {arrow::decimal32(5, 2), arrow::decimal64(12, 2), arrow::decimal128(9, 2),
        arrow::decimal128(38, 2), arrow::decimal256(9, 2), arrow::decimal256(76, 2)}) {
    cases.push_back(
        {type->ToString(), FromJson(type, R"(["1.23", null, "-999.99", "0.00", "0.01"])")});
  }
  cases.push_back({"null", FromJson(arrow::null(), "[null, null, null]")});
}

void AddTimes(std::vector<Case>& cases) {
  using arrow::TimeUnit;
  cases.push_back(
      {"date32", FromJson(arrow::date32(), "[0, null, -1, 20000, 2147483647, -2147483648]")});
  cases.push_back({"date64", FromJson(arrow::date64(), "[0, null, -86400000, 1728000000000]")});
  cases.push_back({"time32_s", FromJson(arrow::time32(TimeUnit::SECOND), "[0, null, 86399, 1]")});
  cases.push_back(
      {"time32_ms", FromJson(arrow::time32(TimeUnit::MILLI), "[0, null, 86399999, 1]")});
  cases.push_back(
      {"time64_us", FromJson(arrow::time64(TimeUnit::MICRO), "[0, null, 86399999999]")});
  cases.push_back(
      {"time64_ns", FromJson(arrow::time64(TimeUnit::NANO), "[0, null, 86399999999999]")});
  for (const auto unit : {TimeUnit::SECOND, TimeUnit::MILLI, TimeUnit::MICRO, TimeUnit::NANO}) {
    for (const char* zone : {"", "UTC", "Europe/Berlin", "+05:30"}) {
      const auto type = arrow::timestamp(unit, zone);
      const std::string ends = unit == TimeUnit::SECOND
                                   ? "9223372036854775, -9223372036854775"
                                   : "9223372036854775807, -9223372036854775808";
      cases.push_back(
          {type->ToString(), FromJson(type, "[0, null, -1, 1700000000, " + ends + "]")});
    }
    const auto type = arrow::duration(unit);
    cases.push_back({type->ToString(), FromJson(type, "[0, null, -1, 9223372036854775807]")});
  }
}

void AddBytes(std::vector<Case>& cases) {
  for (const auto& type : {arrow::utf8(), arrow::large_utf8(), arrow::utf8_view(), arrow::binary(),
                           arrow::large_binary(), arrow::binary_view()}) {
    cases.push_back(
        {type->ToString(),
         FromJson(type, R"(["", null, "a", "längerer Text als zwölf Bytes", "", "a\u0000b"])")});
  }
  cases.push_back(
      {"fixed_size_binary", FromJson(arrow::fixed_size_binary(3), R"(["abc", null, "xyz"])")});
  cases.push_back(
      {"uuid_bytes", FromJson(arrow::fixed_size_binary(16), R"(["0123456789abcdef", null])")});
}

void AddNested(std::vector<Case>& cases) {
  const auto item = arrow::field("item", arrow::int32());
  for (const auto& type :
       std::vector<TypePtr>{arrow::list(item), arrow::large_list(item),
                            arrow::list(arrow::field("named", arrow::int32(), true,
                                                     arrow::key_value_metadata({"k"}, {"v"})))}) {
    cases.push_back({type->ToString(), FromJson(type, "[[1, null], null, [], [2, 3, 4], [null]]")});
  }
  cases.push_back(
      {"list_required", FromJson(arrow::list(arrow::field("item", arrow::int32(), false)),
                                 "[[1], null, [], [2, 3]]")});
  cases.push_back(
      {"fixed_size_list", FromJson(arrow::fixed_size_list(item, 2), "[[1, null], null, [3, 4]]")});
  cases.push_back({"list_of_list", FromJson(arrow::list(arrow::large_list(arrow::utf8())),
                                            R"([[["a", null], null, []], null, [], [["b"]]])")});
  cases.push_back(
      {"struct",
       FromJson(
           arrow::struct_({arrow::field("a", arrow::int32()), arrow::field("b", arrow::utf8())}),
           R"([{"a": 1, "b": ""}, null, {"a": null, "b": null}, {"a": 2, "b": "x"}])")});
  cases.push_back(
      {"struct_of_text", FromJson(arrow::struct_({arrow::field("a", arrow::utf8())}),
                                  R"([{"a": "x"}, null, {"a": null}, {"a": "y"}, {"a": "x"}])")});
  cases.push_back(
      {"struct_required", FromJson(arrow::struct_({arrow::field("a", arrow::int32(), false)}),
                                   R"([{"a": 1}, {"a": 2}])")});
  cases.push_back(
      {"list_of_struct",
       FromJson(arrow::list(arrow::struct_({arrow::field("a", arrow::float64()),
                                            arrow::field("l", arrow::list(arrow::boolean()))})),
                R"([[{"a": 1.5, "l": [true, null]}, null], null, [], [{"a": null, "l": null}]])")});
  const auto map = arrow::map(arrow::utf8(), arrow::int32());
  cases.push_back({"map", FromJson(map, R"([[["a", 1], ["b", null]], null, [], [["a", 2]]])")});
  cases.push_back({"map_sorted", FromJson(arrow::map(arrow::utf8(), arrow::int32(), true),
                                          R"([[["a", 1]], null])")});
  cases.push_back({"map_named", FromJson(std::make_shared<arrow::MapType>(
                                             arrow::field("kk", arrow::utf8(), false),
                                             arrow::field("vv", arrow::int32())),
                                         R"([[["a", 1]], null])")});
  cases.push_back(
      {"struct_of_odd",
       FromJson(
           arrow::struct_({arrow::field("d", arrow::date64()),
                           arrow::field("t", arrow::time32(arrow::TimeUnit::SECOND)),
                           arrow::field("s", arrow::timestamp(arrow::TimeUnit::SECOND, "UTC")),
                           arrow::field("v", arrow::utf8_view()),
                           arrow::field("n", arrow::null())}),
           R"([{"d": 86400000, "t": 7, "s": 1, "v": "x", "n": null}, null, {"d": null, "t": null, "s": null, "v": null, "n": null}])")});
  cases.push_back({"list_of_date64",
                   FromJson(arrow::list(arrow::date64()), "[[0, 86400000], null, [null], []]")});
  cases.push_back({"fixed_list_of_time32",
                   FromJson(arrow::fixed_size_list(arrow::time32(arrow::TimeUnit::SECOND), 2),
                            "[[0, 1], null, [null, 2]]")});
  cases.push_back({"map_of_date64", FromJson(arrow::map(arrow::utf8(), arrow::date64()),
                                             R"([[["a", 86400000]], null, []])")});
  cases.push_back(
      {"list_of_null", FromJson(arrow::list(arrow::null()), "[[null], null, [], [null, null]]")});
}

void AddDictionaries(std::vector<Case>& cases) {
  for (const auto& index : {arrow::int8(), arrow::uint8(), arrow::int16(), arrow::uint16(),
                            arrow::int32(), arrow::uint32(), arrow::int64(), arrow::uint64()}) {
    cases.push_back(
        {"dictionary_" + index->ToString(),
         Dictionary(index, arrow::utf8(), "[1, null, 0, 1, 3]", R"(["b", "a", "unused", "c"])")});
  }
  cases.push_back({"ordered", Dictionary(arrow::int8(), arrow::utf8(), "[2, null, 0, 2]",
                                         R"(["low", "mid", "high", "never"])", true)});
  for (const auto& value : {arrow::large_utf8(), arrow::binary(), arrow::large_binary()}) {
    cases.push_back({"dictionary_of_" + value->ToString(),
                     Dictionary(arrow::int32(), value, "[1, null, 0]", R"(["b", "a", ""])")});
  }
  cases.push_back({"dictionary_of_int64",
                   Dictionary(arrow::int16(), arrow::int64(), "[1, null, 0]", "[7, 5, 9]")});
  cases.push_back({"dictionary_of_double",
                   Dictionary(arrow::int8(), arrow::float64(), "[1, null, 0]", "[7.5, 5, 9]")});
  cases.push_back({"dictionary_of_date64",
                   Dictionary(arrow::int8(), arrow::date64(), "[1, null, 0]", "[86400000, 0]")});
  cases.push_back({"dictionary_of_fixed", Dictionary(arrow::int8(), arrow::fixed_size_binary(2),
                                                     "[1, null, 0]", R"(["ab", "cd"])")});
  cases.push_back({"dictionary_of_decimal", Dictionary(arrow::int8(), arrow::decimal128(5, 2),
                                                       "[1, null, 0]", R"(["1.00", "2.00"])")});
  cases.push_back({"dictionary_of_bool",
                   Dictionary(arrow::int8(), arrow::boolean(), "[1, null, 0]", "[true, false]")});
  cases.push_back(
      {"dictionary_empty", Dictionary(arrow::int8(), arrow::utf8(), "[null, null]", "[]")});
  const auto inner =
      Dictionary(arrow::int8(), arrow::utf8(), "[1, null, 0, 1]", R"(["x", "y", "unused"])");
  cases.push_back(
      {"struct_of_dictionary",
       Get(arrow::StructArray::Make({inner, inner}, std::vector<std::string>{"p", "q"}))});
  cases.push_back(
      {"list_of_dictionary",
       Get(arrow::ListArray::FromArrays(*FromJson(arrow::int32(), "[0, 2, null, 2, 4]"), *inner))});
}

/// An extension type that nobody registers.
class Depth : public arrow::ExtensionType {
 public:
  Depth() : ExtensionType(arrow::float64()) {}
  std::string extension_name() const override { return "coreshed.test.depth"; }
  bool ExtensionEquals(const ExtensionType& other) const override {
    return other.extension_name() == extension_name();
  }
  ArrayPtr MakeArray(std::shared_ptr<arrow::ArrayData> data) const override {
    return std::make_shared<arrow::ExtensionArray>(std::move(data));
  }
  arrow::Result<TypePtr> Deserialize(TypePtr, const std::string&) const override {
    return std::make_shared<Depth>();
  }
  std::string Serialize() const override { return ""; }
};

void AddExtensions(std::vector<Case>& cases) {
  cases.push_back(
      {"uuid", arrow::ExtensionType::WrapArray(
                   arrow::extension::uuid(),
                   FromJson(arrow::fixed_size_binary(16), R"(["0123456789abcdef", null])"))});
  cases.push_back(
      {"json", arrow::ExtensionType::WrapArray(arrow::extension::json(),
                                               FromJson(arrow::utf8(), R"(["{}", null])"))});
  cases.push_back({"unregistered", arrow::ExtensionType::WrapArray(
                                       std::make_shared<Depth>(),
                                       FromJson(arrow::float64(), "[1.5, null, -0.0]"))});
  const auto inner = arrow::ExtensionType::WrapArray(std::make_shared<Depth>(),
                                                     FromJson(arrow::float64(), "[1.5, null]"));
  cases.push_back({"struct_of_extension",
                   Get(arrow::StructArray::Make({inner, FromJson(arrow::date64(), "[0, null]")},
                                                std::vector<std::string>{"e", "d"}))});
}

std::vector<Case> AllCases() {
  std::vector<Case> cases;
  AddNumbers(cases);
  AddTimes(cases);
  AddBytes(cases);
  AddNested(cases);
  AddDictionaries(cases);
  AddExtensions(cases);
  return cases;
}

class RoundTrip : public testing::TestWithParam<Case> {};

std::shared_ptr<arrow::Table> TableOf(const ArrayPtr& array) {
  const auto field =
      arrow::field("column", array->type(), true, arrow::key_value_metadata({"unit"}, {"m"}));
  return arrow::Table::Make(arrow::schema({field}, arrow::key_value_metadata({"title"}, {"t"})),
                            {array});
}

/// Written and read, whole and as a stream, a table is what it was.
void ExpectSame(const std::shared_ptr<arrow::Table>& table, std::optional<CutRule> cut) {
  TestRecord record;
  auto request = record.Request(table, nullptr);
  request.cut = cut;
  const auto answer = Get(record.TryWrite(request));
  const auto read = record.Read(answer);
  ASSERT_TRUE(read->ValidateFull().ok()) << read->ValidateFull().ToString();
  EXPECT_TRUE(read->schema()->Equals(*table->schema(), true)) << read->schema()->ToString(true);
  const auto expected = Get(table->CombineChunksToBatch()), got = Get(read->CombineChunksToBatch());
  EXPECT_EQ(ToHex(Get(ExactHash(*got))), ToHex(Get(ExactHash(*expected))));
  EXPECT_TRUE(got->Equals(*expected, true, arrow::EqualOptions().nans_equal(true)))
      << got->ToString() << expected->ToString();
  auto stream = Get(ReadStream(record.Reading(answer), record.storage));
  const auto streamed = Get(stream->ToTable());
  EXPECT_TRUE(streamed->Equals(*read, arrow::EqualOptions().nans_equal(true)));
}

TEST_P(RoundTrip, OnePart) {
  ExpectSame(TableOf(GetParam().array), std::nullopt);
}

TEST_P(RoundTrip, Sliced) {
  const auto& array = GetParam().array;
  ExpectSame(TableOf(array->Slice(1)), std::nullopt);
  ExpectSame(TableOf(array->Slice(1, array->length() - 2)), std::nullopt);
}

TEST_P(RoundTrip, ManyParts) {
  CutRule cut;
  cut.rows_min = cut.rows_max = 2;
  ExpectSame(TableOf(GetParam().array), cut);
}

TEST_P(RoundTrip, Large) {
  const auto& array = GetParam().array;
  const arrow::ArrayVector repeated(static_cast<size_t>(20'000 / array->length()), array);
  ExpectSame(TableOf(Get(arrow::Concatenate(repeated))), std::nullopt);
}

TEST_P(RoundTrip, WithoutNullsAndRequired) {
  arrow::ArrayVector valid{GetParam().array->Slice(0, 0)};
  for (int64_t i = 0; i < GetParam().array->length(); ++i) {
    if (GetParam().array->IsValid(i)) valid.push_back(GetParam().array->Slice(i, 1));
  }
  const auto array = Get(arrow::Concatenate(valid));
  if (array->length() == 0 || array->type_id() == arrow::Type::NA) return;
  const auto schema = arrow::schema({arrow::field("column", array->type(), false)});
  ExpectSame(arrow::Table::Make(schema, {array}), std::nullopt);
}

/// Few different texts are written with dictionaries; Arrow reads such only outside of structs.
TEST(RoundTripOfTexts, InARequiredStruct) {
  arrow::StringBuilder builder;
  uint64_t random = 1;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    ASSERT_TRUE(builder.Append("a text of some length " + std::to_string(random >> 58)).ok());
  }
  const auto texts = Get(builder.Finish());
  const auto column = Get(arrow::StructArray::Make({texts}, std::vector<std::string>{"a"}));
  CutRule cut;
  cut.rows_min = cut.rows_max = 1'000;
  const auto schema = arrow::schema({arrow::field("column", column->type(), false)});
  ExpectSame(arrow::Table::Make(schema, {column}), cut);
}

std::string CaseName(const testing::TestParamInfo<Case>& info) {
  std::string name = std::to_string(info.index) + "_";
  for (const char c : info.param.name)
    name += std::isalnum(c) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Types, RoundTrip, testing::ValuesIn(AllCases()), CaseName);

}  // namespace
}  // namespace coreshed::parts
