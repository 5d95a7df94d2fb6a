#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "sources/json_events.h"
#include "sources/json_types.h"

namespace coreshed::sources {

/// Makes batches of rows from lines, once the types of all places are known.
class JsonRows : public JsonEvents {
 public:
  explicit JsonRows(const JsonNode& row);
  ~JsonRows() override;

  Result<void> Begin(JsonKind kind) override;
  Result<void> End() override;
  Result<void> Key(std::string_view key) override;
  Result<void> Value(JsonKind kind, std::string_view text) override;

  int64_t rows() const;
  /// About what the rows take in memory.
  int64_t bytes() const { return bytes_; }
  /// The rows since the last call.
  Result<std::shared_ptr<arrow::RecordBatch>> Finish();

 private:
  class Cells;

  bool has_room() const;
  Result<void> Count(int64_t bytes);

  std::unique_ptr<Cells> row_;
  std::vector<Cells*> open_;
  Cells* place_;
  int64_t bytes_ = 0;
  int64_t row_bytes_ = 0;  ///< of the present one
};

}  // namespace coreshed::sources
