#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "parts/hash.h"

namespace coreshed::parts {

/// What the metadata of a Parquet file says about one of its parts.
struct PartEntry {
  int64_t rows = 0;
  Hash256 hash;                  ///< exact
  Sum128 sum;                    ///< of the rows' duplicate hashes
  std::vector<Hash256> columns;  ///< the columns' hashes that `hash` is made of
};

/// The keys below which a file's own key-value metadata tell of its parts (spec/parts.md, "Parquet
/// files").
inline constexpr const char* kPartsKey = "coreshed.parts";
inline constexpr const char* kColumnsKey = "coreshed.columns";
inline constexpr const char* kNoteKey = "coreshed.note";
inline constexpr const char* kSchemaKey = "ARROW:schema";

/// A file's key-value metadata: the schema's own, the Arrow schema, and its parts.
Result<std::shared_ptr<arrow::KeyValueMetadata>> MakeFooter(const arrow::Schema& schema,
                                                            const std::vector<PartEntry>& parts);

/// The parts that a file's metadata tell of; `with_columns`: with their columns' hashes.
///
/// Errors  kCorruption  the metadata are missing or damaged
Result<std::vector<PartEntry>> ParseFooter(const arrow::KeyValueMetadata* metadata,
                                           bool with_columns);

}  // namespace coreshed::parts
