#pragma once

#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/input.h"

/// Text files that are not UTF-8 (spec/csv.md, "Encodings").
namespace coreshed::sources {

enum class Encoding { kUtf8, kUtf16Le, kUtf16Be, kWindows1252 };

/// What a caller says of a file, beside nothing.
enum class GivenEncoding { kNone, kUtf8, kUtf16, kLatin1 };

/// `name` as in OpenFileOptions::encoding.
///
/// Errors  kInvalidArgument   none of those
Result<GivenEncoding> EncodingNamed(const std::string& name);

/// Tells the encoding of a file from its bytes, over pieces that may cut characters in two.
class EncodingWatch {
 public:
  explicit EncodingWatch(GivenEncoding given) : given_(given) {}

  /// The next bytes; the first call should hold the beginning of the file, at least 64 bytes of it.
  void Feed(std::string_view piece);
  /// Whether all bytes so far can be UTF-8, so that they mean what they say.
  bool may_be_utf8() const { return !utf16_ && bad_at_ < 0 && given_ != GivenEncoding::kUtf16; }
  /// After the last byte of `input`.
  ///
  /// Errors  kValidation   not what was given; or bytes both in UTF-8 and not. With the line
  Result<Encoding> Finish(const InputFile& input);
  /// Where the first byte is that is not UTF-8.
  int64_t bad_at() const { return bad_at_; }

 private:
  void Begin(std::string_view piece);
  size_t Walk(std::string_view text);
  Error Refused(const InputFile& input, const std::string& what) const;

  const GivenEncoding given_;
  bool begun_ = false;
  bool has_zero_ = false;          ///< among the first bytes: this is no text
  bool has_mark_ = false;          ///< that of UTF-8
  std::optional<Encoding> utf16_;  ///< by mark or by zero bytes
  int64_t offset_ = 0;             ///< of `cut_`
  std::string cut_;  ///< the beginning of a character that the next piece goes on with
  int64_t bad_at_ = -1;
  bool has_multibyte_ = false;  ///< some character of two bytes or more is whole
};

/// A copy of `input` in UTF-8, without a mark; with a warning where options.encoding did not ask
/// for it. `bad_at`: as EncodingWatch says.
///
/// Errors  kValidation   a zero byte, half a character, a byte without a meaning; of Windows-1252
///                       that nobody has given also a control character. With the line
///         kConflict     the file changed while being read
///         kCancelled    by options.stop
Result<std::shared_ptr<InputFile>> Decode(const InputFile& input, Encoding encoding, int64_t bad_at,
                                          const OpenFileOptions& options,
                                          std::vector<std::string>* warnings);

/// `input` itself if it is UTF-8, with or without a mark; else a decoded copy. Errors as above.
Result<std::shared_ptr<InputFile>> AsUtf8(std::shared_ptr<InputFile> input,
                                          const OpenFileOptions& options,
                                          std::vector<std::string>* warnings);

/// The bytes in UTF-8, as Windows-1252 has them; nothing if it does not define one of them.
std::optional<std::string> FromWindows1252(std::string_view bytes);

/// How many bytes the character takes that `text`, not empty, begins with: 0 if it is not
/// well-formed UTF-8, -1 if `text` ends before it does.
int Utf8CharacterSize(std::string_view text);

}  // namespace coreshed::sources
