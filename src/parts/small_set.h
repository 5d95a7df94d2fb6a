#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coreshed::parts {

/// Counts different 64-bit hashes. Of fixed size, and so much faster than the library's sets.
class SmallSet {
 public:
  explicit SmallSet(size_t values_max) : slots_(std::bit_ceil(values_max * 2 + 1)) {}
  void Insert(uint64_t hash) {
    if (hash == 0) hash = 1;
    size_t at = hash & (slots_.size() - 1);
    while (slots_[at] != 0 && slots_[at] != hash)
      at = (at + 1) & (slots_.size() - 1);
    if (slots_[at] == 0) ++count_;
    slots_[at] = hash;
  }
  size_t count() const { return count_; }

 private:
  std::vector<uint64_t> slots_;
  size_t count_ = 0;
};

}  // namespace coreshed::parts
