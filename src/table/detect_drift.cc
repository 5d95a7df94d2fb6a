#include <coreshed/content.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "table/rename_candidates.h"
#include "table/widening.h"

namespace coreshed {
namespace {

using Kind = DriftChange::Kind;
using Columns = std::vector<Column>;
using Renames = std::map<std::string, std::string>;

void Record(Drift& drift, DriftChange change) {
  drift.drift_class = std::max(drift.drift_class, change.drift_class);
  drift.changes.push_back(std::move(change));
}

/// Compares one table with what it was.
class TableComparison {
 public:
  TableComparison(const std::string& table, const Columns& before, const Columns& after,
                  bool widening_is_additive, Drift& drift)
      : table_(table),
        before_(before),
        after_(after),
        widening_is_additive_(widening_is_additive),
        drift_(drift),
        became_(before.size()),
        claimed_(after.size(), false) {}

  void Compare(const Renames& renames) {
    Pair(renames);
    for (size_t i = 0; i < before_.size(); ++i)
      CompareColumn(before_[i], became_[i]);
    for (size_t i = 0; i < after_.size(); ++i) {
      if (!claimed_[i]) Added(after_[i]);
    }
    CompareOrder();
    SuggestRenames();
  }

 private:
  /// Find what became of each column. What the caller says comes first: a mapping may swap two
  /// names.
  void Pair(const Renames& renames) {
    std::unordered_map<std::string_view, size_t> positions;
    for (size_t i = 0; i < after_.size(); ++i)
      positions.emplace(after_[i].name, i);
    std::vector<bool> mapped(before_.size(), false);
    const auto claim = [&](size_t column, const std::string& name) {
      const auto found = positions.find(name);
      if (found == positions.end() || claimed_[found->second]) return false;
      claimed_[found->second] = true;
      became_[column] = found->second;
      return true;
    };
    for (size_t i = 0; i < before_.size() && !renames.empty(); ++i) {
      auto rename = renames.find(table_ + "." + before_[i].name);
      if (rename == renames.end()) rename = renames.find(before_[i].name);
      if (rename != renames.end()) mapped[i] = claim(i, rename->second);
    }
    for (size_t i = 0; i < before_.size(); ++i) {
      if (!mapped[i]) claim(i, before_[i].name);
    }
  }

  void CompareColumn(const Column& before, std::optional<size_t> position) {
    if (!position) {
      Record(drift_, {Kind::kColumnRemoved, table_, before.name, before.type, "", false,
                      DriftClass::kBreaking});
      return;
    }
    const Column& after = after_[*position];
    if (before.name != after.name) {
      Record(drift_, {Kind::kColumnRenamed, table_, after.name, before.name, after.name, false,
                      DriftClass::kNone});
    }
    if (before.type != after.type) {
      const bool widening = table::IsWidening(before.type, after.type);
      Record(drift_,
             {Kind::kColumnRetyped, table_, after.name, before.type, after.type, widening,
              widening && widening_is_additive_ ? DriftClass::kAdditive : DriftClass::kBreaking});
    }
    if (before.nullable && !after.nullable) {
      Record(drift_, {Kind::kNullableMadeRequired, table_, after.name, "", "", false,
                      DriftClass::kBreaking});
    } else if (!before.nullable && after.nullable) {
      Record(drift_, {Kind::kRequiredMadeNullable, table_, after.name, "", "", false,
                      DriftClass::kAdditive});
    }
  }

  void Added(const Column& column) {
    Record(drift_, {Kind::kColumnAdded, table_, column.name, "", column.type, false,
                    column.nullable ? DriftClass::kAdditive : DriftClass::kBreaking});
  }

  /// Columns that stayed come in another order; where new ones stand doesn't matter.
  void CompareOrder() {
    std::vector<size_t> positions;
    for (const auto& position : became_) {
      if (position) positions.push_back(*position);
    }
    if (!std::is_sorted(positions.begin(), positions.end())) {
      Record(drift_, {Kind::kReordered, table_, "", "", "", false, DriftClass::kNone});
    }
  }

  void SuggestRenames() {
    Columns removed;
    Columns added;
    for (size_t i = 0; i < before_.size(); ++i) {
      if (!became_[i]) removed.push_back(before_[i]);
    }
    for (size_t i = 0; i < after_.size(); ++i) {
      if (!claimed_[i]) added.push_back(after_[i]);
    }
    for (auto& [old_name, new_name] : table::RenameCandidates(removed, added)) {
      Record(drift_, {Kind::kRenameCandidate, table_, new_name, old_name, new_name, false,
                      DriftClass::kNone});
    }
  }

  const std::string& table_;
  const Columns& before_;
  const Columns& after_;
  bool widening_is_additive_;
  Drift& drift_;
  std::vector<std::optional<size_t>> became_;  ///< for each old column its place now
  std::vector<bool> claimed_;                  ///< for each new column whether it was an old one
};

}  // namespace

Drift DetectSchemaDrift(const std::map<std::string, Columns>& before,
                        const std::map<std::string, Columns>& after, const Renames& renames,
                        bool widening_is_additive) {
  Drift drift;
  for (const auto& [name, columns] : before) {
    const auto found = after.find(name);
    if (found == after.end()) {
      Record(drift, {Kind::kTableRemoved, name, "", "", "", false, DriftClass::kBreaking});
    } else {
      TableComparison(name, columns, found->second, widening_is_additive, drift).Compare(renames);
    }
  }
  for (const auto& [name, columns] : after) {
    if (!before.contains(name)) {
      Record(drift, {Kind::kTableAdded, name, "", "", "", false, DriftClass::kAdditive});
    }
  }
  return drift;
}

}  // namespace coreshed
