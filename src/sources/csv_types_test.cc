#include "sources/csv_types.h"

#include <arrow/type.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sources/csv_values.h"

namespace coreshed::sources {
namespace {

constexpr const char* kText = "string";
constexpr const char* kWhole = "int64";
constexpr const char* kFraction = "double";
constexpr const char* kDate = "date32[day]";
constexpr const char* kTime = "time64[us]";
constexpr const char* kTimestamp = "timestamp[us]";
constexpr const char* kTimestampUtc = "timestamp[us, tz=UTC]";
constexpr const char* kBoolean = "bool";

std::string TypeLike(const std::shared_ptr<arrow::DataType>& wanted,
                     std::initializer_list<std::string_view> values) {
  CsvColumnType type(wanted);
  for (const auto value : values)
    type.Add(value);
  return type.Get()->ToString();
}

std::string TypeOf(std::initializer_list<std::string_view> values) {
  return TypeLike(nullptr, values);
}

TEST(CsvTypes, WholeNumbersOf64Bits) {
  EXPECT_EQ(TypeOf({"1", "-5", "0", "007"}), kText);
  EXPECT_EQ(TypeOf({"1", "-5", "0", "12"}), kWhole);
  EXPECT_EQ(TypeOf({"9223372036854775807", "-9223372036854775808"}), kWhole);
}

TEST(CsvTypes, WhatWouldNotBeWrittenTheSameStaysText) {
  EXPECT_EQ(TypeOf({"9223372036854775808"}), kText) << "beyond 64 bits";
  EXPECT_EQ(TypeOf({"1", "12345678901234567890"}), kText);
  EXPECT_EQ(TypeOf({"1.5", "12345678901234567890"}), kText);
  EXPECT_EQ(TypeOf({"10000000000000000000000"}), kText);
  EXPECT_EQ(TypeOf({"007"}), kText) << "leading zeros";
  EXPECT_EQ(TypeOf({"01.5"}), kText);
  EXPECT_EQ(TypeOf({"+5"}), kText);
  EXPECT_EQ(TypeOf({"+1.5"}), kText);
  EXPECT_EQ(TypeOf({"1_000"}), kText);
  EXPECT_EQ(TypeOf({"1,000"}), kText);
  EXPECT_EQ(TypeOf({"0x10"}), kText);
  EXPECT_EQ(TypeOf({"5."}), kText) << "as in a numbered list";
}

TEST(CsvTypes, Fractions) {
  EXPECT_EQ(TypeOf({"1.50", "1.5", "-0.25", "3"}), kFraction);
  EXPECT_EQ(TypeOf({".5", "-.5"}), kFraction);
  EXPECT_EQ(TypeOf({"1e-05", "2.5E+10", "1.0E10"}), kFraction);
  EXPECT_EQ(TypeOf({"1.5", "-0"}), kFraction);
  EXPECT_EQ(TypeOf({"1E5", "2E7"}), kText) << "as likely codes of wells";
  EXPECT_EQ(TypeOf({"1e400"}), kText);
  EXPECT_EQ(TypeOf({"1.5e-400"}), kText);
  EXPECT_EQ(TypeOf({"1.23456789e-320"}), kText) << "a double has few digits so far down";
}

TEST(CsvTypes, FractionsKeepTheirDigits) {
  EXPECT_EQ(TypeOf({"0.30000000000000004"}), kFraction) << "as programs write a double";
  EXPECT_EQ(TypeOf({"6.350396048214271e+16", "1.7976931348623157e+308"}), kFraction);
  EXPECT_EQ(TypeOf({"0.1234567890123456789"}), kText);
  EXPECT_EQ(TypeOf({"3.14159265358979323846"}), kText);
  EXPECT_EQ(TypeOf({"100000000000000000.0", "0.00000000000000000010"}), kFraction);
  EXPECT_EQ(TypeOf({"9007199254740993", "1.5"}), kText) << "2^53 + 1";
  EXPECT_EQ(TypeOf({"9007199254740992", "1.5"}), kFraction);
}

TEST(CsvTypes, NotANumberAmongNumbers) {
  EXPECT_EQ(TypeOf({"1.5", "NaN", "Inf", "-inf"}), kFraction);
  EXPECT_EQ(TypeOf({"1", "NaN"}), kFraction);
  EXPECT_EQ(TypeOf({"NaN", "nan"}), kText) << "no number among them";
  EXPECT_EQ(TypeOf({"1", "Nan"}), kText) << "a name";
}

TEST(CsvTypes, DatesOfOnePrecision) {
  EXPECT_EQ(TypeOf({"2014-01-02", "1950-12-26"}), kDate);
  EXPECT_EQ(TypeOf({"2014-01-02", "2014-01"}), kText);
  EXPECT_EQ(TypeOf({"2014-01-02", "2014-07-02T11:45"}), kText);
  EXPECT_EQ(TypeOf({"2014-02-30"}), kText);
  EXPECT_EQ(TypeOf({"2014-13-01"}), kText);
  EXPECT_EQ(TypeOf({"0000-01-01"}), kText);
  EXPECT_EQ(TypeOf({"2/1/2014"}), kText);
  EXPECT_EQ(TypeOf({"20140102"}), kWhole);
}

TEST(CsvTypes, Times) {
  EXPECT_EQ(TypeOf({"10:30", "23:59"}), kTime);
  EXPECT_EQ(TypeOf({"10:30:00", "10:30:00.5"}), kTime);
  EXPECT_EQ(TypeOf({"10:30", "10:30:00"}), kText);
  EXPECT_EQ(TypeOf({"24:00"}), kText);
  EXPECT_EQ(TypeOf({"10:60"}), kText);
  EXPECT_EQ(TypeOf({"9:30"}), kText);
  EXPECT_EQ(TypeOf({"10:30:00.1234567"}), kText) << "finer than it can be kept";
}

TEST(CsvTypes, Timestamps) {
  EXPECT_EQ(TypeOf({"2014-07-02T11:45", "2014-07-03T09:00"}), kTimestamp);
  EXPECT_EQ(TypeOf({"2014-07-02 11:45:10", "2014-07-02 11:45:10.25"}), kTimestamp);
  EXPECT_EQ(TypeOf({"2014-07-02T11:45:00Z"}), kTimestampUtc);
  EXPECT_EQ(TypeOf({"2014-07-02T11:45:00Z", "2014-07-02T11:45:00"}), kText);
  EXPECT_EQ(TypeOf({"2014-07-02T11:45", "2014-07-02T11:45:00"}), kText);
  EXPECT_EQ(TypeOf({"2014-07-02T11:45:00", "2014-07-02 11:45:00"}), kText);
  EXPECT_EQ(TypeOf({"2014-07-02T11:45:00+01:00"}), kText);
}

TEST(CsvTypes, Booleans) {
  EXPECT_EQ(TypeOf({"true", "False", "TRUE"}), kBoolean);
  EXPECT_EQ(TypeOf({"yes", "no"}), kText) << "true is not what was written";
  EXPECT_EQ(TypeOf({"T", "F"}), kText);
  EXPECT_EQ(TypeOf({"1", "0"}), kWhole);
  EXPECT_EQ(TypeOf({"true", "1"}), kText);
}

TEST(CsvTypes, NothingIsText) {
  EXPECT_EQ(TypeOf({}), kText);
  EXPECT_EQ(TypeOf({"", ""}), kText);
  EXPECT_EQ(TypeOf({"", "5"}), kWhole);
}

TEST(CsvTypes, TheTypeOfAnEarlierVersionWhereItFits) {
  EXPECT_EQ(TypeLike(arrow::float64(), {"1", "2"}), kFraction);
  EXPECT_EQ(TypeLike(arrow::float64(), {"1", "x"}), kText);
  EXPECT_EQ(TypeLike(arrow::float64(), {"NaN"}), kFraction);
  EXPECT_EQ(TypeLike(arrow::float64(), {"9007199254740993"}), kWhole) << "loses digits";
  EXPECT_EQ(TypeLike(arrow::utf8(), {"1", "2"}), kText);
  EXPECT_EQ(TypeLike(arrow::int64(), {"1.5"}), kFraction);
  EXPECT_EQ(TypeLike(arrow::date32(), {}), kDate);
  EXPECT_EQ(TypeLike(arrow::date32(), {"", ""}), kDate);
  EXPECT_EQ(TypeLike(arrow::date32(), {"soon"}), kText);
  EXPECT_EQ(TypeLike(arrow::time64(arrow::TimeUnit::MICRO), {"2026-01-27"}), kDate);
}

TEST(CsvTypes, TypesThatNoColumnGetsByItself) {
  using arrow::TimeUnit;
  struct Example {
    std::shared_ptr<arrow::DataType> type;
    std::vector<std::string_view> taken, refused;
  };
  const std::vector<Example> examples{
      {arrow::int8(), {"-128", "127"}, {"128", "1.0", "x"}},
      {arrow::uint16(), {"0", "65535"}, {"-1", "65536"}},
      {arrow::uint64(), {"18446744073709551615"}, {"18446744073709551616", "-1", "01"}},
      {arrow::float32(),
       {"0.1", "-0", "1e-5", "Inf", "16777216"},
       {"0.123456789", "16777217", "1e39"}},
      {arrow::decimal128(5, 2),
       {"1", "1.5", "1.500", "-999.99", ".5"},
       {"-0", "1000", "1.005", "1e+2", "01"}},
      {arrow::decimal32(5, 2), {"999.99"}, {"1000"}},
      {arrow::decimal64(12, 0), {"999999999999"}, {"0.5", "1000000000000"}},
      {arrow::decimal256(50, 0), {"12345678901234567890123456789012345678901234567890"}, {"1e10"}},
      {arrow::date64(), {"2026-01-27"}, {"2026-02-30", "2026-01-27 10:00"}},
      {arrow::time32(TimeUnit::SECOND), {"10:30", "10:30:59"}, {"10:30:59.5", "24:00"}},
      {arrow::time32(TimeUnit::MILLI), {"10:30:59.500"}, {"10:30:59.0001"}},
      {arrow::time64(TimeUnit::NANO), {"10:30:59.123456789"}, {"10:30:59.1234567891"}},
      {arrow::timestamp(TimeUnit::SECOND),
       {"2026-01-27T10:30"},
       {"2026-01-27 10:30:00.5", "2026-01-27T10:30Z"}},
      {arrow::timestamp(TimeUnit::NANO, "Europe/Berlin"),
       {"2026-01-27 10:30:00.123456789Z"},
       {"2026-01-27 10:30:00", "1600-01-01 00:00:00Z"}},
      {arrow::time64(TimeUnit::MICRO), {"10:30", "10:30:59"}, {"9:30"}},
  };
  for (const auto& [type, taken, refused] : examples) {
    CsvColumnType all(type);
    for (const auto text : taken) {
      EXPECT_EQ(TypeLike(type, {text}), type->ToString()) << text;
      all.Add(text);
    }
    EXPECT_TRUE(all.Get()->Equals(*type)) << type->ToString();
    for (const auto text : refused)
      EXPECT_NE(TypeLike(type, {text}), type->ToString()) << text;
  }
  EXPECT_EQ(TypeLike(arrow::dictionary(arrow::int8(), arrow::large_utf8()), {"1"}), kText);
  EXPECT_EQ(TypeLike(arrow::binary(), {"1"}), kWhole) << "CSV has no texts for it";
}

TEST(CsvTypes, Values) {
  EXPECT_EQ(ParseWhole("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(ParseFraction("1.50"), 1.5);
  EXPECT_EQ(ParseDate("1970-01-02"), 1);
  EXPECT_EQ(ParseDate("1969-12-31"), -1);
  EXPECT_EQ(ParseTime("00:00:01.5")->nanos, 1'500'000'000);
  EXPECT_EQ(ParseTime("23:59")->nanos, 86'340'000'000'000);
  const auto moment = ParseMoment("1970-01-02T00:00:00.000001Z");
  ASSERT_TRUE(moment.has_value());
  EXPECT_EQ(moment->days, 1);
  EXPECT_EQ(moment->time.nanos, 1'000);
  EXPECT_FALSE(ParseMoment("1970-01-01T").has_value());
  EXPECT_FALSE(ParseMoment("1970-01-01").has_value());
  EXPECT_EQ(ParseBoolean("TRUE"), true);
}

}  // namespace
}  // namespace coreshed::sources
