#include "sources/csv_parser.h"

#include <arrow/builder.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/decimal.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "sources/csv_values.h"

namespace coreshed::sources {
namespace {

using arrow::TimeUnit;
using arrow::Type;
using ParserPtr = std::shared_ptr<const CsvParser>;
using TypePtr = std::shared_ptr<arrow::DataType>;

constexpr int64_t kDayNanos = 86'400'000'000'000;

/// A parser made of a function from a text to a value, if it is one.
template <typename ArrowType, typename Parse>
class ParserBy : public CsvParser {
 public:
  ParserBy(TypePtr type, Parse parse) : CsvParser(std::move(type)), parse_(std::move(parse)) {}

  bool Takes(std::string_view text) const override { return parse_(text).has_value(); }
  arrow::Status Append(std::string_view text, arrow::ArrayBuilder* builder) const override {
    const auto value = parse_(text);
    if (!value) return arrow::Status::Invalid("'", text, "' is no ", type()->ToString());
    return static_cast<typename arrow::TypeTraits<ArrowType>::BuilderType*>(builder)->Append(
        *value);
  }

 private:
  const Parse parse_;
};

template <typename ArrowType, typename Parse>
ParserPtr By(const TypePtr& type, Parse parse) {
  return std::make_shared<ParserBy<ArrowType, Parse>>(type, std::move(parse));
}

template <typename ArrowType>
ParserPtr Integers(const TypePtr& type) {
  using Int = typename ArrowType::c_type;
  return By<ArrowType>(type, [](std::string_view text) -> std::optional<Int> {
    const auto value = ParseWhole(text);
    if (!value || !std::in_range<Int>(*value)) return std::nullopt;
    return static_cast<Int>(*value);
  });
}

template <typename ArrowType>
ParserPtr Decimals(const TypePtr& type) {
  using Value = typename arrow::TypeTraits<ArrowType>::CType;
  const auto& decimal = static_cast<const arrow::DecimalType&>(*type);
  return By<ArrowType>(type,
                       [precision = decimal.precision(),
                        scale = decimal.scale()](std::string_view text) -> std::optional<Value> {
                         Value value;
                         int32_t digits = 0, own_scale = 0;
                         if (!LooksLikeDecimal(text)) return std::nullopt;
                         if (!Value::FromString(text, &value, &digits, &own_scale).ok())
                           return std::nullopt;
                         const auto scaled = value.Rescale(own_scale, scale);
                         if (!scaled.ok() || !scaled->FitsInPrecision(precision))
                           return std::nullopt;
                         return *scaled;
                       });
}

/// Nanoseconds since midnight and days in a unit; nothing where something would be lost.
std::optional<int64_t> InUnit(int64_t days, int64_t nanos, TimeUnit::type unit) {
  constexpr int64_t kNanosOf[] = {1'000'000'000, 1'000'000, 1'000, 1};
  const int64_t nanos_of = kNanosOf[unit];
  int64_t value = 0;
  if (nanos % nanos_of != 0 || __builtin_mul_overflow(days, kDayNanos / nanos_of, &value) ||
      __builtin_add_overflow(value, nanos / nanos_of, &value)) {
    return std::nullopt;
  }
  return value;
}

template <typename ArrowType>
ParserPtr Times(const TypePtr& type) {
  using Int = typename ArrowType::c_type;
  const auto unit = static_cast<const ArrowType&>(*type).unit();
  return By<ArrowType>(type, [unit](std::string_view text) -> std::optional<Int> {
    const auto time = ParseTime(text, kNanoDigits);
    const auto value = time ? InUnit(0, time->nanos, unit) : std::nullopt;
    return value ? std::optional(static_cast<Int>(*value)) : std::nullopt;
  });
}

ParserPtr Timestamps(const TypePtr& type) {
  const auto& stamp = static_cast<const arrow::TimestampType&>(*type);
  return By<arrow::TimestampType>(type,
                                  [unit = stamp.unit(), has_zone = !stamp.timezone().empty()](
                                      std::string_view text) -> std::optional<int64_t> {
                                    const auto moment = ParseMoment(text, kNanoDigits);
                                    if (!moment || moment->has_zone != has_zone)
                                      return std::nullopt;
                                    return InUnit(moment->days, moment->time.nanos, unit);
                                  });
}

ParserPtr Dates64(const TypePtr& type) {
  return By<arrow::Date64Type>(type, [](std::string_view text) -> std::optional<int64_t> {
    const auto days = ParseDate(text);
    return days ? InUnit(*days, 0, TimeUnit::MILLI) : std::nullopt;
  });
}

}  // namespace

ParserPtr CsvParser::Of(const TypePtr& type) {
  switch (type->id()) {
    case Type::BOOL:
      return By<arrow::BooleanType>(type, ParseBoolean);
    case Type::INT8:
      return Integers<arrow::Int8Type>(type);
    case Type::INT16:
      return Integers<arrow::Int16Type>(type);
    case Type::INT32:
      return Integers<arrow::Int32Type>(type);
    case Type::INT64:
      return By<arrow::Int64Type>(type, ParseWhole);
    case Type::UINT8:
      return Integers<arrow::UInt8Type>(type);
    case Type::UINT16:
      return Integers<arrow::UInt16Type>(type);
    case Type::UINT32:
      return Integers<arrow::UInt32Type>(type);
    case Type::UINT64:
      return By<arrow::UInt64Type>(type, ParseWholeUnsigned);
    case Type::FLOAT:
      return By<arrow::FloatType>(type, ParseFraction32);
    case Type::DOUBLE:
      return By<arrow::DoubleType>(type, ParseFraction);
    case Type::DECIMAL32:
      return Decimals<arrow::Decimal32Type>(type);
    case Type::DECIMAL64:
      return Decimals<arrow::Decimal64Type>(type);
    case Type::DECIMAL128:
      return Decimals<arrow::Decimal128Type>(type);
    case Type::DECIMAL256:
      return Decimals<arrow::Decimal256Type>(type);
    case Type::DATE32:
      return By<arrow::Date32Type>(type, ParseDate);
    case Type::DATE64:
      return Dates64(type);
    case Type::TIME32:
      return Times<arrow::Time32Type>(type);
    case Type::TIME64:
      return Times<arrow::Time64Type>(type);
    case Type::TIMESTAMP:
      return Timestamps(type);
    default:
      return nullptr;
  }
}

}  // namespace coreshed::sources
