#include "parts/checked_values.h"

#include <arrow/array.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/decimal.h>

#include <algorithm>
#include <string>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/memory_pool.h"
#include "parts/stored.h"
#include "parts/validity.h"

namespace coreshed::parts {
namespace {

using arrow::ArrayData;
using arrow::DataType;
using arrow::Type;
using DataPtr = std::shared_ptr<ArrayData>;

/// The type as it is stored: of an extension its storage, of a dictionary its values.
const DataType& Layout(const DataType& type) {
  switch (type.id()) {
    case Type::EXTENSION:
      return Layout(*static_cast<const arrow::ExtensionType&>(type).storage_type());
    case Type::DICTIONARY:
      return *static_cast<const arrow::DictionaryType&>(type).value_type();
    default:
      return type;
  }
}

bool NeedsCheck(const arrow::Field& field) {
  const auto& type = Layout(*field.type());
  const auto& children = type.fields();
  const bool is_plain = field.nullable() && !arrow::is_decimal(type.id());
  return !is_plain || std::any_of(children.begin(), children.end(),
                                  [](const auto& child) { return NeedsCheck(*child); });
}

/// The elements of lists that can be seen: those of null lists can't.
template <typename Offset>
Result<Validity> Elements(const Offset* offsets, int64_t length, const Validity& lists) {
  if (!lists.has_nulls()) return Validity();
  const int64_t count = offsets[length] - offsets[0];
  CORESHED_ARROW_ASSIGN(std::shared_ptr<arrow::Buffer> bits,
                        arrow::AllocateEmptyBitmap(count, Pool()), "storing a list");
  for (int64_t i = 0; i < length; ++i) {
    if (!lists.IsValid(i)) continue;
    arrow::bit_util::SetBitsTo(bits->mutable_data(), offsets[i] - offsets[0],
                               offsets[i + 1] - offsets[i], true);
  }
  return Validity::Kept(std::move(bits), count);
}

/// Walks a column and its children, outermost first, with the places that can be seen.
class Walk {
 public:
  explicit Walk(const std::string& column) : column_(column) {}

  /// `offset` counts from the beginning of the buffers of `data`; `parent`: see Validity.
  Result<DataPtr> Visit(const arrow::Field& field, const DataPtr& data, int64_t offset,
                        int64_t length, const Validity& parent, const std::string& path);

 private:
  Result<DataPtr> Children(const DataType& type, const DataPtr& data, int64_t offset,
                           int64_t length, const Validity& valid, const std::string& path);
  template <typename Offset>
  Result<DataPtr> List(const DataType& type, const DataPtr& data, int64_t offset, int64_t length,
                       const Validity& valid, const std::string& path);
  Result<DataPtr> WithoutNulls(const DataPtr& data, int64_t offset, int64_t length,
                               const Validity& parent, const std::string& path);

  template <typename Decimal>
  Result<void> Digits(const DataType& type, const ArrayData& data, int64_t offset, int64_t length,
                      const Validity& valid, const std::string& path) const;
  Result<void> Decimals(const DataType& type, const ArrayData& data, int64_t offset, int64_t length,
                        const Validity& valid, const std::string& path) const;
  Error Fault(const std::string& path, const std::string& what) const;

