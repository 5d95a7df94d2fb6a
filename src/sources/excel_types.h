#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "sources/csv_parser.h"
#include "sources/excel_values.h"

namespace coreshed::sources {

/// The values of cells as values of one Arrow type.
class ExcelType {
 public:
  /// Null: no cell has such values.
  static std::shared_ptr<const ExcelType> Of(const std::shared_ptr<arrow::DataType>& type);

  /// Texts that stand for values of a type; null: of any.
  static std::shared_ptr<const ExcelType> CellsOf(const std::shared_ptr<arrow::DataType>& type);

  const std::shared_ptr<arrow::DataType>& type() const { return type_; }
  /// Whether it is text, which takes everything.
  bool is_text() const { return parser_ == nullptr && !holds_elapsed_; }
  /// Whether the type has a value for all that a filled cell says.
  bool Takes(const ExcelValue& value) const;
  /// Append a value that it takes to a builder of the type; what is not filled is null, but in
  /// text.
  arrow::Status Append(const ExcelValue& value, arrow::ArrayBuilder* builder) const;

 private:
  ExcelType(std::shared_ptr<arrow::DataType> type, std::shared_ptr<const CsvParser> parser,
            const std::shared_ptr<arrow::DataType>& means);
  bool Matches(const ExcelValue& value) const;
  std::string Written(const ExcelValue& value) const;
  arrow::Status AppendMatching(const ExcelValue& value, arrow::ArrayBuilder* builder) const;

  const std::shared_ptr<arrow::DataType> type_;
  const std::shared_ptr<const CsvParser> parser_;
  const bool holds_elapsed_, holds_moments_, holds_times_;
  const bool means_moments_;  ///< of any unit, perhaps as texts: a day is its midnight
};

}  // namespace coreshed::sources
