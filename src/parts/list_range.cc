#include "parts/list_range.h"

#include <arrow/buffer.h>
#include <arrow/type.h>
#include <arrow/util/bitmap_ops.h>

#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/memory_pool.h"

namespace coreshed::parts {
namespace {

using arrow::ArrayData;
using arrow::Type;

template <typename Offset>
Result<std::shared_ptr<ArrayData>> FromZero(const ArrayData& data) {
  CORESHED_ASSIGN(auto validity, ValidityFromZero(data));
  CORESHED_ARROW_ASSIGN(
      auto buffer,
      arrow::AllocateBuffer((data.length + 1) * static_cast<int64_t>(sizeof(Offset)), Pool()),
      "converting a list");
  auto* offsets = reinterpret_cast<Offset*>(buffer->mutable_data());
  offsets[0] = 0;
  Offset first = 0;
  if (data.length > 0) {
    const Offset* from = data.GetValues<Offset>(1);
    first = from[0];
    for (int64_t i = 0; i <= data.length; ++i)
      offsets[i] = from[i] - first;
  }
  auto list = ArrayData::Make(data.type, data.length, {std::move(validity), std::move(buffer)},
                              data.GetNullCount());
  list->child_data = {data.child_data[0]->Slice(first, offsets[data.length])};
  return list;
}

}  // namespace

Result<std::shared_ptr<arrow::Buffer>> ValidityFromZero(const ArrayData& data) {
  if (data.GetNullCount() == 0 || data.buffers[0] == nullptr) {
    return std::shared_ptr<arrow::Buffer>();
  }
  if (data.offset == 0) return data.buffers[0];
  CORESHED_ARROW_ASSIGN(
      auto bitmap,
      arrow::internal::CopyBitmap(Pool(), data.buffers[0]->data(), data.offset, data.length),
      "converting a column");
  return bitmap;
}

Result<std::shared_ptr<ArrayData>> ListFromZero(const ArrayData& data) {
  switch (data.type->id()) {
    case Type::LIST:
    case Type::MAP:
      return FromZero<int32_t>(data);
    case Type::LARGE_LIST:
      return FromZero<int64_t>(data);
    default:
      break;
  }
  const int64_t size = static_cast<const arrow::FixedSizeListType&>(*data.type).list_size();
  CORESHED_ASSIGN(auto validity, ValidityFromZero(data));
  auto list = ArrayData::Make(data.type, data.length, {std::move(validity)}, data.GetNullCount());
  list->child_data = {data.child_data[0]->Slice(data.offset * size, data.length * size)};
  return list;
}

}  // namespace coreshed::parts
