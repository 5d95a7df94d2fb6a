#include <arrow/api.h>
#include <arrow/io/interfaces.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/ags_format.h"
#include "sources/ags_names.h"
#include "sources/ags_texts.h"
#include "sources/table_file.h"

namespace coreshed::sources {
namespace {

constexpr const char* kWhat = "writing AGS";
constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr int64_t kSliceRows = 8192;
constexpr int64_t kBlankLinesMax = 1'000;

/// A table on its way into a file.
struct Group {
  std::string name;
  std::shared_ptr<arrow::RecordBatchReader> rows;
  std::vector<AgsTexts> columns;
  int64_t order = 0;         ///< in the file it came from; 0: it came from none
  int64_t blank_lines = -1;  ///< before it; -1: as usual
  int64_t blank_lines_after = 0;
  bool ends_lines_with_lf = false;
};

/// A whole number in metadata, within limits; `otherwise` if there is none.
int64_t NumberOf(const std::string& text, int64_t most, int64_t otherwise) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && number >= 0 && number <= most ? number : otherwise;
}

Error NameRefused(const std::string& what, const std::string& rule) {
  return Error{ErrorKind::kInvalidArgument, what + " can't be written as AGS (Rule " + rule +
                                                "). Rename it, or take another format."}
      .With("rule", rule);
}

/// Names that came with an AGS file are written as they came.
Result<void> CheckNames(const Group& group) {
  const auto came_as = AgsMetadata(group.rows->schema()->metadata(), kAgsGroup);
  const bool came_so = !came_as.empty() && came_as == group.name;
  if (!came_so && !IsAgsGroupName(group.name)) {
    return NameRefused(
        "Table '" + group.name + "', whose name is not 1 to 4 capital letters and digits,", "19");
  }
  for (const auto& field : group.rows->schema()->fields()) {
    const bool came = field->metadata() != nullptr && field->metadata()->Contains(kAgsType);
    if (came || IsAgsHeadingName(field->name())) continue;
    return NameRefused("Column '" + field->name() + "' of " + group.name +
                           ", whose name is not 1 to 9 capital letters, digits and _,",
                       "19a")
        .With("column", field->name());
  }
  return {};
}

Result<Group> GroupOf(const TableInput& table) {
  Group group;
  group.name = table.name;
  group.rows = RowsOf(table);
  const auto& schema = *group.rows->schema();
  // A record of one table may have called it otherwise.
  const std::string came_as = AgsMetadata(schema.metadata(), kAgsGroup);
  if (!came_as.empty() && !IsAgsGroupName(group.name)) group.name = came_as;
  group.order = NumberOf(AgsMetadata(schema.metadata(), kAgsOrder), INT64_MAX, 0);
  group.blank_lines = NumberOf(AgsMetadata(schema.metadata(), kAgsBlankLines), kBlankLinesMax, -1);
  group.blank_lines_after =
      NumberOf(AgsMetadata(schema.metadata(), kAgsBlankLinesAfter), kBlankLinesMax, 0);
  group.ends_lines_with_lf = AgsMetadata(schema.metadata(), kAgsLineEnd) == "LF";
  CORESHED_TRY(CheckNames(group));
  for (const auto& field : schema.fields())
    group.columns.emplace_back(*field);
  return group;
}

Result<std::vector<Group>> GroupsOf(const std::vector<TableInput>& tables) {
  std::vector<Group> groups;
  for (const TableInput& table : tables) {
    CORESHED_ASSIGN(auto group, GroupOf(table));
    groups.push_back(std::move(group));
  }
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    const auto place = [](const Group& group) { return std::pair(group.order == 0, group.order); };
    return std::pair(place(a), std::string_view(a.name)) <
           std::pair(place(b), std::string_view(b.name));
  });
  std::vector<std::string_view> names;
  for (const Group& group : groups)
    names.push_back(group.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return groups;
  return Error{ErrorKind::kInvalidArgument,
               "There are two tables called '" + std::string(*twice) + "'."};
}

class Writer {
 public:
  Writer(std::shared_ptr<arrow::io::OutputStream> sink, bool lf)
      : sink_(std::move(sink)), line_end_(lf ? "\n" : "\r\n") {}

  Result<int64_t> Write(Group* group);
  /// Types that AGS can't hold are told before the first byte is written.
  Result<void> Check(const Group& group);
  void BlankLines(int64_t count);
  Result<void> Flush();

 private:
  using Texts = std::vector<std::shared_ptr<arrow::StringArray>>;

  void Field(std::string_view text);
  template <typename Text>
  void HeaderRow(std::string_view what, const Group& group, Text text_of);
  Result<Texts> TextsOf(const Group& group, const arrow::RecordBatch& batch, int64_t first_row);
  Result<void> Rows(const Group& group, const arrow::RecordBatch& batch, int64_t first_row);

  const std::shared_ptr<arrow::io::OutputStream> sink_;
  const std::string_view line_end_;
  std::string bytes_;
  bool is_first_ = true;
};

