#include <arrow/api.h>
#include <arrow/util/key_value_metadata.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "sources/ags_column.h"
#include "sources/ags_number.h"
#include "sources/ags_pattern.h"

namespace coreshed::sources {
namespace {

std::string Rewritten(const std::string& style, const std::string& number) {
  const auto written = AgsNumberStyle::Named(style)->Write(*AgsNumber::Of(number));
  return written ? *written : "(more digits)";
}

TEST(AgsNumbers, StylesWriteAndNeverRound) {
  struct Example {
    std::string style, number, written;
  };
  const std::vector<Example> examples{
      {"2DP", "1.5", "1.50"},
      {"2DP", "-0.07", "-0.07"},
      {"2DP", "1.234", "(more digits)"},
      {"2DP", "1e21", "1000000000000000000000.00"},
      {"2DP", "-0", "-0.00"},
      {"0DP", "120", "120"},
      {"0DP", "0.5", "(more digits)"},
      {"2SF", "1", "1.0"},
      {"2SF", "12", "12"},
      {"2SF", "120", "120"},
      {"2SF", "123", "(more digits)"},
      {"2SF", "0.012", "0.012"},
      {"2SF", "0.01", "0.010"},
      {"2SF", "0", "0"},
      {"MC", "5", "5.0"},
      {"2SCI", "1200", "1.20E+03"},
      {"2SCI", "0.00012", "1.20E-04"},
      {"2SCI", "0", "0.00E+00"},
      {"0SCI", "3000", "3E+03"},
      {"0SCI", "3100", "(more digits)"},
      {"1SCI", "1e-120", "1.0E-120"},
      {"1SCI E0", "1200", "1.2E3"},
      {"1SCI e+0", "1200", "1.2e+3"},
      {"1SCI e00", "1200", "1.2e03"},
      {"shortest", "120.50", "120.5"},
      {"shortest", "1e-7", "0.0000001"},
      {"U", "5.0", "5"},
  };
  for (const auto& [style, number, written] : examples) {
    EXPECT_EQ(Rewritten(style, number), written) << style << " of " << number;
  }
  for (const char* name :
       {"DP", "0SF", "123DP", "01DP", "2DPX", "2SCIE0", "2SCI F0", "X", "", "2"}) {
    EXPECT_FALSE(AgsNumberStyle::Named(name).has_value()) << name;
  }
}

TEST(AgsNumbers, TextsThatAreNone) {
  for (const char* text : {"", "-", "+1", ".5", "5.", "01", "1,5", " 1", "1 ", "1e", "1e+", "0x1",
                           "NaN", "inf", "1.5.2", "--1", "1e12345", "1.5a"}) {
    EXPECT_FALSE(AgsNumberText::Of(text).has_value()) << text;
  }
}

TEST(AgsNumbers, WhatAStyleTakesItWritesAgain) {
  std::mt19937_64 random(4711);
  const std::vector<std::string> styles{"0DP",      "1DP",      "3DP",     "2SF",
                                        "4SF",      "0SCI",     "2SCI",    "2SCI E0",
                                        "1SCI e+0", "2SCI E00", "shortest"};
  const std::string alphabet = "0000123459..-Ee+";
  int taken = 0;
  for (int i = 0; i < 400'000; ++i) {
    std::string text;
    for (uint64_t size = 1 + random() % 9; text.size() < size;)
      text += alphabet[random() % alphabet.size()];
    const auto number = AgsNumberText::Of(text);
    if (!number) continue;
    for (const auto& style : styles) {
      const bool writes = AgsNumberStyle::Named(style)->Writes(*number);
      EXPECT_EQ(writes, Rewritten(style, text) == text) << style << " of " << text;
      taken += writes ? 1 : 0;
    }
  }
  EXPECT_GT(taken, 1'000);
}

TEST(AgsNumbers, WhatADoubleHolds) {
  for (const char* text : {"0.1", "-0.00", "123456789012345", "1.7976931348623157E+308",
                           "0.30000000000000004", "9007199254740993"}) {
    const auto number = AgsNumberText::Of(text);
    ASSERT_TRUE(number.has_value()) << text;
    EXPECT_EQ(number->IsDouble(), std::string(text) != "9007199254740993") << text;
  }
  EXPECT_FALSE(AgsNumberText::Of("1E+400")->IsDouble());
  EXPECT_FALSE(AgsNumberText::Of("1E-400")->IsDouble());
  EXPECT_FALSE(AgsNumberText::Of("0.1234567890123456789")->IsDouble());
  EXPECT_TRUE(AgsNumberText::Of("9223372036854775807")->IsInt64());
  EXPECT_TRUE(AgsNumberText::Of("-9223372036854775808")->IsInt64());
  for (const char* text : {"9223372036854775808", "-0", "1.0", "1E+02"}) {
    EXPECT_FALSE(AgsNumberText::Of(text)->IsInt64()) << text;
  }
}

TEST(AgsPatterns, TypesOfPatterns) {
  using arrow::TimeUnit;
  const std::vector<std::pair<std::string, std::shared_ptr<arrow::DataType>>> patterns{
      {"yyyy-mm-dd", arrow::date32()},
      {"YYYY-MM-DD", arrow::date32()},
      {"dd/mm/yyyy", arrow::date32()},
      {"yyyymmdd", arrow::date32()},
      {"yyyy-mm-ddThh:mm", arrow::timestamp(TimeUnit::MICRO)},
      {"yyyy-mm-dd hh:mm:ss.sss", arrow::timestamp(TimeUnit::MICRO)},
      {"yyyy-mm-ddThh:mm:ss.ssssssZ", arrow::timestamp(TimeUnit::MICRO, "UTC")},
      {"hh:mm dd.mm.yyyy", nullptr},  // which mm is the month?
      {"hh:mm", arrow::time64(TimeUnit::MICRO)},
      {"hh:mm:ss", arrow::time64(TimeUnit::MICRO)},
      {"mm:ss", nullptr},
      {"yyyy", nullptr},
      {"yyyy-mm", nullptr},
      {"", nullptr},
      {"m", nullptr},
      {"yyyy-mm-ddThh:mm:ss.sssssss", nullptr},
      {"yyyy-mm-ddThh:mm:sssss", nullptr},
      {"yyyy-mm-ddThh:mmZ(+hh:mm)", nullptr},
      {"yyyy-mm-ddZ", nullptr},
      {"yyyy-mm-dd-dd", nullptr},
  };
  for (const auto& [name, type] : patterns) {
    const auto pattern = AgsPattern::Named(name);
    ASSERT_EQ(pattern.has_value(), type != nullptr) << name;
    if (!pattern) continue;
    EXPECT_TRUE(pattern->type()->Equals(type)) << name << pattern->type()->ToString();
  }
}

TEST(AgsPatterns, WhatTheyReadTheyWriteAgain) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> taken{
      {"yyyy-mm-dd", {"2016-02-29", "0001-01-01", "9999-12-31", "1969-12-31"}},
      {"dd/mm/yyyy", {"29/02/2016"}},
      {"yyyy-mm-ddThh:mm", {"2016-06-17T23:44", "1900-01-01T00:00"}},
      {"yyyy-mm-ddThh:mm:ss.sss", {"1969-12-31T23:59:59.999"}},
      {"hh:mm:ss", {"00:00:00", "23:59:59"}},
  };
  for (const auto& [name, texts] : taken) {
    const auto pattern = AgsPattern::Named(name);
    for (const auto& text : texts) {
      const auto moment = pattern->Read(text);
      ASSERT_TRUE(moment.has_value()) << text;
      EXPECT_EQ(pattern->Write(*moment), text);
    }
  }
  const std::vector<std::pair<std::string, std::vector<std::string>>> refused{
      {"yyyy-mm-dd",
       {"2015-02-29", "0000-01-01", "2016-1-01", "2016-01-01 ", "16-01-01", "", "2016-01-+1"}},
      {"hh:mm", {"24:00", "23:60", "1:00", "-1:00"}},
  };
  for (const auto& [name, texts] : refused) {
    for (const auto& text : texts)
      EXPECT_FALSE(AgsPattern::Named(name)->Read(text).has_value()) << text;
  }
  EXPECT_EQ(AgsPattern::Named("yyyy-mm-dd")->Write({0, 1}), std::nullopt);
  EXPECT_EQ(AgsPattern::Named("yyyy-mm-ddThh:mm")->Write({0, 1'000'000'000}), std::nullopt);
  EXPECT_EQ(AgsPattern::Named("yyyy-mm-dd")->Write({3'000'000, 0}), std::nullopt);
  EXPECT_EQ(AgsPattern::Named("yyyy-mm-dd")->Write({-800'000, 0}), std::nullopt);
  EXPECT_EQ(AgsPattern::Of("2016-06-17 23:44:01.25Z")->name(), "yyyy-mm-dd hh:mm:ss.ssZ");
  EXPECT_EQ(AgsPattern::Of("2016-06-17T23:44+01:00"), std::nullopt);
}

constexpr const char* kText = "string";

/// "type of the column; what is noted beside its TYPE".
std::string Found(const std::string& type, const std::string& unit,
                  const std::vector<std::string>& values,
                  const std::shared_ptr<arrow::Field>& like = nullptr) {
  AgsColumn column("HOLE_X", unit, type, like);
  for (const auto& value : values)
    column.Add(value);
  const auto field = column.Field();
  EXPECT_EQ(AgsMetadata(field->metadata(), kAgsType), type);
  EXPECT_EQ(AgsMetadata(field->metadata(), kAgsUnit), unit);
  const std::string format = AgsMetadata(field->metadata(), kAgsFormat);
  return field->type()->ToString() + (format.empty() ? "" : "; " + format);
}

TEST(AgsColumns, TypesFromAllValues) {
  struct Example {
    std::string type, unit;
    std::vector<std::string> values;
    std::string found;
  };
  const std::string day = "yyyy-mm-dd", minute = "yyyy-mm-ddThh:mm";
  const std::vector<Example> examples{
      {"2DP", "m", {"1.50", "-0.02", "575784.00"}, "double"},
      {"2DP", "m", {}, "double"},
      {"2DP", "m", {"1.500", "2.000"}, "double; 3DP"},
      {"2DP", "m", {"1.5", "2", "2.25"}, "double; shortest"},
      {"2DP", "m", {"5", "7"}, "double; 0DP"},
      {"2DP", "m", {"1.5", "2.50"}, kText},
      {"2DP", "m", {"1.50", "n/a"}, kText},
      {"2DP", "m", {"1.50", "<0.01"}, kText},
      {"2DP", "m", {"1.50", " 1.50"}, kText},
      {"2DP", "m", {"1.50", "01.50"}, kText},
      {"2DP", "m", {"12345678901234567.25"}, kText},
      {"2DP", "m", {"-0.00"}, "double"},
      {"0DP", "", {"5", "-7", "9223372036854775807"}, "int64"},
      {"0DP", "", {"5", "9223372036854775808"}, kText},
      {"0DP", "", {"5", "1.5"}, "double; shortest"},
      {"0DP", "", {"007"}, kText},
      {"2SF", "", {"1.0", "12", "120", "0"}, "double"},
      {"2SF", "", {"1.0", "125"}, kText},
      {"2SF", "", {"1.25", "125"}, "double; shortest"},
      {"MC", "%", {"5.6", "12"}, "double"},
      {"2SCI", "m/s", {"1.20E-08", "3.00E+02"}, "double"},
      {"2SCI", "m/s", {"1.20E-8", "3.00E+2"}, "double; 2SCI E+0"},
      {"2SCI", "m/s", {"1.2e-08", "3.0e-12"}, "double; 1SCI e+00"},
      {"2SCI", "m/s", {"1.20E-08", "0.5"}, kText},
      {"2SCI", "m/s", {"0.00E+00"}, "double"},
      {"2SCI", "m/s", {"12.00E+00"}, kText},
      {"U", "", {"123.321", "2000", "0.0023"}, "double"},
      {"U", "", {"1.50", "2.25"}, "double; 2DP"},
      {"U", "", {"1.5", "ND"}, kText},
      {"DT", day, {"2016-06-17"}, "date32[day]"},
      {"DT", day, {}, "date32[day]"},
      {"DT", day, {"2016-06-17", "2016-06"}, kText},
      {"DT", day, {"2016-06-17T10:30", "2016-06-18T00:00"}, "timestamp[us]; " + minute},
      {"DT", minute, {"2016-06-17T23:44"}, "timestamp[us]"},
      {"DT", minute, {"2016-06-17T23:44:01Z"}, "timestamp[us, tz=UTC]; yyyy-mm-ddThh:mm:ssZ"},
      {"DT", "hh:mm", {"23:44"}, "time64[us]"},
      {"DT", "dd/mm/yyyy", {"17/06/2016"}, "date32[day]"},
      {"DT", "", {"2016-06-17"}, "date32[day]; " + day},
      {"DT", "", {}, kText},
      {"YN", "", {"Y", "N"}, "bool"},
      {"YN", "", {"Y", "no"}, kText},
      {"X", "", {"1.5", "2.5"}, kText},
      {"XN", "", {"1", "2"}, kText},
      {"ID", "", {"1"}, kText},
      {"PA", "", {"1"}, kText},
      {"T", "hh:mm:ss", {"30:15:00"}, kText},
      {"T", "hh:mm:ss", {"01:15:00"}, kText},
      {"DMS", "", {"51:28:52.498"}, kText},
      {"", "", {"1"}, kText},
      {"shortest", "", {"1"}, kText},
      {"2SCI E0", "", {"1.20E3"}, kText},
  };
  for (const auto& [type, unit, values, found] : examples) {
    EXPECT_EQ(Found(type, unit, values), found) << type << " " << (values.empty() ? "" : values[0]);
  }
}

TEST(AgsColumns, LikeAnEarlierVersion) {
  const auto like = [](std::shared_ptr<arrow::DataType> type, const std::string& format = "") {
    auto field = arrow::field("HOLE_X", std::move(type));
    return format.empty() ? field
                          : field->WithMetadata(arrow::key_value_metadata({kAgsFormat}, {format}));
  };
  EXPECT_EQ(Found("2DP", "", {"1.50"}, like(arrow::utf8())), kText);
  EXPECT_EQ(Found("2DP", "", {"1.50"}, like(arrow::large_utf8())), kText);
  EXPECT_EQ(Found("0DP", "", {"5"}, like(arrow::float64())), "double");
  EXPECT_EQ(Found("0DP", "", {"5"}, like(arrow::int64())), "int64");
  EXPECT_EQ(Found("2DP", "", {"5"}, like(arrow::int64())), "int64; 0DP");
  EXPECT_EQ(Found("2DP", "", {"5.00"}, like(arrow::int64())), "double");
  EXPECT_EQ(Found("X", "", {"1.50", "2.25"}, like(arrow::float64(), "2DP")), "double; 2DP");
  EXPECT_EQ(Found("X", "", {"1.50", "n/a"}, like(arrow::float64(), "2DP")), kText);
  EXPECT_EQ(Found("X", "", {}, like(arrow::float64())), "double; shortest");
  EXPECT_EQ(Found("X", "", {"2016-06-17"}, like(arrow::date32())), "date32[day]; yyyy-mm-dd");
  EXPECT_EQ(Found("X", "", {"Y"}, like(arrow::boolean())), "bool; YN");
  EXPECT_EQ(Found("2DP", "", {"1.50", "x"}, like(arrow::float64())), kText);
  EXPECT_EQ(Found("2DP", "", {"1.500"}, like(arrow::float64(), "3DP")), "double; 3DP");
  EXPECT_EQ(Found("2DP", "", {"1.50"}, like(arrow::decimal128(5, 2))), "double") << "not of AGS";
  EXPECT_EQ(Found("X", "", {"1.50"}, like(arrow::decimal128(5, 2))), kText);
}

TEST(AgsColumns, TellsTheFirstValueAgainstItsType) {
  AgsColumn column("HOLE_X", "", "2DP", nullptr);
  EXPECT_TRUE(column.Add("1.50"));
  EXPECT_FALSE(column.Add("1.5"));
  EXPECT_TRUE(column.Add("x"));
  AgsColumn text("HOLE_X", "", "2DP", arrow::field("HOLE_X", arrow::utf8()));
  EXPECT_TRUE(text.Add("1.50"));
  EXPECT_FALSE(text.Add("1.5"));
  AgsColumn variable("HOLE_X", "", "U", nullptr);
  EXPECT_TRUE(variable.Add("ND"));
}

}  // namespace
}  // namespace coreshed::sources
