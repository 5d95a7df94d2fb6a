#pragma once

#include <coreshed/validation.h>

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace coreshed::validate {

/// The columns of a schema by their names. The schema must outlive it, unchanged in its columns.
class ColumnIndex {
 public:
  explicit ColumnIndex(const SchemaDefinition& schema);

  /// Null: there is none.
  const ColumnRule* Find(const ColumnRef& ref) const;
  /// The columns that a reference written as text in a table can mean.
  std::vector<ColumnRef> Meant(const std::string& own_table, const std::string& text) const;

 private:
  std::map<std::string, std::unordered_map<std::string, const ColumnRule*>> tables_;
};

}  // namespace coreshed::validate
