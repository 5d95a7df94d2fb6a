#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sources/sas_text.h"

/// Variables of SAS files as columns (spec/sas.md, "Values"). What readers of the two formats give
/// is raw: batches of float64, null where missing, and of binary, the bytes of texts without what
/// fills them up, null where blank.
namespace coreshed::sources {

/// A variable as its file describes it; texts are bytes as they stand there.
struct SasVariable {
  std::string name, label, format;
  bool is_text = false;
  int64_t width = 0;  ///< bytes of a value
};

struct SasDataset {
  std::string name, label;
  std::vector<SasVariable> variables;

  std::shared_ptr<arrow::Schema> RawSchema() const;
};

/// `text` without the blanks and zero bytes at its end.
std::string_view TrimSasText(std::string_view text);

/// Why values of a column are missing: how many by letter, '.', '_', 'A' to 'Z'.
class SasMissing {
 public:
  void Add(char letter) { ++counts_[static_cast<unsigned char>(letter) & 0x7F]; }
  /// "AGE .A 3, .B 1"; empty if only '.' is there.
  std::string Special(const std::string& column) const;

 private:
  std::array<int64_t, 128> counts_{};
};

enum class SasKind { kText, kNumber, kDate, kTime, kTimestamp, kTimestampUtc };

/// What a number with this format (DATE9., e8601dt19) stands for.
SasKind KindOfFormat(std::string_view format);

/// Finds out what the columns of a data set are, from all its raw batches.
class SasColumns {
 public:
  SasColumns(std::string label, SasDataset dataset, std::shared_ptr<SasTexts> texts);

  /// Looks at the next rows.
  void Watch(const arrow::RecordBatch& raw);
  /// After the last batch of the file, and texts->Settle().
  ///
  /// Errors  kValidation   a name that is empty or comes twice
  Result<void> Settle();

  const SasDataset& dataset() const { return dataset_; }
  const std::string& name() const { return name_; }
  std::vector<SasMissing>& missing() { return missing_; }
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  /// `label`: how they call the data set.
  std::vector<std::string> Warnings(const std::string& label) const;
  Result<std::shared_ptr<arrow::RecordBatch>> Convert(const arrow::RecordBatch& raw) const;

 private:
  Result<std::string> Text(std::string_view bytes) const;
  void WatchDescriptions();
  Result<std::shared_ptr<arrow::Array>> ConvertText(const arrow::Array& raw) const;

  const std::string label_;
  const SasDataset dataset_;
  const std::shared_ptr<SasTexts> texts_;
  std::vector<SasMissing> missing_;
  std::vector<SasKind> kinds_;
  std::vector<bool> fits_;  ///< whether all values so far are of the kind
  int64_t rows_ = 0;
  std::string name_;  ///< the data set's, as the rest of this, in UTF-8
  std::vector<std::string> names_;
  std::shared_ptr<arrow::Schema> schema_;
};

/// The rows of a data set, from a reader of its raw ones.
std::shared_ptr<arrow::RecordBatchReader> MakeSasReader(
    std::shared_ptr<InputFile> input, std::shared_ptr<arrow::RecordBatchReader> raw,
    std::shared_ptr<const SasColumns> columns);

}  // namespace coreshed::sources
