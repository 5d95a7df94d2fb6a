#include "sources/ags_records.h"

#include <arrow/io/file.h>

#include <algorithm>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr size_t kPiece = size_t{256} << 10;
constexpr size_t kRecordBytesMax = size_t{64} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

/// Line breaks of any kind.
int64_t CountBreaks(std::string_view text) {
  auto breaks = std::count(text.begin(), text.end(), '\n');
  for (auto cr = text.find('\r'); cr != text.npos; cr = text.find('\r', cr + 1)) {
    if (cr + 1 == text.size() || text[cr + 1] != '\n') ++breaks;
  }
  return breaks;
}

/// "" → ", in place. Returns the new size.
size_t UndoubleQuotes(char* text, size_t size) {
  size_t kept = 0;
  for (size_t i = 0; i < size; ++i) {
    text[kept++] = text[i];
    if (text[i] == '"') ++i;
  }
  return kept;
}

}  // namespace

Error AgsFault(const InputFile& input, int64_t line, const std::string& rule,
               const std::string& what) {
  return Error{ErrorKind::kValidation,
               input.label() + ", line " + std::to_string(line) + ": Rule " + rule + ": " + what}
      .With("file", input.label())
      .With("line", std::to_string(line))
      .With("rule", rule);
}

AgsRecords::AgsRecords(std::shared_ptr<InputFile> input, const AgsRange& range, Options options)
    : input_(std::move(input)),
      range_(range),
      options_(std::move(options)),
      offset_(range.begin),
      line_(range.line) {}

/// Read on, and let go of what is done.
Result<void> AgsRecords::Fill() {
  if (options_.stop.stop_requested()) {
    return Error{ErrorKind::kCancelled, "Reading " + input_->label() + " was stopped."};
  }
  if (record_ > 0) {
    buffer_.erase(0, record_);
    offset_ += static_cast<int64_t>(record_);
    record_ = 0;
  }
  const size_t had = buffer_.size();
  if (had > kRecordBytesMax) return TooLong();
  // Long records are cut from their beginning after each piece, so pieces grow with them.
  const int64_t next = offset_ + static_cast<int64_t>(had);
  const size_t wanted = std::min(std::max(kPiece, had), kRecordBytesMax + 1 - had);
  const int64_t size = std::min(static_cast<int64_t>(wanted), range_.end - next);
  buffer_.resize(had + static_cast<size_t>(size));
  CORESHED_ARROW_ASSIGN(const int64_t read,
                        input_->file()->ReadAt(next, size, buffer_.data() + had),
                        "reading " + input_->label());
  if (read != size) {
    CORESHED_TRY(input_->CheckUnchanged());
    return Error{ErrorKind::kIo, input_->label() + " is shorter than it was."};
  }
  if (next == 0 && buffer_.starts_with(kByteOrderMark)) {
    has_byte_order_mark_ = true;
    record_ = kByteOrderMark.size();
  }
  return {};
}

Error AgsRecords::TooLong() const {
  return AgsFault(*input_, line_, "5",
                  "a line of more than 64 MiB begins here. Is a quote never closed?");
}

Result<bool> AgsRecords::Next(AgsRecord* record) {
  if (record_ == buffer_.size()) {
    if (at_end()) return false;
    CORESHED_TRY(Fill());
    if (record_ == buffer_.size() && at_end()) return false;
  }
  while (true) {
    CORESHED_ASSIGN(const bool cut, Cut(record));
    if (cut) break;
    CORESHED_TRY(Fill());
  }
  if (position_ - record_ > kRecordBytesMax) return TooLong();
  CORESHED_TRY(Complete(record));
  return true;
}

/// Cut the record that begins here; false: the buffer does not hold all of it.
Result<bool> AgsRecords::Cut(AgsRecord* record) {
  fields_.clear();
  position_ = record_;
  ended_ = false;
  record->has_bare_fields = false;
  while (!ended_) {
    CORESHED_ASSIGN(const bool cut, CutField(record));
    if (!cut) return false;
    if (fields_.size() > options_.fields_max) {
      return AgsFault(*input_, line_, "4",
                      "more than " + std::to_string(options_.fields_max) + " fields.")
          .With("limit", std::to_string(options_.fields_max));
    }
  }
  return true;
}

void AgsRecords::SkipBlanks() {
  while (position_ < buffer_.size() && IsBlank(buffer_[position_]))
    ++position_;
}

