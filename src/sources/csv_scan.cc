#include "sources/csv_scan.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "sources/csv_values.h"

namespace coreshed::sources {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr int64_t kRecordBytesMax = int64_t{64} << 20;
constexpr size_t kNameBytesMax = 10'000;

/// The delimiter of which the first line has most outside quotes; the comma if it has none.
char GuessDelimiter(std::string_view bytes) {
  constexpr std::string_view kCandidates = ",;\t|";
  std::array<size_t, kCandidates.size()> counts{};
  bool quoted = false;
  bool begun = false;
  for (const char c : bytes) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') {
      if (begun) break;
      continue;
    }
    begun = true;
    if (const auto at = kCandidates.find(c); at != kCandidates.npos) ++counts[at];
  }
  return kCandidates[static_cast<size_t>(std::max_element(counts.begin(), counts.end()) -
                                         counts.begin())];
}

}  // namespace

void NaWatch::Add(char byte) {
  if (byte == ' ' && state_ != State::kN) return;
  const bool next =
      (state_ == State::kBlank && byte == 'N') || (state_ == State::kN && byte == 'A');
  if (!next) {
    state_ = State::kOther;
  } else {
    state_ = byte == 'N' ? State::kN : State::kNa;
  }
}

Error CsvScanner::Fault(int64_t line, const std::string& what) const {
  return Error{ErrorKind::kValidation, file_name_ + ", line " + std::to_string(line) + ": " + what}
      .With("file", file_name_)
      .With("line", std::to_string(line));
}

void CsvScanner::Begin(std::string_view* bytes) {
  begun_ = true;
  if (bytes->starts_with(kBom)) {
    bytes->remove_prefix(kBom.size());
    offset_ += static_cast<int64_t>(kBom.size());
  }
  shape_.delimiter = tabs_ ? '\t' : GuessDelimiter(*bytes);
  classes_[' '] = ByteClass::kBlank;
  classes_['"'] = ByteClass::kQuote;
  classes_['\n'] = ByteClass::kLf;
  classes_['\r'] = ByteClass::kCr;
  classes_[0] = ByteClass::kNul;
  classes_[static_cast<uint8_t>(shape_.delimiter)] = ByteClass::kDelimiter;
}

Result<void> CsvScanner::Feed(std::string_view bytes) {
  if (!begun_) Begin(&bytes);
  while (!bytes.empty()) {
    if (in_header_) CORESHED_TRY(CheckName());
    if (after_cr_ && bytes.front() != '\n') CORESHED_TRY(CheckBreaks());
    if (const size_t skipped = SkipOrdinary(bytes); skipped > 0) {
      bytes.remove_prefix(skipped);
      offset_ += static_cast<int64_t>(skipped);
      continue;
    }
    const char byte = bytes.front();
    bytes.remove_prefix(1);
    ++offset_;
    CORESHED_TRY(Step(byte, classes_[static_cast<uint8_t>(byte)]));
  }
  return CheckRecord(record_bytes_);
}

Result<void> CsvScanner::CheckName() const {
  if (header_text_.size() <= kNameBytesMax) return {};
  return Fault(record_line_,
               "a name of more than " + std::to_string(kNameBytesMax) +
                   " bytes, which no column can have. Is a quote missing, or the header?");
}

Result<void> CsvScanner::CheckRecord(int64_t bytes) const {
  if (bytes <= kRecordBytesMax) return {};
  return Fault(record_line_, "a row of more than " + std::to_string(kRecordBytesMax >> 20) +
                                 " MiB. Is a quote missing?");
}

/// Takes bytes that change no state at once: almost all of a file.
size_t CsvScanner::SkipOrdinary(std::string_view bytes) {
  if (state_ != State::kBare && state_ != State::kQuoted) return 0;
  // The first bytes of a field are looked at singly, for NA.
  if (!na_.is_other()) return 0;
  size_t size = 0;
  while (size < bytes.size() &&
         classes_[static_cast<uint8_t>(bytes[size])] == ByteClass::kOrdinary) {
    ++size;
  }
  if (size == 0) return 0;
  after_cr_ = false;
  field_bytes_ += static_cast<int64_t>(size);
  record_bytes_ += static_cast<int64_t>(size);
  if (in_header_) header_text_.append(bytes.substr(0, size));
  return size;
}

