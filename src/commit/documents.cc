#include "commit/documents.h"

#include "base/paths.h"
#include "base/result.h"

namespace coreshed::commit {

Result<std::optional<Base>> DocumentReader::Read(const std::string& record_id) {
  return ReadAnd(record_id, false);
}

Result<std::optional<Base>> DocumentReader::ReadForWriting(const std::string& record_id) {
  return ReadAnd(record_id, true);
}

Result<std::optional<Base>> DocumentReader::ReadAnd(const std::string& record_id,
                                                    bool check_chain) {
  auto blob = storage_->Get(paths::Metadata(record_id));
  if (!blob) {
    if (blob.error().kind == ErrorKind::kNotFound) return std::optional<Base>();
    return std::move(blob).error();
  }
  const std::string_view bytes(reinterpret_cast<const char*>(blob->bytes->data()),
                               static_cast<size_t>(blob->bytes->size()));
  auto kept = Find(record_id, bytes);
  if (!kept || (check_chain && !kept->chain_checked)) {
    auto fresh = std::make_shared<Kept>();
    if (kept) {
      fresh->document = kept->document;
    } else {
      CORESHED_ASSIGN(auto document, ParseDocument(bytes, record_id));
      fresh->document = std::make_shared<const RecordDocument>(std::move(document));
    }
    fresh->bytes = bytes;
    fresh->chain_checked = check_chain;
    if (std::string broken = check_chain ? CheckTailChain(*fresh->document) : ""; !broken.empty()) {
      return Error{ErrorKind::kCorruption, "metadata.json of '" + record_id + "': " + broken +
                                               ". Nothing was written to it."};
    }
    kept = std::move(fresh);
    Keep(kept);
  }
  return std::optional(Base{kept->document, blob->etag, blob->now_us});
}

void DocumentReader::Remember(std::shared_ptr<const RecordDocument> document, std::string bytes) {
  auto kept = std::make_shared<Kept>();
  *kept = {std::move(document), std::move(bytes), true};
  Keep(std::move(kept));
}

std::shared_ptr<DocumentReader::Kept> DocumentReader::Find(const std::string& record_id,
                                                           std::string_view bytes) {
  std::shared_ptr<Kept> kept;
  {
    std::lock_guard lock(mutex_);
    const auto found = by_id_.find(record_id);
    if (found == by_id_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, found->second);
    kept = recent_.front();
  }
  return kept->bytes == bytes ? kept : nullptr;
}

void DocumentReader::Keep(std::shared_ptr<Kept> kept) {
  std::lock_guard lock(mutex_);
  const std::string& id = kept->document->record_id;
  if (const auto found = by_id_.find(id); found != by_id_.end()) {
    recent_.erase(found->second);
    by_id_.erase(found);
  }
  recent_.push_front(kept);
  by_id_[id] = recent_.begin();
  if (recent_.size() > kKeptMax) {
    by_id_.erase(recent_.back()->document->record_id);
    recent_.pop_back();
  }
}

}  // namespace coreshed::commit
