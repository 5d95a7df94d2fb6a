#include "parts/base_parts.h"

#include <utility>

#include "base/result.h"
#include "parts/file_reader.h"

namespace coreshed::parts {

Result<BaseParts> BaseParts::Load(const TableParts& base, const std::string& record_prefix,
                                  storage::Storage& storage) {
  BaseParts parts(base, record_prefix, storage);
  parts.entries_.resize(base.files.size());
  for (size_t i = 0; i < base.files.size(); ++i) {
    const auto file = static_cast<int64_t>(i);
    if (base.files[i].parts == 1) {
      CORESHED_ASSIGN(const auto hash, ParseHash256(base.files[i].root));
      parts.by_hash_.try_emplace(hash, PartPlace{file, 0});
      continue;
    }
    CORESHED_TRY(parts.ReadFooter(file));
    for (size_t k = 0; k < parts.entries_[i].size(); ++k) {
      parts.by_hash_.try_emplace(parts.entries_[i][k].hash,
                                 PartPlace{file, static_cast<int64_t>(k)});
    }
  }
  return parts;
}

Result<void> BaseParts::ReadFooter(int64_t file) {
  const auto at = static_cast<size_t>(file);
  if (!entries_[at].empty()) return {};
  const auto& described = base_->files[at];
  CORESHED_ASSIGN(const auto reader,
                  PartFileReader::Open(*storage_, record_prefix_ + described.name, described));
  CORESHED_ASSIGN(entries_[at], reader->Entries(false));
  return {};
}

std::optional<PartPlace> BaseParts::Find(const Hash256& hash) const {
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? std::nullopt : std::optional(found->second);
}

Result<PartEntry> BaseParts::Entry(const PartPlace& place) {
  CORESHED_TRY(ReadFooter(place.file));
  return entries_[static_cast<size_t>(place.file)][static_cast<size_t>(place.part)];
}

}  // namespace coreshed::parts
