#include "sources/ags_column.h"

#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <utility>

#include "sources/csv_types.h"

namespace coreshed::sources {

AgsColumn::AgsColumn(std::string heading, std::string unit, std::string type,
                     std::shared_ptr<arrow::Field> like)
    : heading_(std::move(heading)),
      unit_(std::move(unit)),
      type_(std::move(type)),
      like_(std::move(like)),
      own_(AgsFormat::OfType(type_, unit_)) {
  follows_type_ = own_ != nullptr && type_ != "U" && type_ != "MC";
  // An earlier column that AGS could not have does not count.
  if (like_ != nullptr && !IsTextType(*like_->type()) && LikeFormat() == nullptr) like_ = nullptr;
  const bool was_text = like_ != nullptr && IsTextType(*like_->type());
  const bool says_text = own_ == nullptr && type_ != "DT";
  is_text_ = was_text || (like_ == nullptr && says_text);
}

/// How the earlier column's values were written, or are if nobody says.
std::shared_ptr<const AgsFormat> AgsColumn::LikeFormat() const {
  const auto& type = *like_->type();
  const std::string noted = AgsMetadata(like_->metadata(), kAgsFormat);
  if (auto format = AgsFormat::Named(noted, type)) return format;
  const auto by_type = AgsFormat::OfType(AgsMetadata(like_->metadata(), kAgsType),
                                         AgsMetadata(like_->metadata(), kAgsUnit));
  if (by_type != nullptr && by_type->type()->Equals(type)) return by_type;
  return AgsFormat::For(type);
}

/// What TYPE says, for values of the earlier column's type.
std::shared_ptr<const AgsFormat> AgsColumn::OwnAsLike() const {
  return own_ == nullptr ? nullptr : AgsFormat::Named(own_->name(), *like_->type());
}

bool AgsColumn::Add(std::string_view value) {
  if (is_text_ && !follows_type_) return true;
  const AgsCell cell(value);
  bool breaks_type = false;
  if (follows_type_ && !own_->Takes(cell)) {
    follows_type_ = false;
    breaks_type = true;
  }
  if (is_text_) return !breaks_type;
  if (!begun_) {
    begun_ = true;
    Begin(cell);
  }
  std::erase_if(formats_, [&](const auto& format) { return !format->Takes(cell); });
  is_text_ = formats_.empty();
  return !breaks_type;
}

/// All ways in which the first value may be written, those to be preferred first.
void AgsColumn::Begin(const AgsCell& first) {
  if (own_ != nullptr) formats_.push_back(own_);
  bool moments = type_ == "DT";
  bool numbers = own_ != nullptr && arrow::is_numeric(own_->type()->id());
  bool whole = false;
  if (like_ != nullptr) {
    if (auto format = OwnAsLike()) formats_.push_back(std::move(format));
    formats_.push_back(LikeFormat());
    whole = like_->type()->id() == arrow::Type::INT64;
    numbers = numbers || arrow::is_numeric(like_->type()->id());
    moments = moments || arrow::is_temporal(like_->type()->id());
  }
  if (numbers) AddNumbers(first, whole);
  if (moments) AddMoments(first);
}

void AgsColumn::AddNumbers(const AgsCell& first, bool whole) {
  if (!first.number) return;
  const auto& number = *first.number;
  if (whole) formats_.push_back(AgsFormat::Number(AgsNumberStyle::Fixed(0), true));
  if (!number.has_exponent()) {
    const auto fixed = AgsNumberStyle::Named(std::to_string(number.decimals) + "DP");
    if (fixed) formats_.push_back(AgsFormat::Number(*fixed));
    formats_.push_back(AgsFormat::Number(AgsNumberStyle::Shortest()));
    return;
  }
  for (const char* exponent : {"", " E+0", " E00", " E0", " e+00", " e+0", " e00", " e0"}) {
    const auto style = AgsNumberStyle::Named(std::to_string(number.decimals) + "SCI" + exponent);
    if (style) formats_.push_back(AgsFormat::Number(*style));
  }
}

void AgsColumn::AddMoments(const AgsCell& first) {
  if (auto pattern = AgsPattern::Of(first.text)) {
    formats_.push_back(AgsFormat::Moment(*std::move(pattern)));
  }
}

std::shared_ptr<const AgsFormat> AgsColumn::Format() const {
  if (is_text_) return nullptr;
  if (!begun_) {
    if (like_ == nullptr) return own_;
    const auto format = OwnAsLike();
    return format != nullptr ? format : LikeFormat();
  }
  if (like_ != nullptr) {
    for (const auto& format : formats_) {
      if (format->type()->Equals(*like_->type())) return format;
    }
    // Not as it was: then as its own TYPE says, if it says anything.
    if (own_ == nullptr && type_ != "DT") return nullptr;
  }
  return formats_.front();
}

std::shared_ptr<arrow::Field> AgsColumn::Field() const {
  const auto format = Format();
  const auto type = format == nullptr ? arrow::utf8() : format->type();
  std::vector<std::string> keys{kAgsType}, values{type_};
  if (!unit_.empty()) {
    keys.emplace_back(kAgsUnit);
    values.push_back(unit_);
  }
  // The writer goes by the TYPE, whatever holds the values.
  if (format != nullptr && (own_ == nullptr || format->name() != own_->name())) {
    keys.emplace_back(kAgsFormat);
    values.push_back(format->name());
  }
  return arrow::field(heading_, type, true, arrow::key_value_metadata(keys, values));
}

}  // namespace coreshed::sources
