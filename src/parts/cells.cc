#include "parts/cells.h"

#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <limits>

namespace coreshed::parts {
namespace {

using arrow::ArrayData;
using arrow::DataType;
using arrow::Type;

template <typename T>
void AppendNumber(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void AppendWide(int64_t value, std::string& out) {
  AppendNumber(value, out);
  AppendNumber<int64_t>(value < 0 ? -1 : 0, out);
}

/// An inner value: a byte 0 for a null; 1, then for strings and lists their length, then the value.
Result<void> AppendInner(const DataType& type, const ArrayData& data, int64_t at, std::string& out);

Result<void> AppendInners(const DataType& type, const ArrayData& data, int64_t begin, int64_t count,
                          std::string& out) {
  if (count > std::numeric_limits<int32_t>::max()) {
    return Error{ErrorKind::kUnsupported, "a list of more than 2,147,483,647 elements"};
  }
  for (int64_t i = 0; i < count; ++i) {
    CORESHED_TRY(AppendInner(type, data, data.offset + begin + i, out));
  }
  return {};
}

template <typename Offset>
Result<void> AppendList(const DataType& type, const ArrayData& data, int64_t at, std::string& out) {
  const auto* offsets = data.GetValues<Offset>(1, 0) + at;
  AppendNumber(static_cast<uint32_t>(offsets[1] - offsets[0]), out);
  return AppendInners(*type.field(0)->type(), *data.child_data[0], offsets[0],
                      offsets[1] - offsets[0], out);
}

template <typename Offset>
void AppendBytes(const ArrayData& data, int64_t at, std::string& out) {
  const auto* offsets = data.GetValues<Offset>(1, 0) + at;
  if (offsets[0] == offsets[1]) return;
  out.append(reinterpret_cast<const char*>(data.buffers[2]->data()) + offsets[0],
             static_cast<size_t>(offsets[1] - offsets[0]));
}

void AppendView(const ArrayData& data, int64_t at, std::string& out) {
  const auto& view = data.GetValues<arrow::BinaryViewType::c_type>(1, 0)[at];
  const uint8_t* bytes =
      view.is_inline()
          ? view.inline_data()
          : data.buffers[static_cast<size_t>(2 + view.ref.buffer_index)]->data() + view.ref.offset;
  out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(view.size()));
}

bool IsBytes(const DataType& type) {
  return arrow::is_base_binary_like(type.id()) || arrow::is_binary_view_like(type.id());
}

Result<void> AppendInner(const DataType& type, const ArrayData& data, int64_t at,
                         std::string& out) {
  if (type.id() == Type::EXTENSION) {
    return AppendInner(*static_cast<const arrow::ExtensionType&>(type).storage_type(), data, at,
                       out);
  }
  if (type.id() == Type::DICTIONARY) {
    auto one = data.Slice(at - data.offset, 1);
    one->type = type.GetSharedPtr();
    CORESHED_ASSIGN(const auto dense, ExpandDictionary(*one));
    return AppendInner(*dense->type, *dense, dense->offset, out);
  }
  if (type.id() == Type::NA || internal::IsNullAt(data, at)) {
    out.push_back('\0');
    return {};
  }
  out.push_back('\1');
  const size_t before = out.size();
  if (IsBytes(type)) AppendNumber<uint32_t>(0, out);
  CORESHED_TRY(AppendCell(type, data, at, out));
  if (IsBytes(type)) {
    const auto size = static_cast<uint32_t>(out.size() - before - 4);
    std::memcpy(out.data() + before, &size, sizeof(size));
  }
  return {};
}

}  // namespace

Result<void> AppendCell(const DataType& type, const ArrayData& data, int64_t at, std::string& out) {
  switch (type.id()) {
    case Type::EXTENSION:
      return AppendCell(*static_cast<const arrow::ExtensionType&>(type).storage_type(), data, at,
                        out);
    case Type::BOOL:
      out.push_back(arrow::bit_util::GetBit(data.buffers[1]->data(), at) ? '\1' : '\0');
      return {};
    case Type::DECIMAL32:
      AppendWide(data.GetValues<int32_t>(1, 0)[at], out);
      return {};
    case Type::DECIMAL64:
      AppendWide(data.GetValues<int64_t>(1, 0)[at], out);
      return {};
    case Type::STRING:
    case Type::BINARY:
      AppendBytes<int32_t>(data, at, out);
      return {};
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
      AppendBytes<int64_t>(data, at, out);
      return {};
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW:
      AppendView(data, at, out);
      return {};
    case Type::LIST:
    case Type::MAP:
      return AppendList<int32_t>(type, data, at, out);
    case Type::LARGE_LIST:
      return AppendList<int64_t>(type, data, at, out);
    case Type::FIXED_SIZE_LIST: {
      const int64_t size = static_cast<const arrow::FixedSizeListType&>(type).list_size();
      return AppendInners(*type.field(0)->type(), *data.child_data[0], at * size, size, out);
    }
    case Type::STRUCT:
      for (int i = 0; i < type.num_fields(); ++i) {
        const ArrayData& child = *data.child_data[static_cast<size_t>(i)];
        CORESHED_TRY(AppendInner(*type.field(i)->type(), child, child.offset + at, out));
      }
      return {};
    default:
      break;
  }
  const int stride = type.byte_width();
  const int width = IsDecimalOf16Bytes(type) ? 16 : stride;
  if (width <= 0) {
    return Error{ErrorKind::kUnsupported, "type " + type.ToString() + " can't be stored"};
  }
  out.append(reinterpret_cast<const char*>(data.buffers[1]->data()) + at * stride,
             static_cast<size_t>(width));
  return {};
}

}  // namespace coreshed::parts
