#pragma once

#include <arrow/type_fwd.h>

#include <array>
#include <string_view>
#include <utility>

// The words of stored schemas that writing and reading share: spec/schema.md, "Stored schema".

namespace coreshed::table {

/// Types that are stored as their name alone.
struct SimpleType {
  std::string_view name;
  arrow::Type::type id;
  const std::shared_ptr<arrow::DataType>& (*make)();
};

inline const std::shared_ptr<arrow::DataType>& MonthInterval() {
  static const auto type = arrow::month_interval();
  return type;
}
inline const std::shared_ptr<arrow::DataType>& DayTimeInterval() {
  static const auto type = arrow::day_time_interval();
  return type;
}
inline const std::shared_ptr<arrow::DataType>& MonthDayNanoInterval() {
  static const auto type = arrow::month_day_nano_interval();
  return type;
}

inline constexpr std::array kSimpleTypes = {
    SimpleType{"null", arrow::Type::NA, &arrow::null},
    SimpleType{"bool", arrow::Type::BOOL, &arrow::boolean},
    SimpleType{"int8", arrow::Type::INT8, &arrow::int8},
    SimpleType{"int16", arrow::Type::INT16, &arrow::int16},
    SimpleType{"int32", arrow::Type::INT32, &arrow::int32},
    SimpleType{"int64", arrow::Type::INT64, &arrow::int64},
    SimpleType{"uint8", arrow::Type::UINT8, &arrow::uint8},
    SimpleType{"uint16", arrow::Type::UINT16, &arrow::uint16},
    SimpleType{"uint32", arrow::Type::UINT32, &arrow::uint32},
    SimpleType{"uint64", arrow::Type::UINT64, &arrow::uint64},
    SimpleType{"float16", arrow::Type::HALF_FLOAT, &arrow::float16},
    SimpleType{"float32", arrow::Type::FLOAT, &arrow::float32},
    SimpleType{"float64", arrow::Type::DOUBLE, &arrow::float64},
    SimpleType{"utf8", arrow::Type::STRING, &arrow::utf8},
    SimpleType{"large_utf8", arrow::Type::LARGE_STRING, &arrow::large_utf8},
    SimpleType{"utf8_view", arrow::Type::STRING_VIEW, &arrow::utf8_view},
    SimpleType{"binary", arrow::Type::BINARY, &arrow::binary},
    SimpleType{"large_binary", arrow::Type::LARGE_BINARY, &arrow::large_binary},
    SimpleType{"binary_view", arrow::Type::BINARY_VIEW, &arrow::binary_view},
    SimpleType{"date32", arrow::Type::DATE32, &arrow::date32},
    SimpleType{"date64", arrow::Type::DATE64, &arrow::date64},
    SimpleType{"month_interval", arrow::Type::INTERVAL_MONTHS, &MonthInterval},
    SimpleType{"day_time_interval", arrow::Type::INTERVAL_DAY_TIME, &DayTimeInterval},
    SimpleType{"month_day_nano_interval", arrow::Type::INTERVAL_MONTH_DAY_NANO,
               &MonthDayNanoInterval},
};

/// Types with parameters or children: an object whose "kind" is this name.
inline constexpr std::array<std::pair<std::string_view, arrow::Type::type>, 20> kKinds = {{
    {"fixed_binary", arrow::Type::FIXED_SIZE_BINARY},
    {"decimal32", arrow::Type::DECIMAL32},
    {"decimal64", arrow::Type::DECIMAL64},
    {"decimal128", arrow::Type::DECIMAL128},
    {"decimal256", arrow::Type::DECIMAL256},
    {"time32", arrow::Type::TIME32},
    {"time64", arrow::Type::TIME64},
    {"timestamp", arrow::Type::TIMESTAMP},
    {"duration", arrow::Type::DURATION},
    {"list", arrow::Type::LIST},
    {"large_list", arrow::Type::LARGE_LIST},
    {"list_view", arrow::Type::LIST_VIEW},
    {"large_list_view", arrow::Type::LARGE_LIST_VIEW},
    {"fixed_list", arrow::Type::FIXED_SIZE_LIST},
    {"map", arrow::Type::MAP},
    {"struct", arrow::Type::STRUCT},
    {"dictionary", arrow::Type::DICTIONARY},
    {"run_end_encoded", arrow::Type::RUN_END_ENCODED},
    {"sparse_union", arrow::Type::SPARSE_UNION},
    {"dense_union", arrow::Type::DENSE_UNION},
}};
inline constexpr std::string_view kExtension = "extension";

/// Time units in the order of arrow::TimeUnit.
inline constexpr std::array<std::string_view, 4> kUnits = {"s", "ms", "us", "ns"};

/// Metadata that Parquet's reader adds: a field's number in its file, and the schema over again.
inline constexpr std::string_view kParquetFieldId = "PARQUET:field_id";
inline constexpr std::string_view kArrowSchema = "ARROW:schema";

}  // namespace coreshed::table
