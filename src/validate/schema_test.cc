#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <coreshed/validation.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/result_checks.h"

namespace coreshed {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<arrow::Array> ArrayOf(std::shared_ptr<arrow::DataType> type,
                                      const std::string& json) {
  return arrow::json::ArrayFromJSONString(std::move(type), json).ValueOrDie();
}

/// A schema of one column, written with these further members.
std::string OneColumn(const std::string& type, const std::string& more = "") {
  return R"({"tables":[{"columns":[{"name":"a","type":")" + type + "\"" +
         (more.empty() ? "" : "," + more) + "}]}]}";
}

/// All faults, one a line.
std::string Faults(const std::string& json) {
  const Error error = MustFail(ParseSchema(json));
  EXPECT_EQ(error.kind, ErrorKind::kValidation) << error.message;
  const auto faults = error.fields.find("faults");
  return faults == error.fields.end() ? error.message : faults->second;
}

constexpr const char* kExample = R"({
  "description": "Boreholes and their samples",
  "tables": [
    {
      "name": "holes",
      "columns": [
        {"name":"hole","type":"string","key":true,"pattern":"BH-[0-9]+"},
        {"name":"kind","type":"string","nullable":false,"allowed":["CP","RC"]}
      ]
    },
    {
      "name": "samples",
      "columns": [
        {"name":"hole","type":"string","key":true,"references":"holes.hole"},
        {"name":"top","type":"float64","key":true,"min":0.0,"description":"m below ground"}
      ]
    }
  ]
}
)";

TEST(Schema, TheExampleOfThePageComesBackByteByByte) {
  const auto schema = Must(ParseSchema(kExample));
  EXPECT_EQ(SchemaToJson(schema), kExample);
  ASSERT_EQ(schema.tables.size(), 2u);
  const auto& hole = schema.tables[1].columns[0];
  EXPECT_TRUE(hole.key);
  EXPECT_FALSE(hole.nullable);
  EXPECT_EQ(*hole.references, (ColumnRef{"holes", "hole"}));
  EXPECT_EQ(schema.tables[1].columns[1].min, "0.0");
  EXPECT_EQ(Must(ParseSchema(SchemaToJson(schema))), schema);
}

