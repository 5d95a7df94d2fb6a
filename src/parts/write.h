#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "parts/parts.h"
#include "parts/row_edit.h"
#include "storage/storage.h"

namespace coreshed::parts {

/// What is written as one table of a version.
struct WriteRequest {
  /// Rows to write: a stream (consumed) or a whole table; exactly one is set.
  std::shared_ptr<arrow::RecordBatchReader> reader;
  std::shared_ptr<arrow::Table> table;
  /// How to cut; nothing: chosen from the first rows and returned.
  std::optional<CutRule> cut;
  /// The same table in the active version: its parts are used again where they are equal.
  const TableParts* base = nullptr;
  /// The schema that `base` is stored with. Parts have no types of their own: without it, or where
  /// it is not stored alike (types.h), nothing of `base` is used again.
  std::shared_ptr<arrow::Schema> base_schema;
  /// Put `base`'s rows before the new ones, changed as `edit` says (null: as they are). Parts that
  /// it does not touch stay, and are not read, but where the cuts before them have moved, and the
  /// last one, which is cut anew with the rows that follow. Needs `base`; its stored schema equals
  /// the new one.
  bool append = false;
  const RowEdit* edit = nullptr;
  /// With an edit: the rows it came from, as they were handed in. Their dictionaries count, those
  /// of rows that were taken from here and there do not.
  std::shared_ptr<arrow::Table> handed_in;
  /// Key of the record's folder, with a slash at the end; for reading parts of `base`.
  std::string record_prefix;
  /// Names for the k-th new file (k from 0): wanted and fallback, relative to the record's folder.
  /// `single`: the whole write fits one file.
  std::function<std::pair<std::string, std::string>(int k, bool single)> name;
  int threads = 1;
  int64_t memory_bytes = 0;
  std::stop_token stop;
  /// Called with rows done so far, from any thread, one call at a time.
  std::function<void(int64_t rows)> on_rows;
};

struct WriteAnswer {
  TableParts parts;
  /// The schema to store with the version and to hand to reads: as handed in, and what its
  /// dictionaries hold, as field metadata that reads take away again.
  std::shared_ptr<arrow::Schema> schema;
  CutRule cut;
  int64_t new_bytes = 0;  ///< written by this call
};

/// Cut rows into parts, write those that `base` does not have as row groups of new Parquet files
/// through `stage`, and return the table's list of parts. Memory stays near `memory_bytes`.
///
/// Errors  kUnsupported (a type), kCancelled, kIo, and whatever the reader answers (kValidation)
Result<WriteAnswer> WriteParts(const WriteRequest& request, storage::Storage& storage,
                               storage::Stage& stage);

}  // namespace coreshed::parts
