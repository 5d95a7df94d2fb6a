#include "sources/excel_types.h"

#include <arrow/builder.h>
#include <arrow/type.h>

#include <string_view>
#include <utility>

#include "sources/csv_types.h"
#include "sources/csv_values.h"

namespace coreshed::sources {
namespace {

const auto kMicros = arrow::TimeUnit::MICRO;

}  // namespace

ExcelType::ExcelType(std::shared_ptr<arrow::DataType> type, std::shared_ptr<const CsvParser> parser,
                     const std::shared_ptr<arrow::DataType>& means)
    : type_(std::move(type)),
      parser_(std::move(parser)),
      holds_elapsed_(type_->Equals(*arrow::duration(kMicros))),
      holds_moments_(type_->Equals(*arrow::timestamp(kMicros))),
      holds_times_(type_->Equals(*arrow::time64(kMicros))),
      means_moments_(means != nullptr && means->id() == arrow::Type::TIMESTAMP) {}

std::shared_ptr<const ExcelType> ExcelType::Of(const std::shared_ptr<arrow::DataType>& type) {
  if (type == nullptr) return nullptr;
  const bool is_text = IsTextType(*type);
  std::shared_ptr<const ExcelType> made(
      new ExcelType(is_text ? arrow::utf8() : type, is_text ? nullptr : CsvParser::Of(type), type));
  return made->is_text() && !is_text ? nullptr : made;
}

std::shared_ptr<const ExcelType> ExcelType::CellsOf(const std::shared_ptr<arrow::DataType>& type) {
  return std::shared_ptr<const ExcelType>(new ExcelType(arrow::utf8(), nullptr, type));
}

/// Whether the value is of the very kind that the type is made for.
bool ExcelType::Matches(const ExcelValue& value) const {
  constexpr int64_t kDayMicros = 86'400'000'000;
  switch (value.kind) {
    case ExcelKind::kWhole:
      return type_->id() == arrow::Type::INT64 ||
             (type_->id() == arrow::Type::DOUBLE && IsDouble(value.number));
    case ExcelKind::kFraction:
      return type_->id() == arrow::Type::DOUBLE;
    case ExcelKind::kBoolean:
      return type_->id() == arrow::Type::BOOL;
    case ExcelKind::kDay:
      return type_->id() == arrow::Type::DATE32 || holds_moments_;
    case ExcelKind::kMoment:
      return holds_moments_;
    case ExcelKind::kTime:
      return holds_times_ && value.number < kDayMicros;
    case ExcelKind::kElapsed:
      return holds_elapsed_;
    case ExcelKind::kText:
    case ExcelKind::kOdd:
      return false;
  }
  return false;
}

/// As a cell of a CSV file would have it.
std::string ExcelType::Written(const ExcelValue& value) const {
  std::string text = ExcelTextOf(value);
  return value.kind == ExcelKind::kDay && means_moments_ ? text + " 00:00:00" : text;
}

bool ExcelType::Takes(const ExcelValue& value) const {
  if (is_text() || Matches(value)) return true;
  return parser_ != nullptr && parser_->Takes(TrimBlanks(Written(value)));
}

arrow::Status ExcelType::AppendMatching(const ExcelValue& value,
                                        arrow::ArrayBuilder* builder) const {
  constexpr int64_t kDayMicros = 86'400'000'000;
  switch (type_->id()) {
    case arrow::Type::INT64:
      return static_cast<arrow::Int64Builder*>(builder)->Append(value.number);
    case arrow::Type::DOUBLE:
      return static_cast<arrow::DoubleBuilder*>(builder)->Append(
          value.kind == ExcelKind::kWhole ? static_cast<double>(value.number) : value.fraction);
    case arrow::Type::BOOL:
      return static_cast<arrow::BooleanBuilder*>(builder)->Append(value.number != 0);
    case arrow::Type::DATE32:
      return static_cast<arrow::Date32Builder*>(builder)->Append(
          static_cast<int32_t>(value.number));
    case arrow::Type::TIMESTAMP:
      return static_cast<arrow::TimestampBuilder*>(builder)->Append(
          value.kind == ExcelKind::kDay ? value.number * kDayMicros : value.number);
    case arrow::Type::TIME64:
      return static_cast<arrow::Time64Builder*>(builder)->Append(value.number);
    default:
      return static_cast<arrow::DurationBuilder*>(builder)->Append(value.number);
  }
}

arrow::Status ExcelType::Append(const ExcelValue& value, arrow::ArrayBuilder* builder) const {
  if (is_text()) {
    auto* texts = static_cast<arrow::StringBuilder*>(builder);
    const bool is_own = value.kind == ExcelKind::kText || value.kind == ExcelKind::kOdd;
    return is_own ? texts->Append(value.text()) : texts->Append(Written(value));
  }
  if (!value.is_filled()) return builder->AppendNull();
  if (Matches(value)) return AppendMatching(value, builder);
  const std::string written = Written(value);
  if (parser_ != nullptr) return parser_->Append(TrimBlanks(written), builder);
  return arrow::Status::Invalid("'", written, "' is no ", type_->ToString());
}

}  // namespace coreshed::sources
