#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace coreshed::parts {

/// How rows of a table are cut into parts (spec/parts.md, "Parts"). Chosen at a record's first
/// version of the table and kept for its life.
struct CutRule {
  std::vector<std::string> columns;  ///< that the cut looks at; empty: all
  int mask_bits = 13;
  int64_t rows_min = 8192;
  int64_t rows_max = 32768;
  int64_t bytes_max = int64_t{32} << 20;  ///< canonical bytes of one part
  bool operator==(const CutRule&) const = default;
};

/// One immutable Parquet file; its parts are its row groups, in order.
struct PartFile {
  std::string name;  ///< relative to the record's folder
  int64_t size_bytes = 0;
  int64_t parts = 0;  ///< row groups
  std::string root;   ///< hex BLAKE3 over its parts' exact hashes (one part: that hash itself)
  bool operator==(const PartFile&) const = default;
};

/// Consecutive parts of one file.
struct PartRun {
  int64_t file = 0;   ///< index into TableParts::files
  int64_t first = 0;  ///< first row group
  int64_t count = 0;
  bool operator==(const PartRun&) const = default;
};

/// One table of one version: an ordered list of parts, written as runs over files.
struct TableParts {
  std::vector<PartFile> files;
  std::vector<PartRun> runs;
  int64_t rows = 0;
  int64_t parts = 0;
  std::string exact_hash;     ///< hex BLAKE3, spec/parts.md "Exact hash"
  std::string duplicate_sum;  ///< 32 hex digits: sum over rows, before the schema is mixed in
};

}  // namespace coreshed::parts
