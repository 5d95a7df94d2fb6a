#include "sources/json_lines.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <coreshed/sources.h>
#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <fstream>

#include "base/arrow_error.h"
#include "base/sha256.h"
#include "sources/opened.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::sources {
namespace {

class JsonLines : public ::testing::Test {
 protected:
  std::string Write(const std::string& bytes, const std::string& name = "t.jsonl") {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  Result<std::shared_ptr<arrow::Table>> TryRead(const std::string& bytes) {
    auto opened = OpenKept({Write(bytes)}, options_);
    if (!opened) return opened.error();
    warnings_ = opened->file.warnings;
    auto table = opened->file.tables[0].reader->ToTable();
    if (!table.ok()) return FromArrow(table.status(), "reading");
    EXPECT_TRUE((*table)->ValidateFull().ok()) << (*table)->ToString();
    return *table;
  }
  std::shared_ptr<arrow::Table> Read(const std::string& bytes) { return Must(TryRead(bytes)); }
  /// Names and types of the columns.
  std::string Types(const std::string& bytes) {
    std::string types;
    const auto table = Read(bytes);
    for (const auto& field : table->schema()->fields()) {
      EXPECT_TRUE(field->nullable());
      types += (types.empty() ? "" : ", ") + field->ToString();
    }
    return types;
  }
  /// Whether the only column is of this type, with these values in Arrow's own JSON.
  void Expect(const std::string& bytes, const std::shared_ptr<arrow::DataType>& type,
              const std::string& values) {
    const auto table = Read(bytes);
    ASSERT_EQ(table->num_columns(), 1) << bytes;
    ASSERT_EQ(table->schema()->field(0)->type()->ToString(), type->ToString()) << bytes;
    const auto expected = arrow::json::ArrayFromJSONString(type, values).ValueOrDie();
    EXPECT_TRUE(table->column(0)->Equals(arrow::ChunkedArray(expected)))
        << bytes << table->column(0)->ToString();
  }
  Error Fails(const std::string& bytes, const std::string& part,
              ErrorKind kind = ErrorKind::kValidation) {
    Error error = MustFail(TryRead(bytes));
    EXPECT_EQ(error.kind, kind) << error.message;
    EXPECT_NE(error.message.find(part), std::string::npos)
        << "'" << part << "' in " << error.message;
    EXPECT_NE(error.message.find("t.jsonl"), std::string::npos) << error.message;
    EXPECT_EQ(error.fields.count("file"), 1U) << error.message;
    return error;
  }
  void Like(const std::shared_ptr<arrow::DataType>& type) {
    options_.like = {{"t", arrow::schema({arrow::field("a", type)})}};
  }

  TempFolder folder_;
  OpenOptions options_;
  std::vector<std::string> warnings_;
};

/// Lines of one key each.
std::string Lines(const std::vector<std::string>& values) {
  std::string lines;
  for (const auto& value : values)
    lines += "{\"a\": " + value + "}\n";
  return lines;
}

TEST_F(JsonLines, OneObjectALine) {
  const std::string bytes =
      "{\"b\": 1, \"a\": \"x\"}\r\n\n  \t\r\n{\"c\": true, \"a\": null}\n {} ";
  EXPECT_EQ(Types(bytes), "b: int64, a: string, c: bool");
  const auto table = Read(bytes);
  EXPECT_EQ(table->num_rows(), 3);
  EXPECT_EQ(table->column(0)->null_count(), 2);
  EXPECT_EQ(table->column(1)->null_count(), 2);
  const auto opened = Must(OpenFile({Write(bytes, "logs.ndjson")}));
  EXPECT_EQ(opened.tables[0].name, "logs");
  EXPECT_EQ(opened.source.sha256, Sha256Hex(bytes));
  EXPECT_EQ(Types("\xEF\xBB\xBF" + Lines({"1"})), "a: int64");
  EXPECT_EQ(Types("\xEF\xBB\xBF\n" + Lines({"1"})), "a: int64");
}

TEST_F(JsonLines, WholeNumbers) {
  Expect(Lines({"0", "-5", "9223372036854775807", "-9223372036854775808"}), arrow::int64(),
         "[0, -5, 9223372036854775807, -9223372036854775808]");
  Expect(Lines({"0", "18446744073709551615"}), arrow::uint64(), "[0, 18446744073709551615]");
  EXPECT_EQ(warnings_.size(), 0U);
  Expect(Lines({"-1", "18446744073709551615"}), arrow::utf8(), R"(["-1", "18446744073709551615"])");
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_NE(warnings_[0].find("column 'a' is text: in line 2"), std::string::npos) << warnings_[0];
  Expect(Lines({"18446744073709551616"}), arrow::utf8(), R"(["18446744073709551616"])");
  Expect(Lines({"-9223372036854775809"}), arrow::utf8(), R"(["-9223372036854775809"])");
}

TEST_F(JsonLines, Fractions) {
  Expect(Lines({"0.1", "1", "1.0", "-0", "1e5", "2.5E-3", "1e22"}), arrow::float64(),
         "[0.1, 1, 1, -0.0, 100000, 0.0025, 1e22]");
  Expect(Lines({"1.0"}), arrow::float64(), "[1]");
  Expect(Lines({"-0"}), arrow::float64(), "[-0.0]");
  const auto zero = Read(Lines({"-0"}))->column(0)->chunk(0);
  EXPECT_TRUE(std::signbit(static_cast<const arrow::DoubleArray&>(*zero).Value(0)));
  for (const char* number : {"0.1234567890123456789", "1e-400", "123456789012345678901234567890",
                             "0.10000000000000000001"}) {
    Expect(Lines({"0.5", number}), arrow::utf8(), "[\"0.5\", \"" + std::string(number) + "\"]");
    EXPECT_EQ(warnings_.size(), 1U);
  }
  Expect(Lines({"1.5", "9007199254740993"}), arrow::utf8(), R"(["1.5", "9007199254740993"])");
  Fails(Lines({"1", "1e400"}), "line 2: the number 1e400 is larger");
}

TEST_F(JsonLines, NumbersDoNotDependOnTheLocale) {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  for (const char* locale : {"de_DE.UTF-8", "fr_FR.UTF-8", "C"}) {
    if (std::setlocale(LC_NUMERIC, locale) == nullptr) continue;
    Expect(Lines({"0.5", "1.25e-3"}), arrow::float64(), "[0.5, 0.00125]");
  }
  std::setlocale(LC_NUMERIC, before.c_str());
}

TEST_F(JsonLines, OtherValues) {
  Expect(Lines({"true", "null", "false"}), arrow::boolean(), "[true, null, false]");
  Expect(Lines({R"("2026-01-27")", R"("")", "null", R"("007")", R"("null")"}), arrow::utf8(),
         R"(["2026-01-27", "", null, "007", "null"])");
  Expect(Lines({"null", "null"}), arrow::utf8(), "[null, null]");
  Expect(Lines({R"("\u00e5\n\"\\\ud83d\ude00")"}), arrow::utf8(),
         "[\"\xC3\xA5\\n\\\"\\\\\xF0\x9F\x98\x80\"]");
  const auto nul = Read(Lines({R"("a\u0000b")"}))->column(0)->chunk(0);
  EXPECT_EQ(static_cast<const arrow::StringArray&>(*nul).GetString(0), std::string("a\0b", 3));
}

TEST_F(JsonLines, ListsAndObjects) {
  Expect(Lines({"[1, 2]", "[]", "null", "[null, 0.5]"}), arrow::list(arrow::float64()),
         "[[1, 2], [], null, [null, 0.5]]");
  Expect(Lines({"[]", "[null]"}), arrow::list(arrow::utf8()), "[[], [null]]");
  Expect(Lines({R"({"x": 1})", R"({"y": "t", "x": 2})", "{}", "null", R"({"x": null})"}),
         arrow::struct_({arrow::field("x", arrow::int64()), arrow::field("y", arrow::utf8())}),
         R"([{"x": 1, "y": null}, {"x": 2, "y": "t"}, {"x": null, "y": null}, null,
             {"x": null, "y": null}])");
  Expect(Lines({R"([{"x": [1]}, {}, null, {"z": 1.5}])", "null", R"([{"z": 2}, {"x": []}])"}),
         arrow::list(arrow::struct_({arrow::field("x", arrow::list(arrow::int64())),
                                     arrow::field("z", arrow::float64())})),
         R"([[{"x": [1], "z": null}, {"x": null, "z": null}, null, {"x": null, "z": 1.5}], null,
             [{"x": null, "z": 2}, {"x": [], "z": null}]])");
  Expect(Lines({R"({"s": {"t": {"u": 1}}})", "null", R"({"s": null})", R"({"s": {"t": {}}})"}),
         arrow::struct_(
             {arrow::field("s", arrow::struct_({arrow::field(
                                    "t", arrow::struct_({arrow::field("u", arrow::int64())}))}))}),
         R"([{"s": {"t": {"u": 1}}}, null, {"s": null}, {"s": {"t": {"u": null}}}])");
}

TEST_F(JsonLines, KindsThatDiffer) {
  std::string lines;
  for (int i = 1; i < 100'000; ++i)
    lines += "{\"a\": " + std::to_string(i) + "}\n";
  Fails(lines + Lines({"\"x\""}), "a number in line 1, a text in line 100000");
  Fails(lines + Lines({"[1]"}), "a number in line 1, a list in line 100000");
  Fails(Lines({"{}", "true"}), "true or false in line 2, an object in line 1");
  Fails(Lines({R"({"x": [1]})", R"({"x": ["1"]})"}), "column 'a.x[]' has no one type");
  EXPECT_NE(Fails(Lines({"1", "\"1\""}), "").message.find("give it the type string"),
            std::string::npos);
  Fails(Lines({"{}", "null"}), "column 'a' has only objects that are empty");
  Fails("{}\n{}\n", "objects of all lines are empty");
}

TEST_F(JsonLines, BadLines) {
  const std::string good = Lines({"1"});
  const std::vector<std::pair<std::string, std::string>> bad{
      {"[1]", "a list, but each line must be an object"},
      {"1", "a number, but each line must be an object"},
      {"null", "null, but each line must be an object"},
      {"x", "no JSON"},
      {"{\"a\": 1", "no JSON"},
      {"{\xC3\xBF}", "no JSON: '{', up to byte 2,"},
      {"{\"a\": 1} {\"a\": 2}", "no JSON"},
      {"{\"a\": 1},", "no JSON"},
      {"{\"a\": NaN}", "no JSON"},
      {"{\"a\": 01}", "no JSON"},
      {"{\"a\": 1.}", "no JSON"},
      {"{'a': 1}", "no JSON"},
      {"{\"a\": 1,}", "no JSON"},
      {"{\"a\": 1} // x", "no JSON"},
      {"{\"a\": \"\\ud800\"}", "no JSON"},
      {"{\"a\": \"\t\"}", "no JSON"},
      {std::string("{\"a\": 1}\0", 9), "a zero byte"},
      {std::string("{\"a\": 1}\0{", 10), "a zero byte"},
      {"{\"a\": 1, \"a\": 1}", "the key 'a' comes twice"},
      {"{\"a\": 1, \"b\": {\"x\": 1, \"x\": 2}}", "the key 'x' comes twice"},
      {"{\"a\": 1, \"\\u0061\": 1}", "the key 'a' comes twice"},
      {"{\"\": 1}", "a key that no column can be called"},
      {"{\"a\\u0000\": 1}", "a key that no column can be called"},
      {"{\"" + std::string(1001, 'k') + "\": 1}", "a key that no column can be called"},
      {"{\"a\": \"\xC3\xA9\xFF\"}", "not UTF-8"},
      {"{\"a\": \"\xC3", "no JSON"}};
  for (const auto& [line, part] : bad) {
    for (const char* after : {"\n", "", "\n{\"a\": 2}\n"}) {
      const Error error = Fails(good + "\n" + line + after, part);
      EXPECT_EQ(error.fields.at("line"), "3") << error.message;
    }
  }
  Fails("", "is empty");
  Fails(" \n\r\n\t", "is empty");
  Fails("\xEF\xBB\xBF\n", "is empty");
  EXPECT_EQ(MustFail(TryRead("\xFF\xFE{")).kind, ErrorKind::kValidation) << "UTF-16";
}

TEST_F(JsonLines, NestingIsLimited) {
  const auto nested = [](int levels) {
    return Lines({std::string(static_cast<size_t>(levels), '[') + "1" +
                  std::string(static_cast<size_t>(levels), ']')});
  };
  EXPECT_EQ(Read(nested(19))->num_rows(), 1);
  Fails(nested(20), "line 1: lists and objects nest too deeply");
  Fails(Lines({std::string(10'000'000, '[')}), "nest too deeply");
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i)
    objects += "{\"a\":";
  Fails(objects, "nest too deeply");
}

TEST_F(JsonLines, Limits) {
  options_.limits.columns = 3;
  EXPECT_EQ(Types("{\"a\": {\"b\": 1}}\n{\"c\": 1}\n"), "a: struct<b: int64>, c: int64");
  Fails("{\"a\": {\"b\": 1}}\n{\"c\": 1}\n{\"d\": 1}\n", "line 3: more than 3 columns");
  options_ = {};
  Fails("{\"a\": \"" + std::string(64 << 20, 'x') + "\"}", "longer than 64 MiB");
  EXPECT_EQ(Read(Lines({"\"" + std::string(40 << 20, 'x') + "\"", "\"y\""}))->num_rows(), 2);
  std::string wide, items;
  for (int i = 0; i < 10'000; ++i)
    wide += (i == 0 ? "{\"k" : ", \"k") + std::to_string(i) + "\": 1";
  for (int i = 0; i < 10'000; ++i)
    items += "{}, ";
  Fails(Lines({"[" + wide + "}]", "[" + items + "{}]"}),
        "line 2: a row that takes more than 1 GiB");
  std::stop_source stop;
  options_.stop = stop.get_token();
  stop.request_stop();
  EXPECT_EQ(MustFail(TryRead(Lines({"1"}))).kind, ErrorKind::kCancelled);
}

TEST_F(JsonLines, BatchesAreBounded) {
  std::string lines;
  for (int i = 0; i < 200'000; ++i)
    lines += "{\"n\": " + std::to_string(i) + "}\n";
  for (int i = 0; i < 100; ++i)
    lines.append("{\"t\": \"").append(1 << 20, 'x').append("\"}\n");
  auto opened = Must(OpenFile({Write(lines)}));
  int64_t next = 0;
  for (const auto& maybe : *opened.tables[0].reader) {
    const auto batch = maybe.ValueOrDie();
    EXPECT_LE(batch->num_rows(), 65'536);
    EXPECT_LE(batch->GetColumnByName("t")->data()->buffers[2]->size(), 20 << 20);
    const auto& numbers = static_cast<const arrow::Int64Array&>(*batch->GetColumnByName("n"));
    for (int64_t row = 0; row < numbers.length(); ++row, ++next) {
      ASSERT_TRUE(next >= 200'000 || numbers.Value(row) == next) << next;
    }
  }
  EXPECT_EQ(next, 200'100);
}

TEST_F(JsonLines, TypesThatAreGiven) {
  options_.types = {{"a", arrow::date32()}, {"elsewhere", arrow::int8()}};
  Expect(Lines({R"("2026-01-27")", "null"}), arrow::date32(), "[20480, null]");
  Fails(Lines({R"("2026-01-27")", R"("27.01.2026")"}), "line 2: '27.01.2026' is no date");
  Fails(Lines({R"("")"}), "is no date");
  Fails(Lines({"20260127"}), "is no date");
  Fails(Lines({"[1]"}), "line 1: a list is no date");
  options_.types = {{"a", arrow::decimal128(9, 2)}};
  Expect(Lines({"1.5", R"("1.50")", "-2"}), arrow::decimal128(9, 2),
         R"(["1.50", "1.50", "-2.00"])");
  Fails(Lines({"1.555"}), "is no decimal");
  options_.types = {{"a", arrow::utf8()}};
  Expect(Lines({"1.50", R"("x")", "true", "null", "-0"}), arrow::utf8(),
         R"(["1.50", "x", "true", null, "-0"])");
  Fails(Lines({"{}"}), "an object is no string");
  options_.types = {{"a", arrow::float64()}};
  const auto nan = Read(Lines({R"("NaN")", "1e3"}))->column(0)->chunk(0);
  EXPECT_TRUE(std::isnan(static_cast<const arrow::DoubleArray&>(*nan).Value(0)));
  options_.types = {{"a", arrow::int8()}};
  Fails(Lines({"127", "128"}), "line 2: '128' is no int8");
  options_.types = {{"a", arrow::list(arrow::int8())}};
  Fails(Lines({"[1]"}), "no value of JSON is read as", ErrorKind::kUnsupported);
}

TEST_F(JsonLines, TypesOfAnEarlierVersion) {
  Like(arrow::float64());
  Expect(Lines({"1", "2"}), arrow::float64(), "[1, 2]");
  Expect(Lines({R"("1.5")"}), arrow::utf8(), R"(["1.5"])");
  Like(arrow::int16());
  Expect(Lines({"1", "2"}), arrow::int16(), "[1, 2]");
  Expect(Lines({"1", "40000"}), arrow::int64(), "[1, 40000]");
  Like(arrow::date32());
  Expect(Lines({R"("2026-01-27")"}), arrow::date32(), "[20480]");
  Expect(Lines({R"("2026-01-27")", R"("x")"}), arrow::utf8(), R"(["2026-01-27", "x"])");
  Like(arrow::utf8());
  Expect(Lines({"1", R"("x")"}), arrow::utf8(), R"(["1", "x"])");
  Expect(Lines({"[1]"}), arrow::list(arrow::int64()), "[[1]]");
  Like(arrow::list(arrow::float64()));
  Expect(Lines({"[1]", "[]"}), arrow::list(arrow::float64()), "[[1], []]");
  Expect(Lines({"null", "null"}), arrow::list(arrow::float64()), "[null, null]");
  const auto before = arrow::struct_(
      {arrow::field("y", arrow::int8()), arrow::field("x", arrow::list(arrow::int8()))});
  Like(before);
  Expect(Lines({R"({"x": [1]})", "{}"}), before,
         R"([{"y": null, "x": [1]}, {"y": null, "x": null}])");
  Expect(Lines({"null"}), before, "[null]");
  Expect(Lines({R"({"z": 1, "y": 300})"}),
         arrow::struct_({arrow::field("y", arrow::int64()),
                         arrow::field("x", arrow::list(arrow::int8())),
                         arrow::field("z", arrow::int64())}),
         R"([{"y": 300, "x": null, "z": 1}])");
  options_.like = {
      {"t", arrow::schema({arrow::field("b", arrow::int8()), arrow::field("a", arrow::int8())})}};
  EXPECT_EQ(Types("{\"a\": 1}\n"), "a: int8") << "columns are those of the file";
}

TEST_F(JsonLines, ChangesWhileReadingAreTold) {
  const std::string path = Write(Lines({"1", "2"}));
  for (const auto& other : {Lines({"[1]"}), Lines({"\"x\""}), std::string("{\"b\": 1}\n"),
                            std::string("{\"a\": 1, \"a\": 1}\n"), Lines({"1"})}) {
    Write(Lines({"1", "2"}));
    auto opened = Must(OpenFile({path}));
    Write(other);
    const auto table = opened.tables[0].reader->ToTable();
    ASSERT_FALSE(table.ok());
    EXPECT_EQ(FromArrow(table.status(), "").kind, ErrorKind::kConflict)
        << table.status().ToString();
  }
}

/// For those who check cells themselves: whatever is no list or object comes as it is written.
TEST_F(JsonLines, Cells) {
  options_.as_cells = true;
  options_.types = {{"a", arrow::int64()}};
  Expect(Lines({"1", "\"x\"", "null", "\"\"", "true", "1.50", "9007199254740993"}), arrow::utf8(),
         R"(["1", "x", null, "", "true", "1.50", "9007199254740993"])");
  Expect(Lines({"1e5", "-1E-5"}), arrow::utf8(), R"(["1e+5", "-1E-5"])");
  Expect(Lines({"null"}), arrow::utf8(), "[null]");
  options_.types = {{"a", arrow::utf8()}};
  Expect(Lines({"1e5", "\"NA\"", "false"}), arrow::utf8(), R"(["1e5", "NA", "false"])");
  options_.types = {};
  Expect(Lines({"1", "\"x\""}), arrow::utf8(), R"(["1", "x"])");
}

TEST_F(JsonLines, NestedColumnsAmongCells) {
  options_.as_cells = true;
  options_.types = {{"a", arrow::list(arrow::float64())}};
  Expect(Lines({"[1]", "[]", "null"}), arrow::list(arrow::float64()), "[[1], [], null]");
  Expect(Lines({"[]"}), arrow::list(arrow::float64()), "[[]]");
  Expect(Lines({"[\"x\"]"}), arrow::list(arrow::utf8()), R"([["x"]])");
  options_.types = {{"a", arrow::int64()}};
  EXPECT_EQ(Types("{\"a\": {\"b\": 1}}"), "a: struct<b: int64>");
  Fails(Lines({"1", "[1]"}), "column 'a' has no one type: a number in line 1, a list in line 2");
}

TEST_F(JsonLines, CellsAreInLines) {
  options_.as_cells = true;
  const auto opened =
      Must(OpenKept({Write("\n{\"a\": 1}\n{\"a\": 2}\n \n\n{\"a\": 3}\n")}, options_));
  ASSERT_EQ(opened.origins.size(), 1U);
  EXPECT_EQ(opened.origins[0].file, "t.jsonl");
  const auto& line_of = opened.origins[0].line_of;
  EXPECT_EQ(line_of(1), 2);
  EXPECT_EQ(line_of(2), 3);
  EXPECT_EQ(line_of(3), 6);
}

}  // namespace
}  // namespace coreshed::sources
