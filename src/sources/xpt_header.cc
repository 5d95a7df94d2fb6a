#include "sources/xpt_header.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kRecord = 80;
constexpr int64_t kPiece = kRecord << 14;
constexpr int64_t kRowBytesMax = int64_t{64} << 20;
constexpr std::string_view kHeader = "HEADER RECORD*******";
constexpr std::string_view kHeaderEnd = "HEADER RECORD!!!!!!!";
constexpr size_t kDigits = 48;  // where a header's numbers begin

Error Fault(const InputFile& input, const std::string& what) {
  return Error{ErrorKind::kValidation, input.label() + " " + what}.With("file", input.label());
}

Error CutOff(const InputFile& input) {
  return Fault(input, "is cut off, or no SAS transport file. Get it again.");
}

uint16_t Number16(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(static_cast<unsigned char>(bytes[at]) << 8 |
                               static_cast<unsigned char>(bytes[at + 1]));
}

/// The name in a header record, without blanks; empty: it is none.
std::string_view HeaderName(std::string_view record) {
  if (!record.starts_with(kHeader) || !record.substr(28).starts_with(kHeaderEnd)) return {};
  return TrimSasText(record.substr(kHeader.size(), 8));
}

/// Digits, perhaps between blanks; 0 if there are none.
std::optional<int64_t> Digits(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

/// Reads a file from its beginning on.
class Cursor {
 public:
  explicit Cursor(const InputFile& input) : input_(input) {}

  int64_t at() const { return at_; }
  bool at_end() const { return at_ >= input_.size(); }
  void Seek(int64_t at) { at_ = at; }

  Result<std::string> Read(int64_t size) {
    if (size > input_.size() - at_) return CutOff(input_);
    CORESHED_ARROW_ASSIGN(const auto bytes, input_.file()->ReadAt(at_, size),
                          "reading " + input_.label());
    if (bytes->size() != size) return CutOff(input_);
    at_ += size;
    return bytes->ToString();
  }
  /// To where the next record begins.
  void EndRecord() { at_ = (at_ + kRecord - 1) / kRecord * kRecord; }
  /// The header record of one of these names.
  Result<std::string> ReadHeader(std::initializer_list<std::string_view> names) {
    CORESHED_ASSIGN(auto record, Read(kRecord));
    const auto name = HeaderName(record);
    if (std::find(names.begin(), names.end(), name) != names.end()) return record;
    return Fault(input_, "is no SAS transport file, or damaged: a header record " +
                             std::string(*names.begin()) + " is missing at byte " +
                             std::to_string(at_ - kRecord) + ".");
  }

 private:
  const InputFile& input_;
  int64_t at_ = 0;
};

std::string Trimmed(std::string_view bytes) {
  return std::string(TrimSasText(bytes));
}

/// DATE9. or 8.2, of a name and two numbers.
std::string FormatText(std::string_view name, int width, int decimals) {
  std::string format = Trimmed(name);
  if (width > 0) format += std::to_string(width);
  if (!format.empty() || decimals > 0) format += '.';
  if (decimals > 0) format += std::to_string(decimals);
  return format;
}

class Headers {
 public:
  Headers(const InputFile& input, const OpenFileOptions& options)
      : input_(input), options_(options), cursor_(input) {}

  Result<std::vector<XptMember>> ReadAll() {
    CORESHED_TRY(cursor_.ReadHeader({"LIBRARY", "LIBV8"}));
    CORESHED_TRY(cursor_.Read(2 * kRecord));
    std::vector<XptMember> members;
    int64_t columns = 0;
    while (!cursor_.at_end()) {
      CORESHED_ASSIGN(auto member, ReadMember());
      // All their headers are kept, so what holds for a table holds for all of them.
      columns += static_cast<int64_t>(member.dataset.variables.size());
      if (columns > options_.limits.columns) return TooMany(columns);
      CORESHED_TRY(FindRows(&member));
      members.push_back(std::move(member));
    }
    if (members.empty()) return Fault(input_, "holds no data set.");
    return members;
  }

 private:
  Error TooMany(int64_t columns) const {
    return Fault(input_, "has " + std::to_string(columns) + " columns, and at most " +
                             std::to_string(options_.limits.columns) + " may be.");
  }

  Result<XptMember> ReadMember() {
    CORESHED_ASSIGN(const auto header, cursor_.ReadHeader({"MEMBER", "MEMBV8"}));
    const bool is_v8 = HeaderName(header) == "MEMBV8";
    const auto size = Digits(header.substr(kDigits + 25, 5));
    CORESHED_TRY(cursor_.ReadHeader({"DSCRPTR", "DSCPTV8"}));
    XptMember member;
    CORESHED_ASSIGN(const auto first, cursor_.Read(kRecord));
    CORESHED_ASSIGN(const auto second, cursor_.Read(kRecord));
    member.dataset.name = Trimmed(first.substr(8, is_v8 ? 32 : 8));
    member.dataset.label = Trimmed(second.substr(32, 40));
    CORESHED_ASSIGN(const auto names, cursor_.ReadHeader({"NAMESTR", "NAMSTV8"}));
    const auto count = Digits(names.substr(kDigits + 5, 5));
    if ((size != 140 && size != 136) || (size == 136 && is_v8) || !count) {
      return Fault(input_, "is damaged: a header record has no numbers that can be.");
    }
    if (*count == 0) return Fault(input_, "holds a data set without variables.");
    if (*count > options_.limits.columns) return TooMany(*count);
    for (int64_t i = 0; i < *count; ++i) {
      CORESHED_ASSIGN(const auto bytes, cursor_.Read(*size));
      CORESHED_TRY(AddVariable(bytes, is_v8, &member));
    }
    cursor_.EndRecord();
    CORESHED_TRY(EndHeaders(&member));
    return member;
  }

  Result<void> AddVariable(std::string_view bytes, bool is_v8, XptMember* member) {
    const std::string place =
        "variable " + std::to_string(member->dataset.variables.size() + 1) + " of the data set '" +
        (IsUtf8(member->dataset.name) ? member->dataset.name : std::string("?")) + "'";
    const int type = Number16(bytes, 0);
    SasVariable variable;
    variable.is_text = type == 2;
    variable.width = Number16(bytes, 4);
    variable.name = Trimmed(is_v8 ? bytes.substr(88, 32) : bytes.substr(8, 8));
    variable.label = Trimmed(bytes.substr(16, 40));
    variable.format = FormatText(bytes.substr(56, 8), Number16(bytes, 64), Number16(bytes, 66));
    const int64_t least = variable.is_text ? 1 : 2, most = variable.is_text ? 0xFFFF : 8;
    if ((type != 1 && type != 2) || variable.width < least || variable.width > most) {
      return Fault(input_, "is damaged: " + place + " has no type or width that can be.");
    }
    // Where it says that the variable stands is its place in SAS's memory, numbers first; in the
    // file the variables stand one after the other.
    member->row_bytes += variable.width;
    if (member->row_bytes > kRowBytesMax) return Fault(input_, "has rows of more than 64 MiB.");
    member->dataset.variables.push_back(std::move(variable));
    return {};
  }

  /// Long labels, if there are, and the header before the rows.
  Result<void> EndHeaders(XptMember* member) {
    CORESHED_ASSIGN(auto header, cursor_.ReadHeader({"OBS", "OBSV8", "LABELV8", "LABELV9"}));
    const bool with_formats = HeaderName(header) == "LABELV9";
    if (with_formats || HeaderName(header) == "LABELV8") {
      const auto count = Digits(header.substr(kDigits, 5));
      if (!count) return Fault(input_, "is damaged: a header record has no numbers that can be.");
      for (int64_t i = 0; i < *count; ++i) {
        CORESHED_TRY(ReadLabel(with_formats, member));
      }
      cursor_.EndRecord();
      CORESHED_ASSIGN(header, cursor_.ReadHeader({"OBS", "OBSV8"}));
    }
    member->offset = cursor_.at();
    member->rows = 0;
    if (HeaderName(header) == "OBSV8") {
      const auto rows = Digits(header.substr(kDigits, 15));
      if (!rows) return Fault(input_, "is damaged: it states no number of rows that can be.");
      member->rows = *rows;
    }
    return {};
  }

  Result<void> ReadLabel(bool with_formats, XptMember* member) {
    CORESHED_ASSIGN(const auto numbers, cursor_.Read(with_formats ? 10 : 6));
    const size_t index = Number16(numbers, 0);
    auto& variables = member->dataset.variables;
    if (index == 0 || index > variables.size()) {
      return Fault(input_, "is damaged: it has a label for variable " + std::to_string(index) +
                               " of " + std::to_string(variables.size()) + ".");
    }
    auto& variable = variables[index - 1];
    CORESHED_ASSIGN(const auto name, cursor_.Read(Number16(numbers, 2)));
    CORESHED_ASSIGN(const auto label, cursor_.Read(Number16(numbers, 4)));
    variable.name = Trimmed(name);
    variable.label = Trimmed(label);
    if (!with_formats) return {};
    CORESHED_ASSIGN(const auto format, cursor_.Read(Number16(numbers, 6)));
    CORESHED_TRY(cursor_.Read(Number16(numbers, 8)));  // of reading in SAS
    variable.format = Trimmed(format);
    return {};
  }

  /// Where the rows end: the next data set, or the file.
  Result<int64_t> FindEnd() {
    while (!cursor_.at_end()) {
      if (options_.stop.stop_requested()) {
        return Error{ErrorKind::kCancelled, "Reading " + input_.label() + " was cancelled."};
      }
      const int64_t begin = cursor_.at();
      // With the record after the last one looked at.
      CORESHED_ASSIGN(const auto piece,
                      cursor_.Read(std::min(kPiece + kRecord, input_.size() - begin)));
      const std::string_view bytes = piece;
      const auto step = static_cast<size_t>(kRecord);
      for (size_t at = 0; at + 2 * step <= bytes.size(); at += step) {
        const auto name = HeaderName(bytes.substr(at, step));
        if (name != "MEMBER" && name != "MEMBV8") continue;
        const auto next = HeaderName(bytes.substr(at + step, step));
        if (next == "DSCRPTR" || next == "DSCPTV8") return begin + static_cast<int64_t>(at);
      }
      if (cursor_.at_end()) break;
      cursor_.Seek(begin + kPiece);
    }
    return input_.size();
  }

  /// How many rows there are, and that nothing else is.
  Result<void> FindRows(XptMember* member) {
    CORESHED_ASSIGN(const int64_t end, FindEnd());
    CORESHED_ASSIGN(const int64_t content_end, FindContentEnd(member->offset, end));
    const int64_t most = (end - member->offset) / member->row_bytes;
    const int64_t stated = member->rows;
    if (stated > most) {
      return Fault(input_, "is cut off: it should have " + std::to_string(stated) +
                               " rows, and has " + std::to_string(most) + ". Get it again.");
    }
    const bool has_number = HasNumber(*member);
    if (stated == 0) {
      // Blanks at the end may fill up the last record, or be rows of them.
      const int64_t content = content_end - member->offset;
      const int64_t sure =
          end - member->offset - kRecord;  // a row that begins there is none of them
      member->rows = (content + member->row_bytes - 1) / member->row_bytes;
      if (!has_number && sure >= 0) {
        member->rows = std::max(member->rows, sure / member->row_bytes + 1);
      }
      member->rows = std::min(member->rows, most);
      if (!has_number) member->blank_rows = most - member->rows;
    }
    const int64_t rows_end = member->offset + member->rows * member->row_bytes;
    const bool filled = end % kRecord == 0;
    const bool short_fill = has_number || stated > 0 || end - rows_end < kRecord;
    cursor_.Seek(end);
    if (filled && content_end <= rows_end && short_fill) return {};
    return Fault(input_, "is cut off: it ends within a row. Get it again.");
  }

  static bool HasNumber(const XptMember& member) {
    const auto& variables = member.dataset.variables;
    return std::any_of(variables.begin(), variables.end(),
                       [](const auto& variable) { return !variable.is_text; });
  }

  /// Where the last byte between these ends that is no blank.
  Result<int64_t> FindContentEnd(int64_t begin, int64_t end) {
    while (end > begin) {
      const int64_t size = std::min(kPiece, end - begin);
      cursor_.Seek(end - size);
      CORESHED_ASSIGN(const auto bytes, cursor_.Read(size));
      const auto last = bytes.find_last_not_of(' ');
      if (last != bytes.npos) return end - size + static_cast<int64_t>(last) + 1;
      end -= size;
    }
    return begin;
  }

  const InputFile& input_;
  const OpenFileOptions& options_;
  Cursor cursor_;
};

}  // namespace

Result<std::vector<XptMember>> ReadXptHeaders(const InputFile& input,
                                              const OpenFileOptions& options) {
  if (input.size() == 0) return Fault(input, "is empty.");
  return Headers(input, options).ReadAll();
}

}  // namespace coreshed::sources
