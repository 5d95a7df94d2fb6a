#include "validate/upload_check.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <coreshed/content.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/arrow_error.h"
#include "support/random_tables.h"
#include "support/result_checks.h"

namespace coreshed::validate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Strings = std::vector<std::string>;
using TypePtr = std::shared_ptr<arrow::DataType>;

std::shared_ptr<arrow::Array> ArrayOf(const TypePtr& type, const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

/// A table from JSON rows: [["a", 1], …].
std::shared_ptr<arrow::Table> TableOf(const arrow::FieldVector& fields, const std::string& rows) {
  const auto array = ArrayOf(arrow::struct_(fields), rows);
  const auto batch = arrow::RecordBatch::FromStructArray(array).ValueOrDie();
  return arrow::Table::FromRecordBatches({batch}).ValueOrDie();
}

SchemaDefinition SchemaOf(const std::string& json) {
  return Must(ParseSchema(json));
}
SchemaDefinition OneTable(const std::string& columns) {
  return SchemaOf(R"({"tables":[{"columns":[)" + columns + "]}]}");
}
SchemaDefinition OneColumn(const std::string& type, const std::string& more = "") {
  return OneTable(R"({"name":"a","type":")" + type + "\"" + (more.empty() ? "" : "," + more) + "}");
}

/// "record column rule value" of each fault.
Strings Lines(const Rejects& rejects) {
  Strings lines;
  for (const auto& reject : rejects.All()) {
    lines.push_back(std::to_string(reject.record) + " " + reject.column + " " + reject.rule + " " +
                    reject.value.value_or("<null>"));
  }
  return lines;
}

struct Outcome {
  std::shared_ptr<UploadCheck> check;
  std::vector<std::shared_ptr<arrow::Table>> good;
  Strings faults;
};

/// Split; tables of several are read from the last to the first.
Outcome Split(const SchemaDefinition& schema, std::vector<UploadTable> tables,
              const std::vector<TableInput>& existing = {}) {
  Outcome outcome;
  CheckOptions options;
  options.splits = true;
  outcome.check = Must(UploadCheck::Start(schema, std::move(tables), existing, options));
  auto streams = outcome.check->Tables();
  outcome.good.resize(streams.size());
  for (size_t i = streams.size(); i-- > 0;) {
    auto rows = streams[i].reader->ToTable();
    if (rows.ok()) {
      outcome.good[i] = *rows;
      EXPECT_TRUE((*rows)->ValidateFull().ok()) << (*rows)->ValidateFull().ToString();
    } else {
      EXPECT_EQ(FromArrow(rows.status(), "").kind, ErrorKind::kValidation);
      EXPECT_EQ(outcome.check->good_rows(), 0) << rows.status().ToString();
    }
  }
  outcome.faults = Lines(outcome.check->rejects());
  return outcome;
}
Outcome Split(const SchemaDefinition& schema, const std::shared_ptr<arrow::Table>& table) {
  return Split(schema, {{{"t", table, nullptr}}});
}

/// One column of a type, checked against a schema of one column.
Outcome Column(const SchemaDefinition& schema, const TypePtr& type, const std::string& json) {
  return Split(schema,
               arrow::Table::Make(arrow::schema({arrow::field("a", type)}), {ArrayOf(type, json)}));
}

/// What comes out of a column, as JSON of its type; faults as "record rule".
void ExpectBecomes(const std::string& to, const TypePtr& from, const std::string& json,
                   const std::string& good, const Strings& bad = {}) {
  SCOPED_TRACE(from->ToString() + " " + json + " → " + to);
  const auto outcome = Column(OneColumn(to), from, json);
  Strings faults;
  for (const auto& reject : outcome.check->rejects().All())
    faults.push_back(std::to_string(reject.record) + " " + reject.rule);
  EXPECT_EQ(faults, bad);
  if (outcome.good[0] == nullptr) {
    EXPECT_EQ(good, "[]");
    return;
  }
  const auto type = Must(TypeNamed(to));
  const auto expected = ArrayOf(type, good);
  const auto found = arrow::Concatenate(outcome.good[0]->column(0)->chunks()).ValueOrDie();
  EXPECT_TRUE(found->Equals(expected, arrow::EqualOptions().nans_equal(true)))
      << found->ToString() << expected->ToString();
}

TEST(Validate, ColumnsAreMatchedByName) {
  const auto schema = OneTable(
      R"({"name":"a","type":"int64"},{"name":"b","type":"string"},{"name":"c","type":"date"})");
  const auto table = TableOf({arrow::field("b", arrow::utf8()), arrow::field("a", arrow::int64())},
                             R"([["x", 1], ["y", null]])");
  const auto outcome = Split(schema, table);
  EXPECT_EQ(outcome.good[0]->schema()->field_names(), (Strings{"a", "b", "c"}));
  EXPECT_TRUE(outcome.good[0]->column(2)->type()->Equals(arrow::date32()));
  EXPECT_EQ(outcome.good[0]->column(2)->null_count(), 2);
  EXPECT_TRUE(outcome.good[0]->column(1)->Equals(table->column(0)));
}

