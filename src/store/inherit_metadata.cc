#include "store/inherit_metadata.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <coreshed/content.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace coreshed::store {
namespace {

using Metadata = std::shared_ptr<const arrow::KeyValueMetadata>;

/// What libraries write for themselves: it says nothing of what the data mean.
bool IsOfLibrary(std::string_view key) {
  return key == "pandas" || key.starts_with("PARQUET:") || key.starts_with("ARROW:");
}

std::map<std::string, std::string> Meant(const Metadata& metadata) {
  std::map<std::string, std::string> meant;
  for (int64_t i = 0; metadata != nullptr && i < metadata->size(); ++i) {
    if (!IsOfLibrary(metadata->key(i))) meant[metadata->key(i)] = metadata->value(i);
  }
  return meant;
}

bool SaysNothing(const arrow::Schema& schema) {
  if (!Meant(schema.metadata()).empty()) return false;
  for (const auto& field : schema.fields()) {
    if (!Meant(field->metadata()).empty()) return false;
  }
  return true;
}

/// What `before` means, beside what stands in `own`.
Metadata Joined(const Metadata& own, const Metadata& before) {
  auto joined = own == nullptr ? arrow::key_value_metadata({}, {}) : own->Copy();
  for (const auto& [key, value] : Meant(before))
    joined->Append(key, value);
  return joined->size() == 0 ? nullptr : std::move(joined);
}

}  // namespace

Result<std::shared_ptr<arrow::Schema>> WithMetadataOf(const arrow::Schema& before,
                                                      const std::shared_ptr<arrow::Schema>& given) {
  if (SaysNothing(before) || !SaysNothing(*given)) return given;
  CORESHED_ASSIGN(const auto columns_before, ColumnsOf(before));
  CORESHED_ASSIGN(const auto columns, ColumnsOf(*given));
  std::map<std::string, int> places;
  for (int i = 0; i < before.num_fields(); ++i)
    places[before.field(i)->name()] = i;
  arrow::FieldVector fields = given->fields();
  for (size_t i = 0; i < fields.size(); ++i) {
    const auto place = places.find(fields[i]->name());
    if (place == places.end()) continue;
    const auto& old = columns_before[static_cast<size_t>(place->second)];
    if (old.type != columns[i].type) continue;
    fields[i] = fields[i]->WithMetadata(
        Joined(fields[i]->metadata(), before.field(place->second)->metadata()));
  }
  return arrow::schema(std::move(fields), Joined(given->metadata(), before.metadata()));
}

}  // namespace coreshed::store
