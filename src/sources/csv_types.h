#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <string>
#include <vector>

#include "sources/duckdb.h"

namespace coreshed::sources {

/// The types that a CSV column can have.
enum class CsvType { kText, kWhole, kFraction, kDate, kTime, kTimestamp, kTimestampUtc, kBoolean };

/// Each column's type, from all its values. `columns` are the names, in SQL, of the VARCHAR columns of
/// `from`, in which null stands for cells that say nothing. A type is taken only if every value would
/// be written back as the same text, or as one that a person calls the same (spec/format.md,
/// "CSV types").
Result<std::vector<CsvType>> TypesOf(duckdb::Session& session, const std::string& from,
                                     const std::vector<std::string>& columns);

/// The SQL that makes a value of the type from a VARCHAR column.
std::string CastSql(CsvType type, const std::string& column);

std::shared_ptr<arrow::DataType> ArrowType(CsvType type);

}  // namespace coreshed::sources
