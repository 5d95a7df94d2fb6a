#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "parts/footer.h"
#include "parts/parts.h"
#include "parts/sorted_values.h"
#include "storage/storage.h"

namespace parquet {
class FileMetaData;
}
namespace parquet::arrow {
class FileReader;
}

namespace coreshed::parts {

/// Reads parts of one Parquet file, which is believed in nothing: what does not fit the metadata is
/// kCorruption that names the file. Any number of threads at once.
class PartFileReader {
 public:
  /// Open a file and read its footer. `key`: the file's on the storage. Small files are read whole,
  /// in one request.
  ///
  /// Errors  kNotFound    there is none
  ///         kCorruption  it is not the file that `file` describes
  static Result<std::shared_ptr<PartFileReader>> Open(storage::Storage& storage,
                                                      const std::string& key, const PartFile& file);
  ~PartFileReader();

  const std::string& key() const { return key_; }
  int64_t parts() const;
  int64_t rows(int64_t part) const;
  /// Bytes of the part's columns in the file.
  int64_t size_bytes(int64_t part) const;

  /// Whether the part may hold one of the values in a column, as far as its statistics tell.
  bool MayHold(int64_t part, int column, const SortedValues& values) const;

  /// What is known of each part, checked against the root in the metadata. kHashes alone need no
  /// look into the footer where the file has one part.
  enum class Need { kHashes, kSums, kColumns };
  Result<std::vector<PartEntry>> Entries(Need need) const;

  /// Check that the file holds the columns of `schema`, by name and in order.
  Result<void> CheckSchema(const arrow::Schema& schema) const;

  /// These columns of these parts are going to be read: storage that is far away fetches them
  /// ahead.
  void WillRead(std::span<const int> columns, std::span<const int> parts) const;

  /// Read some columns (ascending) of some parts, one part after the other, with the types that
  /// Parquet gives; texts of few different values as dictionaries, the fastest way to them.
  Result<arrow::ChunkedArrayVector> ReadColumns(std::span<const int> columns,
                                                const std::vector<int>& parts) const;

 private:
  PartFileReader() = default;
  Result<void> ReadFooter();
  void FindFewValues();
  Result<std::unique_ptr<parquet::arrow::FileReader>> TakeReader() const;
  Error Damaged(const std::string& what) const;

  std::string key_;
  PartFile file_;
  std::shared_ptr<arrow::io::RandomAccessFile> source_;
  std::shared_ptr<parquet::FileMetaData> footer_;
  std::vector<std::vector<int>> leaves_;  ///< by column: the Parquet columns that make it up
  std::vector<int> few_values_;           ///< Parquet columns that are read as dictionaries
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<parquet::arrow::FileReader>> idle_;
};

}  // namespace coreshed::parts
