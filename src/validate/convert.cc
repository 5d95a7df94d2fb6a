#include "validate/convert.h"

#include <arrow/api.h>
#include <arrow/compute/cast.h>
#include <coreshed/content.h>
#include <coreshed/sources.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/csv_values.h"
#include "table/logical_type.h"
#include "table/widening.h"
#include "validate/cell_parser.h"
#include "validate/units.h"
#include "validate/values.h"

namespace coreshed::validate {
namespace {

using arrow::Type;
using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

constexpr const char* kWhat = "converting a column";
constexpr int64_t kDayMillis = 86'400'000;

/// Each value that is not null by `convert`, which answers false for one that can't be made.
template <typename To, typename Convert>
Result<ArrayPtr> MapValues(const arrow::Array& column, const TypePtr& type,
                           std::vector<int64_t>* bad, Convert&& convert) {
  arrow::TypedBufferBuilder<To> values;
  arrow::TypedBufferBuilder<bool> valid;
  CORESHED_ARROW_TRY(values.Reserve(column.length()), kWhat);
  CORESHED_ARROW_TRY(valid.Reserve(column.length()), kWhat);
  for (int64_t row = 0; row < column.length(); ++row) {
    To value{};
    const bool is_null = column.IsNull(row);
    const bool is_made = !is_null && convert(row, &value);
    if (!is_null && !is_made) bad->push_back(row);
    values.UnsafeAppend(value);
    valid.UnsafeAppend(is_made);
  }
  const int64_t nulls = valid.false_count();
  CORESHED_ARROW_ASSIGN(auto value_buffer, values.Finish(), kWhat);
  CORESHED_ARROW_ASSIGN(auto valid_buffer, valid.Finish(), kWhat);
  return arrow::MakeArray(arrow::ArrayData::Make(
      type, column.length(), {std::move(valid_buffer), std::move(value_buffer)}, nulls));
}

/// Call `visit` with a value of the C++ type of numbers of this type.
template <typename Visit>
auto VisitNumber(Type::type id, Visit&& visit) {
  switch (id) {
    case Type::INT8:
      return visit(int8_t{});
    case Type::INT16:
      return visit(int16_t{});
    case Type::INT32:
      return visit(int32_t{});
    case Type::UINT8:
      return visit(uint8_t{});
    case Type::UINT16:
      return visit(uint16_t{});
    case Type::UINT32:
      return visit(uint32_t{});
    case Type::UINT64:
      return visit(uint64_t{});
    case Type::FLOAT:
      return visit(float{});
    case Type::DOUBLE:
      return visit(double{});
    default:
      return visit(int64_t{});
  }
}

bool IsWhole(Type::type id) {
  return arrow::is_integer(id);
}
bool IsNumber(Type::type id) {
  return IsWhole(id) || id == Type::FLOAT || id == Type::DOUBLE;
}

/// The same number as another type, if that has it.
template <typename From, typename To>
bool SameNumber(From from, To* to) {
  if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
    if (!std::in_range<To>(from)) return false;
    *to = static_cast<To>(from);
    return true;
  } else if constexpr (std::is_integral_v<From>) {
    *to = static_cast<To>(from);
    auto size = static_cast<uint64_t>(from);
    if (std::cmp_less(from, 0)) size = uint64_t{0} - size;
    return size == 0 ||
           std::bit_width(size >> std::countr_zero(size)) <= std::numeric_limits<To>::digits;
  } else if constexpr (std::is_integral_v<To>) {
    // From here on, whole numbers have neighbours that look the same.
    constexpr auto kEnd = static_cast<From>(int64_t{1} << std::numeric_limits<From>::digits);
    if (!(std::abs(from) < kEnd) || std::trunc(from) != from) return false;
    return SameNumber(static_cast<int64_t>(from), to);
  } else {
    const bool fits = !std::isfinite(from) || std::abs(from) <= std::numeric_limits<To>::max();
    *to = fits ? static_cast<To>(from) : To{};
    return fits && (std::isnan(from) || static_cast<From>(*to) == from);
  }
}

Result<ArrayPtr> Numbers(const ArrayPtr& column, const TypePtr& type, std::vector<int64_t>* bad) {
  return VisitNumber(column->type_id(), [&](auto from) {
    const auto* values = column->data()->GetValues<decltype(from)>(1);
    return VisitNumber(type->id(), [&](auto to) {
      using To = decltype(to);
      return MapValues<To>(*column, type, bad, [values](int64_t row, To* value) {
        return SameNumber(values[row], value);
      });
    });
  });
}

Result<ArrayPtr> Truth(const ArrayPtr& column, std::vector<int64_t>* bad) {
  CORESHED_ASSIGN(const auto bits, VisitNumber(column->type_id(), [&](auto from) {
                    const auto* values = column->data()->GetValues<decltype(from)>(1);
                    return MapValues<uint8_t>(
                        *column, arrow::uint8(), bad, [values](int64_t row, uint8_t* value) {
                          return SameNumber(values[row], value) && *value <= 1;
                        });
                  }));
  CORESHED_ARROW_ASSIGN(auto truth, arrow::compute::Cast(*bits, arrow::boolean()), kWhat);
  return truth;
}

/// Texts as values; `is_digits`: of numbers, where 3.00 is a whole number.
Result<ArrayPtr> Texts(const arrow::Array& column, const TypePtr& type,
                       const sources::CsvParser* parser, bool is_digits,
                       std::vector<int64_t>* bad) {
  std::unique_ptr<arrow::ArrayBuilder> builder;
  CORESHED_ARROW_TRY(arrow::MakeBuilder(arrow::default_memory_pool(), type, &builder), kWhat);
  CORESHED_ARROW_TRY(builder->Reserve(column.length()), kWhat);
  arrow::Status status;
  const auto nulls_until = [&](int64_t row) {
    if (status.ok() && builder->length() < row)
      status = builder->AppendNulls(row - builder->length());
  };
  ForEachText(column, [&](int64_t row, std::string_view text) {
    text = sources::TrimBlanks(text);
    if (text.empty()) return;
    if (is_digits && IsWhole(type->id()) && text.find('.') != text.npos) {
      text = text.substr(0, text.find_last_not_of('0') + 1);
      if (text.ends_with('.')) text.remove_suffix(1);
    }
    nulls_until(row);
    if (parser == nullptr || !parser->Append(text, builder.get()).ok()) bad->push_back(row);
  });
  nulls_until(column.length());
  CORESHED_ARROW_TRY(status, kWhat);
  CORESHED_ARROW_ASSIGN(auto values, builder->Finish(), kWhat);
  return values;
}

/// Days, times and moments as whole numbers of another unit: `convert` may refuse.
template <typename Convert>
Result<ArrayPtr> Units(const arrow::Array& column, const TypePtr& type, std::vector<int64_t>* bad,
                       Convert convert) {
  const auto read = [&](auto from) {
    const auto* values = column.data()->GetValues<decltype(from)>(1);
    const auto make = [&](auto to) {
      using To = decltype(to);
      return MapValues<To>(column, type, bad, [&](int64_t row, To* value) {
        int64_t wide = 0;
        return convert(static_cast<int64_t>(values[row]), &wide) && SameNumber(wide, value);
      });
    };
    return type->byte_width() == 4 ? make(int32_t{}) : make(int64_t{});
  };
  return column.type()->byte_width() == 4 ? read(int32_t{}) : read(int64_t{});
}

Result<ArrayPtr> Days(const arrow::Array& column, const TypePtr& type, std::vector<int64_t>* bad) {
  if (type->id() == Type::DATE64) {
    return Units(column, type, bad, [](int64_t days, int64_t* millis) {
      *millis = days * kDayMillis;
      return true;
    });
  }
  return Units(column, type, bad, [](int64_t millis, int64_t* days) {
    *days = millis / kDayMillis;
    return millis % kDayMillis == 0;
  });
}

Result<ArrayPtr> Times(const arrow::Array& column, const TypePtr& type, std::vector<int64_t>* bad) {
  const int64_t from = NanosOf(UnitOf(*column.type())), to = NanosOf(UnitOf(*type));
  if (from >= to) {
    return Units(column, type, bad, [factor = from / to](int64_t value, int64_t* finer) {
      return !__builtin_mul_overflow(value, factor, finer);
    });
  }
  const bool floors = type->id() != Type::DURATION;
  return Units(column, type, bad, [factor = to / from, floors](int64_t value, int64_t* coarser) {
    *coarser = value / factor - (floors && value % factor < 0 ? 1 : 0);
    return true;
  });
}

const arrow::DataType& ValueType(const arrow::DataType& type) {
  return type.id() == Type::DICTIONARY
             ? *static_cast<const arrow::DictionaryType&>(type).value_type()
             : type;
}

}  // namespace

