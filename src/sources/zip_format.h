#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The numbers of ZIP files (PKWARE's APPNOTE 6.3), which are little-endian.
namespace coreshed::sources::zip {

inline constexpr uint32_t kLocalHeader = 0x04034b50;
inline constexpr uint32_t kDescriptor = 0x08074b50;
inline constexpr uint32_t kCentralHeader = 0x02014b50;
inline constexpr uint32_t kEnd = 0x06054b50;
inline constexpr uint32_t kEnd64 = 0x06064b50;
inline constexpr uint32_t kLocator64 = 0x07064b50;

inline constexpr int64_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56,
                         kLocator64Size = 20;

inline constexpr uint16_t kEncrypted = 1 << 0, kDescriptorFollows = 1 << 3,
                          kStrongEncryption = 1 << 6, kUtf8 = 1 << 11, kMasked = 1 << 13;
inline constexpr uint16_t kStored = 0, kDeflated = 8, kZstd = 93;
inline constexpr uint16_t kSizes64 = 0x0001, kUnicodePath = 0x7075;  ///< extra fields
inline constexpr uint32_t kIn64 = 0xFFFFFFFF;  ///< the number stands in the field kSizes64

/// Takes numbers off the front of bytes. What is not there is 0, and shows in `is_short`.
class Numbers {
 public:
  explicit Numbers(std::string_view bytes) : bytes_(bytes) {}

  uint16_t U16() { return static_cast<uint16_t>(Take(2)); }
  uint32_t U32() { return static_cast<uint32_t>(Take(4)); }
  uint64_t U64() { return Take(8); }
  std::string_view Bytes(size_t size) {
    is_short_ = is_short_ || size > bytes_.size();
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() const { return bytes_; }
  bool is_short() const { return is_short_; }

 private:
  uint64_t Take(size_t size) {
    uint64_t number = 0;
    const auto taken = Bytes(size);
    for (size_t i = 0; i < taken.size(); ++i)
      number |= uint64_t{static_cast<uint8_t>(taken[i])} << (8 * i);
    return number;
  }

  std::string_view bytes_;
  bool is_short_ = false;
};

}  // namespace coreshed::sources::zip
