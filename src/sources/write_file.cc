#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <coreshed/sources.h>

#include <memory>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"
#include "sources/file_name.h"
#include "sources/formats.h"
#include "sources/output.h"
#include "sources/table_file.h"
#include "sources/unpack.h"

namespace coreshed {

std::shared_ptr<arrow::RecordBatchReader> sources::RowsOf(const TableInput& table) {
  if (table.reader != nullptr) return table.reader;
  return std::make_shared<arrow::TableBatchReader>(table.table);
}

namespace {

Result<void> CheckWritten(const std::vector<TableInput>& tables, const std::string& path,
                          FileFormat format) {
  const auto& info = sources::InfoOf(format);
  if (!info.is_written) {
    return Error{ErrorKind::kUnsupported, path + ": " + std::string(info.name) +
                                              " files are read, not written. Written are " +
                                              Joined(FileFormatNames(true), 20) + "."}
        .With("file", path);
  }
  if (sources::PackedNameOf(path).packing != sources::Packing::kNone) {
    return Error{ErrorKind::kUnsupported, path +
                                              ": files are not packed when they are written. "
                                              "Leave the last ending out, and pack the file."}
        .With("file", path);
  }
  if (tables.size() == 1 || (info.holds_several && !tables.empty())) return {};
  const std::string what = tables.empty() ? "There is no table to write as " + path + "."
                                          : path + " can hold one table, not " +
                                                std::to_string(tables.size()) +
                                                ". Write each into a file of its own.";
  return Error{ErrorKind::kInvalidArgument, what}.With("file", path);
}

Result<int64_t> WriteAs(FileFormat format, const std::vector<TableInput>& tables, char delimiter,
                        const sources::OutputFile& output) {
  if (format == FileFormat::kAgs) return sources::WriteAgs(tables, output.stream());
  const auto rows = sources::RowsOf(tables.front());
  switch (format) {
    case FileFormat::kParquet:
      return sources::WriteParquet(*rows, output.stream());
    case FileFormat::kArrow:
      return sources::WriteArrow(*rows, output.stream(), !output.is_file());
    default:
      return sources::WriteCsv(*rows, output.stream(), delimiter);
  }
}

}  // namespace

Result<int64_t> WriteFile(const std::vector<TableInput>& tables, const std::string& path,
                          FileFormat format, bool overwrite) {
  CORESHED_TRY(CheckWritten(tables, path, format));
  CORESHED_ASSIGN(const auto output, sources::OutputFile::Create(path, overwrite));
  const char delimiter = sources::HasTabs(path) ? '\t' : ',';
  CORESHED_ASSIGN(const int64_t written, WriteAs(format, tables, delimiter, *output));
  CORESHED_TRY(output->Finish());
  return written;
}

Result<int64_t> WriteTableFile(arrow::RecordBatchReader& rows, const std::string& path,
                               FileFormat format, bool overwrite) {
  const std::shared_ptr<arrow::RecordBatchReader> borrowed(&rows, [](auto*) {});
  return WriteFile({{sources::StemOf(path), nullptr, borrowed}}, path, format, overwrite);
}

Result<void> WriteFileBytes(const arrow::Buffer& bytes, const std::string& path, bool overwrite) {
  CORESHED_ASSIGN(const auto output, sources::OutputFile::Create(path, overwrite));
  CORESHED_ARROW_TRY(output->stream()->Write(bytes.data(), bytes.size()), "writing " + path);
  return output->Finish();
}

Error ErrorOf(const arrow::Status& status) {
  return FromArrow(status, "reading the rows");
}

}  // namespace coreshed
