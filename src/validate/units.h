#pragma once

#include <arrow/type.h>

#include <cstdint>

namespace coreshed::validate {

/// The unit of a type of times of day, moments or durations.
inline arrow::TimeUnit::type UnitOf(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).unit();
    case arrow::Type::DURATION:
      return static_cast<const arrow::DurationType&>(type).unit();
    default:
      return static_cast<const arrow::TimeType&>(type).unit();
  }
}

inline int64_t NanosOf(arrow::TimeUnit::type unit) {
  constexpr int64_t kNanos[] = {1'000'000'000, 1'000'000, 1'000, 1};
  return kNanos[unit];
}

}  // namespace coreshed::validate
