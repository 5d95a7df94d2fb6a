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

/// The parts that a table's active version has, to be found by their hash. Reads the footers of
/// files of several parts; of a file of one part, the metadata tell the hash. Any number of threads
/// at once.
class BaseParts {
 public:
  /// `with_entries`: read every footer, so that Entry knows every part.
  static Result<BaseParts> Load(const TableParts& base, const std::string& record_prefix,
                                storage::Storage& storage, bool with_entries);

  /// A part with this exact hash.
  std::optional<PartPlace> Find(const Hash256& hash) const;
  /// What is known of a part without reading anything more; null: nothing.
  const PartEntry* Entry(const PartPlace& place) const;

  const TableParts& table() const { return *base_; }
  /// Where the table's parts are, in order.
  std::vector<PartPlace> Places() const;

 private:
  explicit BaseParts(const TableParts& base) : base_(&base), entries_(base.files.size()) {}

  const TableParts* base_;
  std::map<Hash256, PartPlace> by_hash_;
  std::vector<std::vector<PartEntry>> entries_;  ///< by file; empty where the footer was not read
};

}  // namespace coreshed::parts
