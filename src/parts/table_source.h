#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "parts/file_reader.h"
#include "parts/read.h"

namespace coreshed::parts {

/// One part of a table: where it is.
struct PartPlace {
  int64_t file = 0;  ///< index into TableParts::files
  int64_t part = 0;  ///< row group
};

/// A table's files opened for reading some of its columns. Any number of threads at once.
class TableSource {
 public:
  /// Open the files that the table's runs name, and check that they hold its rows.
  ///
  /// Errors  those of ReadTable
  static Result<std::shared_ptr<TableSource>> Open(const ReadRequest& request,
                                                   storage::Storage& storage);
  /// The same for these parts alone.
  static Result<std::shared_ptr<TableSource>> Open(const ReadRequest& request,
                                                   storage::Storage& storage,
                                                   std::vector<PartPlace> places);

  /// The schema of what is read: the chosen columns.
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  const std::vector<PartPlace>& places() const { return places_; }
  int64_t rows(const PartPlace& place) const { return File(place).rows(place.part); }
  /// These parts are going to be read, in this order or another.
  void WillRead(std::span<const PartPlace> places) const;
  /// Whether a part may hold one of the values in a column of `schema`, as far as statistics tell.
  bool MayHold(const PartPlace& place, int column, const SortedValues& values) const {
    return File(place).MayHold(place.part, columns_[static_cast<size_t>(column)], values);
  }
  /// Bytes of all columns of a part in its file.
  int64_t size_bytes(const PartPlace& place) const { return File(place).size_bytes(place.part); }

  /// Read some parts of one file, the `column`-th of the chosen columns, with the type that was
  /// handed in; `hashes`: gets the hash of each part's column.
  Result<std::shared_ptr<arrow::ChunkedArray>> ReadColumn(int column, int64_t file,
                                                          std::span<const int> parts,
                                                          std::span<Hash256> hashes) const;
  /// Compare the hashes of a part's chosen columns with those that were written.
  Result<void> CheckHashes(const PartPlace& place, std::span<const Hash256> columns) const;
  /// Read one part, checked.
  Result<std::shared_ptr<arrow::RecordBatch>> ReadPart(const PartPlace& place) const;

 private:
  TableSource() = default;
  Result<std::shared_ptr<arrow::ChunkedArray>> ConformColumn(int column,
                                                             const PartFileReader& reader,
                                                             const arrow::ChunkedArray& read) const;
  Result<void> ChooseColumns(const ReadRequest& request);
  Result<void> OpenFiles(const ReadRequest& request, storage::Storage& storage);
  Result<void> OpenFile(const ReadRequest& request, storage::Storage& storage, size_t at);
  Result<void> CheckRows(const ReadRequest& request) const;
  const PartFileReader& File(const PartPlace& place) const {
    return *files_[static_cast<size_t>(place.file)];
  }

  std::shared_ptr<arrow::Schema> schema_;
  std::vector<int> columns_;  ///< which of the stored columns are read
  std::vector<std::vector<std::shared_ptr<arrow::Array>>> dictionaries_;  ///< of those
  bool all_columns_ = false;
  bool is_remote_ = false;
  std::vector<PartPlace> places_;
  std::vector<std::shared_ptr<PartFileReader>> files_;
  std::vector<std::vector<PartEntry>> entries_;  ///< by file
};

}  // namespace coreshed::parts
