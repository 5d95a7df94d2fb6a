#include "parts/validity.h"

#include <arrow/util/bitmap_ops.h>

namespace coreshed::parts {
namespace {

/// Whether any of the values is null; a null count known for the whole array is used.
bool HasNulls(const arrow::ArrayData& data, int64_t offset, int64_t length) {
  if (data.buffers.empty() || data.buffers[0] == nullptr || length == 0) return false;
  const int64_t known = data.null_count.load();
  if (known == 0 && offset >= data.offset && offset + length <= data.offset + data.length) {
    return false;
  }
  return arrow::internal::CountSetBits(data.buffers[0]->data(), offset, length) != length;
}

}  // namespace

Validity Validity::Of(const arrow::ArrayData& data, int64_t offset, int64_t length,
                      const Validity& parent) {
  if (!HasNulls(data, offset, length)) return parent;
  const uint8_t* own = data.buffers[0]->data();
  if (!parent.has_nulls()) return Validity(own, offset, nullptr);
  auto both = std::make_shared<std::vector<uint8_t>>(
      static_cast<size_t>(arrow::bit_util::BytesForBits(length)));
  arrow::internal::BitmapAnd(own, offset, parent.bits_, parent.offset_, length, 0, both->data());
  const uint8_t* bits = both->data();
  return Validity(bits, 0, std::move(both));
}

Validity Validity::Kept(std::shared_ptr<arrow::Buffer> bits, int64_t length) {
  const uint8_t* at = bits->data();
  if (arrow::internal::CountSetBits(at, 0, length) == length) return {};
  return Validity(at, 0, std::move(bits));
}

Validity Validity::Repeat(int64_t length, int64_t size) const {
  if (bits_ == nullptr) return {};
  auto bitmap = std::make_shared<std::vector<uint8_t>>(
      static_cast<size_t>(arrow::bit_util::BytesForBits(length * size)));
  for (int64_t i = 0; i < length; ++i) {
    if (IsValid(i)) arrow::bit_util::SetBitsTo(bitmap->data(), i * size, size, true);
  }
  const uint8_t* bits = bitmap->data();
  return Validity(bits, 0, std::move(bitmap));
}

}  // namespace coreshed::parts
