#include "legacy/old_tables.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <iterator>
#include <utility>

#include "base/result.h"
#include "sources/opened.h"

namespace coreshed::legacy {
namespace {

Schemas LikeOf(const std::string& table, bool is_only, const Schemas& like) {
  if (is_only && like.size() == 1) return like;
  const auto same = like.find(table);
  return same == like.end() ? Schemas() : Schemas{{table, same->second}};
}

/// What can't be read there is a fault of that record alone, whatever the reason.
Error OfOldFile(Error error) {
  if (error.kind != ErrorKind::kCancelled) error.kind = ErrorKind::kValidation;
  return error;
}

}  // namespace

Result<OldTables> OpenTables(const OldFolder& folder, const std::vector<TableFile>& files,
                             const Schemas& like, const OpenFileOptions& options) {
  OldTables all;
  const bool is_only = files.size() == 1;
  for (const auto& file : files) {
    const auto there = folder.OpenFile(file.path);
    if (!there) return OfOldFile(there.error());
    if (there->size_bytes > options.limits.bytes) {
      return sources::TooLarge("'" + file.path + "'", options.limits.bytes);
    }
    sources::OpenOptions reading{options};
    reading.like = LikeOf(file.table, is_only, like);
    auto opened = sources::OpenKept({there->descriptor_path(), nullptr, file.path}, reading);
    if (!opened) return OfOldFile(std::move(opened).error());
    for (auto& table : opened->file.tables) {
      all.tables.push_back({file.table, nullptr, std::move(table.reader)});
    }
    std::move(opened->file.warnings.begin(), opened->file.warnings.end(),
              std::back_inserter(all.warnings));
    if (!is_only) continue;
    all.source = std::move(opened->file.source);
    all.file = std::move(opened->input);
  }
  return all;
}

Result<Schemas> CheckTables(OldTables tables) {
  Schemas schemas;
  for (const auto& table : tables.tables) {
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      const auto status = table.reader->ReadNext(&batch);
      if (!status.ok()) return OfOldFile(ErrorOf(status));
    } while (batch != nullptr);
    schemas[table.name] = table.reader->schema();
  }
  return schemas;
}

}  // namespace coreshed::legacy
