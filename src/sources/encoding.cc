#include "sources/encoding.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kPiece = int64_t{1} << 20;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

using Fill = std::function<Result<void>(std::string_view)>;

Result<void> ReadAll(const InputFile& input, const Fill& use) {
  for (int64_t at = 0; at < input.size(); at += kPiece) {
    CORESHED_ARROW_ASSIGN(const auto piece, input.file()->ReadAt(at, kPiece),
                          "reading " + input.label());
    if (piece->size() == 0) break;
    CORESHED_TRY(
        use({reinterpret_cast<const char*>(piece->data()), static_cast<size_t>(piece->size())}));
  }
  return {};
}

/// Counts lines that end with \n, \r\n, or \r alone.
class LineCount {
 public:
  void Add(uint32_t character) {
    if (character == '\r' || (character == '\n' && !after_cr_)) ++line_;
    after_cr_ = character == '\r';
  }
  int64_t line() const { return line_; }

 private:
  int64_t line_ = 1;
  bool after_cr_ = false;
};

Result<int64_t> LineOf(const InputFile& input, int64_t offset) {
  LineCount lines;
  int64_t left = offset;
  CORESHED_TRY(ReadAll(input, [&](std::string_view piece) -> Result<void> {
    const auto size = static_cast<size_t>(std::min(left, static_cast<int64_t>(piece.size())));
    for (const char c : piece.substr(0, size))
      lines.Add(static_cast<unsigned char>(c));
    left -= static_cast<int64_t>(size);
    return {};
  }));
  return lines.line();
}

Error AtLine(const InputFile& input, int64_t line, const std::string& what) {
  return Error{ErrorKind::kValidation,
               input.label() + ", line " + std::to_string(line) + ": " + what}
      .With("file", input.label())
      .With("line", std::to_string(line));
}

size_t NextNonAscii(std::string_view text, size_t at) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  uint64_t word = 0;
  for (; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80)
    ++at;
  return at;
}

/// UTF-16 that nobody has marked: ASCII or Latin letters, of which every other byte is zero.
std::optional<Encoding> Utf16WithoutMark(std::string_view head) {
  constexpr size_t kLooked = 64;
  const size_t size = std::min(head.size(), kLooked) & ~size_t{1};
  if (size < 4) return std::nullopt;
  std::array<bool, 2> all_zero = {true, true}, none_zero = {true, true};
  for (size_t i = 0; i < size; ++i) {
    if (head[i] == 0) {
      none_zero[i % 2] = false;
    } else {
      all_zero[i % 2] = false;
    }
  }
  if (none_zero[0] && all_zero[1]) return Encoding::kUtf16Le;
  if (all_zero[0] && none_zero[1]) return Encoding::kUtf16Be;
  return std::nullopt;
}

std::optional<Encoding> MarkedUtf16(std::string_view head) {
  if (head.starts_with("\xFF\xFE")) return Encoding::kUtf16Le;
  if (head.starts_with("\xFE\xFF")) return Encoding::kUtf16Be;
  return std::nullopt;
}

