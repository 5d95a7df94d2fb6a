#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arrow::util {
class Decompressor;
}

namespace coreshed::sources {

/// How bytes are packed: not at all, as in ZIP files, as a .gz, as a .zst.
enum class Packing { kNone, kDeflate, kGzip, kZstd };

/// Unpacks bytes that come in pieces. Checks what they carry to be checked by: gzip always a sum
/// and a size, zstd a sum if its writer put one there. Several gzip or zstd streams one after
/// another are one text.
///
/// Errors  kValidation   damaged, cut short, followed by other bytes
class Decoder {
 public:
  using Sink = std::function<Result<void>(std::string_view)>;

  /// `label`: how messages call what is packed.
  static Result<Decoder> Make(Packing packing, const std::string& label);
  Decoder(Decoder&&) noexcept;
  ~Decoder();

  /// The next packed bytes. What they unpack to goes to `sink`, at most 1 MiB at a time.
  Result<void> Feed(std::string_view packed, const Sink& sink);
  /// After the last of them.
  Result<void> Finish() const;

 private:
  Decoder() = default;
  Result<size_t> Step(std::string_view packed, const Sink& sink);
  Result<void> Begin();
  Error Damaged(const std::string& reason) const;
  Error Fault(const std::string& what) const;

  std::string label_;
  Packing packing_ = Packing::kNone;
  std::shared_ptr<arrow::util::Decompressor> decompressor_;  ///< null: not packed
  std::vector<uint8_t> unpacked_;
  bool within_ = false;   ///< a stream has begun and not ended
  bool ended_ = false;    ///< one has ended
  bool is_full_ = false;  ///< the last step filled all the room there was
};

}  // namespace coreshed::sources
