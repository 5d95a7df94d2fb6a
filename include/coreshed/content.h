#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/types.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coreshed {

/// The columns of an Arrow schema with their documented logical types.
///
/// Errors  kUnsupported   a type that can't be stored exactly, named with its column
Result<std::vector<Column>> ColumnsOf(const arrow::Schema& schema);

/// The plainest Arrow type that has this logical type (spec/schema.md, "Logical types"):
/// "decimal(10,2)", "timestamp(us,UTC)", "list<string>".
///
/// Errors  kInvalidArgument   no logical type, or an extension, which only its library knows
Result<std::shared_ptr<arrow::DataType>> TypeNamed(const std::string& logical_type);

/// The record id of the dataset that has this name: a part that people can read, and the first
/// digits of a hash of the trimmed name in normalisation form C (spec/uploads.md, "Names").
std::string DatasetId(const std::string& name);

/// SHA-256 (hex) of the name-sorted (column, logical type) list; spec/schema.md, "Fingerprint".
std::string SchemaFingerprint(const std::vector<Column>& columns);

/// The differences from `before` to `after`, classed; spec/schema.md, "Drift".
/// `renames` maps old to new names; `widening_is_additive` as the store's setting says.
Drift DetectSchemaDrift(const std::map<std::string, std::vector<Column>>& before,
                        const std::map<std::string, std::vector<Column>>& after,
                        const std::map<std::string, std::string>& renames = {},
                        bool widening_is_additive = false);

/// The duplicate hash of one table (32 hex digits): equal for equal content in any order of rows
/// and columns; spec/parts.md, "Duplicate hash".
Result<std::string> ContentHash(const arrow::Table& table);

/// Check a record's metadata.json by itself (spec/format.md, "Invariants", 1 to 10): its pages and
/// its data are not looked at, which Store::Verify does.
///
/// Errors  kCorruption   names the rule that is broken
Result<void> CheckMetadata(std::string_view metadata_json);

}  // namespace coreshed
