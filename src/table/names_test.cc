#include <coreshed/types.h>
#include <gtest/gtest.h>

#include <set>

namespace coreshed {
namespace {

TEST(NamesTest, AreAsDocumented) {
  EXPECT_EQ(StatusName(Status::kDraft), "draft");
  EXPECT_EQ(StatusName(Status::kApproved), "approved");
  EXPECT_EQ(StatusName(Status::kRejected), "rejected");
  EXPECT_EQ(DriftClassName(DriftClass::kNone), "none");
  EXPECT_EQ(DriftClassName(DriftClass::kAdditive), "additive");
  EXPECT_EQ(DriftClassName(DriftClass::kBreaking), "breaking");
}

TEST(NamesTest, PoliciesAreReadBack) {
  for (auto policy : {DriftPolicy::kReject, DriftPolicy::kWarn, DriftPolicy::kAllow}) {
    EXPECT_EQ(ParseDriftPolicy(DriftPolicyName(policy)), policy);
  }
  EXPECT_EQ(ParseDriftPolicy("Reject"), std::nullopt);
  EXPECT_EQ(ParseDriftPolicy(""), std::nullopt);
}

TEST(NamesTest, EachKindOfChangeHasItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(DriftChange::Kind::kRenameCandidate); ++i) {
    names.insert(DriftChangeKindName(static_cast<DriftChange::Kind>(i)));
  }
  EXPECT_EQ(names.size(), 10U);
  EXPECT_FALSE(names.contains(""));
}

TEST(DescribeTest, SaysItInASentence) {
  using Kind = DriftChange::Kind;
  const auto describe = [](const DriftChange& change) { return change.Describe(); };
  EXPECT_EQ(describe({Kind::kColumnRetyped, "data", "depth", "int32", "int64", true,
                      DriftClass::kBreaking}),
            "data: column depth retyped int32 → int64 (widening)");
  EXPECT_EQ(describe({Kind::kColumnRetyped, "data", "depth", "int64", "int32", false,
                      DriftClass::kBreaking}),
            "data: column depth retyped int64 → int32");
  EXPECT_EQ(
      describe({Kind::kColumnAdded, "data", "depth m", "", "int64", false, DriftClass::kAdditive}),
      "data: column 'depth m' added (int64)");
  EXPECT_EQ(describe({Kind::kColumnAdded, "data", "d", "", "int64", false, DriftClass::kBreaking}),
            "data: column d added (int64, required)");
  EXPECT_EQ(
      describe({Kind::kColumnRemoved, "data", "d", "int64", "", false, DriftClass::kBreaking}),
      "data: column d removed (int64)");
  EXPECT_EQ(describe({Kind::kColumnRenamed, "data", "b", "a", "b", false, DriftClass::kNone}),
            "data: column a renamed to b");
  EXPECT_EQ(describe({Kind::kRenameCandidate, "data", "b", "a", "b", false, DriftClass::kNone}),
            "data: column a may have been renamed to b");
  EXPECT_EQ(describe({Kind::kReordered, "data", "", "", "", false, DriftClass::kNone}),
            "data: columns in another order");
  EXPECT_EQ(
      describe({Kind::kNullableMadeRequired, "data", "a", "", "", false, DriftClass::kBreaking}),
      "data: column a may not be null any more");
  EXPECT_EQ(
      describe({Kind::kRequiredMadeNullable, "data", "a", "", "", false, DriftClass::kAdditive}),
      "data: column a may be null now");
  EXPECT_EQ(describe({Kind::kTableAdded, "data", "", "", "", false, DriftClass::kAdditive}),
            "table data added");
  EXPECT_EQ(describe({Kind::kTableRemoved, "my data", "", "", "", false, DriftClass::kBreaking}),
            "table 'my data' removed");
}

}  // namespace
}  // namespace coreshed
