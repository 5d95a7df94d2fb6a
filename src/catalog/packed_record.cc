#include "catalog/packed_record.h"

#include <cstring>

#include "catalog/search.h"

namespace coreshed::catalog {
namespace {

class Packer {
 public:
  template <typename Number>
  void AddNumber(Number number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    packed_.append(bytes, sizeof number);
  }
  void AddText(std::string_view text) {
    AddNumber(static_cast<uint32_t>(text.size()));
    packed_.append(text);
  }
  std::string Take() { return std::move(packed_); }

 private:
  std::string packed_;
};

/// Reads what Packer wrote; after the first thing that does not fit everything is empty.
class Unpacker {
 public:
  explicit Unpacker(std::string_view packed) : rest_(packed) {}

  template <typename Number>
  Number TakeNumber() {
    Number number = 0;
    if (const std::string_view bytes = Take(sizeof number); !bytes.empty()) {
      std::memcpy(&number, bytes.data(), sizeof number);
    }
    return number;
  }
  std::string_view TakeText() { return Take(TakeNumber<uint32_t>()); }
  /// A count of things of which each takes four bytes at least.
  uint32_t TakeCount() {
    const auto count = TakeNumber<uint32_t>();
    is_whole_ = is_whole_ && count <= rest_.size() / 4;
    return is_whole_ ? count : 0;
  }
  bool is_at_end() const { return is_whole_ && rest_.empty(); }

 private:
  std::string_view Take(size_t size) {
    is_whole_ = is_whole_ && size <= rest_.size();
    if (!is_whole_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool is_whole_ = true;
};

/// 0 is for none.
uint8_t PolicyNumber(DriftPolicy policy) {
  return static_cast<uint8_t>(static_cast<int>(policy) + 1);
}

}  // namespace

std::string Pack(std::string_view record_id, const std::optional<RecordInfo>& info) {
  Packer packer;
  packer.AddText(record_id);
  packer.AddNumber(static_cast<uint8_t>(info.has_value()));
  if (!info) return packer.Take();
  packer.AddNumber(static_cast<uint8_t>(info->status));
  packer.AddNumber(info->drift_policy ? PolicyNumber(*info->drift_policy) : uint8_t{0});
  packer.AddNumber(info->current_version);
  packer.AddNumber(info->versions);
  packer.AddNumber(info->rows);
  packer.AddText(info->name);
  packer.AddText(info->created_by);
  packer.AddText(info->created_at);
  packer.AddText(info->updated_by);
  packer.AddText(info->updated_at);
  packer.AddText(info->corrupt);
  packer.AddNumber(static_cast<uint32_t>(info->tables.size()));
  for (const std::string& table : info->tables)
    packer.AddText(table);
  packer.AddNumber(static_cast<uint32_t>(info->attributes.size()));
  for (const auto& [key, value] : info->attributes) {
    packer.AddText(key);
    packer.AddText(value);
  }
  packer.AddText(SearchedText(record_id, *info));
  return packer.Take();
}

bool Unpack(std::string_view packed, RecordView* view) {
  Unpacker unpacker(packed);
  view->tables.clear();
  view->attributes.clear();
  view->record_id = unpacker.TakeText();
  view->is_listed = unpacker.TakeNumber<uint8_t>() != 0;
  if (!view->is_listed) return unpacker.is_at_end();
  const auto status = unpacker.TakeNumber<uint8_t>();
  view->status = static_cast<Status>(status);
  const auto policy = unpacker.TakeNumber<uint8_t>();
  view->drift_policy.reset();
  if (policy != 0) view->drift_policy = static_cast<DriftPolicy>(policy - 1);
  view->current_version = unpacker.TakeNumber<int64_t>();
  view->versions = unpacker.TakeNumber<int64_t>();
  view->rows = unpacker.TakeNumber<int64_t>();
  view->name = unpacker.TakeText();
  view->created_by = unpacker.TakeText();
  view->created_at = unpacker.TakeText();
  view->updated_by = unpacker.TakeText();
  view->updated_at = unpacker.TakeText();
  view->corrupt = unpacker.TakeText();
  for (uint32_t left = unpacker.TakeCount(); left > 0; --left) {
    view->tables.push_back(unpacker.TakeText());
  }
  for (uint32_t left = unpacker.TakeCount(); left > 0; --left) {
    const std::string_view key = unpacker.TakeText();
    view->attributes.emplace_back(key, unpacker.TakeText());
  }
  view->folded = unpacker.TakeText();
  return unpacker.is_at_end() && status <= static_cast<uint8_t>(Status::kRejected) &&
         policy <= PolicyNumber(DriftPolicy::kAllow);
}

std::string_view PackedId(std::string_view packed) {
  return Unpacker(packed).TakeText();
}

RecordInfo RecordView::ToInfo() const {
  RecordInfo info;
  info.record_id = record_id;
  info.name = name;
  info.tables.assign(tables.begin(), tables.end());
  info.current_version = current_version;
  info.versions = versions;
  info.status = status;
  info.rows = rows;
  info.created_by = created_by;
  info.created_at = created_at;
  info.updated_by = updated_by;
  info.updated_at = updated_at;
  for (const auto& [key, value] : attributes) {
    info.attributes.emplace_hint(info.attributes.end(), key, value);
  }
  info.drift_policy = drift_policy;
  info.corrupt = corrupt;
  return info;
}

}  // namespace coreshed::catalog
