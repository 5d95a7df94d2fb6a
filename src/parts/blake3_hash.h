#pragma once

#include <blake3.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "parts/hash.h"

namespace coreshed::parts {

/// BLAKE3 of bytes that come in pieces. Whole numbers enter little-endian.
class Blake3 {
 public:
  Blake3() {
    FindCpuFeatures();
    blake3_hasher_init(&hasher_);
  }
  /// Begins with `tag` and a zero byte, so that hashes of different things never meet.
  explicit Blake3(std::string_view tag) : Blake3() {
    Update(tag.data(), tag.size());
    Update("", 1);
  }

  void Update(const void* data, size_t size) { blake3_hasher_update(&hasher_, data, size); }
  void Update(const Hash256& hash) { Update(hash.data(), hash.size()); }
  void UpdateU64(uint64_t value) {
    std::array<uint8_t, 8> bytes;
    for (auto& byte : bytes) {
      byte = static_cast<uint8_t>(value);
      value >>= 8;
    }
    Update(bytes.data(), bytes.size());
  }
  void UpdateText(std::string_view text) {
    UpdateU64(text.size());
    Update(text.data(), text.size());
  }
  Hash256 Finish() const {
    Hash256 hash;
    blake3_hasher_finalize(&hasher_, hash.data(), hash.size());
    return hash;
  }

 private:
  /// The library finds out what the CPU can when it first hashes, without a guard against other
  /// threads that do so too.
  static void FindCpuFeatures() {
    [[maybe_unused]] static const bool is_done = [] {
      blake3_hasher hasher;
      uint8_t hash[BLAKE3_OUT_LEN];
      blake3_hasher_init(&hasher);
      blake3_hasher_finalize(&hasher, hash, sizeof hash);
      return true;
    }();
  }

  blake3_hasher hasher_;
};

}  // namespace coreshed::parts
