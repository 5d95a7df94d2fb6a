#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coreshed::sources {

/// What a number is, however it is written: 0.digits × 10^point.
struct AgsNumber {
  bool negative = false;
  std::string digits = {};  ///< no zeros at its ends; none: zero
  int64_t point = 0;

  /// Of a text such as -12.50 or 1.2E-7; nothing for any other.
  static std::optional<AgsNumber> Of(std::string_view text);
};

/// How the text of a number looks.
struct AgsNumberText {
  std::string_view text;
  bool negative = false;
  bool is_zero = false;
  int64_t significant = 0;      ///< digits between the first and the last that is not 0
  int64_t point = 0;            ///< as AgsNumber's, without the exponent
  int64_t decimals = 0;         ///< digits after the point
  bool ends_with_zero = false;  ///< among them the last
  std::string_view exponent;    ///< after the E, with its sign
  char exponent_mark = '\0';    ///< E or e; none: 0

  /// Nothing: no number, or one with a needless zero or plus in front.
  static std::optional<AgsNumberText> Of(std::string_view text);
  bool has_exponent() const { return exponent_mark != '\0'; }
  /// Whether the nearest double, written as shortly as it can be, says the same.
  bool IsDouble() const;
  bool IsInt64() const;
};

/// A way of writing numbers (spec/ags.md, "Values"). Never rounds.
class AgsNumberStyle {
 public:
  /// By its name: 2DP, 3SF, 1SCI, 1SCI e+0, MC, U, shortest.
  static std::optional<AgsNumberStyle> Named(std::string_view name);
  static AgsNumberStyle Fixed(int64_t decimals);
  static AgsNumberStyle Shortest();

  const std::string& name() const { return name_; }
  /// Whether whole numbers are all that it can write.
  bool is_whole() const { return kind_ == Kind::kFixed && digits_ == 0; }
  /// Whether it writes the number as this text.
  bool Writes(const AgsNumberText& number) const;
  /// Nothing: the number has more digits than this way of writing.
  std::optional<std::string> Write(const AgsNumber& number) const;

 private:
  enum class Kind : uint8_t { kFixed, kSignificant, kScientific, kShortest };

  AgsNumberStyle(Kind kind, int64_t digits, std::string name)
      : kind_(kind), digits_(digits), name_(std::move(name)) {}
  std::string Exponent(int64_t exponent) const;

  Kind kind_;
  int64_t digits_;
  std::string name_;
  std::string exponent_ = "E+00";  ///< as the exponent 0 would be written, with a plus if there is
};

}  // namespace coreshed::sources