TEST(Schema, ValuesOfAllTypesComeBack) {
  const auto check = [](const std::string& type, const std::string& written,
                        const std::string& printed) {
    const auto schema = Must(ParseSchema(OneColumn(type, "\"min\":" + written)));
    EXPECT_EQ(schema.tables[0].columns[0].min, printed) << type;
    EXPECT_EQ(Must(ParseSchema(SchemaToJson(schema))), schema) << SchemaToJson(schema);
  };
  check("int8", "-128", "-128");
  check("uint64", "18446744073709551615", "18446744073709551615");
  check("int64", "\" 7 \"", "7");
  check("float64", "1e5", "100000.0");
  check("float64", "0.1", "0.1");
  check("float32", "0.1", "0.1");
  check("float64", "5", "5.0");
  check("decimal(40,2)", "12345678901234567890123456789012345678.5",
        "12345678901234567890123456789012345678.50");
  check("decimal(5,2)", "\"1.5\"", "1.50");
  check("decimal(20,10)", "\"0.0000000001\"", "0.0000000001");
  check("date", "\"2026-01-27\"", "2026-01-27");
  check("date64", "\"2026-01-27\"", "2026-01-27");
  check("time(s)", "\"10:30\"", "10:30:00");
  check("timestamp(us)", "\"2026-01-27T10:30:00.5\"", "2026-01-27 10:30:00.5");
  check("timestamp(us,UTC)", "\"2026-01-27T10:30:00Z\"", "2026-01-27 10:30:00Z");
  const auto schema = Must(ParseSchema(OneColumn("bool", R"("allowed":[true,"no"])")));
  EXPECT_EQ(schema.tables[0].columns[0].allowed, (std::vector<std::string>{"true", "false"}));
  EXPECT_EQ(Must(ParseSchema(SchemaToJson(schema))), schema);
  const auto text = Must(ParseSchema(OneColumn("string", R"("allowed":[""," x","\"é\n"])")));
  EXPECT_EQ(text.tables[0].columns[0].allowed, (std::vector<std::string>{"", " x", "\"é\n"}));
  EXPECT_EQ(Must(ParseSchema(SchemaToJson(text))), text);
}

TEST(Schema, TypesHaveOneSpelling) {
  const auto schema = Must(ParseSchema(OneColumn(R"(timestamp(us,\"UTC\"))")));
  EXPECT_EQ(schema.tables[0].columns[0].type, "timestamp(us,UTC)");
  EXPECT_EQ(Must(ParseSchema(OneColumn("extension(a.b,list<int8>)"))).tables[0].columns[0].type,
            "extension(a.b,list<int8>)");
}

TEST(Schema, ValuesThatAreNone) {
  const auto fails = [](const std::string& type, const std::string& value) {
    EXPECT_THAT(Faults(OneColumn(type, "\"min\":" + value)),
                HasSubstr("tables[0].columns[0].min: is no value of type"))
        << type << " " << value;
  };
  fails("int8", "128");
  fails("int64", "1.5");
  fails("int64", "9223372036854775808");
  fails("int64", "\"007\"");
  fails("int64", "null");
  fails("int64", "true");
  fails("int64", "[1]");
  fails("float64", "\"NaN\"");
  fails("float64", "\"-inf\"");
  fails("float32", "1e39");
  fails("decimal(5,2)", "1.234");
  fails("date", "20260127");
  fails("date", "\"2026-02-30\"");
  fails("time(s)", "\"10:30:00.5\"");
  fails("timestamp(us,UTC)", "\"2026-01-27T10:30:00\"");
}

TEST(Schema, AllFaultsAreNamedWithTheirPlaces) {
  const auto faults = Faults(R"({"tables":[
      {"name":"a","colums":[],"columns":[
        {"name":"x","type":"int46","uniqe":true},
        {"name":"x","type":"int64","nullable":1,"min":5,"max":4},
        {"type":"string","pattern":"(","allowed":[]},
        {"name":"k","type":"list<int8>","key":true,"nullable":true,"references":"b.y"},
        {"name":"p","type":"int64","pattern":"a","allowed":[1,1,null]},
        {"name":"t","type":"bool","max":true,"type":"bool"},
        7]},
      {"name":"a","columns":{}},
      {"columns":[{"name":"z","type":"string","references":{"table":"a"}}]}],
    "descripton":"x"})");
  for (const char* fault :
       {"descripton: there is no such key; possible are description, tables",
        "tables[0].colums: there is no such key; possible are name, description, columns",
        "tables[0].columns[0].uniqe: there is no such key; possible are name, type, nullable",
        "tables[0].columns[0].type: 'int46' is no name of a type. Types are called, for example",
        "tables[0].columns[1].name: there is another column called 'x'",
        "tables[0].columns[1].nullable: is neither true nor false",
        "tables[0].columns[1].min: is above max",
        "tables[0].columns[2].name: is missing",
        "tables[0].columns[2].pattern: is no regular expression",
        "tables[0].columns[2].allowed: is empty",
        "tables[0].columns[3].nullable: a column of the key can't be null",
        "tables[0].columns[3]: values of type list<int8> can't be compared",
        "tables[0].columns[3].references: 'b.y' is no column of this schema",
        "tables[0].columns[4].pattern: only a column of type string has a pattern",
        "tables[0].columns[4].allowed[1]: stands there twice",
        "tables[0].columns[4].allowed[2]: null is no value: say nullable",
        "tables[0].columns[5].max: values of type bool have no bounds",
        "tables[0].columns[5].type: stands there twice",
        "tables[0].columns[6]: is no object in braces",
        "tables[1].columns: is no list in brackets",
        "tables[1].name: there is another table called 'a'",
        "tables[2].name: is missing; only a single table needs none",
        "tables[2].columns[0].references.column: is missing"}) {
    EXPECT_THAT(faults, HasSubstr(fault));
  }
}

TEST(Schema, ThereMustBeTablesWithColumns) {
  EXPECT_THAT(Faults("{}"), HasSubstr("tables: is missing"));
  EXPECT_THAT(Faults(R"({"tables":[]})"), HasSubstr("tables: is empty"));
  EXPECT_THAT(Faults(R"({"tables":[{"columns":[]}]})"), HasSubstr("tables[0].columns: is empty"));
  EXPECT_THAT(Faults("[]"), HasSubstr("is no object"));
  EXPECT_THAT(Faults(R"({"tables":[{"name":"..","columns":[{"name":"a","type":"bool"}]}]})"),
              HasSubstr("tables[0].name"));
}

TEST(Schema, SyntaxIsToldWithItsLine) {
  const Error error = MustFail(ParseSchema("{\n\"tables\": [\n{]\n}"));
  EXPECT_EQ(error.fields.at("line"), "3") << error.message;
  EXPECT_EQ(MustFail(ParseSchema("")).fields.at("line"), "1");
  EXPECT_EQ(MustFail(ParseSchema("{} x")).kind, ErrorKind::kValidation);
  EXPECT_EQ(MustFail(ParseSchema("\"\xff\"")).kind, ErrorKind::kValidation);
}

