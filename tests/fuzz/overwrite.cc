// How files are made of others where most bytes stand in places that other bytes tell: inserting
// and leaving out, which libFuzzer does of itself, breaks all of those at once, and is seen at the
// door.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

using Random = std::minstd_rand;

/// A number of 1, 2, 4 or 8 bytes becomes another that is likely to matter.
void Overwrite(uint8_t* data, size_t size, Random& random) {
  const size_t width = std::min(size_t{1} << random() % 4, size);
  uint8_t* const place = data + random() % (size - width + 1);
  uint64_t number = 0;
  std::memcpy(&number, place, width);
  constexpr uint64_t kNumbers[] = {0,      1,         2,          0x7F,      0xFF,      0x7FFF,
                                   0xFFFF, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX};
  switch (random() % 5) {
    case 0:
      number = kNumbers[random() % std::size(kNumbers)];
      break;
    case 1:
      number += random() % 32 - 16;
      break;
    case 2:
      number ^= uint64_t{1} << random() % (8 * width);
      break;
    case 3:
      number <<= random() % 8;
      break;
    default:
      number = random();
  }
  std::memcpy(place, &number, width);
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  Random random(seed);
  if (size == 0 || random() % 8 == 0) return LLVMFuzzerMutate(data, size, max_size);
  for (size_t count = 1 + random() % 3; count > 0; --count)
    Overwrite(data, size, random);
  return size;
}
