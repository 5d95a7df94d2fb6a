#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace coreshed {

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(const void* data, size_t size);
  /// The digest as 64 hex digits; ends the use of this object.
  std::string Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// SHA-256 of `bytes` as 64 hex digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace coreshed
