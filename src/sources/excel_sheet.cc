#include "sources/excel_sheet.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kRowsMax = 1'048'576;
constexpr int kColumnsMax = 16'384;
constexpr int64_t kRowTextMax = int64_t{64} << 20;
constexpr size_t kValueMax = kExcelTextMax * 7;  // a text, all of it escaped
constexpr size_t kMergesMax = 10'000;

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// What a message shows of a text.
std::string Shown(std::string_view text) {
  return "'" + ShortenedExcelText(text) + "'";
}

}  // namespace

std::optional<ExcelPlace> ExcelPlace::Parse(std::string_view text) {
  ExcelPlace place;
  size_t at = 0;
  for (; at < text.size() && ((text[at] | 0x20) >= 'a' && (text[at] | 0x20) <= 'z'); ++at) {
    place.column = place.column * 26 + ((text[at] | 0x20) - 'a' + 1);
    if (place.column > kColumnsMax) return std::nullopt;
  }
  const auto row = ParseNumber<int64_t>(text.substr(at));
  if (at == 0 || !row || *row < 1 || *row > kRowsMax) return std::nullopt;
  place.row = *row;
  return place;
}

std::string ExcelPlace::ToString() const {
  std::string letters;
  for (int left = column; left > 0; left = (left - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (left - 1) % 26));
  return letters + std::to_string(row);
}

ExcelSheet::ExcelSheet(std::shared_ptr<const ExcelWorkbook> workbook, ExcelSheetEntry entry)
    : workbook_(std::move(workbook)),
      entry_(std::move(entry)),
      reader_(workbook_->package, entry_.part, this) {}

Result<bool> ExcelSheet::Step(const RowSink& sink) {
  sink_ = &sink;
  return reader_.Step();
}

Error ExcelSheet::Fault(ExcelPlace place, const std::string& what) const {
  return workbook_->package
      ->Fault("sheet '" + entry_.name + "', cell " + place.ToString() + ": " + what)
      .With("sheet", entry_.name)
      .With("cell", place.ToString());
}

Result<void> ExcelSheet::Start(std::string_view name, const XmlAttributes& attributes) {
  ++depth_;
  if (depth_ == 1 && name != "worksheet") {
    return workbook_->package->Fault("sheet '" + entry_.name + "' is no worksheet (" + entry_.part +
                                     ").");
  }
  if (depth_ == 2) {
    in_data_ = name == "sheetData";
    in_merges_ = name == "mergeCells";
  } else if (depth_ == 3 && in_data_ && name == "row") {
    return StartRow(attributes);
  } else if (depth_ == 3 && in_merges_ && name == "mergeCell") {
    AddMerge(attributes);
  } else if (depth_ == 4 && in_row_ && name == "c") {
    return StartCell(attributes);
  } else if (depth_ == 5 && in_cell_) {
    in_value_ = name == "v";
    in_inline_ = name == "is";
    has_value_ = has_value_ || in_value_;
    has_formula_ = has_formula_ || name == "f";
  } else if (depth_ > 5 && in_inline_) {
    inline_text_.Start(name);
  }
  return {};
}

Result<void> ExcelSheet::End(std::string_view name) {
  --depth_;
  if (depth_ == 4) in_value_ = in_inline_ = false;
  if (depth_ > 4 && in_inline_) inline_text_.End(name);
  if (depth_ == 3 && std::exchange(in_cell_, false)) return EndCell();
  if (depth_ == 2 && std::exchange(in_row_, false)) return EndRow();
  return {};
}

void ExcelSheet::Text(std::string_view text) {
  if (in_inline_) inline_text_.Text(text);
  if (in_value_ && value_.size() <= kValueMax) value_ += text;
}

Result<void> ExcelSheet::StartRow(const XmlAttributes& attributes) {
  in_row_ = true;
  const int64_t before = row_.number;
  row_.number = before + 1;
  row_.cells.clear();
  row_text_bytes_ = 0;
  if (const auto text = attributes.Get("r")) {
    row_.number = ParseNumber<int64_t>(*text).value_or(0);
  }
  if (row_.number > before && row_.number <= kRowsMax) {
    place_ = {row_.number, 0};
    return {};
  }
  return workbook_->package
      ->Fault("sheet '" + entry_.name + "': a row is called " +
              Shown(attributes.Get("r").value_or("")) + " after row " + std::to_string(before) +
              ". Open the file in Excel and save it again.")
      .With("sheet", entry_.name);
}

