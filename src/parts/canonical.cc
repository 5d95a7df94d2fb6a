// The canonical streams of a column and their hash: spec/parts.md, "Exact hash of a part".

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/bit_run_reader.h>
#include <arrow/util/bitmap_ops.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/blake3_hash.h"
#include "parts/dictionary.h"
#include "parts/hash.h"
#include "parts/memory_pool.h"
#include "parts/types.h"
#include "parts/validity.h"

static_assert(std::endian::native == std::endian::little, "buffers are hashed where they lie");

namespace coreshed::parts {
namespace {

using arrow::ArrayData;
using arrow::DataType;
using arrow::Type;

/// The kinds of nodes in a column's canonical form; stored numbers.
enum class Kind : uint8_t {
  kNull = 0,
  kFixed = 1,
  kBits = 2,
  kBytes = 3,
  kList = 4,
  kStruct = 5,
  kFixedList = 6
};

constexpr size_t kStageBytes = size_t{64} << 10;

/// A buffer that is not cleared: small columns use little of it.
class Stage {
 public:
  Stage() : bytes_(std::make_unique_for_overwrite<uint8_t[]>(kStageBytes)) {}
  uint8_t* data() { return bytes_.get(); }
  static constexpr size_t size() { return kStageBytes; }

 private:
  std::unique_ptr<uint8_t[]> bytes_;
};

/// One stream: what can be hashed in place is, the rest goes through a small buffer.
class Stream {
 public:
  explicit Stream(Stage& stage) : stage_(stage) {}
  void InPlace(const void* data, int64_t size) {
    Flush();
    if (size > 0) hash_.Update(data, static_cast<size_t>(size));
  }
  void Copy(const void* data, size_t size) {
    if (size > stage_.size() - used_) {
      if (size >= stage_.size() / 2) return InPlace(data, static_cast<int64_t>(size));
      Flush();
    }
    std::memcpy(stage_.data() + used_, data, size);
    used_ += size;
  }
  /// Room for `size` bytes (at most the buffer's) to be filled in by the caller.
  uint8_t* Grow(size_t size) {
    if (size > stage_.size() - used_) Flush();
    uint8_t* room = stage_.data() + used_;
    used_ += size;
    return room;
  }
  Hash256 Finish() {
    Flush();
    return hash_.Finish();
  }

 private:
  void Flush() {
    if (used_ > 0) hash_.Update(stage_.data(), used_);
    used_ = 0;
  }
  Blake3 hash_;
  Stage& stage_;
  size_t used_ = 0;
};

Error TooLong() {
  return Error{ErrorKind::kUnsupported,
               "a cell of more than 2,147,483,647 bytes or elements can't "
               "be stored"};
}

/// Walks a column and its children, outside first, and hashes each one's streams.
class ColumnHasher {
 public:
  /// `offset` counts from the beginning of the buffers of `data`; `parent`: see Validity.
  Result<void> Visit(const DataType& type, const ArrayData& data, int64_t offset, int64_t length,
                     const Validity& parent);
  Hash256 Finish() const { return column_.Finish(); }

 private:
  void Begin(Kind kind, int64_t length, const Validity& valid);
  void End(Stream& stream) { column_.Update(stream.Finish()); }
  void Bitmap(const uint8_t* bits, int64_t offset, int64_t length, const Validity* mask);
  void Fixed(const uint8_t* values, int width, int64_t length, const Validity& valid);
  template <typename Value>
  Result<void> Decimals(const ArrayData& data, int64_t offset, int64_t length,
                        const Validity& valid);
  template <typename Offset>
  Result<void> Lengths(const Offset* offsets, int64_t length, const Validity& valid);
  template <typename Offset>
  Result<void> Bytes(const ArrayData& data, int64_t offset, int64_t length, const Validity& valid);
  Result<void> Views(const ArrayData& data, int64_t offset, int64_t length, const Validity& valid);
  template <typename Offset>
  Result<void> List(const DataType& type, const ArrayData& data, int64_t offset, int64_t length,
                    const Validity& valid);
  Result<void> Children(const DataType& type, const ArrayData& data, int64_t offset, int64_t length,
                        const Validity& valid);
  Result<void> Dictionary(const DataType& type, const ArrayData& data, int64_t offset,
                          int64_t length, const Validity& parent);

