#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstddef>
#include <memory>

namespace coreshed::parts {

/// A change of some of a table's rows, where they stand.
class RowEdit {
 public:
  virtual ~RowEdit() = default;
  /// Whether the change touches rows of the `part`-th part of the table.
  virtual bool Touches(size_t part) const = 0;
  /// The rows of a touched part as they are to be: any number, with the same columns.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> Apply(
      size_t part, const std::shared_ptr<arrow::RecordBatch>& rows) const = 0;
};

}  // namespace coreshed::parts
