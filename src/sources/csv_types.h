#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "sources/csv_parser.h"

namespace coreshed::sources {

/// Whether values of this type are text, however it is laid out.
bool IsTextType(const arrow::DataType& type);

/// Finds a column's type from all its values. A type is taken only if every value would be written
/// back as the same text, or as one that a person calls the same (spec/csv.md, "Types").
class CsvColumnType {
 public:
  /// `wanted`: taken if it takes all values, though they may look like another: whole numbers as
  /// fractions, anything as text, nothing as anything. Null, or a type that CSV has no texts for:
  /// what the values look like.
  explicit CsvColumnType(const std::shared_ptr<arrow::DataType>& wanted = nullptr);

  /// One value, without blanks around it; an empty one is none.
  void Add(std::string_view value);
  /// Whether a further value can change the type.
  bool is_open() const;
  std::shared_ptr<arrow::DataType> Get() const;

 private:
  std::shared_ptr<arrow::DataType> Inferred() const;

  std::shared_ptr<const CsvParser> wanted_;  ///< as long as it takes all values
  uint32_t wanted_forms_ = 0;                ///< of its texts; 0: it is asked itself
  bool is_text_ = false;                     ///< text is wanted
  uint32_t in_all_ = ~uint32_t{0};           ///< the forms that every value has
  uint32_t in_any_ = 0;                      ///< the forms that some value has
};

}  // namespace coreshed::sources
