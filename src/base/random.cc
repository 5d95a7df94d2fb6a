#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include "base/hex.h"

namespace coreshed {
namespace {

// getrandom for 256 bytes or less neither fails nor gets interrupted once the pool is ready.
void Fill(void* bytes, size_t size) {
  while (::getrandom(bytes, size, 0) != static_cast<ssize_t>(size)) {
    if (errno != EINTR) std::abort();
  }
}

}  // namespace

std::string RandomHex32() {
  std::array<uint8_t, 16> bytes;
  Fill(bytes.data(), bytes.size());
  return ToHex(bytes.data(), bytes.size());
}

std::string RandomUuid4() {
  std::array<uint8_t, 16> bytes;
  Fill(bytes.data(), bytes.size());
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);
  return ToHex(bytes.data(), bytes.size());
}

unsigned RandomBelow(unsigned bound) {
  uint32_t value = 0;
  Fill(&value, sizeof value);
  return static_cast<unsigned>((uint64_t{value} * bound) >> 32);
}

}  // namespace coreshed
