#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <arrow/util/key_value_metadata.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sources/test_ags.h"

namespace coreshed {
namespace {

using Metadata = std::vector<std::pair<std::string, std::string>>;

TableInput TableOfOne(const std::string& name, std::shared_ptr<arrow::DataType> type,
                      const std::string& json, const Metadata& metadata = {},
                      const std::string& heading = "HOLE_X") {
  std::vector<std::string> keys, values;
  for (const auto& [key, value] : metadata) {
    keys.push_back(key);
    values.push_back(value);
  }
  auto array = arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
  auto field =
      arrow::field(heading, std::move(type), true, arrow::key_value_metadata(keys, values));
  return {name, arrow::Table::Make(arrow::schema({field}), {array}), nullptr};
}

/// TYPE, UNIT and the cells of the one column that is written.
std::string Written(const TableInput& table) {
  const std::string text = WrittenAgain({table});
  std::string unit, rest;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find("\r\n", begin);
    const std::string line = text.substr(begin, end - begin);
    begin = end + 2;
    const auto cell = [&](size_t size) { return line.substr(size + 1, line.size() - size - 2); };
    if (line.starts_with("\"UNIT\",")) unit = cell(7);
    if (line.starts_with("\"TYPE\",")) rest = cell(7) + "|" + unit;
    if (line.starts_with("\"DATA\",")) rest += "|" + cell(7);
  }
  return rest;
}

/// The project's examples; its build folders lie within it.
std::filesystem::path ExampleData() {
  auto folder = std::filesystem::canonical("/proc/self/exe");
  while (folder.has_relative_path() && !std::filesystem::exists(folder / "examples/data"))
    folder = folder.parent_path();
  return folder / "examples" / "data";
}

Error Refused(const std::vector<TableInput>& tables) {
  TempFolder folder;
  Error error = MustFail(WriteFile(tables, folder.path() + "/out.ags", FileFormat::kAgs));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  return error;
}

TEST(AgsWrite, ACanonicalFileComesOutByteForByte) {
  EXPECT_EQ(RoundTrip(Sound()), Sound());
}

TEST(AgsWrite, RealFilesComeOutByteForByte) {
  for (const char* name : {"HKZ1-CPT01.ags", "HKZ1-CPT02.ags"}) {
    const auto path = ExampleData() / name;
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    ASSERT_GT(bytes.size(), 200'000);
    const auto opened = Must(OpenFile({path.string()}));
    EXPECT_EQ(WrittenAgain(opened.tables), bytes);
  }
}

TEST(AgsWrite, RealFilesHaveUsableTypes) {
  const auto opened = Must(OpenFile({(ExampleData() / "HKZ1-CPT01.ags").string()}));
  EXPECT_EQ(opened.tables.size(), 10);
  const auto readings = TableOf(opened, "SCPT");
  EXPECT_EQ(readings->num_rows(), 2525);
  for (const char* column : {"SCPT_DPTH", "SCPT_RES", "SCPT_FRES", "SCPT_PWP2", "SCPT_BQ"}) {
    EXPECT_TRUE(readings->schema()->GetFieldByName(column)->type()->Equals(arrow::float64()))
        << column;
  }
  const auto holes = TableOf(opened, "LOCA");
  EXPECT_TRUE(holes->schema()->GetFieldByName("LOCA_STAR")->type()->Equals(arrow::date32()));
  ASSERT_EQ(opened.warnings.size(), 1);
  EXPECT_EQ(opened.warnings[0],
            "HKZ1-CPT01.ags, line 1 (and 2984 more): Rule 2a: the line does not end with CR LF.");
}

TEST(AgsWrite, EveryColumnComesOutAsItStood) {
  const std::vector<std::string> types{"2DP", "0DP", "2SF", "2SCI", "MC", "U",
                                       "YN",  "DT",  "X",   "XN",   "T",  ""};
  const std::vector<std::vector<std::string>> columns{
      {"1.50", "2.00", ""},
      {"1.5", "2", ""},
      {"1.5", "2.50", ""},
      {"1", "007", ""},
      {"Y", "N", ""},
      {"Y", "no", ""},
      {"-0.00", "0.00", ""},
      {"-0", "0", ""},
      {"1.20E+03", "", ""},
      {"1.20E3", "4.00E4", ""},
      {"1e5", "1E5", ""},
      {"12", "120", "1.0"},
      {" 1.5", "1.5 ", ""},
      {"", "", ""},
      {"2026-01-27", "", ""},
      {"2026-01-27T10:30", "", ""},
      {"10:30", "24:00"},
      {"27/01/2026", "", ""},
      {"0.30000000000000004"},
      {"0.1234567890123456789"},
      {"NaN", "1"},
      {"Inf", "-Inf"},
      {"99999999999999999999"},
      {"<0.01", ">5"},
  };
  for (const auto& type : types) {
    for (const std::string unit : {"", "m", "yyyy-mm-dd", "yyyy-mm-ddThh:mm", "dd/mm/yyyy"}) {
      for (const auto& column : columns) {
        std::vector<std::string> lines{R"("GROUP","GEOL")", R"("HEADING","GEOL_X")",
                                       "\"UNIT\",\"" + unit + "\"", "\"TYPE\",\"" + type + "\""};
        for (const auto& value : column)
          lines.push_back("\"DATA\",\"" + value + "\"");
        EXPECT_EQ(RoundTrip(Lines(lines)), Lines(lines));
      }
    }
  }
}

TEST(AgsWrite, LayoutIsKept) {
  const std::string group =
      "\"GROUP\",\"A\"\n\"HEADING\",\"A_X\"\n\"UNIT\",\"\"\n\"TYPE\",\"X\"\n\"DATA\",\"1\"\n";
  std::string other = group;
  other.replace(other.find("\"A\""), 3, "\"B\"");
  EXPECT_EQ(RoundTrip("\n\n" + group + "\n\n\n" + other), "\n\n" + group + "\n\n\n" + other);
  EXPECT_EQ(RoundTrip(group + other), group + other);
  // A last line without an end says nothing of the others.
  EXPECT_EQ(RoundTrip(group.substr(0, group.size() - 1)), group);
  EXPECT_EQ(RoundTrip(Sound() + "\r\n\r\n"), Sound() + "\r\n\r\n");
  // One CR LF among them: all are.
  const std::string mixed = RoundTrip("\r\n" + group);
  EXPECT_EQ(mixed.substr(0, 14), "\r\n\"GROUP\",\"A\"\r");
  EXPECT_EQ(mixed.find("\"\n"), std::string::npos);
}

TEST(AgsWrite, GroupsWithoutRowsAndShortRowsSurvive) {
  const std::string text =
      Lines({R"("GROUP","A")", R"("HEADING","A_X","A_Y")", R"("UNIT","","m")",
             R"("TYPE","X","2DP")", "", R"("GROUP","B")", R"("HEADING","B_X","B_Y")",
             R"("UNIT","","")", R"("TYPE","X","YN")", R"("DATA","1","Y")"});
  EXPECT_EQ(RoundTrip(text), text);
  auto with_short = text;
  with_short.replace(with_short.find(",\"Y\""), 4, "");
  auto full = text;
  full.replace(full.find("\"Y\"\r"), 3, "\"\"");
  EXPECT_EQ(RoundTrip(with_short), full);
}

TEST(AgsWrite, AValueWithMoreDigitsIsWrittenWithAllOfThem) {
  const auto type = [](const std::string& name) { return Metadata{{"ags_type", name}}; };
  EXPECT_EQ(Written(TableOfOne("A", arrow::float64(), "[1.5, 1.234, null, 0.30000000000000004]",
                               type("2DP"))),
            "2DP||1.50|1.234||0.30000000000000004");
  EXPECT_EQ(Written(TableOfOne("A", arrow::float64(), "[1, 123, 1e21]", type("2SF"))),
            "2SF||1.0|123|1000000000000000000000");
  EXPECT_EQ(Written(TableOfOne("A", arrow::float32(), "[1.5, 0.1]", type("2DP"))),
            "2DP||1.50|0.10");
  EXPECT_EQ(Written(TableOfOne("A", arrow::int32(), "[1, -5]", type("2DP"))), "2DP||1.00|-5.00");
  EXPECT_EQ(Written(TableOfOne("A", arrow::float64(), "[1, 1.5]", type("0DP"))), "0DP||1|1.5");
  EXPECT_EQ(Written(TableOfOne("A", arrow::float64(), "[1, 1.5]", type("X"))), "X||1|1.5");
  EXPECT_EQ(Written(TableOfOne("A", arrow::utf8(), R"(["1.5", ""])", type("2DP"))), "2DP||1.5|");
  EXPECT_EQ(Written(TableOfOne("A", arrow::float64(), "[1200]",
                               {{"ags_type", "2SCI"}, {"ags_format", "1SCI e0"}})),
            "2SCI||1.2e3");
  EXPECT_EQ(Written(TableOfOne("A", arrow::timestamp(arrow::TimeUnit::SECOND), "[0, 61]",
                               {{"ags_type", "DT"}, {"ags_unit", "yyyy-mm-ddThh:mm"}})),
            "DT|yyyy-mm-ddThh:mm|1970-01-01T00:00|1970-01-01T00:01:01");
}

TEST(AgsWrite, TypesAndUnitsOfOtherTables) {
  using arrow::TimeUnit;
  const std::vector<std::pair<TableInput, std::string>> examples{
      {TableOfOne("A", arrow::int8(), "[-5]"), "0DP||-5"},
      {TableOfOne("A", arrow::uint64(), "[18446744073709551615]"), "0DP||18446744073709551615"},
      {TableOfOne("A", arrow::decimal128(12, 9), R"(["1.500000000", "0.000000001"])"),
       "9DP||1.500000000|0.000000001"},
      {TableOfOne("A", arrow::float64(), "[1.5, 2, 1e-7, -0.0]"), "U||1.5|2|0.0000001|-0"},
      {TableOfOne("A", arrow::float64(), "[1.5]", {{"ags_unit", "m"}}), "U|m|1.5"},
      {TableOfOne("A", arrow::boolean(), "[true, false, null]"), "YN||Y|N|"},
      {TableOfOne("A", arrow::date32(), "[0]"), "DT|yyyy-mm-dd|1970-01-01"},
      {TableOfOne("A", arrow::date64(), "[86400000]"), "DT|yyyy-mm-dd|1970-01-02"},
      {TableOfOne("A", arrow::timestamp(TimeUnit::NANO), "[0, 1500000000, -1000000000]"),
       "DT|yyyy-mm-ddThh:mm:ss|1970-01-01T00:00:00|1970-01-01T00:00:01.5|1969-12-31T23:59:59"},
      {TableOfOne("A", arrow::timestamp(TimeUnit::MICRO, "Europe/Oslo"), "[0]"),
       "DT|yyyy-mm-ddThh:mm:ssZ|1970-01-01T00:00:00Z"},
      {TableOfOne("A", arrow::time32(TimeUnit::SECOND), "[61]"), "DT|hh:mm:ss|00:01:01"},
      {TableOfOne("A", arrow::large_utf8(), R"(["a \"b\"", null])"), "X||a \"\"b\"\"|"},
      {TableOfOne("A", arrow::dictionary(arrow::int8(), arrow::utf8()), R"(["u", null])"), "X||u|"},
      {TableOfOne("A", arrow::dictionary(arrow::int8(), arrow::float64()), "[1.5]"), "U||1.5"},
      {TableOfOne("A", arrow::null(), "[null]"), "X||"},
  };
  for (const auto& [table, written] : examples) {
    EXPECT_EQ(Written(table), written) << table.table->schema()->ToString();
  }
}

TEST(AgsWrite, WhatAgsCannotHoldIsRefused) {
  for (const auto& type :
       {arrow::list(arrow::int8()), arrow::binary(), arrow::duration(arrow::TimeUnit::SECOND)}) {
    const Error error = Refused({TableOfOne("A", type, "[]")});
    EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
    EXPECT_NE(error.message.find("column 'HOLE_X' of A"), std::string::npos) << error.message;
  }
  arrow::DoubleBuilder doubles;
  ASSERT_TRUE(doubles.AppendValues({1.0, std::nan("")}).ok());
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("A_X", arrow::float64())}),
                                        {doubles.Finish().ValueOrDie()});
  const Error error = Refused({{"A", table, nullptr}});
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
  EXPECT_EQ(error.fields.at("row"), "2") << error.message;
  const Error zero = Refused({TableOfOne("A", arrow::utf8(), R"(["x", "a\u0000b"])")});
  EXPECT_EQ(zero.kind, ErrorKind::kUnsupported);
  EXPECT_NE(zero.message.find("row 2"), std::string::npos) << zero.message;
}

