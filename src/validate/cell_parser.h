#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "sources/csv_parser.h"

namespace coreshed::validate {

/// What reads a cell as a value of a type that a schema names (spec/validation.md, "Cells"): as in
/// a CSV file, with more words for truth, and with times cut to the type's unit. Null: no text
/// stands for values of the type.
std::shared_ptr<const sources::CsvParser> CellParserOf(
    const std::shared_ptr<arrow::DataType>& type);

}  // namespace coreshed::validate