TEST(Validate, WhatDoesNotFitIsNamedAllAtOnce) {
  const auto schema = SchemaOf(R"json({"tables":[
      {"name":"s","columns":[{"name":"a","type":"int64","nullable":false},
        {"name":"b","type":"int64"},{"name":"c","type":"extension(x.y,string)"}]},
      {"name":"u","columns":[{"name":"a","type":"int64"}]}]})json");
  const auto table = TableOf(
      {arrow::field("b", arrow::boolean()), arrow::field("q", arrow::utf8())}, "[[true, \"x\"]]");
  const Error error =
      MustFail(UploadCheck::Start(schema, {{{"s", table, nullptr}}, {{"v", table, nullptr}}}));
  EXPECT_EQ(error.kind, ErrorKind::kValidation);
  EXPECT_EQ(error.fields.at("faults"),
            "table 'v' is not in the schema\n"
            "table 'u' is missing\n"
            "table 's': column 'a' is missing and must have values\n"
            "table 's': column 'b' has type bool, which can't become int64\n"
            "table 's': column 'c' is missing, and no nulls of type extension(x.y,string) can be "
            "made\n"
            "table 's': column 'q' is not in the schema");
}

TEST(Validate, OneTableBelongsToTheOnlyOneOfTheSchema) {
  const auto schema =
      SchemaOf(R"({"tables":[{"name":"holes","columns":[{"name":"a","type":"int64"}]}]})");
  const auto table = TableOf({arrow::field("a", arrow::int64())}, "[[1]]");
  const auto check = Must(UploadCheck::Start(schema, {{{"other", table, nullptr}}}));
  EXPECT_EQ(check->Tables()[0].name, "other");
}

TEST(Validate, ASchemaThatAProgramMadeIsCheckedToo) {
  const auto table = TableOf({arrow::field("a", arrow::int64())}, "[[1]]");
  SchemaDefinition schema{"", {{"", "", {{"a", "int46"}}}}};
  EXPECT_THAT(MustFail(UploadCheck::Start(schema, {{{"t", table, nullptr}}})).message,
              HasSubstr("tables[0].columns[0].type"));
  schema.tables[0].columns[0] = {"a", "int64"};
  schema.tables[0].columns[0].min = "1,2";
  EXPECT_THAT(MustFail(UploadCheck::Start(schema, {{{"t", table, nullptr}}})).message,
              HasSubstr("tables[0].columns[0].min: is no value of type int64"));
}

TEST(Validate, NumbersOfOtherTypes) {
  ExpectBecomes("int8", arrow::int64(), "[1, null, -128, 127, 128, -129]", "[1, null, -128, 127]",
                {"5 type", "6 type"});
  ExpectBecomes("uint64", arrow::int64(), "[9223372036854775807, -1]", "[9223372036854775807]",
                {"2 type"});
  ExpectBecomes("int64", arrow::uint64(), "[9223372036854775807, 9223372036854775808]",
                "[9223372036854775807]", {"2 type"});
  ExpectBecomes("int64", arrow::float64(),
                "[3.0, -0.0, 9007199254740991, 9007199254740992, 0.5, NaN, Inf]",
                "[3, 0, 9007199254740991]", {"4 type", "5 type", "6 type", "7 type"});
  ExpectBecomes("int32", arrow::float32(), "[16777215, 16777216]", "[16777215]", {"2 type"});
  ExpectBecomes("float64", arrow::int64(),
                "[9007199254740992, 9007199254740993, -9223372036854775808, 0]",
                "[9007199254740992, -9223372036854775808, 0]", {"2 type"});
  ExpectBecomes("float32", arrow::uint64(), "[16777216, 16777217, 18446744073709551615]",
                "[16777216]", {"2 type", "3 type"});
  ExpectBecomes("float32", arrow::float64(), "[0.5, 0.1, 1e300, Inf, NaN, null]",
                "[0.5, Inf, NaN, null]", {"2 type", "3 type"});
  ExpectBecomes("float64", arrow::float32(), "[0.5, NaN, -Inf]", "[0.5, NaN, -Inf]");
  ExpectBecomes("float64", arrow::float16(), "[0.5]", "[0.5]");
  ExpectBecomes("bool", arrow::int8(), "[0, 1, 2, null]", "[false, true, null]", {"3 type"});
}

TEST(Validate, Decimals) {
  ExpectBecomes("decimal(6,2)", arrow::decimal128(9, 3), R"(["1.500", "1.501", "12345.000"])",
                R"(["1.50"])", {"2 type", "3 type"});
  ExpectBecomes("decimal(6,2)", arrow::int64(), "[7, 10000, null]", R"(["7.00", null])",
                {"2 type"});
  ExpectBecomes("decimal(6,2)", arrow::float64(), "[0.1, 0.125, NaN]", R"(["0.10"])",
                {"2 type", "3 type"});
  ExpectBecomes("int16", arrow::decimal128(9, 2),
                R"(["7.00", "7.50", "99999.00", "-1.00", "0.00"])", "[7, -1, 0]",
                {"2 type", "3 type"});
  ExpectBecomes("float64", arrow::decimal128(20, 2), R"(["1.50", "123456789012345678.25"])",
                "[1.5]", {"2 type"});
}

