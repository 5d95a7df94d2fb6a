#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <set>
#include <utility>

#include "base/arrow_error.h"
#include "base/missing.h"
#include "base/result.h"
#include "parts/hash.h"
#include "parts/read.h"
#include "parts/table_source.h"
#include "parts/types.h"

namespace coreshed::parts {
namespace {

void AddFault(const Error& error, const std::string& sentence, CheckAnswer* answer) {
  answer->faults.push_back(sentence);
  answer->missed = answer->missed || error.kind == ErrorKind::kNotFound || SaysMissing(error);
  if (error.kind == ErrorKind::kIo && !answer->unread) answer->unread = error;
}

/// Whether a file is there with its size.
void CheckFile(const ReadRequest& request, storage::Storage& storage, const PartFile& file,
               CheckAnswer* answer) {
  const std::string key = request.record_prefix + file.name;
  const auto opened = storage.Open(key, -1);
  if (!opened) {
    return AddFault(opened.error(), "File " + key + ": " + opened.error().message, answer);
  }
  const auto size = opened.value()->GetSize();
  if (!size.ok()) {
    const Error error = FromArrow(size.status(), "asking for the size of " + key);
    return AddFault(error, "File " + key + ": " + error.message, answer);
  }
  if (*size == file.size_bytes) return;
  answer->faults.push_back("File " + key + " has " + std::to_string(*size) + " bytes, not " +
                           std::to_string(file.size_bytes) + ".");
}

/// What the rows of the parts that could be read add up to.
struct Recomputed {
  std::vector<Hash256> hashes;
  Sum128 sum;
};

Result<void> Recompute(const TableSource& source, const PartPlace& place, Recomputed* found) {
  CORESHED_ASSIGN(const auto rows, source.ReadPart(place));
  CORESHED_ASSIGN(const auto hash, ExactHash(*rows));
  CORESHED_ASSIGN(const auto sum, DuplicateSum(*rows));
  found->hashes.push_back(hash);
  found->sum.Add(sum);
  return {};
}

void CheckSums(const TableParts& table, const std::string& prefix, const Recomputed& found,
               CheckAnswer* answer) {
  if (TableExactHash(found.hashes) != table.exact_hash) {
    answer->faults.push_back("The rows below " + prefix +
                             " have another exact hash than the metadata give.");
  }
  if (ToHex(found.sum) != table.duplicate_sum) {
    answer->faults.push_back("The rows below " + prefix +
                             " have another duplicate sum than the metadata give.");
  }
}

/// Read everything, file by file, so that one damaged file hides no other fault.
void CheckRows(const ReadRequest& request, storage::Storage& storage, CheckAnswer* answer) {
  Recomputed found;
  bool whole = true;
  std::vector<PartPlace> places;
  for (const auto& run : request.parts->runs) {
    for (int64_t i = 0; i < run.count; ++i)
      places.push_back({run.file, run.first + i});
  }
  std::shared_ptr<TableSource> source;
  std::set<int64_t> bad_files;
  for (const auto& place : places) {
    if (bad_files.contains(place.file)) continue;
    if (source == nullptr || source->places()[0].file != place.file) {
      auto opened = TableSource::Open(request, storage, {place});
      if (!opened) {
        AddFault(opened.error(), opened.error().message, answer);
        bad_files.insert(place.file);
        whole = false;
        continue;
      }
      source = std::move(opened).value();
    }
    if (const auto read = Recompute(*source, place, &found); !read) {
      AddFault(read.error(), read.error().message, answer);
      whole = false;
    }
  }
  if (whole) CheckSums(*request.parts, request.record_prefix, found, answer);
}

}  // namespace

Result<void> CheckWholeFile(const PartFile& file, const std::string& record_prefix,
                            const arrow::Schema& schema, storage::Storage& storage) {
  TableParts table;
  table.files = {file};
  ReadRequest request;
  request.parts = &table;
  request.record_prefix = record_prefix;
  request.schema = PlainSchema(schema);
  std::vector<PartPlace> places;
  for (int64_t part = 0; part < file.parts; ++part)
    places.push_back({0, part});
  CORESHED_ASSIGN(const auto source, TableSource::Open(request, storage, places));
  for (const auto& place : places)
    CORESHED_TRY(source->ReadPart(place));
  return {};
}

Result<CheckAnswer> CheckParts(const ReadRequest& request, storage::Storage& storage, bool deep) {
  CheckAnswer answer;
  for (const auto& file : request.parts->files) {
    ++answer.files;
    CheckFile(request, storage, file, &answer);
    if (deep) answer.bytes_read += file.size_bytes;
  }
  if (deep && answer.faults.empty()) CheckRows(request, storage, &answer);
  return answer;
}

}  // namespace coreshed::parts
