#include "sources/sas_columns.h"

#include <arrow/api.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"
#include "sources/input.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kEpochDays = -3653;  // 1960-01-01, as Arrow counts
constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kFirstDay = -719'162, kLastDay = 2'932'896;  // years 1 to 9999
constexpr int64_t kMicros = 1'000'000;
constexpr size_t kNamedMost = 10;  // columns in one warning

/// The day, as Arrow counts, if `value` is a whole one.
std::optional<int64_t> DayOf(double value) {
  constexpr double kBound = 4e6;  // beyond all years
  if (!(std::abs(value) < kBound) || value != std::floor(value)) return std::nullopt;
  const int64_t day = static_cast<int64_t>(value) + kEpochDays;
  if (day < kFirstDay || day > kLastDay) return std::nullopt;
  return day;
}

/// Whole microseconds, if the nearest double of so many is `seconds`.
std::optional<int64_t> MicrosOf(double seconds) {
  constexpr double kBound = 4e11;  // beyond all years
  if (!(std::abs(seconds) < kBound)) return std::nullopt;
  const double whole = std::floor(seconds);
  const auto micros = static_cast<int64_t>(std::llround((seconds - whole) * double{kMicros}));
  if (whole + static_cast<double>(micros) / double{kMicros} != seconds) return std::nullopt;
  return static_cast<int64_t>(whole) * kMicros + micros;
}

std::optional<int64_t> MomentOf(double seconds) {
  auto micros = MicrosOf(seconds);
  if (!micros) return std::nullopt;
  *micros += kEpochDays * kDaySeconds * kMicros;
  const bool in_years = *micros >= kFirstDay * kDaySeconds * kMicros &&
                        *micros < (kLastDay + 1) * kDaySeconds * kMicros;
  return in_years ? micros : std::nullopt;
}

std::optional<int64_t> TimeOf(double seconds) {
  const auto micros = MicrosOf(seconds);
  return micros && *micros >= 0 && *micros < kDaySeconds * kMicros ? micros : std::nullopt;
}

std::optional<int64_t> ValueOf(SasKind kind, double value) {
  if (kind == SasKind::kDate) return DayOf(value);
  if (kind == SasKind::kTime) return TimeOf(value);
  return MomentOf(value);
}

std::shared_ptr<arrow::DataType> TypeOf(SasKind kind) {
  switch (kind) {
    case SasKind::kText:
      return arrow::utf8();
    case SasKind::kDate:
      return arrow::date32();
    case SasKind::kTime:
      return arrow::time64(arrow::TimeUnit::MICRO);
    case SasKind::kTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO);
    case SasKind::kTimestampUtc:
      return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    default:
      return arrow::float64();
  }
}

template <typename Builder>
arrow::Result<std::shared_ptr<arrow::Array>> ConvertNumbers(const arrow::DoubleArray& raw,
                                                            SasKind kind, Builder* builder) {
  ARROW_RETURN_NOT_OK(builder->Reserve(raw.length()));
  for (int64_t row = 0; row < raw.length(); ++row) {
    const auto value = raw.IsNull(row) ? std::nullopt : ValueOf(kind, raw.Value(row));
    if (value) {
      builder->UnsafeAppend(static_cast<typename Builder::value_type>(*value));
    } else if (raw.IsNull(row)) {
      builder->UnsafeAppendNull();
    } else {
      return arrow::Status::Invalid("a value that was not there before");
    }
  }
  return builder->Finish();
}

arrow::Result<std::shared_ptr<arrow::Array>> ConvertTimes(const arrow::DoubleArray& raw,
                                                          SasKind kind) {
  const auto type = TypeOf(kind);
  if (kind == SasKind::kDate) {
    arrow::Date32Builder builder;
    return ConvertNumbers(raw, kind, &builder);
  }
  if (kind == SasKind::kTime) {
    arrow::Time64Builder builder(type, arrow::default_memory_pool());
    return ConvertNumbers(raw, kind, &builder);
  }
  arrow::TimestampBuilder builder(type, arrow::default_memory_pool());
  return ConvertNumbers(raw, kind, &builder);
}

class SasReader : public arrow::RecordBatchReader {
 public:
  SasReader(std::shared_ptr<InputFile> input, std::shared_ptr<arrow::RecordBatchReader> raw,
            std::shared_ptr<const SasColumns> columns)
      : input_(std::move(input)), raw_(std::move(raw)), columns_(std::move(columns)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return columns_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    std::shared_ptr<arrow::RecordBatch> raw;
    auto status = raw_->ReadNext(&raw);
    if (status.ok() && raw != nullptr) {
      auto converted = columns_->Convert(*raw);
      if (converted) {
        *batch = std::move(*converted);
        return arrow::Status::OK();
      }
      status = ToArrow(converted.error());
    }
    if (auto unchanged = input_->CheckUnchanged(); !unchanged) return ToArrow(unchanged.error());
    return status;
  }

 private:
  std::shared_ptr<InputFile> input_;
  std::shared_ptr<arrow::RecordBatchReader> raw_;
  std::shared_ptr<const SasColumns> columns_;
};

}  // namespace