TEST(Validate, SmallDecimals) {
  ExpectBecomes("decimal(20,10)", arrow::decimal128(20, 9), R"(["0.000000001", "-0.000000015"])",
                R"(["0.0000000010", "-0.0000000150"])");
  const auto outcome = Column(OneColumn("decimal(20,10)", R"("max":"0.0000000001")"),
                              arrow::decimal128(20, 10), R"(["0.0000000001", "0.0000000002"])");
  EXPECT_THAT(outcome.faults, ElementsAre("2 a max 0.0000000002"));
}

TEST(Validate, TimesAreCutToTheUnit) {
  using arrow::TimeUnit;
  ExpectBecomes("time(s)", arrow::time64(TimeUnit::MICRO), "[1999999, null]", "[1, null]");
  ExpectBecomes("time(ns)", arrow::time32(TimeUnit::SECOND), "[1]", "[1000000000]");
  ExpectBecomes("timestamp(s)", arrow::timestamp(TimeUnit::MILLI), "[1500, -500, -1000]",
                "[1, -1, -1]");
  ExpectBecomes("timestamp(ns)", arrow::timestamp(TimeUnit::SECOND), "[1, 9223372037]",
                "[1000000000]", {"2 type"});
  ExpectBecomes("duration(s)", arrow::duration(TimeUnit::MILLI), "[1500, -1500]", "[1, -1]");
  ExpectBecomes("timestamp(us,UTC)", arrow::timestamp(TimeUnit::MICRO, "Europe/Oslo"), "[5]",
                "[5]");
  ExpectBecomes("date", arrow::date64(), "[86400000, 86400001, null]", "[1, null]", {"2 type"});
  ExpectBecomes("date64", arrow::date32(), "[1]", "[86400000]");
}

TEST(Validate, CellsAreRead) {
  const auto text = arrow::utf8();
  ExpectBecomes("int16", text, R"([" 7 ", "", "NA", "  ", null, "007", "1.0", "+1", "70000", "x"])",
                "[7, null, null, null]",
                {"3 type", "6 type", "7 type", "8 type", "9 type", "10 type"});
  ExpectBecomes("int64", text, R"(["9223372036854775807", "9223372036854775808"])",
                "[9223372036854775807]", {"2 type"});
  ExpectBecomes("bool", text, R"(["true", "FALSE", "1", "0", "Yes", "nO", "2", "y", "00", ""])",
                "[true, false, true, false, true, false, null]", {"7 type", "8 type", "9 type"});
  ExpectBecomes("float64", text, R"(["1.50", "nan", "0.1234567890123456789"])", "[1.5, NaN]",
                {"3 type"});
  ExpectBecomes("float32", text, R"(["0.1"])", "[0.1]");
  ExpectBecomes("decimal(5,2)", text, R"(["1.5", "1.005"])", R"(["1.50"])", {"2 type"});
  ExpectBecomes("date", text, R"(["1970-01-02", "1970-02-30"])", "[1]", {"2 type"});
  ExpectBecomes("time(s)", text, R"(["00:00:01.999", "00:01", "24:00"])", "[1, 60]", {"3 type"});
  ExpectBecomes("time(ns)", text, R"(["00:00:01.1234567899"])", "[1123456789]");
  ExpectBecomes("timestamp(ms)", text,
                R"(["1970-01-01T00:00:00.0019", "1969-12-31 23:59:59.9999", "1970-01-01T00:00Z"])",
                "[1, -1]", {"3 type"});
  ExpectBecomes("timestamp(ns)", text, R"(["9999-01-01T00:00"])", "[]", {"1 type"});
  ExpectBecomes("timestamp(us,UTC)", text, R"(["1970-01-01T00:00:01Z", "1970-01-01T00:00:01"])",
                "[1000000]", {"2 type"});
  ExpectBecomes("null", text, R"([null, "", "x"])", "[null, null]", {"3 type"});
  ExpectBecomes("int8", arrow::large_utf8(), R"(["7", "x"])", "[7]", {"2 type"});
  ExpectBecomes("int8", arrow::utf8_view(), R"(["7", "x"])", "[7]", {"2 type"});
  ExpectBecomes("int8", arrow::dictionary(arrow::int8(), text), R"(["7", "x", null])", "[7, null]",
                {"2 type"});
  ExpectBecomes("string", text, R"([" x ", "", "NA"])", R"([" x ", "", "NA"])");
}

TEST(Validate, WhatCanNotBecomeTheType) {
  const auto refused = [](const TypePtr& from, const std::string& to) {
    const auto table = arrow::Table::Make(arrow::schema({arrow::field("a", from)}),
                                          {arrow::MakeArrayOfNull(from, 1).ValueOrDie()});
    EXPECT_THAT(MustFail(UploadCheck::Start(OneColumn(to), {{{"t", table, nullptr}}})).message,
                HasSubstr("can't become " + to))
        << from->ToString();
  };
  refused(arrow::int64(), "string");
  refused(arrow::boolean(), "int64");
  refused(arrow::float64(), "bool");
  refused(arrow::date32(), "timestamp(us)");
  refused(arrow::timestamp(arrow::TimeUnit::MICRO), "date");
  refused(arrow::timestamp(arrow::TimeUnit::MICRO), "timestamp(us,UTC)");
  refused(arrow::utf8(), "binary");
  refused(arrow::utf8(), "list<string>");
  refused(arrow::list(arrow::int64()), "list<int32>");
  refused(arrow::decimal128(5, 2), "date");
}

