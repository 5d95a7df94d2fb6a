#pragma once

#include <arrow/array/data.h>
#include <arrow/util/bit_util.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace coreshed::parts {

/// Which of a run of values are not null: a bitmap and the bit it begins at, or no bitmap: all are.
///
/// What lies under a null is garbage in Arrow: in the value itself, and below it in children. So
/// the walk over a nested column carries the nulls of the outside down to the inside.
class Validity {
 public:
  Validity() = default;
  /// Of `length` values of `data` from `offset` (counted from the beginning of its buffers), being
  /// the children, one for one, of values with validity `parent`.
  static Validity Of(const arrow::ArrayData& data, int64_t offset, int64_t length,
                     const Validity& parent);

  /// As the first `length` bits of a bitmap say.
  static Validity Kept(std::shared_ptr<arrow::Buffer> bits, int64_t length);

  bool has_nulls() const { return bits_ != nullptr; }
  bool IsValid(int64_t i) const {
    return bits_ == nullptr || arrow::bit_util::GetBit(bits_, offset_ + i);
  }
  const uint8_t* bits() const { return bits_; }
  int64_t offset() const { return offset_; }
  /// That of `size` values for each of these: children of fixed-size lists.
  Validity Repeat(int64_t length, int64_t size) const;

 private:
  Validity(const uint8_t* bits, int64_t offset, std::shared_ptr<void> owned)
      : bits_(bits), offset_(offset), owned_(std::move(owned)) {}

  const uint8_t* bits_ = nullptr;
  int64_t offset_ = 0;
  std::shared_ptr<void> owned_;
};

}  // namespace coreshed::parts
