#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace coreshed::parts {

// Parts hold the values of dictionary columns. What a dictionary itself holds - its order, and
// entries that no row uses - belongs to the version, and stands in its schema, as metadata of the
// column: base64 of an Arrow IPC stream of one row, with a list column for each dictionary in the
// column's type, outermost first.

/// The key of that metadata.
inline constexpr const char* kDictionariesKey = "coreshed.dictionaries";

/// Gathers what the dictionaries of a table hold while its batches pass by.
class DictionaryCollector {
 public:
  explicit DictionaryCollector(const arrow::Schema& schema);

  /// Begin with what the dictionaries of `stored` (a schema from Annotate, of the same columns)
  /// hold.
  Result<void> StartFrom(const arrow::Schema& stored);
  /// Errors  kUnsupported  ordered dictionaries whose orders contradict each other, or that are too
  ///                       large to be kept
  Result<void> Add(const arrow::RecordBatch& batch);
  /// `schema` with what the dictionaries hold as metadata of their columns.
  Result<std::shared_ptr<arrow::Schema>> Annotate(
      const std::shared_ptr<arrow::Schema>& schema) const;

 private:
  struct Node {
    std::shared_ptr<arrow::DictionaryType> type;
    std::shared_ptr<arrow::ArrayData> seen;  ///< the dictionary looked at last
    std::shared_ptr<arrow::Array> values;    ///< without nulls and repetitions
    int64_t entries_max = 0;                 ///< that all seen so far have together, or more
    bool dropped = false;                    ///< too large to be kept
  };
  struct Column {
    int index = 0;
    std::string name;
    std::vector<Node> nodes;
  };
  static Result<void> CheckNumbers(const Node& node, const std::string& column);
  static Result<void> Merge(Node& node, const std::shared_ptr<arrow::ArrayData>& dictionary,
                            const std::string& column);

  std::vector<Column> columns_;  ///< those with dictionaries
};

/// A schema as it was handed in, and what the dictionaries of each column hold.
struct ReadSchema {
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::vector<std::shared_ptr<arrow::Array>>> dictionaries;
};

/// Take a stored schema apart. kCorruption where the metadata of a column are damaged.
Result<ReadSchema> ParseStoredSchema(const std::shared_ptr<arrow::Schema>& stored);

/// A schema without what Annotate adds; a caller's own field may carry it from an earlier read.
std::shared_ptr<arrow::Schema> WithoutDictionaries(const std::shared_ptr<arrow::Schema>& schema);

}  // namespace coreshed::parts
