#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parts/parts.h"
#include "storage/storage.h"

namespace coreshed::parts {

/// What to read of a table, and with what.
struct ReadRequest {
  const TableParts* parts = nullptr;
  std::string record_prefix;              ///< key of the record's folder, with a slash at the end
  std::shared_ptr<arrow::Schema> schema;  ///< exactly as handed in when it was written
  std::vector<std::string> columns;       ///< these, in this order; empty: all
  int threads = 1;
  int64_t memory_bytes = 0;
};

/// Read a table whole, decoded in parallel.
///
/// Errors  kNotFound    a file is missing: the caller reads the metadata again and decides
///         kCorruption  a file is not what the metadata say (size, row groups, schema)
Result<std::shared_ptr<arrow::Table>> ReadTable(const ReadRequest& request, storage::Storage&);

/// Read a table as a stream of batches (one part at a time, a few ahead), in order. The storage
/// must outlive the reader, hence shared.
Result<std::shared_ptr<arrow::RecordBatchReader>> ReadStream(
    const ReadRequest& request, std::shared_ptr<storage::Storage> storage);

/// What a check of a table's files found.
struct CheckAnswer {
  int64_t files = 0;
  int64_t bytes_read = 0;
  std::vector<std::string> faults;  ///< one sentence each, naming the file
  bool missed = false;              ///< one of them: a file is not there
  std::optional<Error> unread;  ///< one of them: the storage failed, which says nothing of a file
};

/// Check that every file is there with its size; `deep`: read all, and recompute part hashes,
/// roots, the table's exact hash and duplicate sum.
Result<CheckAnswer> CheckParts(const ReadRequest& request, storage::Storage&, bool deep);

/// Check one file by itself: that it is there, and that its parts are those that it tells of and
/// that `file` names. `schema`: of a table that has parts in it, as stored.
///
/// Errors  those of ReadTable
Result<void> CheckWholeFile(const PartFile& file, const std::string& record_prefix,
                            const arrow::Schema& schema, storage::Storage&);

}  // namespace coreshed::parts
