#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <vector>

namespace parquet {
class WriterProperties;
}

namespace coreshed::parts {

/// How the columns of a table are written.
struct Encodings {
  std::shared_ptr<parquet::WriterProperties> properties;
  /// By column: few different values, so that they are made a dictionary before Parquet sees them.
  std::vector<bool> few_values;
};

/// Choose encodings from a sample, the first part with its stored types. `only_part`: there is no
/// other, so that it may be small enough for speed to count more than bytes.
Result<Encodings> ChooseEncodings(const arrow::RecordBatch& first, bool only_part);

}  // namespace coreshed::parts