TEST(Validate, NullsAndWideningBecomeTheType) {
  ExpectBecomes("timestamp(us)", arrow::null(), "[null, null]", "[null, null]");
  ExpectBecomes("list<int64>", arrow::list(arrow::int32()), "[[1, null], null, []]",
                "[[1, null], null, []]");
  const auto outcome =
      Column(OneColumn("int64", R"("nullable":false)"), arrow::null(), "[null, null]");
  EXPECT_THAT(outcome.faults, ElementsAre("1 a required <null>", "2 a required <null>"));
}

TEST(Validate, ColumnsOfTheTypeStayBitByBit) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    RandomTables random(seed);
    const auto table = random.Table(random.Schema(6), 50);
    const auto schema = Must(InferSchema({{"t", table, nullptr}}));
    auto check = Must(UploadCheck::Start(schema, {{{"t", table, nullptr}}}));
    const auto rows = check->Tables()[0].reader->ToTable().ValueOrDie();
    ASSERT_EQ(rows->num_columns(), table->num_columns());
    for (int i = 0; i < rows->num_columns(); ++i) {
      EXPECT_TRUE(
          rows->field(i)->WithNullable(true)->Equals(*table->field(i)->WithNullable(true), true));
    }
    EXPECT_TRUE(rows->schema()->metadata() == nullptr ||
                rows->schema()->metadata()->Equals(*table->schema()->metadata()));
  }
}

TEST(Validate, EveryTypeCanBeSplit) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    RandomTables random(seed);
    auto table = random.Table(random.Schema(6), 50);
    arrow::Int64Builder marks;
    for (int64_t row = 0; row < table->num_rows(); ++row)
      ASSERT_TRUE(marks.Append(random.Below(3)).ok());
    const auto mark = std::make_shared<arrow::ChunkedArray>(marks.Finish().ValueOrDie());
    table = table->AddColumn(0, arrow::field("the mark", arrow::int64()), mark).ValueOrDie();
    auto schema = Must(InferSchema({{"t", table, nullptr}}));
    schema.tables[0].columns[0].max = "1";
    if (seed % 2 == 1) {  // through the temporary file
      schema.tables[0].columns[0].references = ColumnRef{"t", "the mark"};
    }
    const auto outcome = Split(schema, table);
    int64_t good = 0;
    const auto& values = static_cast<const arrow::Int64Array&>(*mark->chunk(0));
    for (int64_t row = 0; row < values.length(); ++row)
      good += values.Value(row) <= 1 ? 1 : 0;
    EXPECT_EQ(outcome.check->good_rows(), good);
    const auto rows = Must(outcome.check->rejects().Rows());
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].rows->num_rows(), table->num_rows() - good);
    EXPECT_TRUE(rows[0].rows->schema()->Equals(*table->schema(), false));
    EXPECT_TRUE(rows[0].rows->ValidateFull().ok());
    for (int c = 0; c < table->num_columns(); ++c) {
      const auto was = PlainValues(*table->column(c)), is = PlainValues(*rows[0].rows->column(c));
      for (size_t i = 0; i < rows[0].records.size(); ++i) {
        EXPECT_TRUE(is->RangeEquals(*was, static_cast<int64_t>(i), static_cast<int64_t>(i) + 1,
                                    rows[0].records[i] - 1, arrow::EqualOptions().nans_equal(true)))
            << seed << " " << table->field(c)->ToString();
      }
    }
  }
}

TEST(Validate, Required) {
  const auto required = OneColumn("int8", R"("nullable":false)");
  EXPECT_THAT(Column(required, arrow::int8(), "[1, null, 2]").faults,
              ElementsAre("2 a required <null>"));
  EXPECT_THAT(Column(required, arrow::utf8(), R"(["1", "", "x"])").faults,
              ElementsAre("2 a required ", "3 a type x"))
      << "a value that is none is no missing one";
  const auto text = OneColumn("string", R"("nullable":false)");
  const auto classes = arrow::dictionary(arrow::int8(), arrow::utf8());
  EXPECT_THAT(Column(text, classes, R"(["u", null])").faults, ElementsAre("2 a required <null>"));
  const auto outcome = Column(required, arrow::int8(), "[1, null]");
  EXPECT_FALSE(outcome.good[0]->field(0)->nullable());
}

TEST(Validate, KeysNameTheFirst) {
  const auto schema = OneTable(
      R"({"name":"hole","type":"string","key":true},{"name":"top","type":"float64","key":true},
         {"name":"x","type":"int64"})");
  const auto table =
      TableOf({arrow::field("hole", arrow::utf8()), arrow::field("top", arrow::utf8()),
               arrow::field("x", arrow::int64())},
              R"([["a", "1", 1], ["a", "2", 2], ["b", "1", 3], ["a", "1.0", 4], ["a", null, 5],
                  ["a", null, 6], ["a", "x", 7], ["a", "x", 8], ["", "-0", 9], ["", "0", 10]])");
  const auto outcome = Split(schema, table);
  EXPECT_THAT(outcome.faults, ElementsAre("4 hole, top key a, 1.0", "5 top required <null>",
                                          "6 top required <null>", "7 top type x", "8 top type x",
                                          "10 hole, top key , 0"));
  EXPECT_EQ(outcome.check->rejects().All()[0].reason,
            "'a, 1.0' comes twice: record 1 has the same.");
  EXPECT_EQ(outcome.good[0]->num_rows(), 4);
}