void Writer::Field(std::string_view text) {
  bytes_ += '"';
  for (auto quote = text.find('"'); quote != text.npos; quote = text.find('"')) {
    bytes_.append(text.substr(0, quote)).append("\"\"");
    text.remove_prefix(quote + 1);
  }
  bytes_.append(text).push_back('"');
}

void Writer::BlankLines(int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    bytes_ += line_end_;
}

template <typename Text>
void Writer::HeaderRow(std::string_view what, const Group& group, Text text_of) {
  Field(what);
  for (size_t i = 0; i < group.columns.size(); ++i) {
    bytes_ += ',';
    Field(text_of(i));
  }
  bytes_ += line_end_;
}

Result<void> Writer::Flush() {
  CORESHED_ARROW_TRY(sink_->Write(bytes_), kWhat);
  bytes_.clear();
  return {};
}

Result<Writer::Texts> Writer::TextsOf(const Group& group, const arrow::RecordBatch& batch,
                                      int64_t first_row) {
  Texts texts;
  for (int i = 0; i < batch.num_columns(); ++i) {
    auto column = group.columns[static_cast<size_t>(i)].Of(batch.column(i));
    if (!column) {
      Error error = std::move(column).error();
      std::string place = "column '" + batch.column_name(i) + "' of " + group.name;
      if (const auto row = error.fields.find("row"); row != error.fields.end()) {
        row->second = std::to_string(std::stoll(row->second) + first_row + 1);
        place += ", row " + row->second;
      }
      error.message = "AGS can't hold " + place + ": " + error.message;
      return std::move(error).With("column", batch.column_name(i));
    }
    texts.push_back(*std::move(column));
  }
  return texts;
}

Result<void> Writer::Rows(const Group& group, const arrow::RecordBatch& batch, int64_t first_row) {
  CORESHED_ASSIGN(const auto columns, TextsOf(group, batch, first_row));
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    Field("DATA");
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto text = columns[i]->IsNull(row) ? std::string_view() : columns[i]->GetView(row);
      if (text.find('\0') != text.npos) {
        return Error{ErrorKind::kUnsupported,
                     "AGS can't hold column '" + batch.column_name(static_cast<int>(i)) + "' of " +
                         group.name + ", row " + std::to_string(first_row + row + 1) +
                         ": the text has a zero byte."}
            .With("column", batch.column_name(static_cast<int>(i)));
      }
      bytes_ += ',';
      Field(text);
    }
    bytes_ += line_end_;
    if (bytes_.size() < kPieceBytes) continue;
    CORESHED_TRY(Flush());
  }
  return {};
}

Result<void> Writer::Check(const Group& group) {
  CORESHED_ARROW_ASSIGN(const auto empty, arrow::RecordBatch::MakeEmpty(group.rows->schema()),
                        kWhat);
  return Rows(group, *empty, 0);
}

Result<int64_t> Writer::Write(Group* group) {
  const int64_t blank_lines = group->blank_lines >= 0 ? group->blank_lines : (is_first_ ? 0 : 1);
  BlankLines(blank_lines);
  is_first_ = false;
  Field("GROUP");
  bytes_ += ',';
  Field(group->name);
  bytes_ += line_end_;
  const auto& schema = *group->rows->schema();
  HeaderRow("HEADING", *group, [&](size_t i) -> std::string_view {
    return schema.field(static_cast<int>(i))->name();
  });
  HeaderRow("UNIT", *group, [&](size_t i) -> std::string_view { return group->columns[i].unit(); });
  HeaderRow("TYPE", *group, [&](size_t i) -> std::string_view { return group->columns[i].type(); });
  int64_t written = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    CORESHED_ARROW_TRY(group->rows->ReadNext(&batch), "reading the rows");
    if (batch == nullptr) break;
    for (int64_t row = 0; row < batch->num_rows(); row += kSliceRows) {
      CORESHED_TRY(Rows(*group, *batch->Slice(row, kSliceRows), written + row));
    }
    written += batch->num_rows();
  }
  return written;
}

}  // namespace

Result<int64_t> WriteAgs(const std::vector<TableInput>& tables,
                         const std::shared_ptr<arrow::io::OutputStream>& sink) {
  CORESHED_ASSIGN(auto groups, GroupsOf(tables));
  const bool lf = std::all_of(groups.begin(), groups.end(),
                              [](const Group& group) { return group.ends_lines_with_lf; });
  Writer writer(sink, lf);
  for (const Group& group : groups)
    CORESHED_TRY(writer.Check(group));
  int64_t written = 0;
  for (Group& group : groups) {
    CORESHED_ASSIGN(const int64_t rows, writer.Write(&group));
    written += rows;
  }
  writer.BlankLines(groups.back().blank_lines_after);
  CORESHED_TRY(writer.Flush());
  return written;
}

}  // namespace coreshed::sources