Result<void> ExcelSheet::StartCell(const XmlAttributes& attributes) {
  in_cell_ = true;
  const ExcelPlace before = place_;
  if (const auto name = attributes.Get("r")) {
    const auto named = ExcelPlace::Parse(*name);
    if (!named || named->row != row_.number || named->column <= before.column) {
      return workbook_->package
          ->Fault("sheet '" + entry_.name + "', row " + std::to_string(row_.number) +
                  ": a cell is called " + Shown(*name) +
                  (before.column > 0 ? " after " + before.ToString() : "") +
                  ". Open the file in Excel and save it again.")
          .With("sheet", entry_.name);
    }
    place_ = *named;
  } else if (++place_.column > kColumnsMax) {
    return Fault("there are at most 16,384 columns.");
  }
  type_ = attributes.Get("t").value_or("n");
  const auto style = ParseNumber<uint64_t>(attributes.Get("s").value_or("0"));
  if (!style) return Fault("its style is no number. Open the file in Excel and save it again.");
  style_ = *style;
  value_.clear();
  has_value_ = has_formula_ = false;
  inline_text_.Clear();
  return {};
}

Result<void> ExcelSheet::EndCell() {
  has_formulas_ = has_formulas_ || has_formula_;
  CORESHED_ASSIGN(auto value, ValueOfCell());
  if (!value) return {};
  const auto bytes = static_cast<int64_t>(value->text().size());
  if (bytes > static_cast<int64_t>(kExcelTextMax)) {
    return Fault("it has a text of more than 128 KiB.");
  }
  row_text_bytes_ += bytes;
  text_bytes_ += bytes;
  if (row_text_bytes_ > kRowTextMax) return Fault("its row has more than 64 MiB of text.");
  const int64_t most = workbook_->package->limits().unpacked_bytes;
  if (text_bytes_ > most) {
    return Fault("the sheet has more than " + std::to_string(most) +
                 " bytes of text up to here. The limit can be set.");
  }
  row_.cells.push_back({place_.column, std::move(*value)});
  return {};
}

Result<void> ExcelSheet::EndRow() {
  const bool is_filled = std::any_of(row_.cells.begin(), row_.cells.end(),
                                     [](const auto& cell) { return cell.value.is_filled(); });
  return is_filled ? (*sink_)(row_) : Result<void>();
}

Result<std::optional<ExcelValue>> ExcelSheet::ValueOfCell() {
  using Value = std::optional<ExcelValue>;
  if (value_.size() > kValueMax || inline_text_.is_too_long()) {
    return Fault("it has a text of more than 128 KiB.");
  }
  ExcelValue value;
  if (type_ == "inlineStr") {
    value.own = inline_text_.Take();
    return Value(std::move(value));
  }
  const auto written = Trimmed(value_);
  if (has_formula_ && written.empty() && !(type_ == "str" && has_value_)) {
    return Fault(
        "it has a formula without a result: the file comes from a program that does not "
        "calculate. Open it in Excel or LibreOffice and save it again.");
  }
  if (type_ == "str" && has_value_) {
    value.own = UnescapedExcelText(value_);
    return Value(std::move(value));
  }
  if (written.empty()) return Value();
  if (type_ == "s") {
    CORESHED_ASSIGN(value, SharedText());
  } else if (type_ == "e") {
    value.kind = ExcelKind::kOdd;
    value.own = written;
  } else if (type_ == "b") {
    value.kind = ExcelKind::kBoolean;
    value.number = written == "1" || written == "true" ? 1 : 0;
    if (value.number == 0 && written != "0" && written != "false") {
      return Fault(Shown(written) + " is neither true nor false.");
    }
  } else if (type_ == "d") {
    CORESHED_ASSIGN(const auto format, Format());
    value = ExcelIsoDate(written, format);
  } else if (type_ == "n") {
    CORESHED_ASSIGN(const auto format, Format());
    auto number = ExcelNumber(written, format, workbook_->from_1904);
    if (!number) return Fault(Shown(written) + " is no number.");
    return number;
  } else {
    return Fault("its type " + Shown(type_) + " is unknown.");
  }
  return Value(std::move(value));
}

Result<ExcelValue> ExcelSheet::SharedText() const {
  const auto index = ParseNumber<uint64_t>(Trimmed(value_));
  const auto text =
      index && workbook_->strings != nullptr ? workbook_->strings->Get(*index) : std::nullopt;
  if (!text) {
    return Fault("it refers to shared text " + Shown(value_) + ", and the file has " +
                 std::to_string(workbook_->strings != nullptr ? workbook_->strings->size() : 0) +
                 ". Open the file in Excel and save it again.");
  }
  ExcelValue value;
  value.shared = *text;
  return value;
}

/// What the cell's style shows of a number.
Result<ExcelFormat> ExcelSheet::Format() const {
  const auto& formats = workbook_->formats;
  if (style_ < formats.size()) return formats[style_];
  if (style_ == 0) return ExcelFormat::kNumber;
  return Fault("it has style " + std::to_string(style_) + ", and the file has " +
               std::to_string(formats.size()) +
               ": so nobody knows if it is a date. Open the file in Excel and save it again.");
}

void ExcelSheet::AddMerge(const XmlAttributes& attributes) {
  const auto range = attributes.Get("ref").value_or("");
  const auto last = ExcelPlace::Parse(range.substr(range.find(':') + 1));
  if (last && merges_.size() < kMergesMax) {
    merges_.push_back({std::string(range), last->row});
  }
}

}  // namespace coreshed::sources