TEST(Validate, KeysKeepTheirCellsApart) {
  const auto schema = OneTable(
      R"({"name":"a","type":"string","key":true},{"name":"b","type":"string","key":true})");
  const auto table = TableOf({arrow::field("a", arrow::utf8()), arrow::field("b", arrow::utf8())},
                             R"([["xy", "z"], ["x", "yz"], ["yz", "x"], ["", "xyz"]])");
  EXPECT_THAT(Split(schema, table).faults, IsEmpty());
}

TEST(Validate, Unique) {
  const auto unique = OneColumn("int64", R"("unique":true)");
  EXPECT_THAT(Column(unique, arrow::int64(), "[1, null, 1, null, 2, 1]").faults,
              ElementsAre("3 a unique 1", "6 a unique 1"));
  EXPECT_THAT(
      Column(OneColumn("float64", R"("unique":true)"), arrow::float64(), "[0.0, -0.0, NaN, NaN, 1]")
          .faults,
      ElementsAre("2 a unique -0.0", "4 a unique NaN"));
  for (const auto& [type, json] : std::vector<std::pair<TypePtr, std::string>>{
           {arrow::boolean(), "[true, false, true]"},
           {arrow::decimal128(5, 2), R"(["1.50", "2.50", "1.50"])"},
           {arrow::decimal32(5, 2), R"(["1.50", "2.50", "1.50"])"},
           {arrow::date32(), "[1, 2, 1]"},
           {arrow::float16(), "[0.0, 1.0, -0.0]"},
           {arrow::binary(), R"(["a", "b", "a"])"},
           {arrow::fixed_size_binary(1), R"(["a", "b", "a"])"},
           {arrow::utf8_view(), R"(["a", "b", "a"])"},
           {arrow::dictionary(arrow::int8(), arrow::utf8()), R"(["a", "b", "a"])"},
           {arrow::duration(arrow::TimeUnit::SECOND), "[1, 2, 1]"}}) {
    const auto name = Must(ColumnsOf(*arrow::schema({arrow::field("a", type)})))[0].type;
    const auto outcome = Column(OneColumn(name, R"("unique":true)"), type, json);
    ASSERT_EQ(outcome.faults.size(), 1u) << name;
    EXPECT_TRUE(outcome.faults[0].starts_with("3 a unique ")) << outcome.faults[0];
  }
}

TEST(Validate, FirstComeAlsoWithFaults) {
  const auto schema =
      OneTable(R"({"name":"a","type":"int64","unique":true},{"name":"b","type":"int64","min":0})");
  const auto table = TableOf({arrow::field("a", arrow::int64()), arrow::field("b", arrow::int64())},
                             "[[1, -1], [1, 5]]");
  EXPECT_THAT(Split(schema, table).faults, ElementsAre("1 b min -1", "2 a unique 1"));
}