void AppendUtf8(uint32_t code, std::string* text) {
  const auto put = [text](uint32_t byte) { text->push_back(static_cast<char>(byte)); };
  const auto rest = [&](int shift) { put(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    rest(0);
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    rest(6);
    rest(0);
  } else {
    put(0xF0 | (code >> 18));
    rest(12);
    rest(6);
    rest(0);
  }
}

/// The code point of a byte; 0 for the five that have none.
uint32_t CodeOfWindows1252(unsigned char byte) {
  static constexpr std::array<uint16_t, 32> kHigh = {
      0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
  return byte >= 0x80 && byte < 0xA0 ? kHigh[byte - 0x80] : byte;
}

std::string Hex(unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return std::string("0x") + kDigits[byte >> 4] + kDigits[byte & 15];
}

class Utf16Decoder {
 public:
  Utf16Decoder(const InputFile& input, bool big) : input_(input), high_(big ? 0 : 1) {}

  Result<void> Feed(std::string_view piece, std::string* text) {
    for (size_t i = 0; i + 1 < piece.size(); i += 2) {
      const auto high = static_cast<unsigned char>(piece[i + high_]);
      const auto low = static_cast<unsigned char>(piece[i + 1 - high_]);
      CORESHED_TRY(Add(static_cast<uint32_t>(high << 8 | low), text));
    }
    if (piece.size() % 2 == 0) return {};
    return AtLine(input_, lines_.line(), "UTF-16 of an odd number of bytes: it is cut off.");
  }
  Result<void> Finish() const { return lead_ == 0 ? Result<void>() : Lone(); }

 private:
  Result<void> Add(uint32_t unit, std::string* text) {
    const bool first = std::exchange(first_, false);
    if (first && unit == 0xFEFF) return {};
    const bool trails = unit >= 0xDC00 && unit < 0xE000;
    if (trails != (lead_ != 0)) return Lone();
    if (unit >= 0xD800 && unit < 0xDC00) {
      lead_ = unit;
      return {};
    }
    if (unit == 0) return AtLine(input_, lines_.line(), "a zero character: this is no text file.");
    const uint32_t lead = std::exchange(lead_, 0);
    const uint32_t code = trails ? 0x10000 + ((lead - 0xD800) << 10) + (unit - 0xDC00) : unit;
    lines_.Add(code);
    AppendUtf8(code, text);
    return {};
  }
  Error Lone() const {
    return AtLine(input_, lines_.line(),
                  "half a character (a lone surrogate) in UTF-16: the file is damaged.");
  }

  const InputFile& input_;
  const size_t high_;  ///< which of two bytes is the higher
  bool first_ = true;
  uint32_t lead_ = 0;  ///< the first half of a character, waiting for the second
  LineCount lines_;
};

class Windows1252Decoder {
 public:
  Windows1252Decoder(const InputFile& input, bool guessed) : input_(input), guessed_(guessed) {}

  Result<void> Feed(std::string_view piece, std::string* text) {
    for (const char c : piece) {
      const auto byte = static_cast<unsigned char>(c);
      const uint32_t code = CodeOfWindows1252(byte);
      if (code == 0) return Refused(byte);
      if (guessed_ && byte < 0x20 && (byte < '\t' || byte > '\r')) return Refused(byte);
      lines_.Add(code);
      AppendUtf8(code, text);
    }
    return {};
  }

 private:
  Error Refused(unsigned char byte) const {
    if (byte == 0) {
      return AtLine(input_, lines_.line(), "a zero byte: this is no text file.");
    }
    return AtLine(input_, lines_.line(),
                  "neither UTF-8 nor Latin-1, which has no text with byte " + Hex(byte) +
                      ". Save the file as UTF-8; or is it no text file?");
  }

  const InputFile& input_;
  const bool guessed_;
  LineCount lines_;
};

Result<void> CheckStop(const InputFile& input, const OpenFileOptions& options) {
  if (!options.stop.stop_requested()) return {};
  return Error{ErrorKind::kCancelled, "Reading " + input.label() + " was cancelled."};
}

/// `feed` makes text of pieces.
template <typename Feed>
Result<void> DecodeAll(const InputFile& input, const OpenFileOptions& options, const Fill& sink,
                       Feed feed) {
  std::string text;
  return ReadAll(input, [&](std::string_view piece) -> Result<void> {
    CORESHED_TRY(CheckStop(input, options));
    text.clear();
    CORESHED_TRY(feed(piece, &text));
    return sink(text);
  });
}

/// Whether the file ends where a character of UTF-8 has begun.
Result<bool> IsCutAt(const InputFile& input, int64_t bad_at) {
  constexpr int64_t kBegunMax = 3;
  if (input.size() - bad_at > kBegunMax) return false;
  CORESHED_ARROW_ASSIGN(const auto end, input.file()->ReadAt(bad_at, kBegunMax),
                        "reading " + input.label());
  return end->size() > 0 && Utf8CharacterSize(std::string_view(*end)) < 0;
}

/// What a person should know of a file that was decoded without their saying so.
Result<std::string> WarningOf(const InputFile& input, Encoding encoding, int64_t bad_at) {
  if (encoding != Encoding::kWindows1252) {
    return input.label() + " is not UTF-8: read as UTF-16 (" +
           (encoding == Encoding::kUtf16Be ? "big-endian" : "little-endian") + ").";
  }
  CORESHED_ASSIGN(const int64_t line, LineOf(input, bad_at));
  CORESHED_ASSIGN(const bool is_cut, IsCutAt(input, bad_at));
  return input.label() + " is not UTF-8 (line " + std::to_string(line) +
         "): read as Windows-1252 (Latin-1)" +
         (is_cut ? "; or it is UTF-8 and was cut off, for only its end is at fault." : ".");
}

}  // namespace

Result<GivenEncoding> EncodingNamed(const std::string& name) {
  if (name.empty()) return GivenEncoding::kNone;
  if (name == "utf-8") return GivenEncoding::kUtf8;
  if (name == "utf-16") return GivenEncoding::kUtf16;
  if (name == "latin-1") return GivenEncoding::kLatin1;
  return Error{ErrorKind::kInvalidArgument,
               "'" + name + "' is no encoding that can be given: utf-8, utf-16, latin-1."};
}

int Utf8CharacterSize(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const int size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned char low = 0x80, high = 0xBF;  // the second byte's bounds
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (int i = 1; i < size; ++i) {
    if (static_cast<size_t>(i) == text.size()) return -1;
    const auto byte = static_cast<unsigned char>(text[static_cast<size_t>(i)]);
    if (byte < low || byte > high) return 0;
    low = 0x80;
    high = 0xBF;
  }
  return size;
}

std::optional<std::string> FromWindows1252(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const uint32_t code = CodeOfWindows1252(static_cast<unsigned char>(c));
    if (code == 0) return std::nullopt;
    AppendUtf8(code, &text);
  }
  return text;
}