Result<void> CsvScanner::Step(char byte, ByteClass byte_class) {
  ++record_bytes_;
  if (byte_class == ByteClass::kNul) {
    return Fault(line_, "a zero byte: this is no text file.");
  }
  if (state_ == State::kQuoted) return InQuotes(byte, byte_class);
  if (byte_class == ByteClass::kLf || byte_class == ByteClass::kCr) return EndLine(byte_class);
  after_cr_ = false;
  if (state_ == State::kQuoteSeen || state_ == State::kAfterQuote) {
    if (byte_class != ByteClass::kQuote || state_ == State::kAfterQuote) {
      return AfterQuote(byte_class);
    }
    state_ = State::kQuoted;  // "" within quotes is one quote
    shape_.has_hard_quotes = true;
    return InQuotes(byte, ByteClass::kOrdinary);
  }
  return Outside(byte, byte_class);
}

Result<void> CsvScanner::Outside(char byte, ByteClass byte_class) {
  if (byte_class == ByteClass::kDelimiter) return EndField();
  if (byte_class == ByteClass::kQuote && state_ == State::kFieldStart) {
    state_ = State::kQuoted;
    field_quoted_ = true;
    shape_.has_gaps = shape_.has_gaps || field_bytes_ > 1;
    field_bytes_ = 0;
    na_ = {};
    header_text_.clear();
    quote_line_ = line_;
    return {};
  }
  if (byte_class == ByteClass::kQuote) shape_.has_hard_quotes = true;
  if (byte_class != ByteClass::kBlank) state_ = State::kBare;
  na_.Add(byte);
  ++field_bytes_;
  if (in_header_) header_text_ += byte;
  return {};
}

Result<void> CsvScanner::InQuotes(char byte, ByteClass byte_class) {
  if (byte_class == ByteClass::kQuote) {
    state_ = State::kQuoteSeen;
    after_cr_ = false;
    return {};
  }
  if (byte_class == ByteClass::kLf || byte_class == ByteClass::kCr) {
    if (byte_class == ByteClass::kCr || !after_cr_) ++line_;
  }
  after_cr_ = byte_class == ByteClass::kCr;
  if (byte_class != ByteClass::kOrdinary && byte_class != ByteClass::kBlank) {
    shape_.has_hard_quotes = true;
  }
  na_.Add(byte);
  ++field_bytes_;
  if (in_header_) header_text_ += byte;
  return {};
}

Result<void> CsvScanner::AfterQuote(ByteClass byte_class) {
  if (byte_class == ByteClass::kDelimiter) return EndField();
  state_ = State::kAfterQuote;
  if (byte_class == ByteClass::kBlank) return {};
  return Fault(line_, "text after a closing quote. A quote within quotes is written twice (\"\").");
}

Result<void> CsvScanner::EndField() {
  if (in_header_) {
    CORESHED_TRY(EndName());
  } else if (field_ < shape_.columns.size() && field_bytes_ > 0) {
    CsvCells& cells = shape_.columns[field_];
    cells.has_quoted_na = cells.has_quoted_na || (field_quoted_ && na_.is_na());
    if (!na_.is_na()) cells.bytes += field_bytes_;
    const bool is_bare_na = !field_quoted_ && na_.is_na() && field_bytes_ == 2;
    if (!is_bare_na) {
      ++cells.values;
      (field_quoted_ ? cells.has_quoted : cells.has_bare) = true;
    }
  }
  ++field_;
  if (field_ == shape_.names.size()) wanted_end_ = offset_ - 1;  // a delimiter, or the line's end
  field_bytes_ = 0;
  field_quoted_ = false;
  na_ = {};
  state_ = State::kFieldStart;
  return {};
}

Result<void> CsvScanner::EndName() {
  CORESHED_TRY(CheckName());
  if (static_cast<int64_t>(header_.size()) == columns_max_) {
    return Error{ErrorKind::kValidation, file_name_ + " has more than " +
                                             std::to_string(columns_max_) +
                                             " columns, the most that are taken of a CSV file. Is "
                                             "it on its side? Else write it as Parquet."}
        .With("file", file_name_);
  }
  header_.emplace_back(field_quoted_ ? header_text_ : TrimBlanks(header_text_));
  header_text_.clear();
  return {};
}

Result<void> CsvScanner::EndLine(ByteClass byte_class) {
  if (byte_class == ByteClass::kLf && after_cr_) {  // the second half of \r\n
    after_cr_ = false;
    shape_.has_crlf = true;
    record_bytes_ = 0;
    if (lone_cr_line_ == line_ - 1) lone_cr_line_ = 0;
    if (lf_line_ == 0) lf_line_ = line_ - 1;
  } else {
    CORESHED_TRY(EndRecord(offset_ - 1));
    after_cr_ = byte_class == ByteClass::kCr;
    shape_.has_lf = shape_.has_lf || !after_cr_;
    auto& first = after_cr_ ? lone_cr_line_ : lf_line_;
    if (first == 0) first = line_;
    ++line_;
    record_line_ = line_;
  }
  // A line ended by \r alone is known as such once the next byte has come.
  return after_cr_ ? Result<void>() : CheckBreaks();
}