  Blake3 column_;
  Stage stage_;
};

/// 16 bytes that say what follows: kind, whether a validity stream follows, number of values.
void ColumnHasher::Begin(Kind kind, int64_t length, const Validity& valid) {
  std::array<uint8_t, 8> head{static_cast<uint8_t>(kind),
                              valid.has_nulls() ? uint8_t{1} : uint8_t{0}};
  column_.Update(head.data(), head.size());
  column_.UpdateU64(static_cast<uint64_t>(length));
  if (valid.has_nulls()) Bitmap(valid.bits(), valid.offset(), length, nullptr);
}

/// Bits from the lowest of each byte on, the last byte filled with zeros; zero where `mask` is
/// null.
void ColumnHasher::Bitmap(const uint8_t* bits, int64_t offset, int64_t length,
                          const Validity* mask) {
  Stream stream(stage_);
  const bool masked = mask != nullptr && mask->has_nulls();
  int64_t done = 0;
  if (!masked && offset % 8 == 0) {
    stream.InPlace(bits + offset / 8, length / 8);
    done = length / 8 * 8;
  }
  constexpr int64_t kBlock = 8 * 4096;
  while (done < length) {
    const int64_t block = std::min(kBlock, length - done);
    const auto bytes = static_cast<size_t>(arrow::bit_util::BytesForBits(block));
    uint8_t* room = stream.Grow(bytes);
    room[bytes - 1] = 0;
    arrow::internal::CopyBitmap(bits, offset + done, block, room, 0);
    if (masked) {
      arrow::internal::BitmapAnd(room, 0, mask->bits(), mask->offset() + done, block, 0, room);
    }
    if (block % 8 != 0) room[bytes - 1] &= static_cast<uint8_t>((1 << block % 8) - 1);
    done += block;
  }
  End(stream);
}

template <typename Word>
void ZeroNulls(const uint8_t* values, int64_t length, const Validity& valid, int64_t from,
               uint8_t* room) {
  for (int64_t i = 0; i < length; ++i) {
    Word word;
    std::memcpy(&word, values + i * static_cast<int64_t>(sizeof(Word)), sizeof(Word));
    word = valid.IsValid(from + i) ? word : Word{0};
    std::memcpy(room + i * static_cast<int64_t>(sizeof(Word)), &word, sizeof(Word));
  }
}

void ColumnHasher::Fixed(const uint8_t* values, int width, int64_t length, const Validity& valid) {
  Stream stream(stage_);
  if (!valid.has_nulls()) {
    stream.InPlace(values, length * width);
    return End(stream);
  }
  const int64_t block_max = std::max<int64_t>(1, static_cast<int64_t>(kStageBytes) / 2 / width);
  for (int64_t done = 0; done < length;) {
    const int64_t block = std::min(block_max, length - done);
    const uint8_t* from = values + done * width;
    if (width > static_cast<int>(kStageBytes)) {
      const std::vector<uint8_t> zeros(static_cast<size_t>(width));
      stream.InPlace(valid.IsValid(done) ? from : zeros.data(), width);
      done += block;
      continue;
    }
    uint8_t* room = stream.Grow(static_cast<size_t>(block * width));
    switch (width) {
      case 1:
        ZeroNulls<uint8_t>(from, block, valid, done, room);
        break;
      case 2:
        ZeroNulls<uint16_t>(from, block, valid, done, room);
        break;
      case 4:
        ZeroNulls<uint32_t>(from, block, valid, done, room);
        break;
      case 8:
        ZeroNulls<uint64_t>(from, block, valid, done, room);
        break;
      default:
        std::memset(room, 0, static_cast<size_t>(block * width));
        arrow::internal::VisitSetBitRunsVoid(
            valid.bits(), valid.offset() + done, block, [&](int64_t position, int64_t run) {
              std::memcpy(room + position * width, from + position * width,
                          static_cast<size_t>(run * width));
            });
    }
    done += block;
  }
  End(stream);
}

/// A decimal as 16 bytes, least significant first; false: it has more.
using Words = std::array<int64_t, 2>;

bool AsWords(int64_t value, Words* words) {
  *words = {value, value < 0 ? -1 : 0};
  return true;
}

bool AsWords(const std::array<int64_t, 4>& value, Words* words) {
  *words = {value[0], value[1]};
  const int64_t sign = value[1] < 0 ? -1 : 0;
  return value[2] == sign && value[3] == sign;
}

/// Decimals of up to 38 digits enter as those of 16 bytes do, whatever Arrow keeps them in.
template <typename Value>
Result<void> ColumnHasher::Decimals(const ArrayData& data, int64_t offset, int64_t length,
                                    const Validity& valid) {
  const auto* values = data.GetValues<Value>(1, 0) + offset;
  Stream stream(stage_);
  for (int64_t i = 0; i < length; ++i) {
    Words words{};
    if (valid.IsValid(i) && !AsWords(values[i], &words)) {
      return Error{ErrorKind::kValidation, "a number has more digits than its type takes"};
    }
    stream.Copy(words.data(), sizeof(words));
  }
  End(stream);
  return {};
}

/// Lengths as 32-bit numbers, 0 for nulls.
template <typename Offset>
Result<void> ColumnHasher::Lengths(const Offset* offsets, int64_t length, const Validity& valid) {
  Stream stream(stage_);
  constexpr int64_t kBlock = static_cast<int64_t>(kStageBytes) / 8;
  for (int64_t done = 0; done < length;) {
    const int64_t block = std::min(kBlock, length - done);
    auto* room = reinterpret_cast<uint32_t*>(stream.Grow(static_cast<size_t>(block) * 4));
    const Offset* from = offsets + done;
    Offset seen = 0;
    for (int64_t i = 0; i < block; ++i) {
      const Offset size = from[i + 1] - from[i];
      seen |= size;
      room[i] = static_cast<uint32_t>(size);
    }
    if (sizeof(Offset) > 4 && seen > std::numeric_limits<int32_t>::max()) return TooLong();
    if (valid.has_nulls()) {
      for (int64_t i = 0; i < block; ++i) {
        if (!valid.IsValid(done + i)) room[i] = 0;
      }
    }
    done += block;
  }
  End(stream);
  return {};
}

/// Whether nothing lies between the offsets of any null value.
template <typename Offset>
bool NullsAreEmpty(const Offset* offsets, int64_t length, const Validity& valid) {
  if (!valid.has_nulls()) return true;
  int64_t visible = 0;
  arrow::internal::VisitSetBitRunsVoid(valid.bits(), valid.offset(), length,
                                       [&](int64_t position, int64_t run) {
                                         visible += offsets[position + run] - offsets[position];
                                       });
  return visible == offsets[length] - offsets[0];
}

template <typename Offset>
Result<void> ColumnHasher::Bytes(const ArrayData& data, int64_t offset, int64_t length,
                                 const Validity& valid) {
  const auto* offsets = data.GetValues<Offset>(1, 0) + offset;
  CORESHED_TRY(Lengths(offsets, length, valid));
  const uint8_t* bytes = data.buffers[2] == nullptr ? nullptr : data.buffers[2]->data();
  Stream stream(stage_);
  if (NullsAreEmpty(offsets, length, valid)) {
    stream.InPlace(bytes + offsets[0], offsets[length] - offsets[0]);
  } else {
    arrow::internal::VisitSetBitRunsVoid(
        valid.bits(), valid.offset(), length, [&](int64_t position, int64_t run) {
          stream.Copy(bytes + offsets[position],
                      static_cast<size_t>(offsets[position + run] - offsets[position]));
        });
  }
  End(stream);
  return {};
}

Result<void> ColumnHasher::Views(const ArrayData& data, int64_t offset, int64_t length,
                                 const Validity& valid) {
  const auto* views = data.GetValues<arrow::BinaryViewType::c_type>(1, 0) + offset;
  Stream lengths(stage_);
  for (int64_t i = 0; i < length; ++i) {
    const int32_t size = valid.IsValid(i) ? views[i].size() : 0;
    lengths.Copy(&size, sizeof(size));
  }
  End(lengths);
  Stream bytes(stage_);
  for (int64_t i = 0; i < length; ++i) {
    if (!valid.IsValid(i)) continue;
    const auto& view = views[i];
    const uint8_t* at = view.is_inline()
                            ? view.inline_data()
                            : data.buffers[static_cast<size_t>(2 + view.ref.buffer_index)]->data() +
                                  view.ref.offset;
    bytes.Copy(at, static_cast<size_t>(view.size()));
  }
  End(bytes);
  return {};
}

template <typename Offset>
Result<void> ColumnHasher::List(const DataType& type, const ArrayData& data, int64_t offset,
                                int64_t length, const Validity& valid) {
  const auto* offsets = data.GetValues<Offset>(1, 0) + offset;
  CORESHED_TRY(Lengths(offsets, length, valid));
  const DataType& child_type = *type.field(0)->type();
  if (NullsAreEmpty(offsets, length, valid)) {
    const ArrayData& child = *data.child_data[0];
    return Visit(child_type, child, child.offset + offsets[0], offsets[length] - offsets[0], {});
  }
  // Elements under null lists: leave them out.
  const auto child = arrow::MakeArray(data.child_data[0]);
  arrow::ArrayVector seen{child->Slice(0, 0)};
  arrow::internal::VisitSetBitRunsVoid(
      valid.bits(), valid.offset(), length, [&](int64_t position, int64_t run) {
        seen.push_back(
            child->Slice(offsets[position], offsets[position + run] - offsets[position]));
      });
  CORESHED_ARROW_ASSIGN(const auto dense, arrow::Concatenate(seen, Pool()),
                        "hashing a list column");
  return Visit(child_type, *dense->data(), dense->data()->offset, dense->length(), {});
}

Result<void> ColumnHasher::Children(const DataType& type, const ArrayData& data, int64_t offset,
                                    int64_t length, const Validity& valid) {
  for (int i = 0; i < type.num_fields(); ++i) {
    const ArrayData& child = *data.child_data[static_cast<size_t>(i)];
    CORESHED_TRY(Visit(*type.field(i)->type(), child, child.offset + offset, length, valid));
  }
  return {};
}

/// A dictionary is its values: a dictionary that holds nulls, or none, makes no difference.
Result<void> ColumnHasher::Dictionary(const DataType& type, const ArrayData& data, int64_t offset,
                                      int64_t length, const Validity& parent) {
  CORESHED_ASSIGN(const auto dense, ExpandDictionary(*data.Slice(offset - data.offset, length)));
  const auto& value_type = *static_cast<const arrow::DictionaryType&>(type).value_type();
  return Visit(value_type, *dense, dense->offset, length, parent);
}

Result<void> ColumnHasher::Visit(const DataType& type, const ArrayData& data, int64_t offset,
                                 int64_t length, const Validity& parent) {
  if (type.id() == Type::EXTENSION) {
    const auto& storage = *static_cast<const arrow::ExtensionType&>(type).storage_type();
    return Visit(storage, data, offset, length, parent);
  }
  if (type.id() == Type::DICTIONARY) return Dictionary(type, data, offset, length, parent);
  if (type.id() == Type::NA || length == 0) {
    // Nothing to tell but the number; children of no values have no values either.
    Begin(Kind::kNull, length, {});
    return {};
  }
  const auto valid = Validity::Of(data, offset, length, parent);
  switch (type.id()) {
    case Type::BOOL:
      Begin(Kind::kBits, length, valid);
      Bitmap(data.buffers[1]->data(), offset, length, &valid);
      return {};
    case Type::DECIMAL32:
      Begin(Kind::kFixed, length, valid);
      return Decimals<int32_t>(data, offset, length, valid);
    case Type::DECIMAL64:
      Begin(Kind::kFixed, length, valid);
      return Decimals<int64_t>(data, offset, length, valid);
    case Type::STRING:
    case Type::BINARY:
      Begin(Kind::kBytes, length, valid);
      return Bytes<int32_t>(data, offset, length, valid);
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
      Begin(Kind::kBytes, length, valid);
      return Bytes<int64_t>(data, offset, length, valid);
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW:
      Begin(Kind::kBytes, length, valid);
      return Views(data, offset, length, valid);
    case Type::LIST:
    case Type::MAP:
      Begin(Kind::kList, length, valid);
      return List<int32_t>(type, data, offset, length, valid);
    case Type::LARGE_LIST:
      Begin(Kind::kList, length, valid);
      return List<int64_t>(type, data, offset, length, valid);
    case Type::STRUCT:
      Begin(Kind::kStruct, length, valid);
      return Children(type, data, offset, length, valid);
    case Type::FIXED_SIZE_LIST: {
      Begin(Kind::kFixedList, length, valid);
      const int64_t size = static_cast<const arrow::FixedSizeListType&>(type).list_size();
      return Children(type, data, offset * size, length * size, valid.Repeat(length, size));
    }
    default:
      break;
  }
  const int width = type.byte_width();
  if (width <= 0) {
    return Error{ErrorKind::kUnsupported, "type " + type.ToString() + " can't be stored"};
  }
  Begin(Kind::kFixed, length, valid);
  if (type.id() == Type::DECIMAL256 && IsDecimalOf16Bytes(type)) {
    return Decimals<std::array<int64_t, 4>>(data, offset, length, valid);
  }
  Fixed(data.buffers[1]->data() + offset * width, width, length, valid);
  return {};
}

}  // namespace

Result<Hash256> ColumnHash(const arrow::Array& column) {
  ColumnHasher hasher;
  const ArrayData& data = *column.data();
  CORESHED_TRY(hasher.Visit(*data.type, data, data.offset, data.length, {}));
  return hasher.Finish();
}

}  // namespace coreshed::parts
