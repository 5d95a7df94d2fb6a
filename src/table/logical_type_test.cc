#include "table/logical_type.h"

#include <arrow/extension/uuid.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <coreshed/content.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace coreshed::table {
namespace {

using TypePtr = std::shared_ptr<arrow::DataType>;

std::string NameOf(const TypePtr& type) {
  auto name = LogicalType(*type);
  return name ? *name : std::string(ErrorKindName(name.error().kind)) + " " + name.error().message;
}

TEST(LogicalTypeTest, NamesTypesWithoutParameters) {
  const std::vector<std::pair<TypePtr, std::string>> cases = {
      {arrow::null(), "null"},       {arrow::boolean(), "bool"},    {arrow::int8(), "int8"},
      {arrow::int16(), "int16"},     {arrow::int32(), "int32"},     {arrow::int64(), "int64"},
      {arrow::uint8(), "uint8"},     {arrow::uint16(), "uint16"},   {arrow::uint32(), "uint32"},
      {arrow::uint64(), "uint64"},   {arrow::float16(), "float16"}, {arrow::float32(), "float32"},
      {arrow::float64(), "float64"}, {arrow::date32(), "date"},     {arrow::date64(), "date64"},
  };
  for (const auto& [type, name] : cases)
    EXPECT_EQ(NameOf(type), name);
}

TEST(LogicalTypeTest, EncodingIsNoPartOfTheName) {
  for (const auto& type : {arrow::utf8(), arrow::large_utf8(), arrow::utf8_view(),
                           arrow::dictionary(arrow::int8(), arrow::utf8()),
                           arrow::dictionary(arrow::uint32(), arrow::large_utf8(), true)}) {
    EXPECT_EQ(NameOf(type), "string") << type->ToString();
  }
  for (const auto& type : {arrow::binary(), arrow::large_binary(), arrow::binary_view()}) {
    EXPECT_EQ(NameOf(type), "binary") << type->ToString();
  }
  for (const auto& type : {arrow::list(arrow::int8()), arrow::large_list(arrow::int8()),
                           arrow::list_view(arrow::int8()), arrow::large_list_view(arrow::int8()),
                           arrow::list(arrow::field("element", arrow::int8()))}) {
    EXPECT_EQ(NameOf(type), "list<int8>") << type->ToString();
  }
  for (const auto& type : {arrow::decimal32(9, 2), arrow::decimal64(9, 2), arrow::decimal128(9, 2),
                           arrow::decimal256(9, 2)}) {
    EXPECT_EQ(NameOf(type), "decimal(9,2)") << type->ToString();
  }
  EXPECT_EQ(NameOf(arrow::dictionary(arrow::int32(), arrow::int64())), "int64");
}

TEST(LogicalTypeTest, NamesTypesWithParameters) {
  using arrow::TimeUnit;
  const std::vector<std::pair<TypePtr, std::string>> cases = {
      {arrow::fixed_size_binary(16), "fixed_binary(16)"},
      {arrow::decimal128(38, 0), "decimal(38,0)"},
      {arrow::decimal256(76, 76), "decimal(76,76)"},
      {arrow::time32(TimeUnit::SECOND), "time(s)"},
      {arrow::time32(TimeUnit::MILLI), "time(ms)"},
      {arrow::time64(TimeUnit::MICRO), "time(us)"},
      {arrow::time64(TimeUnit::NANO), "time(ns)"},
      {arrow::timestamp(TimeUnit::SECOND), "timestamp(s)"},
      {arrow::timestamp(TimeUnit::NANO, "UTC"), "timestamp(ns,UTC)"},
      {arrow::timestamp(TimeUnit::MICRO, "Europe/Berlin"), "timestamp(us,Europe/Berlin)"},
      {arrow::timestamp(TimeUnit::MICRO, "+01:00"), "timestamp(us,\"+01:00\")"},
      {arrow::duration(TimeUnit::MILLI), "duration(ms)"},
  };
  for (const auto& [type, name] : cases)
    EXPECT_EQ(NameOf(type), name);
}

TEST(LogicalTypeTest, NamesNestedTypes) {
  const auto required = arrow::field("x", arrow::int32(), false);
  const std::vector<std::pair<TypePtr, std::string>> cases = {
      {arrow::list(required), "list<int32 not null>"},
      {arrow::fixed_size_list(arrow::float32(), 3), "list<float32,3>"},
      {arrow::map(arrow::utf8(), arrow::int64()), "map<string,int64>"},
      {arrow::map(arrow::utf8(), arrow::field("value", arrow::int64(), false), true),
       "map<string,int64 not null>"},
      {arrow::struct_({required, arrow::field("y", arrow::list(arrow::utf8()))}),
       "struct<x:int32 not null,y:list<string>>"},
      {arrow::extension::uuid(), "extension(arrow.uuid,fixed_binary(16))"},
  };
  for (const auto& [type, name] : cases)
    EXPECT_EQ(NameOf(type), name);
}

TEST(LogicalTypeTest, StructNamesCannotBeTakenForTheGrammar) {
  const auto one = arrow::struct_({arrow::field("a:int8,b", arrow::int8())});
  const auto two =
      arrow::struct_({arrow::field("a", arrow::int8()), arrow::field("b", arrow::int8())});
  EXPECT_EQ(NameOf(one), "struct<\"a:int8,b\":int8>");
  EXPECT_EQ(NameOf(two), "struct<a:int8,b:int8>");
  EXPECT_EQ(NameOf(arrow::struct_({arrow::field("q\"\\", arrow::int8())})),
            "struct<\"q\\\"\\\\\":int8>");
  EXPECT_EQ(NameOf(arrow::struct_({arrow::field("Tiefe über", arrow::int8())})),
            "struct<\"Tiefe über\":int8>");
}

TEST(LogicalTypeTest, RefusesWhatParquetCannotHold) {
  const std::vector<std::pair<TypePtr, std::string>> cases = {
      {arrow::sparse_union({arrow::field("a", arrow::int8())}), "sparse_union"},
      {arrow::dense_union({arrow::field("a", arrow::int8())}), "dense_union"},
      {arrow::run_end_encoded(arrow::int32(), arrow::utf8()), "run_end_encoded"},
      {arrow::month_interval(), "month_interval"},
      {arrow::day_time_interval(), "day_time_interval"},
      {arrow::month_day_nano_interval(), "month_day_nano_interval"},
      {arrow::decimal128(5, -2), "decimal128(5, -2)"},
      {arrow::fixed_size_binary(0), "fixed_size_binary[0]"},
      {arrow::struct_(arrow::FieldVector{}), "struct<>"},
      {arrow::dictionary(arrow::int32(), arrow::list(arrow::int8())), "dictionary"},
      {arrow::list(arrow::month_interval()), "month_interval"},
  };
  for (const auto& [type, part] : cases) {
    const auto name = LogicalType(*type);
    ASSERT_FALSE(name) << type->ToString();
    EXPECT_EQ(name.error().kind, ErrorKind::kUnsupported);
    EXPECT_NE(name.error().message.find(part), std::string::npos) << name.error().message;
  }
}

TEST(LogicalTypeTest, LongTypesAreCutInMessagesBetweenCharacters) {
  for (int fill = 80; fill < 90; ++fill) {
    const auto type = arrow::sparse_union(
        {arrow::field(std::string(static_cast<size_t>(fill), 'a') + "ééééééé", arrow::int8())});
    const auto name = LogicalType(*type);
    ASSERT_FALSE(name);
    EXPECT_NE(name.error().message.find("… can't be stored"), std::string::npos);
    EXPECT_EQ(name.error().message.find("\xC3…"), std::string::npos);
  }
}

TEST(LogicalTypeTest, NestingIsBounded) {
  auto type = arrow::int8();
  for (int depth = 1; depth < kTypeDepthMax; ++depth)
    type = arrow::list(type);
  EXPECT_TRUE(LogicalType(*type));
  const auto deeper = LogicalType(*arrow::list(type));
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().kind, ErrorKind::kUnsupported);
}

