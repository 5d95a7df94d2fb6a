#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <optional>
#include <set>
#include <utility>

#include "base/result.h"
#include "parts/hash.h"
#include "parts/read.h"
#include "parts/table_source.h"

namespace coreshed::parts {
namespace {

/// Whether a file is there with its size; a fault if not.
std::optional<std::string> CheckFile(const ReadRequest& request, storage::Storage& storage,
                                     const PartFile& file) {
  const std::string key = request.record_prefix + file.name;
  const auto opened = storage.Open(key, -1);
  if (!opened) return "File " + key + ": " + opened.error().message;
  const auto size = opened.value()->GetSize();
  if (!size.ok()) return "File " + key + ": " + size.status().message();
  if (*size == file.size_bytes) return std::nullopt;
  return "File " + key + " has " + std::to_string(*size) + " bytes, not " +
         std::to_string(file.size_bytes) + ".";
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
        answer->faults.push_back(opened.error().message);
        bad_files.insert(place.file);
        whole = false;
        continue;
      }
      source = std::move(opened).value();
    }
    if (const auto read = Recompute(*source, place, &found); !read) {
      answer->faults.push_back(read.error().message);
      whole = false;
    }
  }
  if (whole) CheckSums(*request.parts, request.record_prefix, found, answer);
}

}  // namespace

Result<CheckAnswer> CheckParts(const ReadRequest& request, storage::Storage& storage, bool deep) {
  CheckAnswer answer;
  for (const auto& file : request.parts->files) {
    ++answer.files;
    if (auto fault = CheckFile(request, storage, file)) answer.faults.push_back(std::move(*fault));
    if (deep) answer.bytes_read += file.size_bytes;
  }
  if (deep && answer.faults.empty()) CheckRows(request, storage, &answer);
  return answer;
}

}  // namespace coreshed::parts
