#pragma once

#include <coreshed/error.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sources/csv_scan.h"
#include "sources/duckdb.h"
#include "sources/input.h"

namespace coreshed::sources {

/// A field as it lies in the bytes, between its quotes if it has any.
struct CsvField {
  char* begin = nullptr;
  size_t size = 0;
  bool is_quoted = false;
  bool has_doubled = false;  ///< within quotes: "" for a quote

  /// The text; quotes written twice are made one where they lie.
  std::string_view Take() const;
};

/// Fields that a row has too many, as they lie in a file, with the `delimiter` before them; to be
/// written behind the row, with commas.
std::string FieldsWritten(std::string surplus, char delimiter);

/// Finds the fields of records that CsvScanner has found to be sound.
class CsvFields {
 public:
  explicit CsvFields(char delimiter);

  /// The fields of the record that begins at `at`. Returns where the next one begins; null if this
  /// one may go on behind `end`, which it can't if `is_last`.
  char* Find(char* at, char* end, bool is_last, std::vector<CsvField>* fields) const;

 private:
  char* FindField(char* at, char* end, bool is_last, CsvField* field) const;
  static char* FindQuoted(char* at, char* end, bool is_last, CsvField* field);

  const char delimiter_;
  std::array<bool, 256> ends_field_{};
};

/// Some rows of a file: their cells as DuckDB would lay them out, a column after the other.
class SplitRows {
 public:
  SplitRows(size_t columns, size_t rows_max)
      : rows_max_(rows_max),
        words_((rows_max + 63) / 64),
        cells_(columns * rows_max),
        valid_(columns * words_) {}

  void Set(size_t column, std::string_view text) {
    cells_[column * rows_max_ + rows_] = duckdb::String::Of(text);
    valid_[column * words_ + rows_ / 64] |= uint64_t{1} << (rows_ % 64);
  }
  void EndRow() { ++rows_; }
  /// What texts lie in.
  void Hold(const std::shared_ptr<std::string>& bytes);

  size_t rows() const { return rows_; }
  bool is_full() const;
  duckdb::Values<duckdb::String> column(size_t index) const {
    return {&cells_[index * rows_max_], &valid_[index * words_]};
  }

 private:
  size_t rows_ = 0;
  size_t rows_max_, words_;
  std::vector<duckdb::String> cells_;
  std::vector<uint64_t> valid_;  ///< bits; a cell that nobody has set is null
  std::vector<std::shared_ptr<std::string>> held_;
  size_t held_bytes_ = 0;
};

/// When an unquoted NA is null.
struct NaRule {
  bool everywhere = false;            ///< without blanks around it
  std::vector<bool> in_columns = {};  ///< in these also with; may be empty
};

/// Reads the cells of a CSV file as DuckDB does, for files that DuckDB is not up to: it takes no
/// two blanks before a quote, holds 2,048 rows however wide they are, and does not tell what was
/// quoted.
class CsvSplitter {
 public:
  CsvSplitter(const InputFile& input, const CsvShape& shape, NaRule na);

  /// The next rows; null at the end.
  Result<std::unique_ptr<SplitRows>> Next();

 private:
  Result<bool> FindRecord();
  Result<void> ReadOn();
  bool IsNull(const CsvField& field, size_t column) const;
  void Take(SplitRows* rows);

  const InputFile& input_;
  const size_t columns_;
  const size_t rows_max_;
  const NaRule na_;
  const CsvFields finder_;
  std::vector<CsvField> fields_;  ///< of the present record
  std::shared_ptr<std::string> bytes_;
  size_t at_ = 0;       ///< in `bytes_`: the next record
  int64_t offset_ = 0;  ///< in the file: what follows `bytes_`
  bool in_header_ = true;
};

}  // namespace coreshed::sources
