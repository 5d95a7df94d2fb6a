#include "parts/leaf_sample.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <arrow/array.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <algorithm>
#include <cstring>

#include "parts/list_range.h"
#include "parts/small_set.h"

namespace coreshed::parts {
namespace {

using arrow::ArrayData;
using arrow::DataType;
using arrow::Type;

/// Runs spread over the column: neighbours tell of deltas, distance of variety.
constexpr int64_t kRuns = 4;
constexpr int64_t kRunValues = 1024;

/// At most so much text is looked at.
constexpr size_t kSampleBytes = size_t{256} << 10;

class Sampler {
 public:
  explicit Sampler(std::vector<LeafSample>* samples) : samples_(samples) {}
  void Visit(const DataType& type, const ArrayData& data, int64_t offset, int64_t length);

 private:
  void AddLeaf(const DataType& type, const ArrayData& data, int64_t offset, int64_t length);
  void AddValue(const DataType& type, const ArrayData& data, int64_t at);
  void AddBytes(const uint8_t* bytes, size_t size) {
    hashes_.push_back(XXH3_64bits(bytes, size));
    sample_.plain.insert(sample_.plain.end(), bytes, bytes + size);
  }
  template <typename Offset>
  void AddText(const ArrayData& data, int64_t at);
  void AddNumber(int64_t value, size_t width);

  std::vector<LeafSample>* samples_;
  LeafSample sample_;
  std::vector<uint64_t> hashes_;
};

template <typename Offset>
void Sampler::AddText(const ArrayData& data, int64_t at) {
  const auto* offsets = data.GetValues<Offset>(1, 0) + at;
  const auto size = static_cast<uint32_t>(offsets[1] - offsets[0]);
  const auto* prefix = reinterpret_cast<const uint8_t*>(&size);
  sample_.plain.insert(sample_.plain.end(), prefix, prefix + sizeof(size));
  static const uint8_t kNothing = 0;
  AddBytes(size == 0 ? &kNothing : data.buffers[2]->data() + offsets[0], size);
  sample_.is_text = true;
}

void Sampler::AddNumber(int64_t value, size_t width) {
  sample_.is_integer = true;
  sample_.numbers.push_back(value);
  AddBytes(reinterpret_cast<const uint8_t*>(&value), std::max<size_t>(width, 4));
}

void Sampler::AddValue(const DataType& type, const ArrayData& data, int64_t at) {
  switch (type.id()) {
    case Type::BOOL:
      return;
    case Type::STRING:
    case Type::BINARY:
      return AddText<int32_t>(data, at);
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
      return AddText<int64_t>(data, at);
    default:
      break;
  }
  const auto width = static_cast<size_t>(type.byte_width());
  const uint8_t* bytes = data.buffers[1]->data() + at * static_cast<int64_t>(width);
  const bool is_small_decimal = arrow::is_decimal(type.id()) &&
                                static_cast<const arrow::DecimalType&>(type).precision() <= 18;
  if (arrow::is_integer(type.id()) || arrow::is_temporal(type.id()) ||
      type.id() == Type::DURATION || is_small_decimal) {
    int64_t value = 0;
    std::memcpy(&value, bytes, std::min<size_t>(width, 8));
    const auto unused = 64 - 8 * std::min<size_t>(width, 8);
    value = static_cast<int64_t>(static_cast<uint64_t>(value) << unused) >> unused;
    return AddNumber(value, is_small_decimal ? 8 : width);
  }
  AddBytes(bytes, width);
}

void Sampler::AddLeaf(const DataType& type, const ArrayData& data, int64_t offset, int64_t length) {
  sample_ = {};
  hashes_.clear();
  const int64_t step = std::max(kRunValues, length / kRuns);
  for (int64_t begin = 0; begin < length && type.id() != Type::NA; begin += step) {
    const int64_t end = std::min(length, begin + kRunValues);
    for (int64_t i = begin; i < end && sample_.plain.size() < kSampleBytes; ++i) {
      const bool is_null = data.buffers[0] != nullptr &&
                           !arrow::bit_util::GetBit(data.buffers[0]->data(), offset + i);
      if (is_null) continue;
      AddValue(type, data, offset + i);
      ++sample_.values;
    }
  }
  SmallSet set(hashes_.size());
  for (const uint64_t hash : hashes_)
    set.Insert(hash);
  if (!hashes_.empty()) {
    sample_.distinct = static_cast<double>(set.count()) / static_cast<double>(hashes_.size());
  }
  samples_->push_back(std::move(sample_));
}

void Sampler::Visit(const DataType& type, const ArrayData& data, int64_t offset, int64_t length) {
  const auto child = [&](int i, int64_t begin, int64_t count) {
    const auto& array = *data.child_data[static_cast<size_t>(i)];
    Visit(*type.field(i)->type(), array, array.offset + begin, count);
  };
  const auto list = [&](auto kind) {
    using Offset = decltype(kind);
    if (length == 0) return child(0, 0, 0);
    const auto* offsets = data.GetValues<Offset>(1, 0) + offset;
    child(0, offsets[0], offsets[length] - offsets[0]);
  };
  switch (type.id()) {
    case Type::EXTENSION:
      return Visit(*static_cast<const arrow::ExtensionType&>(type).storage_type(), data, offset,
                   length);
    case Type::LIST:
    case Type::MAP:
      return list(int32_t{});
    case Type::LARGE_LIST:
      return list(int64_t{});
    case Type::FIXED_SIZE_LIST: {
      const int64_t size = static_cast<const arrow::FixedSizeListType&>(type).list_size();
      return child(0, offset * size, length * size);
    }
    case Type::STRUCT:
      for (int i = 0; i < type.num_fields(); ++i)
        child(i, offset, length);
      return;
    default:
      return AddLeaf(type, data, offset, length);
  }
}

}  // namespace

std::vector<LeafSample> SampleLeaves(const arrow::Array& column) {
  std::vector<LeafSample> samples;
  const ArrayData& data = *column.data();
  Sampler(&samples).Visit(*data.type, data, data.offset, data.length);
  return samples;
}

}  // namespace coreshed::parts
