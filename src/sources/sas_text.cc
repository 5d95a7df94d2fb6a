#include "sources/sas_text.h"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/result.h"

namespace coreshed::sources {
namespace {

iconv_t const kNoConverter = reinterpret_cast<iconv_t>(-1);  // as iconv_open says it

/// How much of `text` is whole characters, if all else is the beginning of one.
size_t WholeUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const int size = Utf8CharacterSize(text.substr(at));
    if (size <= 0) break;
    at += static_cast<size_t>(size);
  }
  return at;
}

}  // namespace

SasTexts::SasTexts(std::string label, std::string encoding, GivenEncoding given)
    : label_(std::move(label)), encoding_(std::move(encoding)), given_(given) {
  if (encoding_.empty()) {
    if (given_ == GivenEncoding::kUtf8) kind_ = Kind::kUtf8;
    if (given_ == GivenEncoding::kLatin1) kind_ = Kind::kWindows1252;
  } else if (encoding_ == "UTF-8") {
    kind_ = Kind::kUtf8;
  } else if (encoding_ == "ISO-8859-1" || encoding_ == "WINDOWS-1252") {
    kind_ = Kind::kWindows1252;
  } else {
    kind_ = Kind::kNamed;
  }
}

SasTexts::~SasTexts() {
  if (converter_ != nullptr) iconv_close(converter_);
}

/// The same bytes in all encodings; an escape begins other letters in some.
bool SasTexts::IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != 0x1B; });
}

SasTexts::Faults SasTexts::WatchOther(std::string_view text, bool full) {
  if (kind_ == Kind::kNamed) return WatchNamed(text, full);
  if (kind_ == Kind::kWindows1252) return {.undefined = !FromWindows1252(text)};
  return WatchUtf8(text, full);
}

SasTexts::Faults SasTexts::WatchUtf8(std::string_view text, bool full) {
  for (size_t at = 0; at < text.size() && !has_multibyte_; ++at)
    has_multibyte_ = Utf8CharacterSize(text.substr(at)) > 1;
  const size_t whole = WholeUtf8(text);
  Faults faults;
  faults.cut = full && whole < text.size() && Utf8CharacterSize(text.substr(whole)) < 0;
  faults.not_utf8 = whole < text.size() && !faults.cut;
  faults.undefined = kind_ == Kind::kUnknown && !FromWindows1252(text);
  return faults;
}

SasTexts::Faults SasTexts::WatchNamed(std::string_view text, bool full) {
  if (converter_ == nullptr && !unknown_) {
    iconv_t opened = iconv_open("UTF-8", encoding_.c_str());
    unknown_ = opened == kNoConverter;
    if (!unknown_) converter_ = opened;
  }
  if (unknown_) return {};
  std::string utf8;
  bool cut = false;
  const bool defined = Convert(text, &utf8, &cut);
  return {.undefined = !defined || (cut && !full), .cut = cut && full};
}

/// False: bytes that the encoding does not define.
bool SasTexts::Convert(std::string_view text, std::string* utf8, bool* cut) const {
  utf8->resize(text.size() * 4 + 16);
  iconv(converter_, nullptr, nullptr, nullptr, nullptr);  // as at the beginning
  char* in = const_cast<char*>(text.data());              // iconv's interface; it only reads
  size_t in_left = text.size();
  char* out = utf8->data();
  size_t out_left = utf8->size();
  if (iconv(converter_, &in, &in_left, &out, &out_left) == static_cast<size_t>(-1)) {
    if (errno != EINVAL) return false;
    *cut = true;
  }
  iconv(converter_, nullptr, nullptr, &out, &out_left);
  utf8->resize(utf8->size() - out_left);
  return true;
}

Error SasTexts::Refused(const std::string& where, const std::string& what) const {
  return Error{ErrorKind::kValidation, label_ + ", " + where + ": " + what}.With("file", label_);
}

Result<void> SasTexts::Settle() {
  if (unknown_) {
    return Error{ErrorKind::kUnsupported,
                 label_ + " has texts in the encoding " + encoding_ +
                     ", which this machine does not know. Write it in UTF-8 in SAS."}
        .With("file", label_);
  }
  if (kind_ == Kind::kUnknown) {
    const bool may_be_utf8 = not_utf8_.empty() && (cut_ == 0 || has_multibyte_);
    if (!may_be_utf8 && has_multibyte_) {
      return Refused(not_utf8_,
                     "a text that is not UTF-8, though others in the file are. It is damaged; or "
                     "say that it is Latin-1 (--encoding latin-1, encoding).");
    }
    kind_ = may_be_utf8 ? Kind::kUtf8 : Kind::kWindows1252;
    if (may_be_utf8) return {};
    decoded_ = true;
    cut_ = 0;
  }
  if (kind_ == Kind::kUtf8 && !not_utf8_.empty())
    return Refused(not_utf8_, "a text that is not UTF-8.");
  if (kind_ != Kind::kUtf8 && !undefined_.empty()) {
    const std::string name = kind_ == Kind::kNamed ? encoding_ : "Windows-1252 (Latin-1)";
    return Refused(undefined_, "a text with bytes that " + name + " does not define.");
  }
  return {};
}

std::vector<std::string> SasTexts::Warnings() const {
  std::vector<std::string> warnings;
  if (decoded_) {
    warnings.push_back(label_ +
                       " does not say its encoding and is not UTF-8: its texts are read as "
                       "Windows-1252 (Latin-1).");
  }
  if (cut_ > 0) {
    warnings.push_back(label_ + " has " + std::to_string(cut_) +
                       " text(s) that SAS cut within a character: the half is left out.");
  }
  return warnings;
}

Result<std::string_view> SasTexts::Decode(std::string_view text, std::string* own) const {
  if (IsPlain(text)) return text;
  if (kind_ == Kind::kUtf8) return text.substr(0, WholeUtf8(text));
  if (kind_ == Kind::kWindows1252) {
    auto decoded = FromWindows1252(text);
    if (!decoded) return Refused("a text", "bytes that were not there before.");
    *own = *std::move(decoded);
    return std::string_view(*own);
  }
  bool cut = false;
  if (!Convert(text, own, &cut)) return Refused("a text", "bytes that were not there before.");
  return std::string_view(*own);
}

}  // namespace coreshed::sources
