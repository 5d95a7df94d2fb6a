#include "sources/csv_types.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>

namespace coreshed::sources {
namespace {

CsvType TypeOf(std::initializer_list<std::string_view> values) {
  CsvColumnType type;
  for (const auto value : values)
    type.Add(value);
  return type.Get();
}

TEST(CsvTypes, WholeNumbersOf64Bits) {
  EXPECT_EQ(TypeOf({"1", "-5", "0", "007 "}), CsvType::kText);
  EXPECT_EQ(TypeOf({"1", "-5", "0", " 12 "}), CsvType::kWhole);
  EXPECT_EQ(TypeOf({"9223372036854775807", "-9223372036854775808"}), CsvType::kWhole);
}

TEST(CsvTypes, WhatWouldNotBeWrittenTheSameStaysText) {
  EXPECT_EQ(TypeOf({"9223372036854775808"}), CsvType::kText) << "beyond 64 bits";
  EXPECT_EQ(TypeOf({"1", "12345678901234567890"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"1.5", "12345678901234567890"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"10000000000000000000000"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"007"}), CsvType::kText) << "leading zeros";
  EXPECT_EQ(TypeOf({"01.5"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"+5"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"+1.5"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"1_000"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"1,000"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"0x10"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"5."}), CsvType::kText) << "as in a numbered list";
}

TEST(CsvTypes, Fractions) {
  EXPECT_EQ(TypeOf({"1.50", "1.5", "-0.25", "3"}), CsvType::kFraction);
  EXPECT_EQ(TypeOf({".5", "-.5"}), CsvType::kFraction);
  EXPECT_EQ(TypeOf({"1e-05", "2.5E+10", "1.0E10"}), CsvType::kFraction);
  EXPECT_EQ(TypeOf({"1.5", "-0"}), CsvType::kFraction);
  EXPECT_EQ(TypeOf({"1E5", "2E7"}), CsvType::kText) << "as likely codes of wells";
  EXPECT_EQ(TypeOf({"1e400"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"1.5e-400"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"1.23456789e-320"}), CsvType::kText) << "a double has few digits so far down";
}

TEST(CsvTypes, FractionsKeepTheirDigits) {
  EXPECT_EQ(TypeOf({"0.30000000000000004"}), CsvType::kFraction) << "as programs write a double";
  EXPECT_EQ(TypeOf({"0.1234567890123456789"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"3.14159265358979323846"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"100000000000000000.0", "0.00000000000000000010"}), CsvType::kFraction);
  EXPECT_EQ(TypeOf({"9007199254740993", "1.5"}), CsvType::kText) << "2^53 + 1";
  EXPECT_EQ(TypeOf({"9007199254740992", "1.5"}), CsvType::kFraction);
}

TEST(CsvTypes, NotANumberAmongNumbers) {
  EXPECT_EQ(TypeOf({"1.5", "NaN", "Inf", "-inf"}), CsvType::kFraction);
  EXPECT_EQ(TypeOf({"1", "NaN"}), CsvType::kFraction);
  EXPECT_EQ(TypeOf({"NaN", "nan"}), CsvType::kText) << "no number among them";
  EXPECT_EQ(TypeOf({"1", "Nan"}), CsvType::kText) << "a name";
}

TEST(CsvTypes, DatesOfOnePrecision) {
  EXPECT_EQ(TypeOf({"2014-01-02", "1950-12-26"}), CsvType::kDate);
  EXPECT_EQ(TypeOf({"2014-01-02", "2014-01"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"2014-01-02", "2014-07-02T11:45"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"2014-02-30"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"2014-13-01"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"0000-01-01"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"2/1/2014"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"20140102"}), CsvType::kWhole);
}

TEST(CsvTypes, Times) {
  EXPECT_EQ(TypeOf({"10:30", "23:59"}), CsvType::kTime);
  EXPECT_EQ(TypeOf({"10:30:00", "10:30:00.5"}), CsvType::kTime);
  EXPECT_EQ(TypeOf({"10:30", "10:30:00"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"24:00"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"10:60"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"9:30"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"10:30:00.1234567"}), CsvType::kText) << "finer than it can be kept";
}

TEST(CsvTypes, Timestamps) {
  EXPECT_EQ(TypeOf({"2014-07-02T11:45", "2014-07-03T09:00"}), CsvType::kTimestamp);
  EXPECT_EQ(TypeOf({"2014-07-02 11:45:10", "2014-07-02 11:45:10.25"}), CsvType::kTimestamp);
  EXPECT_EQ(TypeOf({"2014-07-02T11:45:00Z"}), CsvType::kTimestampUtc);
  EXPECT_EQ(TypeOf({"2014-07-02T11:45:00Z", "2014-07-02T11:45:00"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"2014-07-02T11:45", "2014-07-02T11:45:00"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"2014-07-02T11:45:00", "2014-07-02 11:45:00"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"2014-07-02T11:45:00+01:00"}), CsvType::kText);
}

TEST(CsvTypes, Booleans) {
  EXPECT_EQ(TypeOf({"true", "False", "TRUE"}), CsvType::kBoolean);
  EXPECT_EQ(TypeOf({"yes", "no"}), CsvType::kText) << "true is not what was written";
  EXPECT_EQ(TypeOf({"T", "F"}), CsvType::kText);
  EXPECT_EQ(TypeOf({"1", "0"}), CsvType::kWhole);
  EXPECT_EQ(TypeOf({"true", "1"}), CsvType::kText);
}

TEST(CsvTypes, NothingIsText) {
  EXPECT_EQ(TypeOf({}), CsvType::kText);
  EXPECT_EQ(TypeOf({"", "  "}), CsvType::kText);
  EXPECT_EQ(TypeOf({"", "5"}), CsvType::kWhole);
}

CsvType TypeLike(CsvType wanted, std::initializer_list<std::string_view> values) {
  CsvColumnType type(wanted);
  for (const auto value : values)
    type.Add(value);
  return type.Get();
}

TEST(CsvTypes, TheTypeOfAnEarlierVersionWhereItFits) {
  EXPECT_EQ(TypeLike(CsvType::kFraction, {"1", "2"}), CsvType::kFraction);
  EXPECT_EQ(TypeLike(CsvType::kFraction, {"1", "x"}), CsvType::kText);
  EXPECT_EQ(TypeLike(CsvType::kFraction, {"9007199254740993"}), CsvType::kWhole) << "loses digits";
  EXPECT_EQ(TypeLike(CsvType::kText, {"1", "2"}), CsvType::kText);
  EXPECT_EQ(TypeLike(CsvType::kWhole, {"1.5"}), CsvType::kFraction);
  EXPECT_EQ(TypeLike(CsvType::kDate, {}), CsvType::kDate);
  EXPECT_EQ(TypeLike(CsvType::kDate, {"", " "}), CsvType::kDate);
  EXPECT_EQ(TypeLike(CsvType::kDate, {"soon"}), CsvType::kText);
  EXPECT_EQ(TypeLike(CsvType::kTime, {"2026-01-27"}), CsvType::kDate);
}

TEST(CsvTypes, Values) {
  EXPECT_EQ(ParseWhole("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(ParseFraction("1.50"), 1.5);
  EXPECT_EQ(ParseDate("1970-01-02"), 1);
  EXPECT_EQ(ParseDate("1969-12-31"), -1);
  EXPECT_EQ(ParseTime("00:00:01.5"), 1'500'000);
  EXPECT_EQ(ParseTime("23:59"), 86'340'000'000);
  EXPECT_EQ(ParseTimestamp("1970-01-02T00:00:00.000001Z"), 86'400'000'001);
  EXPECT_EQ(ParseTimestamp("1970-01-01T"), std::nullopt);
  EXPECT_EQ(ParseTimestamp("1970-01-01"), std::nullopt);
  EXPECT_EQ(ParseBoolean("TRUE"), true);
}

}  // namespace
}  // namespace coreshed::sources
