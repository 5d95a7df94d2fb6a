#include "parts/types.h"

#include <arrow/extension/uuid.h>
#include <arrow/json/from_string.h>

#include "parts/test_store.h"

namespace coreshed::parts {
namespace {

using arrow::field;
using TypePtr = std::shared_ptr<arrow::DataType>;

TEST(CheckTypes, RefusesByName) {
  const auto item = field("item", arrow::int32());
  const std::vector<TypePtr> refused{
      arrow::month_interval(),
      arrow::day_time_interval(),
      arrow::month_day_nano_interval(),
      arrow::dense_union({item}),
      arrow::sparse_union({item}),
      arrow::run_end_encoded(arrow::int32(), arrow::utf8()),
      arrow::list_view(item),
      arrow::large_list_view(item),
      arrow::struct_(arrow::FieldVector()),
      arrow::fixed_size_binary(0),
      arrow::fixed_size_list(item, 0),
      arrow::decimal128(5, -1),
      arrow::decimal128(5, 7),
      arrow::dictionary(arrow::int8(), arrow::list(item)),
      arrow::dictionary(arrow::int8(), arrow::null()),
      arrow::dictionary(arrow::int8(), arrow::utf8_view()),
  };
  for (const auto& type : refused) {
    for (const auto& outer : {type, arrow::list(type), arrow::struct_({field("inner", type)})}) {
      const auto checked =
          CheckTypes(*arrow::schema({field("good", arrow::int8()), field("bad one", outer)}));
      ASSERT_FALSE(checked.has_value()) << outer->ToString();
      EXPECT_EQ(checked.error().kind, ErrorKind::kUnsupported);
      EXPECT_NE(checked.error().message.find("'bad one'"), std::string::npos);
      EXPECT_NE(checked.error().message.find("convert it to"), std::string::npos);
      EXPECT_EQ(checked.error().fields.at("column"), "bad one");
    }
  }
}

/// Writing answers kUnsupported and names the column.
void ExpectRefused(const TypePtr& type, const std::string& json) {
  TestRecord record;
  const auto array = Get(arrow::json::ArrayFromJSONString(type, json));
  const auto table = arrow::Table::Make(arrow::schema({field("when", type)}), {array});
  const auto written = record.TryWrite(record.Request(table, nullptr));
  ASSERT_FALSE(written.has_value()) << type->ToString() << json;
  EXPECT_EQ(written.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(written.error().message.find("'when'"), std::string::npos) << written.error().message;
}

TEST(WriteParts, RefusesValuesThatWouldChange) {
  ExpectRefused(arrow::date64(), "[86400001]");
  ExpectRefused(arrow::date64(), "[9223372036800000000]");
  ExpectRefused(arrow::list(arrow::date64()), "[[1]]");
  ExpectRefused(arrow::time32(arrow::TimeUnit::SECOND), "[2147483647]");
  ExpectRefused(arrow::timestamp(arrow::TimeUnit::SECOND), "[9223372036854776]");
  ExpectRefused(arrow::timestamp(arrow::TimeUnit::SECOND, "UTC"), "[null, -9223372036854776]");
}

template <typename Type>
std::shared_ptr<arrow::Array> Decimal(const std::string& digits) {
  typename arrow::TypeTraits<Type>::BuilderType builder(std::make_shared<Type>(5, 2));
  EXPECT_TRUE(builder.Append(Get(arrow::TypeTraits<Type>::CType::FromString(digits))).ok());
  return Get(builder.Finish());
}

TEST(WriteParts, RefusesDecimalsWithMoreDigitsThanTheirType) {
  for (const auto& array :
       {Decimal<arrow::Decimal32Type>("100000"), Decimal<arrow::Decimal64Type>("-100000"),
        Decimal<arrow::Decimal128Type>("100000000000000000000"),
        Decimal<arrow::Decimal256Type>("100000"),
        Decimal<arrow::Decimal256Type>("10000000000000000000000000000000000000000000")}) {
    for (const bool nested : {false, true}) {
      TestRecord record;
      auto column = array;
      if (nested) column = Get(arrow::StructArray::Make({array}, std::vector<std::string>{"d"}));
      const auto schema = arrow::schema({field("price", column->type())});
      const auto written =
          record.TryWrite(record.Request(arrow::Table::Make(schema, {column}), nullptr));
      ASSERT_FALSE(written.has_value()) << column->ToString();
      EXPECT_EQ(written.error().kind, ErrorKind::kValidation) << written.error().message;
      EXPECT_NE(written.error().message.find("'price'"), std::string::npos)
          << written.error().message;
    }
  }
}

TEST(WriteParts, RefusesNullsWhereTheSchemaHasNone) {
  const auto required = field("n", arrow::int32(), /*nullable=*/false);
  const auto list = field("l", arrow::list(required), false);
  const auto pair = field("p", arrow::fixed_size_list(required, 2), false);
  struct Example {
    TypePtr type;
    std::string json, where;
  };
  for (const auto& [type, json, where] : std::vector<Example>{
           {arrow::int32(), "[1, null]", ""},
           {arrow::utf8(), R"(["x", null])", ""},
           {arrow::struct_({field("a", arrow::int32())}), R"([{"a": 1}, null])", ""},
           {arrow::dictionary(arrow::int8(), arrow::utf8()), R"(["x", null])", ""},
           {arrow::struct_({required}), R"([{"n": null}])", "column.n"},
           {arrow::struct_({list}), R"([{"l": null}])", "column.l"},
           {arrow::struct_({list}), R"([{"l": [1, null]}])", "column.l.n"},
           {arrow::list(list), "[[[1], null]]", "column.l"},
           {arrow::struct_({pair}), R"([{"p": null}])", "column.p"},
           {arrow::list(pair), "[[[1, null]]]", "column.p.n"}}) {
    TestRecord record;
    const auto array = Get(arrow::json::ArrayFromJSONString(type, json));
    const auto schema = arrow::schema({field("column", type, false)});
    const auto written =
        record.TryWrite(record.Request(arrow::Table::Make(schema, {array}), nullptr));
    ASSERT_FALSE(written.has_value()) << type->ToString() << json;
    EXPECT_EQ(written.error().kind, ErrorKind::kValidation);
    EXPECT_EQ(written.error().fields.at("column"), "column");
    const std::string expected = where.empty() ? "column 'column' is null" : "at '" + where + "'";
    EXPECT_NE(written.error().message.find(expected), std::string::npos) << written.error().message;
  }
}

TEST(WriteParts, NullsBelowNullsMeanNothing) {
  const auto type = arrow::struct_({field("n", arrow::int32(), false)});
  const auto values = Get(arrow::json::ArrayFromJSONString(arrow::int32(), "[1, null, 3]"));
  const auto column = std::make_shared<arrow::StructArray>(type, 3, arrow::ArrayVector{values},
                                                           Get(arrow::AllocateBitmap(3)));
  const auto bits = Get(arrow::AllocateEmptyBitmap(3));
  arrow::bit_util::SetBit(bits->mutable_data(), 0);
  arrow::bit_util::SetBit(bits->mutable_data(), 2);
  auto data = column->data()->Copy();
  data->buffers[0] = bits;
  data->null_count = arrow::kUnknownNullCount;
  const auto table =
      arrow::Table::Make(arrow::schema({field("column", type)}), {arrow::MakeArray(data)});
  TestRecord record;
  EXPECT_TRUE(record.Read(record.Write(table))->Equals(*table));
}

TEST(WriteParts, RefusesDictionariesWithMoreEntriesThanNumbers) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  arrow::ArrayVector chunks;
  for (int chunk = 0; chunk < 3; ++chunk) {
    arrow::StringBuilder entries;
    for (int i = 0; i < 60; ++i)
      EXPECT_TRUE(entries.Append(std::to_string(chunk * 60 + i)).ok());
    const auto numbers = Get(arrow::json::ArrayFromJSONString(arrow::int8(), "[0, 59]"));
    chunks.push_back(Get(arrow::DictionaryArray::FromArrays(type, numbers, Get(entries.Finish()))));
  }
  const auto table = [&](int count) {
    const arrow::ArrayVector some(chunks.begin(), chunks.begin() + count);
    return arrow::Table::Make(arrow::schema({field("code", type)}),
                              {std::make_shared<arrow::ChunkedArray>(some, type)});
  };
  TestRecord record;
  const auto two = record.Write(table(2));
  EXPECT_EQ(record.Read(two)->num_rows(), 4);
  const auto written = record.TryWrite(record.Request(table(3), nullptr));
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(written.error().message.find("'code'"), std::string::npos) << written.error().message;
}

TEST(StoredAlike, SeesThroughLayoutOnly) {
  const auto alike = [](const TypePtr& a, const TypePtr& b) {
    return StoredAlike(*arrow::schema({field("c", a)}), *arrow::schema({field("c", b)}));
  };
  const auto dictionary = arrow::dictionary(arrow::int8(), arrow::utf8());
  for (const auto& type : {arrow::large_utf8(), arrow::utf8_view(), dictionary}) {
    EXPECT_TRUE(alike(arrow::utf8(), type));
    EXPECT_TRUE(alike(arrow::list(arrow::utf8()), arrow::large_list(type)));
    EXPECT_FALSE(alike(arrow::binary(), type));
  }
  EXPECT_TRUE(alike(arrow::decimal32(5, 2), arrow::decimal128(5, 2)));
  EXPECT_TRUE(alike(arrow::decimal256(5, 2), arrow::decimal128(5, 2)));
  EXPECT_FALSE(alike(arrow::decimal32(5, 2), arrow::decimal128(6, 2)));
  EXPECT_FALSE(alike(arrow::int64(), arrow::float64()));
  EXPECT_FALSE(alike(arrow::int64(), arrow::timestamp(arrow::TimeUnit::MICRO)));
  EXPECT_FALSE(alike(arrow::timestamp(arrow::TimeUnit::MICRO),
                     arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")));
  EXPECT_FALSE(alike(arrow::timestamp(arrow::TimeUnit::MICRO, "Europe/Berlin"),
                     arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")));
  EXPECT_FALSE(alike(arrow::list(arrow::int8()),
                     arrow::list(field("item", arrow::int8(), /*nullable=*/false))));
  EXPECT_FALSE(alike(arrow::extension::uuid(), arrow::fixed_size_binary(16)));
  EXPECT_FALSE(
      alike(arrow::timestamp(arrow::TimeUnit::MICRO), arrow::timestamp(arrow::TimeUnit::MILLI)));
  EXPECT_FALSE(alike(arrow::struct_({field("a", arrow::int8())}),
                     arrow::struct_({field("b", arrow::int8())})));
  EXPECT_FALSE(StoredAlike(*arrow::schema({field("a", arrow::int8())}),
                           *arrow::schema({field("b", arrow::int8())})));
}

}  // namespace
}  // namespace coreshed::parts
