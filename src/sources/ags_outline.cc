#include "sources/ags_outline.h"

#include <arrow/type.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "sources/ags_names.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kHeadingsMax = 100'000;  // of all groups
constexpr size_t kColumnNameBytesMax = 1'000, kTableNameBytesMax = 100;

/// `text` in capitals, without blanks around it: what a row is.
std::string Capitals(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return "";
  text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
  constexpr size_t kLongest = 8;
  std::string capitals(text.substr(0, kLongest));
  for (char& c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return capitals;
}

std::string Quoted(std::string_view text) {
  constexpr size_t kShown = 40;
  std::string shown;
  for (const char c : text.substr(0, kShown))
    shown += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  while (!IsUtf8(shown))
    shown.pop_back();
  return "'" + shown + (text.size() > kShown ? "…'" : "'");
}

bool IsName(const std::string& name, size_t bytes_max) {
  return !name.empty() && name.size() <= bytes_max && !HasControl(name);
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

AgsScan::AgsScan(std::shared_ptr<InputFile> input, const OpenFileOptions& options)
    : input_(std::move(input)), options_(options) {}

Result<AgsOutline> AgsScan::Run() {
  AgsRecords::Options options;
  options.fields_max = static_cast<size_t>(std::max<int64_t>(options_.limits.columns, 1)) + 1;
  options.stop = options_.stop;
  AgsRecords records(input_, {0, input_->size(), 1}, std::move(options));
  AgsRecord record;
  while (true) {
    CORESHED_ASSIGN(const bool found, records.Next(&record));
    if (!found) break;
    LookAtBytes(record);
    CORESHED_TRY(Take(record));
  }
  CORESHED_TRY(EndGroup());
  if (outline_.groups.empty()) {
    return Error{ErrorKind::kValidation,
                 input_->label() + " has no group: it is empty, or no AGS file."}
        .With("file", input_->label());
  }
  if (records.has_byte_order_mark()) {
    outline_.faults.Add("1", 1, "there is a byte-order mark; it is no part of the first line.");
  }
  outline_.blank_lines_after = blank_lines_;
  outline_.ends_lines_with_lf = lf_lines_ > 0 && lf_lines_ == lines_;
  if (bad_ends_ > 0) {
    outline_.faults.Add("2a", first_bad_end_, "the line does not end with CR LF.", bad_ends_);
  }
  LookForGroups();
  return std::move(outline_);
}

void AgsScan::LookAtBytes(const AgsRecord& record) {
  auto& faults = outline_.faults;
  if (record.line_end != AgsRecord::LineEnd::kNone) {  // the last one needs none
    ++lines_;
    if (record.line_end == AgsRecord::LineEnd::kLf) ++lf_lines_;
    if (record.line_end != AgsRecord::LineEnd::kCrLf && ++bad_ends_ == 1) {
      first_bad_end_ = record.line;
    }
  }
  if (record.fields.empty()) {
    if (record.padding > 0) TellPadding(record.line);
    return;
  }
  if (record.has_bare_fields) {
    faults.Add("5", record.line, "a field is not in quotes, or has blanks beside them.");
  }
  if (record.has_breaks) faults.Add("6", record.line, "a line break within a field; it is kept.");
  if (!std::all_of(record.fields.begin(), record.fields.end(), IsAscii)) {
    faults.Add("1", record.line, "characters beyond ASCII; they are kept.");
  }
}

void AgsScan::TellPadding(int64_t line) {
  outline_.faults.Add("4", line,
                      "there are empty fields at the end of the row; they are left out.");
}

Result<void> AgsScan::Take(const AgsRecord& record) {
  if (record.fields.empty()) {
    ++blank_lines_;
    return {};
  }
  const std::string what = Capitals(record.fields.front());
  const bool is_known =
      what == "GROUP" || what == "HEADING" || what == "UNIT" || what == "TYPE" || what == "DATA";
  if (!is_known && what.starts_with("**")) {
    return Fault(record.line, "3",
                 "this is AGS 3 or older, which is not read. Ask for the file as AGS 4.");
  }
  if (!is_known) {
    return Fault(record.line, "3",
                 "a row begins with " + Quoted(record.fields.front()) +
                     ". Known are GROUP, HEADING, UNIT, TYPE and DATA.");
  }
  if (what != record.fields.front()) {
    outline_.faults.Add("3", record.line, "the first field is not in plain capitals.");
  }
  if (what == "GROUP") return BeginGroup(record);
  blank_lines_ = 0;
  if (!in_group_) return Fault(record.line, "2b", "a " + what + " row before any GROUP.");
  if (what == "DATA") return TakeRow(record);
  if (what == "HEADING") return TakeHeader(record, &Header::headings, &Header::heading_line);
  if (what == "UNIT") return TakeHeader(record, &Header::units, &Header::unit_line);
  return TakeHeader(record, &Header::types, &Header::type_line);
}

Result<void> AgsScan::BeginGroup(const AgsRecord& record) {
  CORESHED_TRY(EndGroup());
  const std::string name(record.fields.size() > 1 ? record.fields[1] : std::string_view());
  if (record.fields.size() > 2) {
    if (record.fields.size() - record.padding > 2) {
      return Fault(record.line, "4", "the GROUP row of " + Quoted(name) + " has other fields.");
    }
    TellPadding(record.line);
  }
  if (!IsName(name, kTableNameBytesMax) || name == "." || name == "..") {
    return Fault(record.line, "19", "a group can't be called " + Quoted(name) + ".");
  }
  if (++group_rows_ > options_.limits.entries) {
    return Fault(record.line, "2",
                 "more than " + std::to_string(options_.limits.entries) + " groups.")
        .With("limit", std::to_string(options_.limits.entries));
  }
  const auto [place, is_new] = places_.emplace(name, outline_.groups.size());
  group_ = place->second;
  is_repeated_ = !is_new;
  if (is_new) {
    outline_.groups.emplace_back();
    outline_.groups.back().name = name;
    outline_.groups.back().blank_lines = blank_lines_;
  } else {
    outline_.faults.Add("2", record.line,
                        "group " + name + " comes again; its rows are added to those above.");
  }
  blank_lines_ = 0;
  in_group_ = true;
  is_settled_ = false;
  header_ = {};
  header_.line = record.line;
  range_ = {};
  return {};
}

Result<void> AgsScan::TakeHeader(const AgsRecord& record, std::vector<std::string> Header::*texts,
                                 int64_t Header::*line) {
  const std::string what = Capitals(record.fields.front());
  const std::string& group = outline_.groups[group_].name;
  if (is_settled_) {
    return Fault(record.line, "2b",
                 "a " + what + " row after DATA of group " + group +
                     ". Is the GROUP row of the next group missing?");
  }
  if (header_.*line != 0) {
    return Fault(record.line, "2b", "a second " + what + " row in group " + group + ".");
  }
  header_.*line = record.line;
  // In a HEADING row no empty field is one; in others those are that stand below a heading.
  const size_t fields = record.fields.size() - 1;
  const size_t headings = what == "HEADING" ? 0 : header_.headings.size();
  const size_t kept = std::min(fields, std::max(headings, fields - record.padding));
  if (kept < fields) TellPadding(record.line);
  const auto first = record.fields.begin() + 1;
  (header_.*texts).assign(first, first + static_cast<std::ptrdiff_t>(kept));
  return {};
}

Result<void> AgsScan::TakeRow(const AgsRecord& record) {
  CORESHED_TRY(SettleHeader());
  AgsGroup& group = outline_.groups[group_];
  const size_t values = record.fields.size() - 1;
  if (values > group.columns.size()) {
    if (values - record.padding > group.columns.size()) {
      return Fault(record.line, "4",
                   "the DATA row has " + std::to_string(values) + " values, but group " +
                       group.name + " has " + std::to_string(group.columns.size()) +
                       " headings. Is a quote or a comma too many?");
    }
    TellPadding(record.line);
  }
  if (values < group.columns.size()) {
    outline_.faults.Add("4", record.line,
                        "a DATA row of group " + group.name +
                            " has too few values; those that are missing are null.");
  }
  for (size_t i = 0; i < std::min(values, group.columns.size()); ++i) {
    const std::string_view value = record.fields[i + 1];
    if (value.empty()) continue;
    AgsColumn& column = group.columns[i];
    if (column.Add(value)) continue;
    outline_.faults.Add("8", record.line,
                        "a value of " + group.name + " " + column.heading() +
                            " is not written as its TYPE " + column.type() +
                            (column.type() == "DT" ? " and UNIT say." : " says."));
  }
  if (range_.end == 0) range_ = {record.begin, 0, record.line};
  range_.end = record.end;
  group.fields_max = std::max(group.fields_max, record.fields.size());
  ++group.rows;
  return {};
}

/// The header is complete: make columns of it.
Result<void> AgsScan::SettleHeader() {
  if (is_settled_) return {};
  is_settled_ = true;
  AgsGroup& group = outline_.groups[group_];
  if (header_.headings.empty()) {
    return Fault(header_.line, "2b", "group " + group.name + " has no headings.");
  }
  CORESHED_TRY(CheckHeadings());
  CheckOrder();
  CORESHED_TRY(FitHeader(&header_.units, "UNIT", header_.unit_line));
  CORESHED_TRY(FitHeader(&header_.types, "TYPE", header_.type_line));
  if (is_repeated_) return CheckSame(group);
  CORESHED_TRY(AddColumns(&group));
  LookAtNames(group, header_.line);
  return {};
}

Result<void> AgsScan::CheckHeadings() const {
  std::set<std::string_view> seen;
  for (const auto& heading : header_.headings) {
    if (!IsName(heading, kColumnNameBytesMax)) {
      return Fault(header_.heading_line, "19a",
                   "heading " + std::to_string(seen.size() + 1) + " of group " +
                       outline_.groups[group_].name + " can't be called " + Quoted(heading) + ".");
    }
    if (!seen.insert(heading).second) {
      return Fault(header_.heading_line, "7",
                   "heading " + Quoted(heading) + " comes twice in group " +
                       outline_.groups[group_].name + ". Give one another name.");
    }
  }
  return {};
}

void AgsScan::CheckOrder() {
  const std::string& group = outline_.groups[group_].name;
  auto& faults = outline_.faults;
  if (header_.unit_line == 0) faults.Add("2b", header_.line, "group " + group + " has no UNIT.");
  if (header_.type_line == 0) faults.Add("2b", header_.line, "group " + group + " has no TYPE.");
  const bool unit_early = header_.unit_line != 0 && header_.unit_line < header_.heading_line;
  const bool type_early = header_.type_line != 0 &&
                          header_.type_line < std::max(header_.heading_line, header_.unit_line);
  if (unit_early || type_early) {
    faults.Add("2b", header_.line,
               "group " + group + " does not have HEADING, UNIT, TYPE in this order.");
  }
}

/// Make one text for each heading.
Result<void> AgsScan::FitHeader(std::vector<std::string>* texts, const std::string& row,
                                int64_t line) {
  const size_t headings = header_.headings.size();
  const std::string& group = outline_.groups[group_].name;
  if (texts->size() > headings) {
    return Fault(line, "4",
                 "the " + row + " row of group " + group + " has " + std::to_string(texts->size()) +
                     " fields for " + std::to_string(headings) + " headings.");
  }
  if (line != 0 && texts->size() < headings) {
    outline_.faults.Add("4", line,
                        "the " + row + " row of group " + group +
                            " has fewer fields than headings; those that are missing are empty.");
  }
  texts->resize(headings);
  return {};
}

Result<void> AgsScan::AddColumns(AgsGroup* group) {
  headings_ += static_cast<int64_t>(header_.headings.size());
  if (headings_ > kHeadingsMax) {
    return Fault(header_.heading_line, "4",
                 "more than " + std::to_string(kHeadingsMax) + " headings in all groups.")
        .With("limit", std::to_string(kHeadingsMax));
  }
  const auto like = LikeOf(group->name);
  for (size_t i = 0; i < header_.headings.size(); ++i) {
    group->columns.emplace_back(
        header_.headings[i], header_.units[i], header_.types[i],
        like == nullptr ? nullptr : like->GetFieldByName(header_.headings[i]));
  }
  return {};
}

std::shared_ptr<arrow::Schema> AgsScan::LikeOf(const std::string& group) const {
  const auto found = options_.like.find(group);
  if (found != options_.like.end()) return found->second;
  // A record of one table calls that as it likes.
  for (const auto& [table, schema] : options_.like) {
    if (AgsMetadata(schema->metadata(), kAgsGroup) == group) return schema;
  }
  return nullptr;
}

Result<void> AgsScan::CheckSame(const AgsGroup& group) const {
  bool same = group.columns.size() == header_.headings.size();
  for (size_t i = 0; same && i < group.columns.size(); ++i) {
    const AgsColumn& column = group.columns[i];
    same = column.heading() == header_.headings[i] && column.unit() == header_.units[i] &&
           column.type() == header_.types[i];
  }
  if (same) return {};
  return Fault(header_.line, "2",
               "group " + group.name +
                   " comes again with other headings, units or types. Make it one group, or give "
                   "this one another name.");
}

Result<void> AgsScan::EndGroup() {
  if (!in_group_) return {};
  CORESHED_TRY(SettleHeader());
  AgsGroup& group = outline_.groups[group_];
  if (range_.end != 0) {
    group.ranges.push_back(range_);
  } else {
    outline_.faults.Add("2", header_.line, "group " + group.name + " has no DATA.");
  }
  in_group_ = false;
  return {};
}

void AgsScan::LookAtNames(const AgsGroup& group, int64_t line) {
  auto& faults = outline_.faults;
  if (!IsAgsGroupName(group.name)) {
    faults.Add("19", line,
               "group " + Quoted(group.name) + " is not called by 1 to 4 capitals and digits.");
  }
  for (const AgsColumn& column : group.columns) {
    const std::string which = "heading " + Quoted(column.heading()) + " of group " + group.name;
    if (!IsAgsHeadingName(column.heading())) {
      faults.Add("19a", header_.heading_line,
                 which + " is not called by 1 to 9 capitals, digits and _.");
    } else if (!NamesGroup(column.heading())) {
      faults.Add("19b", header_.heading_line,
                 which + " is not made of a group's four characters, _, and one to four more.");
    }
  }
}

void AgsScan::LookForOneRow(const std::string& name, const std::string& rule) {
  const auto found = places_.find(name);
  if (found == places_.end()) {
    outline_.faults.Add(rule, 0, "there is no group " + name + ".");
  } else if (const int64_t rows = outline_.groups[found->second].rows; rows != 1) {
    outline_.faults.Add(rule, 0,
                        "group " + name + " has " + std::to_string(rows) + " rows instead of one.");
  }
}

void AgsScan::LookForGroups() {
  LookForOneRow("PROJ", "13");
  LookForOneRow("TRAN", "14");
  if (!places_.contains("UNIT")) outline_.faults.Add("15", 0, "there is no group UNIT.");
  bool has_abbreviations = false;
  for (const AgsGroup& group : outline_.groups) {
    for (const AgsColumn& column : group.columns)
      has_abbreviations = has_abbreviations || column.type() == "PA";
  }
  if (has_abbreviations && !places_.contains("ABBR")) {
    outline_.faults.Add("16", 0, "there is no group ABBR, but there are headings of TYPE PA.");
  }
  if (!places_.contains("TYPE")) outline_.faults.Add("17", 0, "there is no group TYPE.");
}

}  // namespace coreshed::sources
