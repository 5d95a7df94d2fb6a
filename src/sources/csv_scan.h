#pragma once

#include <coreshed/error.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coreshed::sources {

/// What stands in the cells of one column, as the bytes show it.
struct CsvCells {
  int64_t values = 0;          ///< neither empty nor an unquoted NA
  bool has_quoted = false;     ///< a value in quotes
  bool has_bare = false;       ///< a value without
  bool has_quoted_na = false;  ///< an NA in quotes, perhaps with blanks around it
  int64_t bytes = 0;           ///< of all texts but NA: without their quotes, "" counting once
};

/// Whether the bytes of a cell are NA, perhaps with blanks around it.
class NaWatch {
 public:
  void Add(char byte);
  bool is_na() const { return state_ == State::kNa; }
  /// Whether no byte can make it one any more.
  bool is_other() const { return state_ == State::kOther; }

 private:
  enum class State : uint8_t { kBlank, kN, kNa, kOther };
  State state_ = State::kBlank;
};

/// The outline of a CSV file.
struct CsvShape {
  char delimiter = ',';
  std::vector<std::string> names;
  std::vector<CsvCells> columns;
  int64_t blank_lines_first = 0;  ///< before the header
  int64_t rows = 0;               ///< without the header
  int64_t longest_record = 0;     ///< in bytes
  bool has_short_rows = false;
  bool has_crlf = false;  ///< some line ends with \r\n,
  bool has_lf = false;    ///< some with \n alone
  /// A quote within a cell, or a delimiter or line break within quotes: from the middle of such a
  /// file nobody can tell what is within quotes.
  bool has_hard_quotes = false;
  bool has_gaps = false;  ///< two or more blanks before a quote that opens
  /// Fields that a row has too many (CsvScanner::Collect).
  struct Surplus {
    int64_t record = 0, fields = 0;
    int64_t begin = 0, end = 0;  ///< bytes, with the delimiter before them
  };
  std::vector<Surplus> surplus;
  /// From this record on a record's line is its number and this; ascending (CsvScanner::Collect).
  struct LineShift {
    int64_t record = 0, lines = 0;
  };
  std::vector<LineShift> line_shifts;
  int64_t lines_unknown_from = INT64_MAX;  ///< a record

  /// 0: not known.
  int64_t LineOf(int64_t record) const;
};

/// Looks once over the bytes of a CSV file before DuckDB reads it, for what DuckDB does not tell:
/// which cells are quoted, which names the header repeats, how many rows there must be, and in
/// which line a row is too long. The grammar is RFC 4180, with any of \n, \r\n, \r as line break,
/// with blanks around quotes, and with rows that end early.
class CsvScanner {
 public:
  /// `tabs`: a TSV file. Otherwise the header tells the delimiter: of , ; tab | the most frequent.
  /// `columns_max`: more are refused.
  CsvScanner(std::string file_name, bool tabs, int64_t columns_max)
      : file_name_(std::move(file_name)), tabs_(tabs), columns_max_(columns_max) {}

  /// Rows with too many fields are noted, not refused; and in which lines records begin.
  void Collect() { collects_ = true; }
  /// The next bytes; the first call should hold the whole header.
  Result<void> Feed(std::string_view bytes);
  /// After the last byte.
  Result<CsvShape> Finish();

 private:
  enum class State { kFieldStart, kBare, kQuoted, kQuoteSeen, kAfterQuote };
  enum class ByteClass : uint8_t { kOrdinary, kBlank, kQuote, kDelimiter, kLf, kCr, kNul };

  void Begin(std::string_view* bytes);
  Result<void> Step(char byte, ByteClass byte_class);
  Result<void> Outside(char byte, ByteClass byte_class);
  Result<void> InQuotes(char byte, ByteClass byte_class);
  Result<void> AfterQuote(ByteClass byte_class);
  size_t SkipOrdinary(std::string_view bytes);
  Result<void> EndField();
  Result<void> EndRecord(int64_t end);
  Result<void> NoteRecord(int64_t fields, int64_t end);
  Result<void> EndLine(ByteClass byte_class);
  Result<void> CheckBreaks() const;
  Result<void> NameColumns();
  Result<void> EndName();
  Result<void> CheckName() const;
  Result<void> CheckRecord(int64_t bytes) const;
  Error Fault(int64_t line, const std::string& what) const;

  const std::string file_name_;
  const bool tabs_;
  const int64_t columns_max_;
  bool collects_ = false;
  int64_t offset_ = 0;      ///< of the next byte
  int64_t wanted_end_ = 0;  ///< where the last field that the header names ended
  int64_t surplus_bytes_ = 0;
  CsvShape shape_;
  std::array<ByteClass, 256> classes_{};
  bool begun_ = false;
  State state_ = State::kFieldStart;
  bool after_cr_ = false;  ///< the last byte was \r, which \n would complete
  bool in_header_ = true;
  int64_t line_ = 1;
  int64_t record_line_ = 1;  ///< where the present record began
  int64_t quote_line_ = 1;   ///< where the present quotes opened
  int64_t record_bytes_ = 0;
  size_t field_ = 0;  ///< index of the present field
  int64_t field_bytes_ = 0;
  bool field_quoted_ = false;
  NaWatch na_;
  std::string header_text_;  ///< the present field, in the header
  std::vector<std::string> header_;
  int64_t lone_cr_line_ = 0;  ///< the first line that \r alone ends; 0: none
  int64_t lf_line_ = 0;       ///< the first that \n or \r\n ends
};

}  // namespace coreshed::sources
