#include "catalog/record_table.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "catalog/packed_record.h"

namespace coreshed::catalog {
namespace {

using Ids = std::vector<std::string>;

RecordTable::NewRow NewRow(const std::string& id, const std::string& stamp) {
  return {"seg-" + id, stamp, Pack(id, std::nullopt)};
}

Ids Sorted(const RecordTable& table) {
  Ids ids;
  for (const auto* row : table.sorted())
    ids.emplace_back(PackedId(row->packed));
  return ids;
}

TEST(RecordTable, IsSortedByIdAfterEveryChange) {
  RecordTable table;
  table.Apply({NewRow("m", "1"), NewRow("c", "1"), NewRow("x", "1")}, {});
  EXPECT_EQ(Sorted(table), (Ids{"c", "m", "x"}));
  table.Apply({NewRow("z", "1"), NewRow("a", "1"), NewRow("m", "2")}, {"seg-c", "seg-none"});
  EXPECT_EQ(Sorted(table), (Ids{"a", "m", "x", "z"}));
  EXPECT_EQ(table.Find("seg-m")->stamp, "2");
  EXPECT_EQ(table.Find("seg-c"), nullptr);
  table.Apply({}, {"seg-a", "seg-m", "seg-x", "seg-z"});
  EXPECT_TRUE(Sorted(table).empty());
}

TEST(RecordTable, FindsWhereIdsBegin) {
  RecordTable table;
  table.Apply({NewRow("b", "1"), NewRow("d", "1")}, {});
  EXPECT_EQ(table.IndexAfter(""), 0U);
  EXPECT_EQ(table.IndexAfter("a"), 0U);
  EXPECT_EQ(table.IndexAfter("b"), 1U);
  EXPECT_EQ(table.IndexAfter("c"), 1U);
  EXPECT_EQ(table.IndexAfter("d"), 2U);
}

TEST(RecordTable, ComparesWithASweep) {
  RecordTable table;
  table.Apply({NewRow("same", "1"), NewRow("other", "1"), NewRow("gone", "1"),
               NewRow("unknown", "1"), NewRow("never", "")},
              {});
  const std::vector<storage::RecordStamp> sweep = {{"seg-new", "1"},
                                                   {"seg-same", "1"},
                                                   {"seg-other", "2"},
                                                   {"seg-unknown", ""},
                                                   {"seg-never", ""}};
  for (int round = 0; round < 2; ++round) {
    const auto difference = table.Compare(sweep);
    Ids changed;
    for (const auto* record : difference.changed)
      changed.push_back(record->segment);
    EXPECT_EQ(changed, (Ids{"seg-new", "seg-other", "seg-unknown", "seg-never"}));
    EXPECT_EQ(difference.gone, Ids{"seg-gone"});
  }
}

}  // namespace
}  // namespace coreshed::catalog
