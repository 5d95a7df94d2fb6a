#include "validate/column_index.h"

#include <utility>

namespace coreshed::validate {

ColumnIndex::ColumnIndex(const SchemaDefinition& schema) {
  for (const auto& table : schema.tables) {
    auto& columns = tables_[table.name];
    for (const auto& column : table.columns)
      columns.try_emplace(column.name, &column);
  }
}

const ColumnRule* ColumnIndex::Find(const ColumnRef& ref) const {
  const auto table = tables_.find(ref.table);
  if (table == tables_.end()) return nullptr;
  const auto column = table->second.find(ref.column);
  return column == table->second.end() ? nullptr : column->second;
}

std::vector<ColumnRef> ColumnIndex::Meant(const std::string& own_table,
                                          const std::string& text) const {
  std::vector<ColumnRef> meant;
  if (ColumnRef ref{own_table, text}; Find(ref) != nullptr) meant.push_back(std::move(ref));
  for (size_t point = text.find('.'); point != text.npos; point = text.find('.', point + 1)) {
    ColumnRef ref{text.substr(0, point), text.substr(point + 1)};
    if (Find(ref) != nullptr) meant.push_back(std::move(ref));
  }
  return meant;
}

}  // namespace coreshed::validate