std::shared_ptr<arrow::Schema> SasDataset::RawSchema() const {
  arrow::FieldVector fields;
  for (size_t i = 0; i < variables.size(); ++i) {
    fields.push_back(
        arrow::field(std::to_string(i), variables[i].is_text ? arrow::binary() : arrow::float64()));
  }
  return arrow::schema(std::move(fields));
}

std::string_view TrimSasText(std::string_view text) {
  constexpr std::string_view kFill(" \0", 2);
  const auto last = text.find_last_not_of(kFill);
  return last == text.npos ? std::string_view() : text.substr(0, last + 1);
}

std::string SasMissing::Special(const std::string& column) const {
  std::string text;
  for (size_t letter = 0; letter < counts_.size(); ++letter) {
    if (letter == '.' || counts_[letter] == 0) continue;
    text += (text.empty() ? column + " ." : ", .") + std::string(1, static_cast<char>(letter)) +
            " " + std::to_string(counts_[letter]);
  }
  return text;
}

SasKind KindOfFormat(std::string_view format) {
  std::string name(format);
  while (!name.empty() && (name.back() == '.' || (name.back() >= '0' && name.back() <= '9')))
    name.pop_back();
  for (char& c : name)
    c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  const auto is_one_of = [&](const std::set<std::string_view>& names) {
    return names.contains(name);
  };
  static const std::set<std::string_view> kDates = {
      "DATE",     "E8601DA", "B8601DA", "IS8601DA", "WEEKDATE", "WEEKDATX", "WORDDATE",
      "WORDDATX", "JULIAN",  "NLDATE",  "MONYY",    "YYMON",    "DDMMYY",   "DDMMYYB",
      "DDMMYYC",  "DDMMYYD", "DDMMYYN", "DDMMYYP",  "DDMMYYS",  "MMDDYY",   "MMDDYYB",
      "MMDDYYC",  "MMDDYYD", "MMDDYYN", "MMDDYYP",  "MMDDYYS",  "YYMMDD",   "YYMMDDB",
      "YYMMDDC",  "YYMMDDD", "YYMMDDN", "YYMMDDP",  "YYMMDDS"};
  static const std::set<std::string_view> kTimes = {"TIME",    "TIMEAMPM", "HHMM",     "TOD",
                                                    "E8601TM", "B8601TM",  "IS8601TM", "NLTIME"};
  static const std::set<std::string_view> kMoments = {"DATETIME", "DATEAMPM", "MDYAMPM", "E8601DT",
                                                      "B8601DT",  "IS8601DT", "E8601DN", "B8601DN",
                                                      "DTDATE",   "NLDATM"};
  if (is_one_of(kDates)) return SasKind::kDate;
  if (is_one_of(kTimes)) return SasKind::kTime;
  if (is_one_of(kMoments)) return SasKind::kTimestamp;
  if (name == "E8601DZ" || name == "B8601DZ") return SasKind::kTimestampUtc;
  return SasKind::kNumber;
}

SasColumns::SasColumns(std::string label, SasDataset dataset, std::shared_ptr<SasTexts> texts)
    : label_(std::move(label)), dataset_(std::move(dataset)), texts_(std::move(texts)) {
  const size_t count = dataset_.variables.size();
  missing_.resize(count);
  fits_.assign(count, true);
  for (const auto& variable : dataset_.variables) {
    kinds_.push_back(variable.is_text ? SasKind::kText : KindOfFormat(variable.format));
  }
  WatchDescriptions();
}

void SasColumns::WatchDescriptions() {
  texts_->Watch(dataset_.name, false, [] { return std::string("name of the data set"); });
  texts_->Watch(dataset_.label, true, [] { return std::string("label of the data set"); });
  for (size_t i = 0; i < dataset_.variables.size(); ++i) {
    const auto& variable = dataset_.variables[i];
    const auto where = [&](const char* what) {
      return [i, what] { return std::string(what) + " of variable " + std::to_string(i + 1); };
    };
    texts_->Watch(variable.name, false, where("name"));
    texts_->Watch(variable.label, true, where("label"));
    texts_->Watch(variable.format, false, where("format"));
  }
}

void SasColumns::Watch(const arrow::RecordBatch& raw) {
  for (size_t i = 0; i < kinds_.size(); ++i) {
    const auto& variable = dataset_.variables[i];
    const auto held = raw.column(static_cast<int>(i));
    const auto& column = *held;
    if (kinds_[i] == SasKind::kText) {
      const auto& texts = static_cast<const arrow::BinaryArray&>(column);
      for (int64_t row = 0; row < texts.length(); ++row) {
        const auto text = texts.GetView(row);
        texts_->Watch(text, static_cast<int64_t>(text.size()) == variable.width, [&] {
          return "row " + std::to_string(rows_ + row + 1) + ", variable " + std::to_string(i + 1);
        });
      }
    } else if (kinds_[i] != SasKind::kNumber && fits_[i]) {
      const auto& numbers = static_cast<const arrow::DoubleArray&>(column);
      for (int64_t row = 0; row < numbers.length() && fits_[i]; ++row)
        fits_[i] = numbers.IsNull(row) || ValueOf(kinds_[i], numbers.Value(row));
    }
  }
  rows_ += raw.num_rows();
}

