#include "sources/ags_format.h"

#include <arrow/array/builder_primitive.h>
#include <arrow/array/builder_time.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <charconv>
#include <utility>

namespace coreshed::sources {
namespace {

template <typename Number>
arrow::Status AppendNumber(std::string_view text, arrow::ArrayBuilder* builder) {
  Number value = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), value).ec;
  if (error != std::errc()) return arrow::Status::Invalid("'", text, "' is no number");
  using Builder = typename arrow::CTypeTraits<Number>::BuilderType;
  return static_cast<Builder*>(builder)->Append(value);
}

}  // namespace

std::string AgsMetadata(const std::shared_ptr<const arrow::KeyValueMetadata>& metadata,
                        const std::string& key) {
  const int index = metadata == nullptr ? -1 : metadata->FindKey(key);
  return index < 0 ? std::string() : metadata->value(index);
}

std::shared_ptr<const AgsFormat> AgsFormat::Number(AgsNumberStyle style, bool is_int64) {
  auto type = is_int64 ? arrow::int64() : arrow::float64();
  return std::shared_ptr<const AgsFormat>(new AgsFormat(std::move(style), std::move(type)));
}

std::shared_ptr<const AgsFormat> AgsFormat::Moment(AgsPattern pattern) {
  auto type = pattern.type();
  return std::shared_ptr<const AgsFormat>(new AgsFormat(std::move(pattern), std::move(type)));
}

std::shared_ptr<const AgsFormat> AgsFormat::YesNo() {
  return std::shared_ptr<const AgsFormat>(new AgsFormat(YesOrNo(), arrow::boolean()));
}

std::shared_ptr<const AgsFormat> AgsFormat::OfType(std::string_view type, std::string_view unit) {
  if (type == "YN") return YesNo();
  if (type == "DT") {
    auto pattern = AgsPattern::Named(unit);
    return pattern ? Moment(*std::move(pattern)) : nullptr;
  }
  // Only a file's own TYPEs, not the other names of styles.
  if (type == "shortest" || type.find(' ') != type.npos) return nullptr;
  auto style = AgsNumberStyle::Named(type);
  if (!style) return nullptr;
  const bool is_whole = style->is_whole();
  return Number(*std::move(style), is_whole);
}

std::shared_ptr<const AgsFormat> AgsFormat::Named(std::string_view name,
                                                  const arrow::DataType& type) {
  if (name == "YN" && type.id() == arrow::Type::BOOL) return YesNo();
  if (auto style = AgsNumberStyle::Named(name)) {
    const bool is_int64 = type.id() == arrow::Type::INT64;
    if (is_int64 && !style->is_whole()) return nullptr;
    if (!is_int64 && type.id() != arrow::Type::DOUBLE) return nullptr;
    return Number(*std::move(style), is_int64);
  }
  auto pattern = AgsPattern::Named(name);
  return pattern && pattern->type()->Equals(type) ? Moment(*std::move(pattern)) : nullptr;
}

std::shared_ptr<const AgsFormat> AgsFormat::For(const arrow::DataType& type) {
  for (const char* name : {"YN", "0DP", "shortest", "yyyy-mm-dd", "yyyy-mm-ddThh:mm:ss",
                           "yyyy-mm-ddThh:mm:ssZ", "hh:mm:ss"}) {
    if (name == std::string_view("0DP") && type.id() == arrow::Type::DOUBLE) continue;
    if (auto format = Named(name, type)) return format;
  }
  return nullptr;
}

std::string AgsFormat::name() const {
  if (const auto* style = std::get_if<AgsNumberStyle>(&way_)) return style->name();
  if (const auto* pattern = std::get_if<AgsPattern>(&way_)) return pattern->name();
  return "YN";
}

bool AgsFormat::Takes(const AgsCell& cell) const {
  if (const auto* style = std::get_if<AgsNumberStyle>(&way_)) {
    if (!cell.number || !style->Writes(*cell.number)) return false;
    return type_->id() == arrow::Type::INT64 ? cell.number->IsInt64() : cell.number->IsDouble();
  }
  if (const auto* pattern = std::get_if<AgsPattern>(&way_)) {
    return pattern->Read(cell.text).has_value();
  }
  return cell.text == "Y" || cell.text == "N";
}

arrow::Status AgsFormat::Append(std::string_view text, arrow::ArrayBuilder* builder) const {
  if (std::holds_alternative<AgsNumberStyle>(way_)) {
    return type_->id() == arrow::Type::INT64 ? AppendNumber<int64_t>(text, builder)
                                             : AppendNumber<double>(text, builder);
  }
  if (const auto* pattern = std::get_if<AgsPattern>(&way_)) {
    const auto moment = pattern->Read(text);
    if (!moment) return arrow::Status::Invalid("'", text, "' is not written as ", name());
    return AppendMoment(*moment, builder);
  }
  return static_cast<arrow::BooleanBuilder*>(builder)->Append(text == "Y");
}

arrow::Status AgsFormat::AppendMoment(const AgsMoment& moment, arrow::ArrayBuilder* builder) const {
  constexpr int64_t kMicro = 1'000, kDayMicros = int64_t{86'400} * 1'000'000;
  const int64_t micros = moment.nanos / kMicro;
  switch (type_->id()) {
    case arrow::Type::DATE32:
      return static_cast<arrow::Date32Builder*>(builder)->Append(static_cast<int32_t>(moment.days));
    case arrow::Type::TIME64:
      return static_cast<arrow::Time64Builder*>(builder)->Append(micros);
    default:
      return static_cast<arrow::TimestampBuilder*>(builder)->Append(moment.days * kDayMicros +
                                                                    micros);
  }
}

}  // namespace coreshed::sources
