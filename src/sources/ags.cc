#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <string>
#include <utility>

#include "base/result.h"
#include "sources/ags_outline.h"
#include "sources/ags_reader.h"
#include "sources/table_file.h"

namespace coreshed::sources {
namespace {

/// What the file says of a group as a whole; `place`: in the file, from 0.
std::shared_ptr<arrow::KeyValueMetadata> MetadataOf(const AgsOutline& outline, size_t place) {
  auto metadata = std::make_shared<arrow::KeyValueMetadata>();
  metadata->Append(kAgsGroup, outline.groups[place].name);
  metadata->Append(kAgsOrder, std::to_string(place + 1));
  const int64_t blank_lines = outline.groups[place].blank_lines;
  if (blank_lines != (place == 0 ? 0 : 1)) {
    metadata->Append(kAgsBlankLines, std::to_string(blank_lines));
  }
  if (place + 1 == outline.groups.size() && outline.blank_lines_after > 0) {
    metadata->Append(kAgsBlankLinesAfter, std::to_string(outline.blank_lines_after));
  }
  if (outline.ends_lines_with_lf) metadata->Append(kAgsLineEnd, "LF");
  return metadata;
}

AgsGroupRows GroupRowsOf(const AgsOutline& outline, size_t place) {
  const AgsGroup& group = outline.groups[place];
  AgsGroupRows rows;
  rows.group = group.name;
  rows.ranges = group.ranges;
  rows.rows = group.rows;
  rows.fields_max = group.fields_max;
  arrow::FieldVector fields;
  for (const AgsColumn& column : group.columns) {
    fields.push_back(column.Field());
    rows.formats.push_back(column.Format());
  }
  rows.schema = arrow::schema(std::move(fields), MetadataOf(outline, place));
  return rows;
}

}  // namespace

Result<OpenedTables> OpenAgs(std::shared_ptr<InputFile> input, const OpenFileOptions& options) {
  CORESHED_ASSIGN(const AgsOutline outline, AgsScan(input, options).Run());
  OpenedTables opened;
  opened.warnings = outline.faults.Texts(input->name());
  for (size_t place = 0; place < outline.groups.size(); ++place) {
    auto rows = GroupRowsOf(outline, place);
    const std::string name = rows.group;
    opened.tables.push_back(
        {name, nullptr, std::make_shared<AgsReader>(input, std::move(rows), options.stop)});
  }
  return opened;
}

}  // namespace coreshed::sources
