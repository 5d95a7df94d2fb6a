#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parts/footer.h"
#include "parts/parts.h"
#include "parts/table_source.h"
#include "storage/storage.h"

namespace coreshed::parts {

/// The parts that a table's active version has, to be found by hash. Reads the footers of files of
/// several parts; a file of one part tells its hash in the metadata.
class BaseParts {
 public:
  static Result<BaseParts> Load(const TableParts& base, const std::string& record_prefix,
                                storage::Storage& storage);

  /// A part with this exact hash.
  std::optional<PartPlace> Find(const Hash256& hash) const;
  /// What the footer of its file tells of a part; reads it if that was not done.
  Result<PartEntry> Entry(const PartPlace& place);

 private:
  BaseParts(const TableParts& base, std::string record_prefix, storage::Storage& storage)
      : base_(&base), record_prefix_(std::move(record_prefix)), storage_(&storage) {}
  Result<void> ReadFooter(int64_t file);

  const TableParts* base_;
  std::string record_prefix_;
  storage::Storage* storage_;
  std::map<Hash256, PartPlace> by_hash_;
  std::vector<std::vector<PartEntry>> entries_;  ///< by file; empty: footer not read
};

}  // namespace coreshed::parts
