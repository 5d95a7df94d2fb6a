#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sources/encoding.h"

namespace coreshed::sources {

/// The texts of a SAS file as UTF-8 (spec/sas.md, "Encodings"). Each is looked at before the first
/// is decoded: what they are may show in the last one.
class SasTexts {
 public:
  /// `encoding`: as iconv calls it; empty: the file does not say, and `given` is what a caller
  /// does.
  SasTexts(std::string label, std::string encoding, GivenEncoding given);
  ~SasTexts();
  SasTexts(const SasTexts&) = delete;
  SasTexts& operator=(const SasTexts&) = delete;

  /// `full`: it fills its variable, which may have cut it. `where`: how a message calls its place.
  template <typename Where>
  void Watch(std::string_view text, bool full, Where where) {
    if (IsPlain(text)) return;
    const Faults faults = WatchOther(text, full);
    if (faults.not_utf8 && not_utf8_.empty()) not_utf8_ = where();
    if (faults.undefined && undefined_.empty()) undefined_ = where();
    if (faults.cut) ++cut_;
  }
  /// After the last text.
  ///
  /// Errors  kValidation    bytes that the encoding does not define; some UTF-8, some not
  ///         kUnsupported   an encoding that nobody here knows
  Result<void> Settle();
  /// What a person should know of how texts are decoded.
  std::vector<std::string> Warnings() const;

  /// `text` in UTF-8, of which `own` is the memory where that is not the text itself. Only what was
  /// watched.
  Result<std::string_view> Decode(std::string_view text, std::string* own) const;

 private:
  enum class Kind { kUnknown, kUtf8, kWindows1252, kNamed };
  struct Faults {
    bool not_utf8 = false;   ///< nor cut
    bool undefined = false;  ///< in the encoding, or in Windows-1252 where it may be that
    bool cut = false;        ///< it ends within a character
  };

  static bool IsPlain(std::string_view text);
  Faults WatchOther(std::string_view text, bool full);
  Faults WatchUtf8(std::string_view text, bool full);
  Faults WatchNamed(std::string_view text, bool full);
  bool Convert(std::string_view text, std::string* utf8, bool* cut) const;
  Error Refused(const std::string& where, const std::string& what) const;

  const std::string label_, encoding_;
  const GivenEncoding given_;
  Kind kind_ = Kind::kUnknown;
  void* converter_ = nullptr;  ///< iconv's
  bool unknown_ = false;       ///< the encoding, to iconv
  bool decoded_ = false;       ///< as Windows-1252, which nobody said
  bool has_multibyte_ = false;
  int64_t cut_ = 0;
  std::string not_utf8_, undefined_;  ///< where the first fault of each kind is; empty: none
};

}  // namespace coreshed::sources