TEST(Validate, UniqueAmongManyRows) {
  arrow::Int64Builder builder;
  for (int64_t i = 0; i < 200'000; ++i)
    ASSERT_TRUE(builder.Append(i == 199'999 ? 7 : i).ok());
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("a", arrow::int64())}),
                                        {builder.Finish().ValueOrDie()});
  const auto outcome = Split(OneColumn("int64", R"("key":true)"), table);
  EXPECT_THAT(outcome.faults, ElementsAre("200000 a key 7"));
  EXPECT_THAT(outcome.check->rejects().All()[0].reason, HasSubstr("record 8 has the same"));
  EXPECT_EQ(outcome.good[0]->num_rows(), 199'999);
}

TEST(Validate, Bounds) {
  EXPECT_THAT(
      Column(OneColumn("int64", R"("min":-1,"max":5)"), arrow::int64(), "[-2, -1, null, 5, 6]")
          .faults,
      ElementsAre("1 a min -2", "5 a max 6"));
  EXPECT_THAT(
      Column(OneColumn("float64", R"("min":0,"max":1)"), arrow::float64(), "[0, 1, NaN, 1.5, -Inf]")
          .faults,
      ElementsAre("3 a min NaN", "4 a max 1.5", "5 a min -Inf"));
  EXPECT_THAT(Column(OneColumn("float64", R"("max":1)"), arrow::float64(), "[NaN]").faults,
              ElementsAre("1 a max NaN"));
  EXPECT_THAT(Column(OneColumn("uint64", R"("min":18446744073709551615)"), arrow::uint64(),
                     "[18446744073709551614, 18446744073709551615]")
                  .faults,
              ElementsAre("1 a min 18446744073709551614"));
  EXPECT_THAT(Column(OneColumn("decimal(5,2)", R"("max":"1.50")"), arrow::decimal32(5, 2),
                     R"(["1.50", "1.51"])")
                  .faults,
              ElementsAre("2 a max 1.51"));
  EXPECT_THAT(Column(OneColumn("date", R"("min":"2026-01-27")"), arrow::utf8(),
                     R"(["2026-01-27", "2026-01-26"])")
                  .faults,
              ElementsAre("2 a min 2026-01-26"));
  EXPECT_THAT(
      Column(OneColumn("date64", R"("min":"1970-01-02")"), arrow::date64(), "[0, 86400000]").faults,
      ElementsAre("1 a min 1970-01-01"));
  EXPECT_THAT(
      Column(OneColumn("time(s)", R"("max":"10:30")"), arrow::utf8(), R"(["10:30", "10:31"])")
          .faults,
      ElementsAre("2 a max 10:31"));
  EXPECT_THAT(Column(OneColumn("timestamp(us,UTC)", R"("max":"1970-01-01T00:00:00Z")"),
                     arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "[0, 1]")
                  .faults,
              ElementsAre("2 a max 1970-01-01 00:00:00.000001Z"));
}

TEST(Validate, Allowed) {
  const auto words = OneColumn("string", R"("allowed":["CP","RC"])");
  const auto outcome = Column(words, arrow::utf8(), R"(["CP", null, "cp", "RC", ""])");
  EXPECT_THAT(outcome.faults, ElementsAre("3 a allowed cp", "5 a allowed "));
  EXPECT_EQ(outcome.check->rejects().All()[0].reason,
            "'cp' is none of the values that are allowed: CP, RC.");
  EXPECT_THAT(
      Column(words, arrow::dictionary(arrow::int8(), arrow::large_utf8()), R"(["CP", "x"])").faults,
      ElementsAre("2 a allowed x"));
  EXPECT_THAT(
      Column(OneColumn("float64", R"("allowed":[0, 1.5])"), arrow::float64(), "[-0.0, 1.5, 2]")
          .faults,
      ElementsAre("3 a allowed 2.0"));
  EXPECT_THAT(
      Column(OneColumn("bool", R"("allowed":[true])"), arrow::utf8(), R"(["yes", "no"])").faults,
      ElementsAre("2 a allowed no"));
  EXPECT_THAT(Column(OneColumn("decimal(5,2)", R"("allowed":["1.5"])"), arrow::decimal64(5, 2),
                     R"(["1.50", "2.00"])")
                  .faults,
              ElementsAre("2 a allowed 2.00"));
}

TEST(Validate, PatternsMatchTheWholeText) {
  const auto pattern = OneColumn("string", R"("pattern":"BH-[0-9]+|x")");
  for (const auto& type : {arrow::utf8(), arrow::large_utf8(), arrow::utf8_view(),
                           arrow::dictionary(arrow::int8(), arrow::utf8())}) {
    EXPECT_THAT(Column(pattern, type, R"(["BH-1", "BH-1x", " BH-1", "x", null, "BH-1\n"])").faults,
                ElementsAre("2 a pattern BH-1x", "3 a pattern  BH-1", "6 a pattern BH-1\n"))
        << type->ToString();
  }
  EXPECT_THAT(
      Column(OneColumn("string", R"("pattern":"^.$")"), arrow::utf8(), R"(["é", "ab"])").faults,
      ElementsAre("2 a pattern ab"));
}

TEST(Validate, AllFaultsOfARowInTheOrderOfColumns) {
  const auto schema = OneTable(
      R"({"name":"a","type":"int64","min":0,"allowed":[1,2]},
         {"name":"b","type":"string","nullable":false},{"name":"c","type":"date"})");
  const auto table = TableOf({arrow::field("c", arrow::utf8()), arrow::field("a", arrow::utf8()),
                              arrow::field("b", arrow::utf8())},
                             R"([["x", "-1", null], ["1970-01-01", "1", "b"]])");
  UploadTable upload{{"t", table, nullptr}, "t.csv", [](int64_t record) { return record + 1; }};
  const auto outcome = Split(schema, {upload});
  EXPECT_THAT(outcome.faults,
              ElementsAre("1 a min -1", "1 a allowed -1", "1 b required <null>", "1 c type x"));
  const Reject expected{"t", "t.csv", 1, 2, "c", "x", "type", "'x' is no date."};
  EXPECT_EQ(outcome.check->rejects().All()[3], expected);
  EXPECT_EQ(
      outcome.check->rejects().by_rule(),
      (std::map<std::string, int64_t>{{"allowed", 1}, {"min", 1}, {"required", 1}, {"type", 1}}));
  const auto rows = Must(outcome.check->rejects().Rows());
  EXPECT_TRUE(rows[0].rows->Equals(*table->Slice(0, 1))) << "as they were handed in";
  EXPECT_THAT(rows[0].records, ElementsAre(1));
}

TEST(Validate, ValuesAreCut) {
  const std::string text(999, 'x');
  const auto outcome = Column(OneColumn("int64"), arrow::utf8(), "[\"" + text + "éé\"]");
  EXPECT_EQ(*outcome.check->rejects().All()[0].value, text) << "no half character";
}

TEST(Validate, FaultsOfReadingAreKept) {
  const auto table = TableOf({arrow::field("a", arrow::utf8())}, R"([["1"], ["2"], ["3"]])");
  UploadTable upload{{"t", table, nullptr}};
  upload.reading_faults = [](int64_t first, int64_t last) {
    std::vector<ReadingFault> faults;
    if (first <= 2 && 2 <= last)
      faults.push_back({2, "too_many_fields", "2,7", "There are 2 fields."});
    return faults;
  };
  const auto outcome = Split(OneColumn("int64"), {upload});
  EXPECT_THAT(outcome.faults, ElementsAre("2  too_many_fields 2,7"));
  EXPECT_EQ(outcome.good[0]->num_rows(), 2);
}

TEST(Validate, RefusedAsAWholeWithTheFirstFaults) {
  std::string json = "[1";
  for (int i = 0; i < 30; ++i)
    json += ", -1";
  const auto schema = OneColumn("int64", R"("min":0)");
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("a", arrow::int64())}),
                                        {ArrayOf(arrow::int64(), json + "]")});
  const auto check = Must(UploadCheck::Start(schema, {{{"t", table, nullptr}, "t.csv"}}));
  const auto read = check->Tables()[0].reader->ToTable();
  ASSERT_FALSE(read.ok());
  const Error error = FromArrow(read.status(), "");
  EXPECT_EQ(error.kind, ErrorKind::kValidation);
  EXPECT_EQ(error.fields.at("faults"), "30");
  EXPECT_EQ(error.fields.at("rules"), "min 30");
  EXPECT_THAT(error.message, HasSubstr("30 faults (min 30)"));
  EXPECT_THAT(error.message, HasSubstr(" t.csv, record 2, column a: '-1' is below 0"));
  EXPECT_THAT(error.message, HasSubstr("record 21, "));
  EXPECT_THAT(error.message, Not(HasSubstr("record 22, ")));
  EXPECT_THAT(error.message, HasSubstr("And 10 more"));
}

