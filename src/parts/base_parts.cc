#include "parts/base_parts.h"

#include <utility>

#include "base/result.h"
#include "parts/file_reader.h"

namespace coreshed::parts {

Result<BaseParts> BaseParts::Load(const TableParts& base, const std::string& record_prefix,
                                  storage::Storage& storage, bool with_entries) {
  BaseParts parts(base);
  for (size_t i = 0; i < base.files.size(); ++i) {
    const auto& file = base.files[i];
    auto& entries = parts.entries_[i];
    if (base.parts == 1 && file.parts == 1) {
      // All there is to know stands in the metadata: no request for it.
      PartEntry entry;
      entry.rows = base.rows;
      CORESHED_ASSIGN(entry.hash, ParseHash256(file.root));
      CORESHED_ASSIGN(entry.sum, ParseSum128(base.duplicate_sum));
      entries.push_back(std::move(entry));
    } else if (file.parts == 1 && !with_entries) {
      CORESHED_ASSIGN(const auto hash, ParseHash256(file.root));
      parts.by_hash_.try_emplace(hash, PartPlace{static_cast<int64_t>(i), 0});
    } else {
      CORESHED_ASSIGN(const auto reader,
                      PartFileReader::Open(storage, record_prefix + file.name, file));
      CORESHED_ASSIGN(entries, reader->Entries(PartFileReader::Need::kSums));
    }
    for (size_t k = 0; k < entries.size(); ++k) {
      parts.by_hash_.try_emplace(entries[k].hash,
                                 PartPlace{static_cast<int64_t>(i), static_cast<int64_t>(k)});
    }
  }
  return parts;
}

std::optional<PartPlace> BaseParts::Find(const Hash256& hash) const {
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? std::nullopt : std::optional(found->second);
}

const PartEntry* BaseParts::Entry(const PartPlace& place) const {
  const auto& entries = entries_[static_cast<size_t>(place.file)];
  return entries.empty() ? nullptr : &entries[static_cast<size_t>(place.part)];
}

std::vector<PartPlace> BaseParts::Places() const {
  std::vector<PartPlace> places;
  for (const auto& run : base_->runs) {
    for (int64_t i = 0; i < run.count; ++i)
      places.push_back({run.file, run.first + i});
  }
  return places;
}

}  // namespace coreshed::parts
