#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coreshed::sources {

/// A day, a time of day, or both.
struct AgsMoment {
  int64_t days = 0;   ///< since 1970
  int64_t nanos = 0;  ///< since midnight
};

/// How dates and times are written, as a UNIT says it: yyyy-mm-ddThh:mm (spec/ags.md, "Values").
/// Every text that it reads it writes again.
class AgsPattern {
 public:
  /// Nothing: not all of a day or a time, or parts that are none.
  static std::optional<AgsPattern> Named(std::string_view name);
  /// The one in ISO 8601 that a text shows; nothing: it is no date or time.
  static std::optional<AgsPattern> Of(std::string_view whole);

  const std::string& name() const { return name_; }
  /// date32, time64(us), or timestamp(us), in UTC if it ends with Z.
  const std::shared_ptr<arrow::DataType>& type() const { return type_; }

  std::optional<AgsMoment> Read(std::string_view text) const;
  /// Nothing: the moment has what the pattern can't say.
  std::optional<std::string> Write(const AgsMoment& moment) const;

 private:
  enum class Part : uint8_t { kLiteral, kYear, kMonth, kDay, kHour, kMinute, kSecond, kFraction };
  struct Piece {
    Part part = Part::kLiteral;
    size_t size = 1;
    char literal = '\0';
  };

  AgsPattern() = default;
  static std::optional<Piece> NextPiece(std::string_view name, const std::vector<Piece>& before);
  bool Has(Part part) const;
  bool FindType();

  std::string name_;
  std::vector<Piece> pieces_;
  std::shared_ptr<arrow::DataType> type_;
  int64_t smallest_nanos_ = 0;  ///< of the finest part of a time
};

}  // namespace coreshed::sources