TEST(Validate, RefusedForTheFaultsOfAllTables) {
  const auto schema = SchemaOf(R"({"tables":[
      {"name":"s","columns":[{"name":"a","type":"int64","max":0}]},
      {"name":"u","columns":[{"name":"a","type":"int64","min":0}]}]})");
  const auto one = TableOf({arrow::field("a", arrow::int64())}, "[[1]]");
  const auto minus = TableOf({arrow::field("a", arrow::int64())}, "[[-1], [5]]");
  const auto check =
      Must(UploadCheck::Start(schema, {{{"u", minus, nullptr}}, {{"s", one, nullptr}}}));
  auto streams = check->Tables();
  EXPECT_EQ(streams[0].name, "s") << "in the schema's order";
  const auto read = streams[0].reader->ToTable();
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(FromArrow(read.status(), "").fields.at("rules"), "max 1, min 1");
  EXPECT_FALSE(streams[1].reader->ToTable().ok());
}

TEST(Validate, NothingIsLeftOutSilently) {
  const auto schema = OneColumn("int64", R"("min":0)");
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("a", arrow::int64())}),
                                        {ArrayOf(arrow::int64(), "[-1, 5, -1, -1]")});
  const auto read = [&](const CheckOptions& options) {
    const auto check = Must(UploadCheck::Start(schema, {{{"t", table, nullptr}}}, {}, options));
    const auto rows = check->Tables()[0].reader->ToTable();
    return rows.ok() ? Error{} : FromArrow(rows.status(), "");
  };
  for (const bool splits : {false, true}) {
    CheckOptions options{splits, {2, 1 << 20}, {}};
    const Error error = read(options);
    EXPECT_EQ(error.kind, ErrorKind::kValidation);
    EXPECT_THAT(error.message, HasSubstr("more than 2 faults, so the whole is refused"));
    EXPECT_THAT(error.message, HasSubstr("record 3"));
    options.limits = {1'000, 400};
    EXPECT_THAT(read(options).message, HasSubstr("more than 400 bytes"));
  }
  EXPECT_EQ(read(CheckOptions{true, {3, 1 << 20}, {}}).message, "");
}

TEST(Validate, WithoutAGoodRowNothingGoesOn) {
  const auto table = TableOf({arrow::field("a", arrow::int64())}, "[[-1], [-2]]");
  CheckOptions options;
  options.splits = true;
  const auto check = Must(
      UploadCheck::Start(OneColumn("int64", R"("min":0)"), {{{"t", table, nullptr}}}, {}, options));
  const auto rows = check->Tables()[0].reader->ToTable();
  ASSERT_FALSE(rows.ok());
  EXPECT_THAT(FromArrow(rows.status(), "").message, HasSubstr("No row is good"));
  EXPECT_EQ(Must(check->rejects().Rows())[0].rows->num_rows(), 2);
}

TEST(Validate, CanBeCancelled) {
  std::stop_source stop;
  stop.request_stop();
  const auto table = TableOf({arrow::field("a", arrow::int64())}, "[[1]]");
  CheckOptions options{false, {}, stop.get_token()};
  const auto check =
      Must(UploadCheck::Start(OneColumn("int64"), {{{"t", table, nullptr}}}, {}, options));
  const auto rows = check->Tables()[0].reader->ToTable();
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(FromArrow(rows.status(), "").kind, ErrorKind::kCancelled);
}

constexpr const char* kTwoTables = R"({"tables":[
    {"name":"samples","columns":[{"name":"hole","type":"string","references":"holes.hole"},
      {"name":"n","type":"int64","unique":true}]},
    {"name":"holes","columns":[{"name":"hole","type":"string","key":true},
      {"name":"depth","type":"float64","min":0}]}]})";