/// Nothing where there is no way. The logical types differ.
std::optional<Converter::How> Converter::HowTo(const arrow::DataType& from,
                                               const arrow::DataType& to) {
  const auto source = from.id(), target = to.id();
  const auto either = [](bool first, How how) { return first ? std::optional(how) : std::nullopt; };
  if (source == Type::NA) return How::kNulls;
  if (IsText(from))
    return either(target == Type::NA || CellParserOf(to.GetSharedPtr()), How::kTexts);
  if (IsNumber(source) && IsNumber(target)) return How::kNumbers;
  if (IsNumber(source) && target == Type::BOOL) return either(IsWhole(source), How::kTruth);
  const bool has_decimal = arrow::is_decimal(source) || arrow::is_decimal(target);
  const bool are_digits = (IsNumber(source) || arrow::is_decimal(source)) &&
                          (IsNumber(target) || arrow::is_decimal(target));
  if (has_decimal) return either(are_digits, How::kDigits);
  if (arrow::is_date(source)) return either(arrow::is_date(target), How::kDays);
  if (arrow::is_time(source)) return either(arrow::is_time(target), How::kTimes);
  if (source == Type::DURATION) return either(target == Type::DURATION, How::kTimes);
  if (source == Type::TIMESTAMP) {
    const auto has_zone = [](const arrow::DataType& type) {
      return !static_cast<const arrow::TimestampType&>(type).timezone().empty();
    };
    return either(target == Type::TIMESTAMP && has_zone(from) == has_zone(to), How::kTimes);
  }
  return std::nullopt;
}