  const std::string& column_;
};

Error Walk::Fault(const std::string& path, const std::string& what) const {
  const std::string where = path == column_ ? " " : ", at '" + path + "', ";
  return Error{ErrorKind::kValidation, "column '" + column_ + "'" + where + what}.With("column",
                                                                                       column_);
}

template <typename Decimal>
Result<void> Walk::Digits(const DataType& type, const ArrayData& data, int64_t offset,
                          int64_t length, const Validity& valid, const std::string& path) const {
  const int32_t precision = static_cast<const arrow::DecimalType&>(type).precision();
  const uint8_t* values = data.buffers[1]->data() + offset * Decimal::kByteWidth;
  for (int64_t i = 0; i < length; ++i) {
    if (!valid.IsValid(i)) continue;
    if (Decimal(values + i * Decimal::kByteWidth).FitsInPrecision(precision)) continue;
    return Fault(path, "holds a number with more digits than " + type.ToString() +
                           " takes: give it a wider type");
  }
  return {};
}

Result<void> Walk::Decimals(const DataType& type, const ArrayData& data, int64_t offset,
                            int64_t length, const Validity& valid, const std::string& path) const {
  switch (type.id()) {
    case Type::DECIMAL32:
      return Digits<arrow::Decimal32>(type, data, offset, length, valid, path);
    case Type::DECIMAL64:
      return Digits<arrow::Decimal64>(type, data, offset, length, valid, path);
    case Type::DECIMAL128:
      return Digits<arrow::Decimal128>(type, data, offset, length, valid, path);
    default:
      return Digits<arrow::Decimal256>(type, data, offset, length, valid, path);
  }
}

Result<DataPtr> Walk::WithoutNulls(const DataPtr& data, int64_t offset, int64_t length,
                                   const Validity& parent, const std::string& path) {
  const auto own = Validity::Of(*data, offset, length, {});
  for (int64_t i = 0; own.has_nulls() && i < length; ++i) {
    if (own.IsValid(i) || !parent.IsValid(i)) continue;
    return Fault(path,
                 "is null in some row, and its schema says that it never is: let it be null, "
                 "or fill in a value");
  }
  auto filled = data->Copy();
  filled->buffers[0] = nullptr;
  filled->null_count = 0;
  return filled;
}

Result<DataPtr> Walk::Children(const DataType& type, const DataPtr& data, int64_t offset,
                               int64_t length, const Validity& valid, const std::string& path) {
  auto copy = data->Copy();
  for (int i = 0; i < type.num_fields(); ++i) {
    auto& child = copy->child_data[static_cast<size_t>(i)];
    CORESHED_ASSIGN(child, Visit(*type.field(i), child, child->offset + offset, length, valid,
                                 path + "." + type.field(i)->name()));
  }
  return copy;
}

template <typename Offset>
Result<DataPtr> Walk::List(const DataType& type, const DataPtr& data, int64_t offset,
                           int64_t length, const Validity& valid, const std::string& path) {
  const auto* offsets = data->GetValues<Offset>(1, 0) + offset;
  auto copy = data->Copy();
  auto& child = copy->child_data[0];
  const int64_t begin = child->offset + offsets[0], count = offsets[length] - offsets[0];
  CORESHED_ASSIGN(const auto seen, Elements(offsets, length, valid));
  CORESHED_ASSIGN(
      child, Visit(*type.field(0), child, begin, count, seen, path + "." + type.field(0)->name()));
  return copy;
}

Result<DataPtr> Walk::Visit(const arrow::Field& field, const DataPtr& data, int64_t offset,
                            int64_t length, const Validity& parent, const std::string& path) {
  if (length == 0 || !NeedsCheck(field)) return data;
  const auto& type = Layout(*field.type());
  const auto valid = Validity::Of(*data, offset, length, parent);
  DataPtr visited = data;
  if (!field.nullable()) {
    CORESHED_ASSIGN(visited, WithoutNulls(data, offset, length, parent, path));
  }
  switch (type.id()) {
    case Type::STRUCT:
      return Children(type, visited, offset, length, valid, path);
    case Type::FIXED_SIZE_LIST: {
      const int64_t size = static_cast<const arrow::FixedSizeListType&>(type).list_size();
      return Children(type, visited, offset * size, length * size, valid.Repeat(length, size),
                      path);
    }
    case Type::LIST:
    case Type::MAP:
      return List<int32_t>(type, visited, offset, length, valid, path);
    case Type::LARGE_LIST:
      return List<int64_t>(type, visited, offset, length, valid, path);
    default:
      break;
  }
  if (arrow::is_decimal(type.id())) {
    CORESHED_TRY(Decimals(type, *visited, offset, length, valid, path));
  }
  return visited;
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> CheckedValues(const arrow::Field& field,
                                                    const std::shared_ptr<arrow::Array>& stored) {
  if (!NeedsCheck(field)) return stored;
  const auto& data = stored->data();
  CORESHED_ASSIGN(
      auto visited,
      Walk(field.name()).Visit(field, data, data->offset, data->length, {}, field.name()));
  return arrow::MakeArray(visited);
}

Result<std::shared_ptr<arrow::RecordBatch>> StoredRows(const arrow::RecordBatch& rows,
                                                       const arrow::Schema& schema) {
  arrow::ArrayVector columns;
  for (int i = 0; i < rows.num_columns(); ++i) {
    CORESHED_ASSIGN(const auto stored, ToStored(rows.column(i), rows.column_name(i)));
    CORESHED_ASSIGN(auto column, CheckedValues(*schema.field(i), stored));
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(StoredSchema(schema), rows.num_rows(), std::move(columns));
}

}  // namespace coreshed::parts