/// DuckDB drops cells where \r alone and other line breaks stand in one file.
Result<void> CsvScanner::CheckBreaks() const {
  if (lone_cr_line_ == 0 || lf_line_ == 0) return {};
  return Fault(lone_cr_line_,
               "ends with a carriage return alone, other lines do not. Save the "
               "file with one kind of line break.");
}

Result<void> CsvScanner::EndRecord(int64_t end) {
  const bool blank = field_ == 0 && field_bytes_ == 0 && !field_quoted_;
  if (blank && (in_header_ || shape_.names.size() != 1)) {
    if (in_header_) ++shape_.blank_lines_first;
    record_bytes_ = 0;
    return {};
  }
  CORESHED_TRY(EndField());
  CORESHED_TRY(CheckRecord(record_bytes_));
  shape_.longest_record = std::max(shape_.longest_record, record_bytes_);
  record_bytes_ = 0;
  const size_t fields = std::exchange(field_, 0);
  if (in_header_) return NameColumns();
  if (collects_) CORESHED_TRY(NoteRecord(static_cast<int64_t>(fields), end));
  if (fields > shape_.names.size() && !collects_) {
    return Fault(record_line_, std::to_string(fields) + " fields, but the header names " +
                                   std::to_string(shape_.names.size()) +
                                   " columns. Is a text with the delimiter in it not in quotes?");
  }
  if (fields < shape_.names.size()) shape_.has_short_rows = true;
  ++shape_.rows;
  return {};
}

Result<void> CsvScanner::NoteRecord(int64_t fields, int64_t end) {
  constexpr size_t kSurplusMax = 100'000, kShiftsMax = 10'000'000;
  constexpr int64_t kSurplusBytesMax = int64_t{64} << 20;
  const int64_t record = shape_.rows + 1;
  const int64_t shift = record_line_ - record;
  auto& shifts = shape_.line_shifts;
  const bool is_other = shifts.empty() || shifts.back().lines != shift;
  if (is_other && shifts.size() < kShiftsMax) {
    shifts.push_back({record, shift});
  } else if (is_other) {
    shape_.lines_unknown_from = std::min(shape_.lines_unknown_from, record);
  }
  if (fields <= static_cast<int64_t>(shape_.names.size())) return {};
  if (shape_.surplus.size() == kSurplusMax) {
    return Fault(record_line_,
                 "and 100,000 rows before it have more fields than the header names "
                 "columns. Is the header the right one?");
  }
  surplus_bytes_ += end - wanted_end_;
  if (surplus_bytes_ > kSurplusBytesMax) {
    return Fault(record_line_,
                 "here the fields that rows have more than the header names columns add up to more "
                 "than " +
                     std::to_string(kSurplusBytesMax >> 20) + " MiB. Is the header the right one?");
  }
  shape_.surplus.push_back({record, fields, wanted_end_, end});
  return {};
}

int64_t CsvShape::LineOf(int64_t record) const {
  if (record >= lines_unknown_from) return 0;
  const auto after = std::upper_bound(
      line_shifts.begin(), line_shifts.end(), record,
      [](int64_t wanted, const LineShift& shift) { return wanted < shift.record; });
  return after == line_shifts.begin() ? 0 : record + std::prev(after)->lines;
}

Result<void> CsvScanner::NameColumns() {
  in_header_ = false;
  std::map<std::string, int> counts;
  for (const auto& name : header_)
    ++counts[name];
  constexpr size_t kNamesShown = 10;
  std::vector<std::string> repeated;
  for (const auto& [name, count] : counts) {
    if (count > 1 && !name.empty()) repeated.push_back("'" + CutText(name, kShownBytes) + "'");
  }
  if (!repeated.empty()) {
    return Fault(record_line_,
                 "the header names more than one column " + Joined(repeated, kNamesShown) + ".");
  }
  for (size_t i = 0; i < header_.size(); ++i) {
    std::string name = header_[i];
    if (name.empty()) {
      name = "column" + std::to_string(i + 1);
      while (!counts.try_emplace(name, 1).second)
        name += '_';
    }
    shape_.names.push_back(std::move(name));
  }
  shape_.columns.resize(shape_.names.size());
  return {};
}

Result<CsvShape> CsvScanner::Finish() {
  if (state_ == State::kQuoted) {
    return Fault(quote_line_, "a quote is opened here and never closed.");
  }
  if (record_bytes_ > 0 || field_ > 0) {
    CORESHED_TRY(EndRecord(offset_));
  }
  CORESHED_TRY(CheckBreaks());
  if (in_header_) return Error{ErrorKind::kValidation, file_name_ + " is empty."};
  return std::move(shape_);
}

}  // namespace coreshed::sources