TEST(AgsWrite, NamesThatAgsDoesNotAllowAreRefused) {
  for (const char* name : {"data", "GEOLX", "GE_O", ""}) {
    const Error error = Refused({TableOfOne(name, arrow::int8(), "[1]")});
    EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
    EXPECT_EQ(error.fields.at("rule"), "19");
  }
  for (const char* heading : {"depth", "GEOL_DEPTH", "A-B"}) {
    const Error error = Refused({TableOfOne("GEOL", arrow::int8(), "[1]", {}, heading)});
    EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
    EXPECT_EQ(error.fields.at("column"), heading);
  }
  EXPECT_EQ(
      Refused({TableOfOne("A", arrow::int8(), "[1]"), TableOfOne("A", arrow::int8(), "[1]")}).kind,
      ErrorKind::kInvalidArgument);
  // Those that came with an AGS file go out with it.
  const std::string text =
      Lines({R"("GROUP","Geology")", R"x("HEADING","Top (m)")x", R"("UNIT","")", R"("TYPE","X")"});
  EXPECT_EQ(RoundTrip(text), text);
}

TEST(AgsWrite, ATableOfAnotherNameIsItsGroup) {
  auto opened = Must(OpenText(Sound()));
  auto geol = opened.tables[4];
  const std::string group = Sound().substr(Sound().find("\"GROUP\",\"GEOL\""));
  geol.name = "data";
  EXPECT_EQ(WrittenAgain({geol}), group);
}

