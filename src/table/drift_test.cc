#include "table/drift.h"

#include <coreshed/content.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/canonical_json.h"

namespace coreshed {
namespace {

using Columns = std::vector<Column>;
using Lines = std::vector<std::string>;

Drift Compare(const Columns& before, const Columns& after,
              const std::map<std::string, std::string>& renames = {}, bool additive = false) {
  return DetectSchemaDrift({{"data", before}}, {{"data", after}}, renames, additive);
}

/// Each change as "class: sentence", after the class of the whole.
Lines Say(const Drift& drift) {
  Lines lines = {DriftClassName(drift.drift_class)};
  for (const auto& change : drift.changes) {
    lines.push_back(DriftClassName(change.drift_class) + ": " + change.Describe());
  }
  return lines;
}

const Columns kBase = {{"hole", "string", false}, {"depth", "float64", true}, {"n", "int32", true}};

TEST(DriftTest, EqualSchemasHaveNone) {
  EXPECT_EQ(Say(Compare(kBase, kBase)), Lines{"none"});
  EXPECT_EQ(Say(DetectSchemaDrift({}, {})), Lines{"none"});
}

TEST(DriftTest, ColumnsAdded) {
  auto after = kBase;
  after.insert(after.begin(), {"note", "string", true});
  EXPECT_EQ(Say(Compare(kBase, after)),
            (Lines{"additive", "additive: data: column note added (string)"}));
  after[0].nullable = false;
  EXPECT_EQ(Say(Compare(kBase, after)),
            (Lines{"breaking", "breaking: data: column note added (string, required)"}));
}

TEST(DriftTest, ColumnsRemoved) {
  EXPECT_EQ(Say(Compare(kBase, {kBase[0], kBase[2]})),
            (Lines{"breaking", "breaking: data: column depth removed (float64)"}));
}

TEST(DriftTest, ColumnsRetyped) {
  auto after = kBase;
  after[2].type = "string";
  EXPECT_EQ(Say(Compare(kBase, after)),
            (Lines{"breaking", "breaking: data: column n retyped int32 → string"}));
  EXPECT_EQ(Say(Compare(kBase, after, {}, true))[0], "breaking");
}

TEST(DriftTest, WideningIsMarkedAndMayBeAdditive) {
  auto after = kBase;
  after[2].type = "int64";
  const auto drift = Compare(kBase, after);
  EXPECT_EQ(Say(drift),
            (Lines{"breaking", "breaking: data: column n retyped int32 → int64 (widening)"}));
  EXPECT_TRUE(drift.changes[0].widening);
  EXPECT_EQ(drift.changes[0].before, "int32");
  EXPECT_EQ(drift.changes[0].after, "int64");
  EXPECT_EQ(Say(Compare(kBase, after, {}, true)),
            (Lines{"additive", "additive: data: column n retyped int32 → int64 (widening)"}));
}

TEST(DriftTest, Nullability) {
  auto after = kBase;
  after[0].nullable = true;
  EXPECT_EQ(Say(Compare(kBase, after)),
            (Lines{"additive", "additive: data: column hole may be null now"}));
  after = kBase;
  after[1].nullable = false;
  EXPECT_EQ(Say(Compare(kBase, after)),
            (Lines{"breaking", "breaking: data: column depth may not be null any more"}));
}

TEST(DriftTest, OneColumnMayChangeInTwoWays) {
  auto after = kBase;
  after[2] = {"n", "int64", false};
  EXPECT_EQ(Say(Compare(kBase, after)),
            (Lines{"breaking", "breaking: data: column n retyped int32 → int64 (widening)",
                   "breaking: data: column n may not be null any more"}));
}

TEST(DriftTest, ReorderingAloneIsNone) {
  EXPECT_EQ(Say(Compare(kBase, {kBase[1], kBase[0], kBase[2]})),
            (Lines{"none", "none: data: columns in another order"}));
}

TEST(DriftTest, AddingAndRemovingIsNoReordering) {
  const Columns after = {{"x", "bool", true}, kBase[0], {"y", "bool", true}, kBase[2]};
  for (const auto& change : Compare(kBase, after).changes) {
    EXPECT_NE(change.kind, DriftChange::Kind::kReordered);
  }
}

TEST(DriftTest, TablesAddedAndRemoved) {
  EXPECT_EQ(Say(DetectSchemaDrift({{"a", kBase}}, {{"a", kBase}, {"b", kBase}})),
            (Lines{"additive", "additive: table b added"}));
  EXPECT_EQ(Say(DetectSchemaDrift({{"a", kBase}, {"b", kBase}}, {{"b", kBase}})),
            (Lines{"breaking", "breaking: table a removed"}));
}

TEST(DriftTest, ChangesNameTheirTable) {
  const auto drift =
      DetectSchemaDrift({{"a", kBase}, {"b", kBase}}, {{"a", kBase}, {"b", {kBase[0], kBase[1]}}});
  ASSERT_EQ(drift.changes.size(), 1U);
  EXPECT_EQ(drift.changes[0].table, "b");
  EXPECT_EQ(drift.changes[0].column, "n");
}

TEST(DriftTest, RenameCandidatesStandBesideWhatTheyExplain) {
  auto after = kBase;
  after[1].name = "depth_m";
  EXPECT_EQ(Say(Compare(kBase, after)),
            (Lines{"breaking", "breaking: data: column depth removed (float64)",
                   "additive: data: column depth_m added (float64)",
                   "none: data: column depth may have been renamed to depth_m"}));
}

TEST(DriftTest, ThereIsNoCandidateWhereTypesDiffer) {
  auto after = kBase;
  after[1] = {"depth_m", "float32", true};
  EXPECT_EQ(Compare(kBase, after).changes.size(), 2U);
}

TEST(DriftTest, CandidatesAreFoundByTheirMeaningFirst) {
  const Columns before = {{"hole", "string", true},
                          {"Top (m)", "float64", true},
                          {"Base (m)", "float64", true},
                          {"Grade", "float64", true}};
  const Columns after = {{"hole", "string", true},
                         {"base_m", "float64", true},
                         {"top_m", "float64", true},
                         {"au", "float64", true}};
  Lines found;
  for (const auto& change : Compare(before, after).changes) {
    if (change.kind == DriftChange::Kind::kRenameCandidate) {
      found.push_back(change.before + " → " + change.after);
    }
  }
  EXPECT_EQ(found, (Lines{"Top (m) → top_m", "Base (m) → base_m", "Grade → au"}));
}

TEST(DriftTest, NobodyGuessesAmongSeveral) {
  const Columns before = {{"a", "int8", true}, {"b", "int8", true}};
  const Columns after = {{"x", "int8", true}, {"y", "int8", true}};
  EXPECT_EQ(Compare(before, after).changes.size(), 4U);
}

TEST(DriftTest, AMappingMakesItARename) {
  auto after = kBase;
  after[1].name = "depth_m";
  const auto drift = Compare(kBase, after, {{"depth", "depth_m"}, {"no", "matter"}});
  EXPECT_EQ(Say(drift), (Lines{"none", "none: data: column depth renamed to depth_m"}));
  EXPECT_EQ(drift.changes[0].before, "depth");
  EXPECT_EQ(drift.changes[0].after, "depth_m");
  EXPECT_EQ(drift.changes[0].column, "depth_m");
}

TEST(DriftTest, ARenamedColumnIsComparedLikeAnyOther) {
  auto after = kBase;
  after[2] = {"count", "int64", false};
  EXPECT_EQ(Say(Compare(kBase, after, {{"n", "count"}})),
            (Lines{"breaking", "none: data: column n renamed to count",
                   "breaking: data: column count retyped int32 → int64 (widening)",
                   "breaking: data: column count may not be null any more"}));
}

TEST(DriftTest, AMappingMayNameItsTable) {
  const Columns before = {{"x", "int8", true}};
  const Columns after = {{"y", "int8", true}};
  const auto drift = DetectSchemaDrift({{"a", before}, {"b", before}}, {{"a", after}, {"b", after}},
                                       {{"b.x", "y"}});
  EXPECT_EQ(Say(drift), (Lines{"breaking", "breaking: a: column x removed (int8)",
                               "additive: a: column y added (int8)",
                               "none: a: column x may have been renamed to y",
                               "none: b: column x renamed to y"}));
}

TEST(DriftTest, AMappingMaySwapNames) {
  const Columns columns = {{"top", "float64", true}, {"base", "float32", true}};
  const Columns swapped = {{"base", "float64", true}, {"top", "float32", true}};
  EXPECT_EQ(Say(Compare(columns, swapped, {{"top", "base"}, {"base", "top"}})),
            (Lines{"none", "none: data: column top renamed to base",
                   "none: data: column base renamed to top"}));
}

TEST(DriftTest, AMappingOntoANameInUseRemovesWhatHadIt) {
  const Columns before = {{"a", "int8", true}, {"b", "int8", true}};
  EXPECT_EQ(Say(Compare(before, {{"b", "int8", true}}, {{"a", "b"}})),
            (Lines{"breaking", "none: data: column a renamed to b",
                   "breaking: data: column b removed (int8)"}));
}

TEST(DriftTest, TwoMappingsOntoOneNameKeepTheFirst) {
  const Columns before = {{"a", "int8", true}, {"b", "int8", true}};
  EXPECT_EQ(Say(Compare(before, {{"c", "int8", true}}, {{"a", "c"}, {"b", "c"}})),
            (Lines{"breaking", "none: data: column a renamed to c",
                   "breaking: data: column b removed (int8)"}));
}

TEST(DriftTest, TakesListsNobodyChecked) {
  const Columns twice = {{"a", "int8", true}, {"a", "", true}, {"", "?", true}};
  EXPECT_EQ(Compare(twice, {}).changes.size(), 3U);
  EXPECT_EQ(Compare({}, twice).changes.size(), 3U);
  (void)Compare(twice, twice, {{"a", ""}, {"", "a"}});
}

TEST(DriftJsonTest, IsAsItEverWas) {
  auto after = kBase;
  after[2].type = "int64";
  after.push_back({"note", "string", true});
  auto drift = Compare(kBase, after);
  drift.overridden = true;
  EXPECT_EQ(CanonicalJson(table::DriftToJson(drift)),
            R"({"changes":[{"after":"int64","before":"int32","class":"breaking","column":"n",)"
            R"("kind":"column_retyped","table":"data","widening":true},{"after":"string",)"
            R"("class":"additive","column":"note","kind":"column_added","table":"data"}],)"
            R"("class":"breaking","overridden":true})");
}

TEST(DriftJsonTest, IsReadBack) {
  Drift drift =
      DetectSchemaDrift({{"gone", kBase}, {"data", kBase}},
                        {{"new", kBase}, {"data", {{"x", "bool", false}, kBase[1], kBase[0]}}});
  drift.overridden = true;
  const auto back = table::DriftFromJson(table::DriftToJson(drift));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->drift_class, drift.drift_class);
  EXPECT_EQ(back->changes, drift.changes);
  EXPECT_TRUE(back->overridden);
  const auto none = table::DriftFromJson(nullptr);
  ASSERT_TRUE(none);
  EXPECT_EQ(none->drift_class, DriftClass::kNone);
}

TEST(DriftJsonTest, DamageIsNamed) {
  const char* damaged[] = {
      R"(1)",
      R"([])",
      R"({})",
      R"({"class":"none"})",
      R"({"class":"worse","changes":[]})",
      R"({"class":"none","changes":{}})",
      R"({"class":"none","changes":[],"overridden":1})",
      R"({"class":"none","changes":[1]})",
      R"({"class":"none","changes":[{"kind":"x","class":"none"}]})",
      R"({"class":"none","changes":[{"kind":"","class":"none"}]})",
      R"({"class":"none","changes":[{"kind":"reordered"}]})",
      R"({"class":"none","changes":[{"kind":"reordered","class":"none","table":7}]})",
      R"({"class":"none","changes":[{"kind":"reordered","class":"none","widening":"yes"}]})",
  };
  for (const char* text : damaged) {
    const auto drift = table::DriftFromJson(nlohmann::json::parse(text));
    ASSERT_FALSE(drift) << text;
    EXPECT_EQ(drift.error().kind, ErrorKind::kCorruption) << text;
    EXPECT_TRUE(drift.error().message.starts_with("A stored drift is damaged: ")) << text;
  }
}

}  // namespace
}  // namespace coreshed
