#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace coreshed::validate {

/// 128 bits that stand for a value, or for those of a key. {0, 0} stands for none.
struct ValueHash {
  uint64_t low = 0, high = 0;
  bool is_none() const { return low == 0 && high == 0; }
  bool operator==(const ValueHash&) const = default;
};

/// Makes hashes that nobody can foresee: seeded anew for each check.
class ValueHasher {
 public:
  ValueHasher();

  /// Of each value of a column of any type without children; none for nulls. -0.0 is as 0.0, and
  /// one NaN as another.
  Result<std::vector<ValueHash>> Hash(const std::shared_ptr<arrow::Array>& column) const;
  /// Take in the values of a further column of a key; where one has none, the key has none.
  Result<void> Combine(const std::shared_ptr<arrow::Array>& column,
                       std::vector<ValueHash>* keys) const;

 private:
  uint64_t seed_;
};

/// Numbers by hashes: 16 bytes a place, at most seven of eight places taken. Keeps 88 bits of each
/// hash: among 10^9 values the chance that any two meet is below 10^-8.
class HashTable {
 public:
  static constexpr uint64_t kNumberMax = (uint64_t{1} << 40) - 2;

  /// The number that the hash has; if it had none, it gets `number` and nothing is returned
  /// (kNone).
  static constexpr uint64_t kNone = ~uint64_t{0};
  uint64_t FindOrAdd(const ValueHash& hash, uint64_t number);
  /// kNone: it has none.
  uint64_t Find(const ValueHash& hash) const;
  /// Only of a hash that has one.
  void Set(const ValueHash& hash, uint64_t number);
  size_t size() const { return size_; }

 private:
  /// The lowest 40 bits of `high` are the number and 1, so that no taken place is {0, 0}.
  using Place = ValueHash;
  size_t PlaceOf(const ValueHash& hash) const;
  void Grow();

  std::vector<Place> places_;
  size_t size_ = 0;
};

}  // namespace coreshed::validate
