#include "validate/value_hash.h"

#include <arrow/array.h>
#include <arrow/compute/cast.h>
#include <xxhash.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "base/arrow_error.h"
#include "base/random.h"
#include "base/result.h"
#include "parts/cells.h"
#include "validate/values.h"

namespace coreshed::validate {
namespace {

constexpr uint64_t kNumberBits = (uint64_t{1} << 40) - 1;

ValueHash HashOf(const void* bytes, size_t size, uint64_t seed) {
  const auto hash = XXH3_128bits_withSeed(bytes, size, seed);
  const ValueHash value{hash.low64, hash.high64};
  return value.is_none() ? ValueHash{1, 0} : value;
}

/// Fractions, with one zero and one NaN.
template <typename Float>
std::vector<ValueHash> HashFractions(const arrow::Array& column, uint64_t seed) {
  std::vector<ValueHash> hashes(static_cast<size_t>(column.length()));
  const auto* values = column.data()->GetValues<Float>(1);
  for (int64_t row = 0; row < column.length(); ++row) {
    if (column.IsNull(row)) continue;
    Float value = values[row] == 0 ? Float{0} : values[row];
    if (std::isnan(value)) value = std::numeric_limits<Float>::quiet_NaN();
    hashes[static_cast<size_t>(row)] = HashOf(&value, sizeof value, seed);
  }
  return hashes;
}

}  // namespace

ValueHasher::ValueHasher() : seed_(0) {
  const std::string digits = RandomHex32();
  std::from_chars(digits.data(), digits.data() + sizeof(seed_) * 2, seed_, 16);
}

Result<std::vector<ValueHash>> ValueHasher::Hash(
    const std::shared_ptr<arrow::Array>& column) const {
  CORESHED_ASSIGN(auto plain, Plainly(column));
  if (plain->type_id() == arrow::Type::HALF_FLOAT) {
    CORESHED_ARROW_ASSIGN(plain, arrow::compute::Cast(*plain, arrow::float32()), "hashing values");
  }
  if (plain->type_id() == arrow::Type::DOUBLE) return HashFractions<double>(*plain, seed_);
  if (plain->type_id() == arrow::Type::FLOAT) return HashFractions<float>(*plain, seed_);
  std::vector<ValueHash> hashes(static_cast<size_t>(plain->length()));
  CORESHED_TRY(parts::ForEachCell(
      *plain->data(), 0, plain->length(),
      [&](int64_t row, const uint8_t* bytes, auto size) {
        hashes[static_cast<size_t>(row)] = HashOf(bytes, size, seed_);
      },
      [](int64_t) {}));
  return hashes;
}

Result<void> ValueHasher::Combine(const std::shared_ptr<arrow::Array>& column,
                                  std::vector<ValueHash>* keys) const {
  CORESHED_ASSIGN(const auto hashes, Hash(column));
  for (size_t row = 0; row < hashes.size(); ++row) {
    auto& key = (*keys)[row];
    if (hashes[row].is_none() || key.is_none()) {
      key = {};
      continue;
    }
    const ValueHash both[] = {key, hashes[row]};
    key = HashOf(both, sizeof both, seed_);
  }
  return {};
}

/// Where a hash is, or would be; there are free places.
size_t HashTable::PlaceOf(const ValueHash& hash) const {
  const size_t mask = places_.size() - 1;
  size_t at = hash.low & mask;
  while (!places_[at].is_none() &&
         !(places_[at].low == hash.low && ((places_[at].high ^ hash.high) & ~kNumberBits) == 0)) {
    at = (at + 1) & mask;
  }
  return at;
}

uint64_t HashTable::Find(const ValueHash& hash) const {
  if (places_.empty()) return kNone;
  const auto& place = places_[PlaceOf(hash)];
  return place.is_none() ? kNone : (place.high & kNumberBits) - 1;
}

uint64_t HashTable::FindOrAdd(const ValueHash& hash, uint64_t number) {
  if ((size_ + 1) * 8 > places_.size() * 7) Grow();
  auto& place = places_[PlaceOf(hash)];
  if (!place.is_none()) return (place.high & kNumberBits) - 1;
  place = {hash.low, (hash.high & ~kNumberBits) | (number + 1)};
  ++size_;
  return kNone;
}

void HashTable::Set(const ValueHash& hash, uint64_t number) {
  auto& place = places_[PlaceOf(hash)];
  place.high = (place.high & ~kNumberBits) | (number + 1);
}

void HashTable::Grow() {
  constexpr size_t kPlacesMin = 64;
  std::vector<Place> old = std::move(places_);
  places_.assign(old.empty() ? kPlacesMin : old.size() * 2, Place{});
  for (const auto& place : old) {
    if (!place.is_none()) places_[PlaceOf(place)] = place;
  }
}

}  // namespace coreshed::validate