TEST(Schema, LimitsAreKept) {
  EXPECT_THAT(MustFail(ParseSchema(std::string(100'000, '['))).message,
              HasSubstr("nested more than 8 deep"));
  EXPECT_THAT(MustFail(ParseSchema(std::string((16 << 20) + 1, ' '))).message,
              HasSubstr("at most 16777216"));
  std::string many = "[0";
  for (int i = 0; i < 1'000'000; ++i)
    many += ",0";
  EXPECT_THAT(MustFail(ParseSchema(many + "]")).message, HasSubstr("more than 1000000 values"));
  std::string columns, allowed;
  for (int i = 0; i <= 20'000; ++i)
    columns += (i > 0 ? "," : "") + (R"({"name":"c)" + std::to_string(i) + R"(","type":"bool"})");
  EXPECT_THAT(Faults(R"({"tables":[{"columns":[)" + columns + "]}]}"),
              HasSubstr("tables[0].columns: with these there are more than 20000"));
  for (int i = 0; i <= 100'000; ++i)
    allowed += (i > 0 ? "," : "") + std::to_string(i);
  EXPECT_THAT(Faults(OneColumn("int64", "\"allowed\":[" + allowed + "]")),
              HasSubstr("columns[0].allowed: there are more than 100000"));
  EXPECT_THAT(Faults(OneColumn("string", R"("pattern":")" + std::string(10'001, 'a') + "\"")),
              HasSubstr("pattern: is longer than 10000 bytes"));
}

TEST(Schema, PatternsAreCheckedAlone) {
  // Each would be a pattern within the brackets that anchor it.
  EXPECT_THAT(Faults(OneColumn("string", R"("pattern":"a)|(b")")), HasSubstr("pattern: is no"));
  EXPECT_THAT(Faults(OneColumn("string", R"("pattern":"\\Qa")")), HasSubstr("pattern: is no"));
  EXPECT_THAT(Faults(OneColumn("string", R"("pattern":"(a{1000}){1000}")")),
              HasSubstr("pattern: is no"));
}

TEST(Schema, ReferencesWithPointsInNames) {
  const std::string json = R"({"tables":[
      {"name":"a","columns":[{"name":"b.c","type":"string"},{"name":"d","type":"int64"}]},
      {"name":"a.b","columns":[{"name":"c","type":"string"},
        {"name":"own","type":"string","references":REF}]}]})";
  const auto with = [&](const std::string& reference) {
    std::string copy = json;
    return copy.replace(copy.find("REF"), 3, reference);
  };
  EXPECT_THAT(Faults(with(R"("a.b.c")")), HasSubstr("can be several columns"));
  EXPECT_THAT(Faults(with(R"("a.d")")), HasSubstr("make them the same"));
  EXPECT_THAT(Faults(with(R"({"table":"q","column":"c"})")), HasSubstr("no such column"));
  const auto schema = Must(ParseSchema(with(R"({"table":"a","column":"b.c"})")));
  EXPECT_EQ(*schema.tables[1].columns[1].references, (ColumnRef{"a", "b.c"}));
  EXPECT_EQ(Must(ParseSchema(SchemaToJson(schema))), schema) << SchemaToJson(schema);
  const auto own = Must(ParseSchema(with(R"("c")")));
  EXPECT_EQ(*own.tables[1].columns[1].references, (ColumnRef{"a.b", "c"}));
  EXPECT_EQ(Must(ParseSchema(SchemaToJson(own))), own) << SchemaToJson(own);
}

TEST(Schema, InferredFromTables) {
  const auto classes = arrow::dictionary(arrow::int8(), arrow::utf8());
  const auto schema = arrow::schema(
      {arrow::field("id", arrow::int32()), arrow::field("x", arrow::float64()),
       arrow::field("class", classes), arrow::field("list", arrow::list(arrow::int8())),
       arrow::field("none", arrow::null())});
  const auto entry_is_null = std::make_shared<arrow::DictionaryArray>(
      classes, ArrayOf(arrow::int8(), "[0, 1]"), ArrayOf(arrow::utf8(), R"(["u", null])"));
  const auto table = arrow::Table::Make(
      schema, {ArrayOf(arrow::int32(), "[1, 2]"), ArrayOf(arrow::float64(), "[null, 1]"),
               entry_is_null, ArrayOf(arrow::list(arrow::int8()), "[[null], []]"),
               ArrayOf(arrow::null(), "[null, null]")});
  const auto inferred = Must(InferSchema({{"t", table, nullptr}}));
  EXPECT_EQ(inferred.tables[0].columns, (std::vector<ColumnRule>{{"id", "int32", false},
                                                                 {"x", "float64", true},
                                                                 {"class", "string", true},
                                                                 {"list", "list<int8>", false},
                                                                 {"none", "null", true}}));
  const auto reader = std::make_shared<arrow::TableBatchReader>(table);
  EXPECT_EQ(Must(InferSchema({{"t", nullptr, reader}})), inferred);
  EXPECT_EQ(Must(ParseSchema(SchemaToJson(inferred))), inferred);
  EXPECT_EQ(MustFail(InferSchema({})).kind, ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace coreshed
