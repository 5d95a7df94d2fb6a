#pragma once

#include <arrow/array/array_base.h>
#include <arrow/array/array_binary.h>
#include <arrow/type.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace coreshed::validate {

/// The values of a column laid out plainly: extensions as what they are stored as, dictionaries as
/// what they stand for, views as large texts and bytes.
Result<std::shared_ptr<arrow::Array>> Plainly(const std::shared_ptr<arrow::Array>& column);

/// A cell as a person would write it, cut to `bytes_max`; nothing where it is null.
std::optional<std::string> WrittenValue(const std::shared_ptr<arrow::Array>& column, int64_t row,
                                        size_t bytes_max);

/// Call `visit(row, text)` for each text of a plain column of texts that is not null.
template <typename Visit>
void ForEachText(const arrow::Array& texts, Visit&& visit) {
  const auto each = [&](const auto& array) {
    for (int64_t row = 0; row < array.length(); ++row) {
      if (array.IsValid(row)) visit(row, std::string_view(array.GetView(row)));
    }
  };
  if (texts.type_id() == arrow::Type::STRING) {
    each(static_cast<const arrow::StringArray&>(texts));
  } else {
    each(static_cast<const arrow::LargeStringArray&>(texts));
  }
}

/// Whether a type's values are texts, laid out in any way.
inline bool IsText(const arrow::DataType& type) {
  return type.id() == arrow::Type::STRING || type.id() == arrow::Type::LARGE_STRING ||
         type.id() == arrow::Type::STRING_VIEW;
}

}  // namespace coreshed::validate
