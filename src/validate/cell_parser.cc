#include "validate/cell_parser.h"

#include <arrow/builder.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "sources/csv_values.h"
#include "validate/units.h"

namespace coreshed::validate {
namespace {

using TypePtr = std::shared_ptr<arrow::DataType>;

constexpr int64_t kDayNanos = 86'400'000'000'000;
constexpr size_t kAnyDigits = 100;  // of a fraction of a second; what is beyond nanoseconds is cut

std::optional<bool> ParseTruth(std::string_view text) {
  const auto is = [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  };
  if (text == "1" || is("true") || is("yes")) return true;
  if (text == "0" || is("false") || is("no")) return false;
  return std::nullopt;
}

/// Cut to the unit of a type.
std::optional<int64_t> InUnit(int64_t days, int64_t nanos, arrow::TimeUnit::type unit) {
  const int64_t nanos_of = NanosOf(unit);
  int64_t value = 0;
  if (__builtin_mul_overflow(days, kDayNanos / nanos_of, &value) ||
      __builtin_add_overflow(value, nanos / nanos_of, &value)) {
    return std::nullopt;
  }
  return value;
}

/// A parser made of a function from a text to a value, if it is one.
template <typename Builder, typename Value, typename Parse>
class ParserBy : public sources::CsvParser {
 public:
  ParserBy(TypePtr type, Parse parse) : CsvParser(std::move(type)), parse_(std::move(parse)) {}

  bool Takes(std::string_view text) const override { return parse_(text).has_value(); }
  arrow::Status Append(std::string_view text, arrow::ArrayBuilder* builder) const override {
    const auto value = parse_(text);
    if (!value) return arrow::Status::Invalid("no ", type()->ToString());
    return static_cast<Builder*>(builder)->Append(static_cast<Value>(*value));
  }

 private:
  const Parse parse_;
};

template <typename Builder, typename Value, typename Parse>
std::shared_ptr<const sources::CsvParser> By(const TypePtr& type, Parse parse) {
  return std::make_shared<ParserBy<Builder, Value, Parse>>(type, std::move(parse));
}

template <typename Builder, typename Value>
std::shared_ptr<const sources::CsvParser> Times(const TypePtr& type) {
  return By<Builder, Value>(
      type, [unit = UnitOf(*type)](std::string_view text) -> std::optional<int64_t> {
        const auto time = sources::ParseTime(text, kAnyDigits);
        return time ? InUnit(0, time->nanos, unit) : std::nullopt;
      });
}

}  // namespace

std::shared_ptr<const sources::CsvParser> CellParserOf(const TypePtr& type) {
  switch (type->id()) {
    case arrow::Type::BOOL:
      return By<arrow::BooleanBuilder, bool>(type, ParseTruth);
    case arrow::Type::TIME32:
      return Times<arrow::Time32Builder, int32_t>(type);
    case arrow::Type::TIME64:
      return Times<arrow::Time64Builder, int64_t>(type);
    case arrow::Type::TIMESTAMP: {
      const bool has_zone = !static_cast<const arrow::TimestampType&>(*type).timezone().empty();
      return By<arrow::TimestampBuilder, int64_t>(
          type, [unit = UnitOf(*type), has_zone](std::string_view text) -> std::optional<int64_t> {
            const auto moment = sources::ParseMoment(text, kAnyDigits);
            if (!moment || moment->has_zone != has_zone) return std::nullopt;
            return InUnit(moment->days, moment->time.nanos, unit);
          });
    }
    default:
      return sources::CsvParser::Of(type);
  }
}

}  // namespace coreshed::validate