TEST(AgsWrite, GroupsInOrderThenByName) {
  auto opened = Must(OpenText(Sound()));
  std::vector<TableInput> tables(opened.tables.rbegin(), opened.tables.rend());
  tables.push_back(TableOfOne("ZZZZ", arrow::int8(), "[1]"));
  tables.push_back(TableOfOne("AAAA", arrow::int8(), "[1]"));
  const std::string text = WrittenAgain(tables);
  EXPECT_TRUE(text.starts_with(Sound()));
  EXPECT_LT(text.find("\"GROUP\",\"GEOL\""), text.find("\"GROUP\",\"AAAA\""));
  EXPECT_LT(text.find("\"GROUP\",\"AAAA\""), text.find("\"GROUP\",\"ZZZZ\""));
}

TEST(AgsWrite, OnlyAgsHoldsSeveralTables) {
  TempFolder folder;
  const auto one = TableOfOne("A", arrow::int8(), "[1, 2]");
  for (const auto format : {FileFormat::kCsv, FileFormat::kParquet, FileFormat::kArrow}) {
    const std::string path = folder.path() + "/out" + std::to_string(static_cast<int>(format));
    EXPECT_EQ(MustFail(WriteFile({one, one}, path, format)).kind, ErrorKind::kInvalidArgument);
    EXPECT_EQ(MustFail(WriteFile({}, path, format)).kind, ErrorKind::kInvalidArgument);
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_EQ(Must(WriteFile({one}, path, format)), 2);
  }
  EXPECT_EQ(MustFail(WriteFile({}, folder.path() + "/x.ags", FileFormat::kAgs)).kind,
            ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace coreshed