/// A field and what ends it: a comma or the record's end.
Result<bool> AgsRecords::CutField(AgsRecord* record) {
  const size_t begin = position_;
  SkipBlanks();
  if (position_ == buffer_.size() && !at_end()) return false;
  if (position_ < buffer_.size() && buffer_[position_] == '"') {
    if (position_ > begin) record->has_bare_fields = true;
    return CutQuoted(position_, record);
  }
  position_ = std::min(buffer_.find_first_of(",\r\n", position_), buffer_.size());
  if (position_ == buffer_.size() && !at_end()) return false;
  fields_.push_back({begin, position_ - begin, false, true});
  record->has_bare_fields = true;
  return CutLineEnd(record);
}

Result<bool> AgsRecords::CutQuoted(size_t quote, AgsRecord* record) {
  Field field{quote + 1};
  position_ = quote + 1;
  while (true) {
    position_ = buffer_.find('"', position_);
    if (position_ == buffer_.npos) {
      if (!at_end()) return false;
      return AgsFault(*input_, LineOf(quote), "5", "a quote is opened here and never closed.");
    }
    if (position_ + 1 == buffer_.size() && !at_end()) return false;
    if (position_ + 1 == buffer_.size() || buffer_[position_ + 1] != '"') break;
    field.has_quotes = true;
    position_ += 2;
  }
  field.size = position_ - field.begin;
  fields_.push_back(field);
  const size_t closed = ++position_;
  SkipBlanks();
  if (position_ == buffer_.size() && !at_end()) return false;
  if (position_ > closed) record->has_bare_fields = true;
  if (position_ < buffer_.size() &&
      std::string_view(",\r\n").find(buffer_[position_]) == std::string_view::npos) {
    const int64_t opened = LineOf(quote);
    const int64_t line = LineOf(closed);
    return AgsFault(*input_, line, "5",
                    "text after a closing quote" +
                        (line == opened ? std::string()
                                        : ", of quotes opened in line " + std::to_string(opened)) +
                        ". Quotes within a field must be doubled.");
  }
  return CutLineEnd(record);
}

/// Go past the comma or the line end that is here; false: a line end that may go on.
bool AgsRecords::CutLineEnd(AgsRecord* record) {
  ended_ = true;
  record->line_end = AgsRecord::LineEnd::kNone;
  if (position_ == buffer_.size()) return true;
  const char c = buffer_[position_];
  if (c == '\r' && position_ + 1 == buffer_.size() && !at_end()) return false;
  ++position_;
  if (c == ',') {
    ended_ = false;
  } else if (c == '\n') {
    record->line_end = AgsRecord::LineEnd::kLf;
  } else if (position_ < buffer_.size() && buffer_[position_] == '\n') {
    ++position_;
    record->line_end = AgsRecord::LineEnd::kCrLf;
  } else {
    record->line_end = AgsRecord::LineEnd::kCr;
  }
  return true;
}

int64_t AgsRecords::LineOf(size_t position) const {
  return line_ + CountBreaks(std::string_view(buffer_).substr(record_, position - record_));
}

/// The record is cut: give its fields, and go past it.
Result<void> AgsRecords::Complete(AgsRecord* record) {
  const auto bytes = std::string_view(buffer_).substr(record_, position_ - record_);
  if (const auto zero = bytes.find('\0'); zero != bytes.npos) {
    return AgsFault(*input_, LineOf(record_ + zero), "1",
                    "a zero byte, which no text has. Is it no AGS file?");
  }
  const int64_t breaks = CountBreaks(bytes);
  const bool has_end = record->line_end != AgsRecord::LineEnd::kNone;
  record->line = line_;
  record->begin = offset_ + static_cast<int64_t>(record_);
  record->end = offset_ + static_cast<int64_t>(position_);
  record->has_breaks = breaks > (has_end ? 1 : 0);
  record->fields.clear();
  const auto has_text = [](const Field& field) { return !field.is_bare || field.size > 0; };
  record->padding = static_cast<size_t>(std::find_if(fields_.rbegin(), fields_.rend(), has_text) -
                                        fields_.rbegin());
  const Field& first = fields_.front();
  const bool is_blank = fields_.size() == 1 && record->has_bare_fields &&
                        bytes.find_first_not_of(" \t\r\n") == bytes.npos;
  line_ += breaks;
  if (is_blank) {
    record->has_bare_fields = first.size > 0;
    record->padding = 0;
    record_ = position_;
    return {};
  }
  if (record->padding == fields_.size()) {
    record_ = position_;
    return {};
  }
  for (const Field& field : fields_) {
    char* text = buffer_.data() + field.begin;
    const size_t size = field.has_quotes ? UndoubleQuotes(text, field.size) : field.size;
    record->fields.emplace_back(text, size);
  }
  record_ = position_;
  return {};
}

}  // namespace coreshed::sources
