#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "parts/key_index.h"
#include "parts/read.h"
#include "parts/row_edit.h"
#include "storage/storage.h"

namespace coreshed::parts {

/// What an upsert does to a table.
struct Replacement {
  std::unique_ptr<RowEdit> edit;  ///< puts rows with a key that the table has in their places
  std::shared_ptr<arrow::RecordBatch> added;  ///< the rows whose key it does not have
  int64_t rows = 0;                           ///< that are replaced
};

/// Find the rows of a table that have the keys of `index`, whose rows have the table's columns.
/// `table`: all of it; its columns are set here. Looks into the key columns of those parts that, by
/// their statistics, may have such a key.
///
/// Errors  kValidation   a key that several rows of the table have; those of ReadTable
Result<Replacement> FindReplaced(const ReadRequest& table, std::shared_ptr<const KeyIndex> index,
                                 const std::vector<std::string>& keys, storage::Storage& storage);

/// Which rows of a batch go: true.
using RowMask =
    std::function<Result<std::shared_ptr<arrow::BooleanArray>>(const arrow::RecordBatch&)>;

/// What a deletion of rows does to a table.
struct Deletion {
  std::unique_ptr<RowEdit> edit;
  int64_t rows = 0;  ///< that go
};

/// Find the rows of a table for which `mask` is true. `table` names the columns that it looks at.
///
/// Errors  those of `mask` and ReadTable
Result<Deletion> FindDeleted(const ReadRequest& table, const RowMask& mask,
                             storage::Storage& storage);

}  // namespace coreshed::parts
