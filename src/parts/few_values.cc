#include "parts/few_values.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/builder.h>
#include <arrow/type.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/list_range.h"
#include "parts/memory_pool.h"

namespace coreshed::parts {
namespace {

constexpr size_t kEntriesMax = 4096;
constexpr size_t kSlots = 4 * kEntriesMax;

/// Gives each different text a number, in the order of their coming.
class Numbering {
 public:
  Numbering() : slots_(kSlots, -1) {}

  int32_t NumberOf(std::string_view text) {
    const uint64_t hash = XXH3_64bits(text.data(), text.size());
    size_t at = hash % kSlots;
    while (slots_[at] >= 0) {
      const auto& entry = entries_[static_cast<size_t>(slots_[at])];
      if (entry == text) return slots_[at];
      at = (at + 1) % kSlots;
    }
    slots_[at] = static_cast<int32_t>(entries_.size());
    entries_.push_back(text);
    return slots_[at];
  }
  const std::vector<std::string_view>& entries() const { return entries_; }

 private:
  std::vector<int32_t> slots_;
  std::vector<std::string_view> entries_;
};

template <typename ArrayType, typename BuilderType>
Result<std::shared_ptr<arrow::Array>> Encode(const std::shared_ptr<arrow::Array>& column) {
  const std::string what = "writing a column";
  const auto& array = static_cast<const ArrayType&>(*column);
  CORESHED_ARROW_ASSIGN(auto buffer, arrow::AllocateBuffer(array.length() * 4, Pool()), what);
  auto* indices = reinterpret_cast<int32_t*>(buffer->mutable_data());
  Numbering numbering;
  const bool nulls = array.null_count() > 0;
  for (int64_t i = 0; i < array.length(); ++i) {
    if (nulls && array.IsNull(i)) {
      indices[i] = 0;
      continue;
    }
    indices[i] = numbering.NumberOf(array.GetView(i));
    if (numbering.entries().size() > kEntriesMax) return column;
  }
  BuilderType builder(column->type(), Pool());
  for (const auto entry : numbering.entries())
    CORESHED_ARROW_TRY(builder.Append(entry), what);
  CORESHED_ARROW_ASSIGN(auto dictionary, builder.Finish(), what);
  CORESHED_ASSIGN(auto validity, ValidityFromZero(*column->data()));
  auto data =
      arrow::ArrayData::Make(arrow::dictionary(arrow::int32(), column->type()), array.length(),
                             {std::move(validity), std::move(buffer)}, array.null_count());
  data->dictionary = dictionary->data();
  return arrow::MakeArray(data);
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> EncodeFewValues(const std::shared_ptr<arrow::Array>& column) {
  switch (column->type_id()) {
    case arrow::Type::STRING:
      return Encode<arrow::StringArray, arrow::StringBuilder>(column);
    case arrow::Type::BINARY:
      return Encode<arrow::BinaryArray, arrow::BinaryBuilder>(column);
    case arrow::Type::LARGE_STRING:
      return Encode<arrow::LargeStringArray, arrow::LargeStringBuilder>(column);
    case arrow::Type::LARGE_BINARY:
      return Encode<arrow::LargeBinaryArray, arrow::LargeBinaryBuilder>(column);
    default:
      return column;
  }
}

}  // namespace coreshed::parts
