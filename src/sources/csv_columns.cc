#include "sources/csv_columns.h"

#include <arrow/type.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "sources/csv_parser.h"
#include "sources/csv_texts.h"
#include "sources/csv_types.h"
#include "sources/csv_values.h"
#include "sources/wanted_types.h"

namespace coreshed::sources {
namespace {

/// The type of one column, from what is wanted of it and from its cells.
class ColumnFinder {
 public:
  static Result<ColumnFinder> Make(const std::string& name, const CsvCells& cells,
                                   const CsvTypes& wanted) {
    ColumnFinder finder;
    finder.name_ = name;
    finder.na_is_text_ = cells.has_quoted_na;
    finder.has_values_ = cells.values > 0;
    if (const auto given = wanted.given.find(name); given != wanted.given.end()) {
      finder.given_ = CsvParser::Of(given->second);
      if (finder.given_ == nullptr && !IsTextType(*given->second)) {
        return Error{
            ErrorKind::kUnsupported,
            "column '" + name + "': a CSV file holds no values of " + given->second->ToString()}
            .With("column", name);
      }
      finder.wanted_ = given->second;
    } else if (wanted.like != nullptr && wanted.like->GetFieldByName(name) != nullptr) {
      finder.wanted_ = wanted.like->GetFieldByName(name)->type();
    }
    finder.type_ = CsvColumnType(finder.wanted_);
    return finder;
  }

  /// `row` counts from 1.
  Result<void> Add(std::string_view cell, int64_t row) {
    const auto value = TrimBlanks(cell);
    if (value == "NA" && !na_is_text_) return {};
    if (given_ == nullptr) {
      type_.Add(value);
    } else if (!value.empty() && !given_->Takes(value)) {
      return Error{ErrorKind::kValidation, "row " + std::to_string(row) + ": '" +
                                               CutText(std::string(value), kShownBytes) +
                                               "' is no " + NameOfGiven(*given_->type()) +
                                               ", which column '" + name_ + "' must be"}
          .With("column", name_)
          .With("row", std::to_string(row));
    }
    return {};
  }
  bool is_open() const { return given_ != nullptr || type_.is_open(); }
  CsvColumn Get() const {
    if (given_ != nullptr) return {given_->type()};
    const bool is_known = wanted_ != nullptr && IsTextType(*wanted_);
    return {type_.Get(), !has_values_ && !is_known};
  }

 private:
  std::string name_;
  bool na_is_text_ = false;  ///< one is in quotes
  bool has_values_ = false;
  std::shared_ptr<arrow::DataType> wanted_;
  std::shared_ptr<const CsvParser> given_;  ///< of a type that all values must have
  CsvColumnType type_;
};

}  // namespace

Result<std::vector<CsvColumn>> FindTypes(const InputFile& input, const CsvShape& shape,
                                         const CsvTypes& wanted, duckdb::Session* session,
                                         const std::stop_token& stop) {
  std::vector<ColumnFinder> found;
  for (size_t i = 0; i < shape.names.size(); ++i) {
    CORESHED_ASSIGN(auto finder, ColumnFinder::Make(shape.names[i], shape.columns[i], wanted));
    found.push_back(std::move(finder));
  }
  CORESHED_ASSIGN(auto texts, CsvTexts::Open(input, shape, session, {true}));
  int64_t rows = 0;
  while (std::any_of(found.begin(), found.end(), [](const auto& type) { return type.is_open(); })) {
    if (stop.stop_requested()) return Error{ErrorKind::kCancelled, "cancelled."};
    CORESHED_ASSIGN(const auto chunk, texts.Next());
    if (!chunk) break;
    for (size_t column = 0; column < found.size(); ++column) {
      if (!found[column].is_open()) continue;
      const auto cells = chunk.column(column);
      if (cells.all_null(chunk.rows())) continue;
      for (uint64_t row = 0; row < chunk.rows(); ++row) {
        if (cells.is_null(row)) continue;
        CORESHED_TRY(found[column].Add(cells[row].view(), rows + static_cast<int64_t>(row) + 1));
      }
    }
    rows += static_cast<int64_t>(chunk.rows());
  }
  std::vector<CsvColumn> columns;
  for (const auto& column : found)
    columns.push_back(column.Get());
  return columns;
}

}  // namespace coreshed::sources