void EncodingWatch::Begin(std::string_view piece) {
  begun_ = true;
  has_zero_ = piece.find('\0') != piece.npos;
  has_mark_ = piece.starts_with(kUtf8Mark);
  if (given_ == GivenEncoding::kUtf8 || given_ == GivenEncoding::kLatin1) return;
  utf16_ = MarkedUtf16(piece);
  if (!utf16_) utf16_ = Utf16WithoutMark(piece);
}

void EncodingWatch::Feed(std::string_view piece) {
  if (!begun_) Begin(piece);
  if (utf16_ || (bad_at_ >= 0 && has_multibyte_)) return;
  std::string joined;
  if (!cut_.empty()) {
    joined = cut_.append(piece);
    piece = joined;
  }
  const size_t walked = Walk(piece);
  offset_ += static_cast<int64_t>(walked);
  cut_ = piece.substr(walked);
}

/// Looks at whole characters; returns how many bytes they are.
size_t EncodingWatch::Walk(std::string_view text) {
  size_t at = NextNonAscii(text, 0);
  while (at < text.size()) {
    const int size = given_ == GivenEncoding::kLatin1 ? 0 : Utf8CharacterSize(text.substr(at));
    if (size < 0) return at;
    if (size == 0 && bad_at_ < 0) bad_at_ = offset_ + static_cast<int64_t>(at);
    has_multibyte_ = has_multibyte_ || size > 1;
    at = NextNonAscii(text, at + static_cast<size_t>(std::max(size, 1)));
  }
  return at;
}

Error EncodingWatch::Refused(const InputFile& input, const std::string& what) const {
  auto line = LineOf(input, bad_at_);
  return line ? AtLine(input, *line, what) : std::move(line).error();
}

Result<Encoding> EncodingWatch::Finish(const InputFile& input) {
  if (!cut_.empty() && bad_at_ < 0) bad_at_ = offset_;
  if (utf16_) return *utf16_;
  if (given_ == GivenEncoding::kUtf16) {
    return AtLine(input, 1,
                  "no UTF-16 of which the byte order can be told. Save it with a byte-order mark, "
                  "or as UTF-8.");
  }
  if (given_ == GivenEncoding::kLatin1) {
    if (has_mark_) return AtLine(input, 1, "the mark of UTF-8, but Latin-1 was given.");
    return bad_at_ < 0 ? Encoding::kUtf8 : Encoding::kWindows1252;
  }
  if (bad_at_ < 0) return Encoding::kUtf8;
  if (given_ == GivenEncoding::kUtf8 || has_zero_) {
    return Refused(input, "not UTF-8. Save the file as UTF-8; or is it no text file?");
  }
  if (!has_multibyte_ && !has_mark_) return Encoding::kWindows1252;
  return Refused(input,
                 "not UTF-8, though other text in the file is. It is damaged; or say that it is "
                 "Latin-1 (--encoding latin-1, encoding).");
}

Result<std::shared_ptr<InputFile>> Decode(const InputFile& input, Encoding encoding, int64_t bad_at,
                                          const OpenFileOptions& options,
                                          std::vector<std::string>* warnings) {
  CORESHED_ASSIGN(auto decoded, input.Rewritten([&](const Fill& sink) -> Result<void> {
    if (encoding == Encoding::kWindows1252) {
      Windows1252Decoder decoder(input, options.encoding.empty());
      return DecodeAll(input, options, sink,
                       [&](auto piece, auto* text) { return decoder.Feed(piece, text); });
    }
    Utf16Decoder decoder(input, encoding == Encoding::kUtf16Be);
    CORESHED_TRY(DecodeAll(input, options, sink,
                           [&](auto piece, auto* text) { return decoder.Feed(piece, text); }));
    return decoder.Finish();
  }));
  CORESHED_TRY(input.CheckUnchanged());
  if (options.encoding.empty()) {
    CORESHED_ASSIGN(auto warning, WarningOf(input, encoding, bad_at));
    warnings->push_back(std::move(warning));
  }
  return decoded;
}

Result<std::shared_ptr<InputFile>> AsUtf8(std::shared_ptr<InputFile> input,
                                          const OpenFileOptions& options,
                                          std::vector<std::string>* warnings) {
  CORESHED_ASSIGN(const GivenEncoding given, EncodingNamed(options.encoding));
  EncodingWatch watch(given);
  CORESHED_TRY(ReadAll(*input, [&](std::string_view piece) -> Result<void> {
    watch.Feed(piece);
    return CheckStop(*input, options);
  }));
  CORESHED_ASSIGN(const Encoding encoding, watch.Finish(*input));
  if (encoding == Encoding::kUtf8) return input;
  return Decode(*input, encoding, watch.bad_at(), options, warnings);
}

}  // namespace coreshed::sources
