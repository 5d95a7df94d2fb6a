#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string_view>

namespace coreshed::sources {

/// Reads texts as values of one Arrow type. Texts come without blanks around them, and not empty.
class CsvParser {
 public:
  virtual ~CsvParser() = default;

  /// Null: no text in a CSV file stands for values of this type. Text is no such type either: a
  /// cell of a column of text is not parsed.
  static std::shared_ptr<const CsvParser> Of(const std::shared_ptr<arrow::DataType>& type);

  const std::shared_ptr<arrow::DataType>& type() const { return type_; }
  /// Whether the type has a value for all that the text says.
  virtual bool Takes(std::string_view text) const = 0;
  /// Append the value to a builder of the type. Invalid: the type does not take the text.
  virtual arrow::Status Append(std::string_view text, arrow::ArrayBuilder* builder) const = 0;

 protected:
  explicit CsvParser(std::shared_ptr<arrow::DataType> type) : type_(std::move(type)) {}

 private:
  const std::shared_ptr<arrow::DataType> type_;
};

}  // namespace coreshed::sources