Result<std::string> SasColumns::Text(std::string_view bytes) const {
  std::string own;
  CORESHED_ASSIGN(const auto text, texts_->Decode(bytes, &own));
  return std::string(text);
}

Result<void> SasColumns::Settle() {
  const auto fault = [&](const std::string& what) {
    return Error{ErrorKind::kValidation, label_ + ": " + what}.With("file", label_);
  };
  CORESHED_ASSIGN(name_, Text(dataset_.name));
  std::vector<std::string> keys, values;
  const auto add = [&](const char* key, std::string value) {
    if (value.empty()) return;
    keys.emplace_back(key);
    values.push_back(std::move(value));
  };
  const auto take = [&] {
    auto metadata = keys.empty() ? nullptr : arrow::key_value_metadata(keys, values);
    keys.clear();
    values.clear();
    return metadata;
  };
  arrow::FieldVector fields;
  std::set<std::string> names;
  for (size_t i = 0; i < kinds_.size(); ++i) {
    const auto& variable = dataset_.variables[i];
    CORESHED_ASSIGN(auto name, Text(variable.name));
    CORESHED_ASSIGN(auto label, Text(variable.label));
    CORESHED_ASSIGN(auto format, Text(variable.format));
    if (name.empty()) return fault("variable " + std::to_string(i + 1) + " has no name.");
    if (!names.insert(name).second)
      return fault("more than one variable is called '" + name + "'.");
    add("label", std::move(label));
    add("sas_format", std::move(format));
    const auto kind = fits_[i] ? kinds_[i] : SasKind::kNumber;
    fields.push_back(arrow::field(name, TypeOf(kind), true, take()));
    names_.push_back(std::move(name));
  }
  CORESHED_ASSIGN(auto label, Text(dataset_.label));
  add("label", std::move(label));
  add("sas_name", name_);
  schema_ = arrow::schema(std::move(fields), take());
  return {};
}

std::vector<std::string> SasColumns::Warnings(const std::string& label) const {
  std::vector<std::string> missing, unfit;
  for (size_t i = 0; i < kinds_.size(); ++i) {
    if (auto special = missing_[i].Special(names_[i]); !special.empty())
      missing.push_back(std::move(special));
    if (!fits_[i]) unfit.push_back(names_[i] + " (" + dataset_.variables[i].format + ")");
  }
  std::vector<std::string> warnings;
  if (!missing.empty()) {
    warnings.push_back(label + ": special missing values are read as null: " +
                       Joined(missing, kNamedMost, "; ") + ".");
  }
  if (!unfit.empty()) {
    warnings.push_back(label +
                       ": columns whose format is one of dates or times, but not all values are "
                       "such, stay numbers: " +
                       Joined(unfit, kNamedMost) + ".");
  }
  return warnings;
}

Result<std::shared_ptr<arrow::Array>> SasColumns::ConvertText(const arrow::Array& raw) const {
  const auto& texts = static_cast<const arrow::BinaryArray&>(raw);
  arrow::StringBuilder builder;
  std::string own;
  for (int64_t row = 0; row < texts.length(); ++row) {
    if (texts.IsNull(row)) {
      CORESHED_ARROW_TRY(builder.AppendNull(), label_);
      continue;
    }
    CORESHED_ASSIGN(const auto text, texts_->Decode(texts.GetView(row), &own));
    CORESHED_ARROW_TRY(builder.Append(text), label_);
  }
  CORESHED_ARROW_ASSIGN(auto array, builder.Finish(), label_);
  return array;
}

Result<std::shared_ptr<arrow::RecordBatch>> SasColumns::Convert(
    const arrow::RecordBatch& raw) const {
  arrow::ArrayVector arrays;
  for (size_t i = 0; i < kinds_.size(); ++i) {
    const auto& column = raw.column(static_cast<int>(i));
    if (kinds_[i] == SasKind::kText) {
      CORESHED_ASSIGN(auto array, ConvertText(*column));
      arrays.push_back(std::move(array));
    } else if (kinds_[i] == SasKind::kNumber || !fits_[i]) {
      arrays.push_back(column);
    } else {
      const auto& numbers = static_cast<const arrow::DoubleArray&>(*column);
      CORESHED_ARROW_ASSIGN(auto array, ConvertTimes(numbers, kinds_[i]), label_);
      arrays.push_back(std::move(array));
    }
  }
  return arrow::RecordBatch::Make(schema_, raw.num_rows(), std::move(arrays));
}

std::shared_ptr<arrow::RecordBatchReader> MakeSasReader(
    std::shared_ptr<InputFile> input, std::shared_ptr<arrow::RecordBatchReader> raw,
    std::shared_ptr<const SasColumns> columns) {
  return std::make_shared<SasReader>(std::move(input), std::move(raw), std::move(columns));
}

}  // namespace coreshed::sources
