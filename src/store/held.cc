#include "store/held.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/util/crc32.h>

#include <algorithm>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/table_file.h"
#include "sources/zip_writer.h"

namespace coreshed::store {
namespace {

using Bytes = std::shared_ptr<arrow::Buffer>;

/// As they were written: what a row has too much stands behind it, so it is no good row yet.
Result<Bytes> CsvOf(const validate::RejectedRows& rejected) {
  CORESHED_ARROW_ASSIGN(const auto stream, arrow::io::BufferOutputStream::Create(),
                        "writing rejected rows");
  arrow::TableBatchReader reader(*rejected.rows);
  sources::RowTail tail;
  if (rejected.tail_of) {
    tail = [&](int64_t row) {
      return rejected.tail_of(rejected.records[static_cast<size_t>(row)]);
    };
  }
  CORESHED_TRY(sources::WriteCsv(reader, stream, ',', tail));
  CORESHED_ARROW_ASSIGN(auto bytes, stream->Finish(), "writing rejected rows");
  return bytes;
}

Result<Bytes> ZipOf(const std::vector<std::pair<std::string, Bytes>>& files) {
  std::string bytes;
  const auto sink = [&](std::string_view piece) -> Result<void> {
    bytes += piece;
    return {};
  };
  sources::ZipWriter zip(sink);
  for (const auto& [name, file] : files) {
    const std::string_view content(*file);
    CORESHED_TRY(
        zip.Add({name, arrow::internal::crc32(0, content.data(), content.size()), file->size()},
                [&](const sources::InputFile::Sink& to) { return to(content); }));
  }
  CORESHED_TRY(zip.Finish());
  return arrow::Buffer::FromString(std::move(bytes));
}

}  // namespace

std::vector<validate::UploadTable> TablesToCheck(sources::Opened* opened) {
  std::vector<validate::UploadTable> tables;
  for (size_t i = 0; i < opened->file.tables.size(); ++i) {
    validate::UploadTable table;
    table.input = std::move(opened->file.tables[i]);
    auto& origin = opened->origins[i];
    table.file = origin.file;
    table.line_of = origin.line_of;
    table.tail_of = std::move(origin.surplus_of);
    table.reading_faults = [wide = std::move(origin.wide_rows), next = size_t{0}](
                               int64_t, int64_t last) mutable {
      std::vector<validate::ReadingFault> faults;
      for (; next < wide.size() && wide[next].record <= last; ++next) {
        const auto& row = wide[next];
        faults.push_back({row.record, "too_many_fields", row.value, row.reason});
      }
      return faults;
    };
    tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<validate::UploadTable> TablesToCheck(const Data& data) {
  std::vector<validate::UploadTable> tables;
  for (const auto& input : data.tables())
    tables.push_back({input});
  return tables;
}

Result<RejectReport> ReportOf(const validate::UploadCheck& check, const std::string& stem) {
  RejectReport report;
  report.faults = check.rejects().All();
  report.by_rule = check.rejects().by_rule();
  report.good_rows = check.good_rows();
  CORESHED_ASSIGN(const auto tables, check.rejects().Rows());
  std::vector<std::pair<std::string, Bytes>> files;
  for (const auto& rejected : tables) {
    report.rejected_rows += rejected.rows->num_rows();
    CORESHED_ASSIGN(auto bytes, CsvOf(rejected));
    files.emplace_back((rejected.table.empty() ? "data" : rejected.table) + ".csv",
                       std::move(bytes));
  }
  if (files.size() == 1) {
    report.file = std::move(files.front().second);
    report.file_name = stem + "-rejects.csv";
  } else if (files.size() > 1) {
    CORESHED_ASSIGN(report.file, ZipOf(files));
    report.file_name = stem + "-rejects.zip";
  }
  return report;
}

namespace {

Error NeedsAllRows(const std::string& column, const std::string& what) {
  return Error{ErrorKind::kInvalidState,
               "The record is bound to a schema whose column '" + column + "' " + what +
                   ", which a change of single rows can't be checked for. Write the whole table "
                   "(update, upload)."};
}

}  // namespace

Result<void> CheckDeletion(const SchemaDefinition& schema) {
  for (const auto& table : schema.tables) {
    for (const auto& column : table.columns) {
      if (column.references) return NeedsAllRows(column.name, "refers to other rows");
    }
  }
  return {};
}

Result<void> CheckUpsert(const SchemaDefinition& schema, const std::vector<std::string>& keys) {
  for (const auto& table : schema.tables) {
    // Rows that are alike in `columns` are alike in `keys`, too: the new ones replace the others.
    const auto covers = [&](const std::vector<std::string>& columns) {
      return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
        return std::find(columns.begin(), columns.end(), key) != columns.end();
      });
    };
    std::vector<std::string> key;
    for (const auto& column : table.columns) {
      if (column.key) key.push_back(column.name);
      if (column.unique && !covers({column.name})) return NeedsAllRows(column.name, "is unique");
      if (column.references) return NeedsAllRows(column.name, "refers to other rows");
    }
    if (!key.empty() && !covers(key)) {
      return NeedsAllRows(key.front(), key.size() == 1 ? "is the key" : "is part of the key");
    }
  }
  return {};
}

}  // namespace coreshed::store
