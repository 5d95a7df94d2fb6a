#include "validate/values.h"

#include <arrow/array/util.h>
#include <arrow/compute/cast.h>
#include <arrow/extension_type.h>
#include <arrow/scalar.h>
#include <coreshed/sources.h>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"
#include "parts/dictionary.h"

namespace coreshed::validate {

Result<std::shared_ptr<arrow::Array>> Plainly(const std::shared_ptr<arrow::Array>& column) {
  switch (column->type_id()) {
    case arrow::Type::EXTENSION:
      return Plainly(static_cast<const arrow::ExtensionArray&>(*column).storage());
    case arrow::Type::DICTIONARY: {
      CORESHED_ASSIGN(const auto values, parts::ExpandDictionary(*column->data()));
      return Plainly(arrow::MakeArray(values));
    }
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW: {
      const auto type = column->type_id() == arrow::Type::STRING_VIEW ? arrow::large_utf8()
                                                                      : arrow::large_binary();
      CORESHED_ARROW_ASSIGN(
          auto cast, arrow::compute::Cast(*column, type, arrow::compute::CastOptions::Safe()),
          "reading a column");
      return cast;
    }
    default:
      return column;
  }
}

std::optional<std::string> WrittenValue(const std::shared_ptr<arrow::Array>& column, int64_t row,
                                        size_t bytes_max) {
  const auto plain = Plainly(column->Slice(row, 1));
  if (!plain || (*plain)->IsNull(0)) return std::nullopt;
  if (IsText(*(*plain)->type())) {
    std::optional<std::string> text;
    ForEachText(**plain, [&](int64_t, std::string_view value) {
      text = CutText(std::string(value.substr(0, bytes_max + 1)), bytes_max);
    });
    return text;
  }
  if (const auto texts = CellTexts(*plain)) {
    return CutText(std::string(static_cast<const arrow::StringArray&>(**texts).GetView(0)),
                   bytes_max);
  }
  const auto scalar = (*plain)->GetScalar(0);
  return CutText(scalar.ok() ? (*scalar)->ToString() : "?", bytes_max);
}

}  // namespace coreshed::validate