std::vector<UploadTable> TwoTables(const std::string& samples, const std::string& holes) {
  return {{{"holes",
            TableOf({arrow::field("hole", arrow::utf8()), arrow::field("depth", arrow::float64())},
                    holes),
            nullptr}},
          {{"samples",
            TableOf({arrow::field("hole", arrow::large_utf8()), arrow::field("n", arrow::int64())},
                    samples),
            nullptr}}};
}

TEST(Validate, ReferencesToAnotherTable) {
  const auto outcome = Split(SchemaOf(kTwoTables),
                             TwoTables(R"([["a", 1], ["b", 2], [null, 3], ["c", 4], ["c", 4]])",
                                       R"([["a", 1], ["b", -1], ["d", 2]])"));
  EXPECT_THAT(outcome.faults,
              ElementsAre("2 hole reference b", "4 hole reference c", "5 hole reference c",
                          "5 n unique 4", "2 depth min -1.0"));
  const auto all = outcome.check->rejects().All();
  EXPECT_EQ(all[0].reason, "'b' stands in holes.hole only in rows that are rejected themselves.");
  EXPECT_EQ(all[1].reason, "'c' does not occur in holes.hole.");
  EXPECT_EQ(outcome.good[0]->num_rows(), 2);
  EXPECT_EQ(outcome.good[1]->num_rows(), 2);
  EXPECT_THAT(Must(outcome.check->rejects().Rows())[0].records, ElementsAre(2, 4, 5));
}

TEST(Validate, ReferencesWhereTheWholeIsRefused) {
  const auto start = [](const std::string& samples, const std::string& holes) {
    return UploadCheck::Start(SchemaOf(kTwoTables), TwoTables(samples, holes));
  };
  EXPECT_EQ(MustFail(start(R"([["a", 1], ["b", 2], ["c", 3]])", R"([["a", 1], ["b", -1]])"))
                .fields.at("rules"),
            "min 1, reference 1")
      << "mending the hole mends the sample";
  const auto check = Must(start(R"([["a", 1], ["b", 2]])", R"([["a", 1], ["b", 1]])"));
  auto streams = check->Tables();
  EXPECT_EQ(streams[1].reader->ToTable().ValueOrDie()->num_rows(), 2);
  EXPECT_EQ(streams[0].reader->ToTable().ValueOrDie()->num_rows(), 2);
}

TEST(Validate, ReferencesWithinATable) {
  const auto schema = OneTable(
      R"({"name":"id","type":"int64","key":true},{"name":"up","type":"int64","references":"id"},
         {"name":"x","type":"int64","min":0})");
  const auto fields =
      arrow::FieldVector{arrow::field("id", arrow::int64()), arrow::field("up", arrow::int64()),
                         arrow::field("x", arrow::int64())};
  EXPECT_THAT(
      Split(schema, TableOf(fields, "[[1, 2, 0], [2, 2, 0], [3, null, 0], [4, 9, 0]]")).faults,
      ElementsAre("4 up reference 9"))
      << "forward and to themselves";
  EXPECT_THAT(Split(schema, TableOf(fields,
                                    "[[1, 2, 0], [2, 3, 0], [3, 4, 0], [4, 4, -1],"
                                    " [5, 6, 0], [6, 5, 0]]"))
                  .faults,
              ElementsAre("1 up reference 2", "2 up reference 3", "3 up reference 4", "4 x min -1"))
      << "rejected one after the other";
}

TEST(Validate, LongChainsOfReferences) {
  std::string rows = "[[0, 0, -1]";
  for (int i = 1; i < 50'000; ++i)
    rows += ",[" + std::to_string(i) + "," + std::to_string(i - 1) + ",0]";
  const auto schema = OneTable(
      R"({"name":"id","type":"int64","key":true},{"name":"up","type":"int64","references":"id"},
         {"name":"x","type":"int64","min":0})");
  const auto table =
      TableOf({arrow::field("id", arrow::int64()), arrow::field("up", arrow::int64()),
               arrow::field("x", arrow::int64())},
              rows + "]");
  EXPECT_EQ(Split(schema, table).faults.size(), 50'000u);
}

TEST(Validate, RowsThatAreThereAlready) {
  const auto holes = TableOf({arrow::field("hole", arrow::dictionary(arrow::int8(), arrow::utf8())),
                              arrow::field("gone", arrow::int8())},
                             R"([["h", 1], ["i", 2]])");
  const auto samples = TableOf({arrow::field("n", arrow::int32())}, "[[7]]");
  const std::vector<TableInput> existing{{"holes", holes, nullptr}, {"samples", samples, nullptr}};
  const auto outcome =
      Split(SchemaOf(kTwoTables),
            TwoTables(R"([["h", 1], ["a", 7], ["q", 2]])", R"([["a", 1], ["i", 1]])"), existing);
  EXPECT_THAT(outcome.faults, ElementsAre("2 n unique 7", "3 hole reference q", "2 hole key i"));
  EXPECT_EQ(outcome.check->rejects().All()[2].reason,
            "'i' comes twice: row 2 of those that are there already has it.");
  auto alone = TwoTables(R"([["h", 1], ["a", 3]])", "[]");
  alone.erase(alone.begin());
  EXPECT_THAT(Split(SchemaOf(kTwoTables), alone, existing).faults,
              ElementsAre("2 hole reference a"))
      << "a table that is there already may be missing";
}

}  // namespace
}  // namespace coreshed::validate
