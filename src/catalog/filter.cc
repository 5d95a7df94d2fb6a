#include "catalog/filter.h"

#include <algorithm>

#include "base/time.h"

namespace coreshed::catalog {

Result<Filter> Filter::Make(const ListOptions& options) {
  Filter filter(options);
  if (!options.text.empty()) filter.word_.emplace(options.text);
  if (!options.updated_since.empty()) {
    auto micros = ParseTime(options.updated_since);
    if (!micros) micros = ParseTime(options.updated_since + "T00:00:00Z");  // a day alone
    if (!micros) {
      return Error{ErrorKind::kInvalidArgument,
                   "updated_since: '" + options.updated_since +
                       "' is no time. Write it like 2026-01-27T10:00:00Z, or 2026-01-27."};
    }
    filter.updated_since_ = FormatTime(*micros);
  }
  return filter;
}

bool Filter::Accepts(const RecordView& record) const {
  if (!record.is_listed) return false;
  if (!record.corrupt.empty()) return options_.with_corrupt;
  if (options_.status && record.status != *options_.status) return false;
  if (!options_.created_by.empty() && record.created_by != options_.created_by) return false;
  if (record.updated_at < updated_since_) return false;  // one width: texts sort as times do
  const auto& tables = record.tables;
  if (!options_.table_name.empty() &&
      std::find(tables.begin(), tables.end(), options_.table_name) == tables.end()) {
    return false;
  }
  return HasAttributes(record) && (!word_ || word_->IsIn(record));
}

bool Filter::HasAttributes(const RecordView& record) const {
  return std::all_of(
      options_.attributes.begin(), options_.attributes.end(), [&](const auto& wanted) {
        return std::any_of(record.attributes.begin(), record.attributes.end(),
                           [&](const auto& has) {
                             return has.first == wanted.first && has.second == wanted.second;
                           });
      });
}

}  // namespace coreshed::catalog
