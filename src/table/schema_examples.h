#pragma once

#include <arrow/extension/json.h>
#include <arrow/extension/uuid.h>
#include <arrow/type.h>

#include <memory>
#include <vector>

namespace coreshed::table {

/// Types that hold no others.
inline std::vector<std::shared_ptr<arrow::DataType>> FlatTypes() {
  using arrow::TimeUnit;
  return {arrow::null(),
          arrow::boolean(),
          arrow::int8(),
          arrow::int16(),
          arrow::int32(),
          arrow::int64(),
          arrow::uint8(),
          arrow::uint16(),
          arrow::uint32(),
          arrow::uint64(),
          arrow::float16(),
          arrow::float32(),
          arrow::float64(),
          arrow::utf8(),
          arrow::large_utf8(),
          arrow::utf8_view(),
          arrow::binary(),
          arrow::large_binary(),
          arrow::binary_view(),
          arrow::fixed_size_binary(16),
          arrow::fixed_size_binary(0),
          arrow::decimal32(9, 2),
          arrow::decimal64(9, 2),
          arrow::decimal128(9, 2),
          arrow::decimal128(9, -2),
          arrow::decimal256(76, 76),
          arrow::date32(),
          arrow::date64(),
          arrow::time32(TimeUnit::SECOND),
          arrow::time32(TimeUnit::MILLI),
          arrow::time64(TimeUnit::MICRO),
          arrow::time64(TimeUnit::NANO),
          arrow::timestamp(TimeUnit::SECOND),
          arrow::timestamp(TimeUnit::MILLI),
          arrow::timestamp(TimeUnit::MICRO, "UTC"),
          arrow::timestamp(TimeUnit::NANO, "+01:00"),
          arrow::timestamp(TimeUnit::NANO, "Europe/Berlin"),
          arrow::duration(TimeUnit::SECOND),
          arrow::duration(TimeUnit::NANO),
          arrow::month_interval(),
          arrow::day_time_interval(),
          arrow::month_day_nano_interval()};
}

/// At least one of each kind of type that Arrow has; for tests. No two are equal.
inline std::vector<std::shared_ptr<arrow::DataType>> EveryType() {
  using arrow::field;
  const auto a = field("a", arrow::int8());
  const auto b = field("b", arrow::utf8(), false);
  auto types = FlatTypes();
  types.insert(
      types.end(),
      {arrow::list(a),
       arrow::list(b),
       arrow::large_list(a),
       arrow::list_view(a),
       arrow::large_list_view(a),
       arrow::fixed_size_list(a, 3),
       arrow::fixed_size_list(a, 0),
       arrow::map(arrow::utf8(), a),
       arrow::map(arrow::utf8(), a, true),
       arrow::struct_({a, b}),
       arrow::struct_({b, a}),
       arrow::struct_(arrow::FieldVector{}),
       arrow::struct_({field("deep", arrow::list(arrow::map(arrow::int8(), arrow::struct_({b}))))}),
       arrow::dictionary(arrow::int8(), arrow::utf8()),
       arrow::dictionary(arrow::int8(), arrow::utf8(), true),
       arrow::dictionary(arrow::uint64(), arrow::large_utf8()),
       arrow::dictionary(arrow::int32(), arrow::decimal128(9, 2)),
       arrow::run_end_encoded(arrow::int16(), arrow::utf8()),
       arrow::sparse_union({a, b}),
       arrow::sparse_union({a, b}, {7, 127}),
       arrow::sparse_union(arrow::FieldVector{}),
       arrow::dense_union({a, b}),
       arrow::extension::uuid(),
       arrow::extension::json(arrow::utf8()),
       arrow::list(field("id", arrow::extension::uuid()))});
  return types;
}

}  // namespace coreshed::table