TEST(LogicalTypeTest, AnExtensionHasItsNameAlsoWhereItIsUnknown) {
  const auto storage =
      arrow::field("id", arrow::fixed_size_binary(16), true,
                   arrow::key_value_metadata({"ARROW:extension:name"}, {"arrow.uuid"}));
  const auto known = arrow::field("id", arrow::extension::uuid());
  EXPECT_EQ(*LogicalType(*storage), *LogicalType(*known));
}

TEST(ColumnsOfTest, GivesNamesTypesAndNullability) {
  const auto schema = arrow::schema(
      {arrow::field("hole", arrow::large_utf8(), false), arrow::field("depth", arrow::float64())});
  const auto columns = ColumnsOf(*schema);
  ASSERT_TRUE(columns);
  EXPECT_EQ(*columns, (std::vector<Column>{{"hole", "string", false}, {"depth", "float64", true}}));
}

TEST(ColumnsOfTest, NamesTheColumnThatCannotBeStored) {
  const auto schema = arrow::schema({arrow::field("age", arrow::month_interval())});
  const auto columns = ColumnsOf(*schema);
  ASSERT_FALSE(columns);
  EXPECT_EQ(columns.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(columns.error().message, "Column 'age': type month_interval can't be stored.");
  EXPECT_EQ(columns.error().fields.at("column"), "age");
}

// The hashes are those of Python's hashlib and json over the same lists (spec/schema.md).
TEST(SchemaFingerprintTest, IsAsItEverWas) {
  EXPECT_EQ(SchemaFingerprint({{"hole", "string", false}, {"depth", "float64", true}}),
            "02f049155f1b0586edb86b7f667ab91748f0deea439b3b7d54a7a1bda8ff0de8");
  EXPECT_EQ(SchemaFingerprint({{"Tiefe \"m\"", "decimal(9,2)", true},
                               {"a", "struct<x:int32 not null,\"y z\":list<string>>", true},
                               {"Z", "timestamp(us,Europe/Berlin)", true}}),
            "3f1aca7e36ba6f65216a4ec87b9ad876825a0ec4f1b26da859b79ce51ddfd863");
  EXPECT_EQ(SchemaFingerprint({}),
            "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945");
}

TEST(SchemaFingerprintTest, OrderAndNullabilityAreNoPartOfIt) {
  EXPECT_EQ(SchemaFingerprint({{"a", "int8", true}, {"b", "int16", true}}),
            SchemaFingerprint({{"b", "int16", false}, {"a", "int8", false}}));
  EXPECT_NE(SchemaFingerprint({{"a", "int8", true}}), SchemaFingerprint({{"a", "int16", true}}));
  EXPECT_NE(SchemaFingerprint({{"a", "int8", true}}), SchemaFingerprint({{"b", "int8", true}}));
}

TEST(LogicalTypeTest, TypesAreFoundByTheirNames) {
  for (const char* name : {"null",
                           "bool",
                           "int8",
                           "uint64",
                           "float16",
                           "string",
                           "binary",
                           "date",
                           "date64",
                           "decimal(1,0)",
                           "decimal(38,38)",
                           "decimal(76,2)",
                           "fixed_binary(16)",
                           "time(s)",
                           "time(ns)",
                           "timestamp(us)",
                           "timestamp(ms,UTC)",
                           "timestamp(us,\"a b\")",
                           "duration(ns)",
                           "list<int32 not null>",
                           "list<list<string>,3>",
                           "map<string,float64 not null>",
                           "struct<a:int8,\"b c\":list<date> not null>"}) {
    const auto type = TypeNamed(name);
    ASSERT_TRUE(type.has_value()) << name;
    EXPECT_EQ(NameOf(*type), name);
  }
  for (const char* name : {"",
                           "int",
                           "INT64",
                           "utf8",
                           "decimal",
                           "decimal(10)",
                           "decimal(0,0)",
                           "decimal(5,6)",
                           "decimal(77,0)",
                           "decimal(5,-1)",
                           "fixed_binary(0)",
                           "time(h)",
                           "time(us,UTC)",
                           "timestamp()",
                           "timestamp(us,UTC,x)",
                           "list<>",
                           "list<int>",
                           "list<int8,0>",
                           "list<int8,99999999999>",
                           "map<string>",
                           "map<string not null,int8>",
                           "struct<a>",
                           "int64(3)",
                           "int64 ",
                           "extension(a,int8)"}) {
    const auto type = TypeNamed(name);
    ASSERT_FALSE(type.has_value()) << name;
    EXPECT_EQ(type.error().kind, ErrorKind::kInvalidArgument);
  }
}

}  // namespace
}  // namespace coreshed::table