Result<std::optional<Converter>> Converter::Make(const arrow::Field& from,
                                                 const std::string& logical_type) {
  CORESHED_ASSIGN(const auto own, table::LogicalType(from));
  Converter converter;
  if (own == logical_type) {
    converter.field_ = from.WithNullable(true);
    return std::optional(std::move(converter));
  }
  auto type = TypeNamed(logical_type);
  if (!type) return std::optional<Converter>();  // an extension, which only its library makes
  const auto& plain = ValueType(*from.type());
  auto how = HowTo(plain, **type);
  if (!how && table::IsWidening(own, logical_type)) how = How::kCast;
  if (!how) return std::optional<Converter>();
  converter.how_ = *how;
  converter.field_ = arrow::field(from.name(), *type);
  if (*how == How::kTexts || *how == How::kDigits) converter.parser_ = CellParserOf(*type);
  return std::optional(std::move(converter));
}

Result<ArrayPtr> Converter::Convert(const ArrayPtr& column, std::vector<int64_t>* bad) const {
  const auto& type = field_->type();
  if (how_ == How::kKeep) return column;
  CORESHED_ASSIGN(const auto plain, Plainly(column));
  switch (how_) {
    case How::kNulls: {
      CORESHED_ARROW_ASSIGN(auto nulls, arrow::MakeArrayOfNull(type, column->length()), kWhat);
      return nulls;
    }
    case How::kTexts:
      return Texts(*plain, type, parser_.get(), false, bad);
    case How::kNumbers:
      return Numbers(plain, type, bad);
    case How::kTruth:
      return Truth(plain, bad);
    case How::kDigits: {
      CORESHED_ASSIGN(const auto texts, CellTexts(plain));
      return Texts(*texts, type, parser_.get(), true, bad);
    }
    case How::kDays:
      return Days(*plain, type, bad);
    case How::kTimes:
      return Times(*plain, type, bad);
    default: {
      CORESHED_ARROW_ASSIGN(auto cast,
                            arrow::compute::Cast(*plain, type, arrow::compute::CastOptions::Safe()),
                            kWhat);
      return cast;
    }
  }
}

}  // namespace coreshed::validate
