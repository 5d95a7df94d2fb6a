// What becomes of an older record, and why nothing does: spec/import.md, sections 1 to 3.

#include "legacy/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/time.h"
#include "legacy/test_old_store.h"
#include "support/result_checks.h"

namespace coreshed::legacy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class PlanTest : public ::testing::Test {
 protected:
  Result<Plan> TryPlan() {
    const auto folder = Must(OldFolder::Open(old_.path()));
    const auto found = Must(FindRecords(*folder));
    EXPECT_EQ(found.records.size(), 1U);
    return MakePlan(*folder, found.records.at(0), *ParseTime("2026-01-01T00:00:00Z"));
  }
  Plan MustPlan() { return Must(TryPlan()); }
  std::string Fault() { return MustFail(TryPlan()).message; }
  /// "type version actor time" of each step.
  static std::vector<std::string> Words(const Plan& plan) {
    std::vector<std::string> words;
    for (const auto& step : plan.steps) {
      words.push_back(EventTypeOf(step) + " " + std::to_string(step.version) + " " + step.actor +
                      " " + step.as_of.substr(0, 10));
    }
    return words;
  }
  /// Two versions of one table, and what the JSON says beside its id.
  void TwoVersions(const std::string& fields) {
    old_.Write("a.json", "{\"record_id\": \"a\"" + fields + "}");
    old_.Write("a_v1.csv", "n\n1\n");
    old_.Write("a_v2.csv", "n\n2\n");
  }

  OldStore old_;
};

TEST_F(PlanTest, WithoutHistoryTheFieldsTell) {
  old_.Write("ae.json", R"({"dataset_name": "Adverse events", "uploaded_by": "m.sato",
      "uploaded_at": "2024-03-01T10:00:00Z", "comment": "first cut", "status": "approved",
      "approved_by": "r.lind", "approved_at": "2024-03-02T10:00:00.25Z", "sites": 3, "blind": true,
      "filename": "ae.xlsx", "content_hash": "abc", "columns": ["n"], "nothing": null})");
  old_.Write("ae.csv", "n\n1\n");
  const auto plan = MustPlan();
  EXPECT_EQ(plan.record_id, "ae");
  EXPECT_EQ(plan.name, "Adverse events");
  EXPECT_THAT(Words(plan),
              ElementsAre("upload 1 m.sato 2024-03-01", "approve 1 r.lind 2024-03-02"));
  EXPECT_EQ(plan.steps[0].comment, "first cut");
  EXPECT_EQ(plan.steps[1].as_of, "2024-03-02T10:00:00.250000Z");
  const std::map<std::string, std::string> attributes = {
      {"sites", "3"}, {"blind", "true"}, {"filename", "ae.xlsx"}, {"content_hash", "abc"}};
  EXPECT_EQ(plan.attributes, attributes);
  EXPECT_THAT(plan.notes, ElementsAre("not kept: columns",
                                      "it has no history: its events were made from its fields"));
}

TEST_F(PlanTest, TheHistoryTellsAll) {
  TwoVersions(R"(, "current_version": 1, "status": "approved", "approved_by": "r.lind",
      "created_by": "m.sato", "created_at": "2024-03-01T10:00:00.000001Z", "history": [
      {"event_type": "create", "version": 1, "user_id": "m.sato", "timestamp": "2024-03-01T10:00:00Z"},
      {"event_type": "Approved", "user": "r.lind", "timestamp": "2024-03-02 10:00:00+01:00"},
      {"event_type": "viewed", "user": "x", "timestamp": "2024-03-02T11:00:00Z"},
      {"event_type": "update", "actor": "n.ito", "at": 1709460000, "from_version": "v1"},
      {"event_type": "rejected", "version": 2, "by": "r.lind", "time": "2024-03-04", "reason": "units"},
      {"event_type": "rolled_back", "to_version": 1, "by": "r.lind", "time": "2024-03-04T00:00:00Z"}])");
  const auto plan = MustPlan();
  EXPECT_THAT(Words(plan), ElementsAre("create 1 m.sato 2024-03-01", "approve 1 r.lind 2024-03-02",
                                       "update 2 n.ito 2024-03-03", "reject 2 r.lind 2024-03-04",
                                       "rollback 1 r.lind 2024-03-04"));
  EXPECT_EQ(plan.steps[1].as_of, "2024-03-02T09:00:00.000000Z");
  EXPECT_EQ(plan.steps[3].comment, "units");
  EXPECT_EQ(plan.steps[4].active_before, 2);
  EXPECT_THAT(plan.notes, Contains(HasSubstr("'history[2]' is 'viewed' by x")));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("first moment")));
}

TEST_F(PlanTest, EachVersionIsReviewedInItsTurn) {
  TwoVersions(R"(, "current_version": "v1", "versions": [
      {"version": 1, "created_by": "m.sato", "created_at": "2024-03-01T10:00:00", "status": "Approved",
       "approved_by": "r.lind", "approved_at": "2024-03-02T10:00:00", "rows": 7},
      {"version": 2, "created_by": "n.ito", "created_at": "2024-03-03T10:00:00", "status": "rejected",
       "rejected_by": "r.lind", "rejected_at": "2024-03-04T10:00:00"}])");
  const auto plan = MustPlan();
  EXPECT_THAT(Words(plan), ElementsAre("create 1 m.sato 2024-03-01", "approve 1 r.lind 2024-03-02",
                                       "update 2 n.ito 2024-03-03", "reject 2 r.lind 2024-03-04",
                                       "rollback 1  "));
  EXPECT_EQ(plan.steps[3].comment, "no reason was recorded");
  EXPECT_TRUE(plan.steps[4].is_now);
  EXPECT_THAT(plan.notes, Contains("not kept: versions[0].rows"));
  EXPECT_THAT(plan.notes, Contains("times without a zone were taken as UTC"));
}

TEST_F(PlanTest, WhatNobodyTells) {
  TwoVersions(R"(, "approved_by": "r.lind", "approved_at": "2024-03-02T10:00:00Z")");
  const auto plan = MustPlan();
  EXPECT_THAT(Words(plan), ElementsAre("create 1 unknown 2024-03-02", "update 2 unknown 2024-03-02",
                                       "approve 2 r.lind 2024-03-02"));
  EXPECT_EQ(plan.steps[0].told_at, "");
  EXPECT_THAT(plan.notes, Contains("no time is told: create of version 1, update of version 2"));
  EXPECT_THAT(plan.notes,
              Contains("nobody is named ('unknown'): create of version 1, update of version 2"));
}

TEST_F(PlanTest, IdsOfEventsTellPositionAndFactsButNoNames) {
  TwoVersions(R"(, "created_by": "m.sato", "created_at": "2024-03-01T10:00:00Z")");
  const auto plan = MustPlan();
  // printf '["coreshed import 1","a",1,"create",1,"2024-03-01T10:00:00.000000Z"]' | sha256sum
  EXPECT_EQ(plan.steps[0].event_id, "11102281d50fcf0844f4373c1d400bef");
  EXPECT_NE(plan.steps[1].event_id, plan.steps[0].event_id);
  TwoVersions(R"(, "created_by": "redacted", "created_at": "2024-03-01T10:00:00Z")");
  EXPECT_EQ(MustPlan().steps[0].event_id, plan.steps[0].event_id);
  TwoVersions(R"(, "created_by": "m.sato", "created_at": "2024-03-01T10:00:01Z")");
  EXPECT_NE(MustPlan().steps[0].event_id, plan.steps[0].event_id);
}

TEST_F(PlanTest, FilesOfAllLayouts) {
  const auto paths = [](const Plan& plan) {
    std::vector<std::string> words;
    for (const auto& [version, files] : plan.tables) {
      for (const auto& file : files)
        words.push_back(std::to_string(version) + " " + file.table + " " + file.path);
    }
    return words;
  };
  old_.Write("a.JSON", R"({"table_name": "log"})");
  old_.Write("a.v1.csv", "n\n1\n");
  old_.Write("a-V02.CSV", "n\n2\n");
  old_.Write("a/v3.csv", "n\n3\n");
  old_.Write("a/v4/x.csv", "n\n4\n");
  old_.Write("a/v4/y.parquet", "not read yet");
  old_.Write("a/v4/readme.txt", "");
  old_.Write("a/.hidden", "");
  auto plan = MustPlan();
  EXPECT_THAT(paths(plan), ElementsAre("1 log a.v1.csv", "2 log a-V02.CSV", "3 log a/v3.csv",
                                       "4 x a/v4/x.csv", "4 y a/v4/y.parquet"));
  EXPECT_THAT(plan.notes, Contains("'a/v4/readme.txt' was not read"));

  old_.Remove("a");
  old_.Remove("a.v1.csv");
  old_.Remove("a-V02.CSV");
  old_.Write("a/ae.csv", "n\n1\n");
  old_.Write("a/dm.csv", "n\n1\n");
  EXPECT_THAT(paths(MustPlan()), ElementsAre("1 ae a/ae.csv", "1 dm a/dm.csv"));

  old_.Remove("a");
  old_.Remove("a.JSON");
  old_.Write("records/BH-7/metadata.json", R"({"record_id": "site/BH-7"})");
  old_.Write("records/BH-7/versions/v1.parquet", "not read yet");
  old_.Write("records/BH-7/versions/latest.parquet", "not a version");
  plan = MustPlan();
  EXPECT_EQ(plan.record_id, "site/BH-7");
  EXPECT_THAT(paths(plan), ElementsAre("1 data records/BH-7/versions/v1.parquet"));
  EXPECT_THAT(plan.notes, Contains("'records/BH-7/versions/latest.parquet' was not read"));
}

TEST_F(PlanTest, NamedFiles) {
  old_.Write("a.json", R"({"versions": [{"version": 1, "file": "old.csv"},
      {"version": 2, "tables": {"AE": "x.csv", "DM": "a/y.csv"}}]})");
  old_.Write("a/old.csv", "n\n1\n");
  old_.Write("a/x.csv", "n\n1\n");
  old_.Write("a/y.csv", "n\n1\n");
  const auto plan = MustPlan();
  EXPECT_EQ(plan.tables.at(1).at(0).path, "a/old.csv");
  EXPECT_EQ(plan.tables.at(1).at(0).table, "data");
  EXPECT_EQ(plan.tables.at(2).at(1).table, "DM");
  EXPECT_THAT(plan.notes, Not(Contains(HasSubstr("no version has"))));
  old_.Write("a/z.csv", "n\n1\n");  // would be a table of the active version
  EXPECT_THAT(Fault(), HasSubstr("'a/z.csv' is not what version 2 has"));
  old_.Remove("a/z.csv");
  old_.Write("a_v2.csv", "n\n1\n");
  EXPECT_THAT(MustPlan().notes, Contains("no version has 'a_v2.csv'"));
}

TEST_F(PlanTest, TheFileWithoutANumberIsTheActiveVersion) {
  TwoVersions("");
  old_.Write("a.csv", "n\n2\n");
  EXPECT_EQ(MustPlan().tables.size(), 2U);
  old_.Write("a.csv", "n\n3\n");
  EXPECT_THAT(Fault(), HasSubstr("'a.csv' is not what version 2 has in 'a_v2.csv'"));
  TwoVersions(R"(, "current_version": 3)");
  EXPECT_EQ(MustPlan().tables.at(3).at(0).path, "a.csv");
}

TEST_F(PlanTest, ContradictionsAreFaults) {
  const std::string create =
      R"({"event_type": "create", "by": "m", "time": "2024-03-01T10:00:00Z"})";
  const std::string update =
      R"({"event_type": "update", "by": "m", "time": "2024-03-02T10:00:00Z"})";
  const auto history = [](const std::string& events) { return ", \"history\": [" + events + "]"; };
  const std::string both = create + "," + update;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"(, "status": "active")", "none of draft, pending, approved, rejected"},
      {R"(, "status": 1.5)", "'1.5', which is none of"},
      {R"(, "status": ["draft"])", "'status' is neither a text nor a number"},
      {R"(, "record_id": "b")", "'record_id' stands there twice"},
      {R"(, "created_at": "yesterday")", "'created_at' is no time"},
      {R"(, "created_at": "2024-02-30T10:00:00Z")", "'created_at' is no time"},
      {R"(, "created_at": "2026-02-01T10:00:00Z")", "lies in the future"},
      {R"(, "created_at": 1709460000000)", "no time"},
      {R"(, "created_at": -5)", "no time"},
      {R"(, "current_version": 0)", "'current_version' is no number of a version"},
      {R"(, "current_version": 3)", "goes back to version 3, which there was not yet"},
      {R"(, "approved_by": "x", "rejected_by": "y")", "has no 'status'"},
      {R"(, "versions": [{"created_by": "x"}])", "does not say which version it is"},
      {R"(, "versions": [{"version": 1}, {"version": 1}])", "has version 1 twice"},
      {R"(, "versions": [{"version": 3}])", "'versions' has version 3, which has no file"},
      {R"(, "versions": {"1": {}})", "'versions' is no list"},
      {R"(, "versions": [{"version": 1, "file": "../b.csv"}])", "not a plain name"},
      {R"(, "versions": [{"version": 1, "file": "/etc/b.csv"}])", "not a plain name"},
      {R"(, "versions": [{"version": 1, "file": "b\\c.csv"}])", "not a plain name"},
      {R"(, "versions": [{"version": 1, "file": "b.csv"}])", "no file there"},
      {R"(, "versions": [{"version": 1, "file": "a.json"}])", "neither a CSV nor a Parquet"},
      {R"(, "versions": [{"version": 1, "status": "approved", "approved_at": "2024-03-05T10:00:00Z"},
          {"version": 2, "created_at": "2024-03-04T10:00:00Z"}])",
       "what was active when can't be told"},
      {R"(, "history": {})", "'history' is no list"},
      {R"(, "history": [7])", "history[0] is no JSON object"},
      {history(R"({"by": "m"})"), "does not say what happened"},
      {history(create), "'a_v2.csv' is of version 2, which its history does not know"},
      {history(both + "," + update), "version 3 has no file"},
      {history(create + R"(,{"event_type": "update", "version": 3})"), "version 2 would be next"},
      {history(both + R"(,{"event_type": "approve", "version": 1})"), "version 2 was active then"},
      {history(both + R"(,{"event_type": "approve"},{"event_type": "reject"})"),
       "approved already: only a draft can be reviewed"},
      {history(R"({"event_type": "approve"})"), "no version was active then"},
      {history(both + R"(,{"event_type": "rollback"})"), "does not say where it goes to"},
      {history(create + R"(,{"event_type": "rollback", "version": 2},)" + update), "not yet"},
      {history(create + R"(,{"event_type": "deleted"})"), "says that the record was deleted"},
      {history(create + R"(,{"event_type": "update", "previous_version": 2})"),
       "says that version 2 was active before, but it was version 1"},
      {history(both) + R"(, "current_version": 1)", "by its history it is version 2"},
      {history(both) + R"(, "status": "approved")", "by its history it is draft"},
      {history(both) + R"(, "created_by": "x")", "by 'x', and its history by 'm'"},
      {history(both) + R"(, "created_at": "2024-03-01T10:02:00Z")", "its history at 2024-03-01"},
      {R"(, "comment": ")" + std::string(10'001, 'x') + "\"", "longer than 10000 bytes"},
      {R"(, "created_by": ")" + std::string(201, 'x') + "\"", "longer than 200 bytes"},
  };
  for (const auto& [fields, fault] : cases) {
    TwoVersions(fields);
    EXPECT_THAT(Fault(), HasSubstr(fault)) << fields;
  }
}

TEST_F(PlanTest, BadFilesAndNames) {
  TwoVersions("");
  old_.Write("a.v1.csv", "n\n1\n");
  EXPECT_THAT(Fault(), HasSubstr("version 1 has two files"));
  old_.Remove("a.v1.csv");
  old_.Remove("a_v1.csv");
  EXPECT_THAT(Fault(), HasSubstr("version 1 has no file"));
  old_.Remove("a_v2.csv");
  EXPECT_THAT(Fault(), HasSubstr("it has no table"));
  old_.Write("a/v1.csv", "n\n1\n");
  old_.Write("a/v1/t.csv", "n\n1\n");
  EXPECT_THAT(Fault(), HasSubstr("a table without a name"));
  old_.Write("a.json", "{\"record_id\": \"../b\"}");
  EXPECT_THAT(Fault(), HasSubstr(".."));
  old_.Write("a.json", "[1]");
  EXPECT_THAT(Fault(), HasSubstr("no JSON object"));
  old_.Write("a.json", "{\"record_id\": ");
  EXPECT_THAT(Fault(), HasSubstr("'a.json' is no JSON"));
  old_.Write("a.json", "{\"a\": NaN}");
  EXPECT_THAT(Fault(), HasSubstr("'a.json' is no JSON"));
  old_.Write("a.json", std::string(1000, '['));
  EXPECT_THAT(Fault(), HasSubstr("deep"));
  old_.Write("a.json", "\"" + std::string(17 << 20, 'x') + "\"");
  EXPECT_THAT(Fault(), HasSubstr("at most 16777216"));
  old_.Remove("a.json");
  std::filesystem::create_symlink("/etc/passwd", old_.Path("a.json"));
  EXPECT_THAT(Fault(), HasSubstr("link"));
}

TEST_F(PlanTest, MessagesHaveAnEnd) {
  const std::string text(5 << 20, 'x');
  TwoVersions(", \"status\": \"" + text + "\"");
  EXPECT_THAT(Fault(), SizeIs(::testing::Lt(3000)));
  TwoVersions(R"(, "history": [{"event_type": "create"}, {"event_type": ")" + text +
              R"("}, {"event_type": "update"}])");
  for (const auto& note : MustPlan().notes)
    EXPECT_THAT(note, SizeIs(::testing::Lt(3000)));
}

TEST_F(PlanTest, MoreThanAttributesHold) {
  std::string fields;
  for (int i = 0; i < 120; ++i)
    fields += ", \"f" + std::to_string(1000 + i) + "\": " + std::to_string(i);
  TwoVersions(fields + ", \"long\": \"" + std::string(2001, 'x') + "\"");
  const auto plan = MustPlan();
  EXPECT_EQ(plan.attributes.size(), 100U);
  EXPECT_THAT(plan.notes, Contains(HasSubstr("not kept: f1100, f1101")));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("and 1 more")));
}

TEST(FindRecords, WhatIsNoRecord) {
  const OldStore old;
  old.Write("a.json", "{}");
  old.Write("a_v1.json", "{}");
  old.Write("a_v1.csv", "");
  old.Write("b.csv", "");
  old.Write("readme.md", "");
  old.Write(".git/config", "");
  old.Write("__pycache__/x", "");
  old.Write("notes/x", "");
  old.Write("records/x", "");
  const auto folder = Must(OldFolder::Open(old.path()));
  const auto found = Must(FindRecords(*folder));
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_THAT(found.records[0].files, IsEmpty());
  EXPECT_EQ(found.records[1].files.at(0).version, 0);  // of the record that is called so
  ASSERT_EQ(found.faults.size(), 1U);
  EXPECT_THAT(found.faults[0].message, HasSubstr("'b.csv' is no record's"));
  EXPECT_EQ(found.notes.size(), 3U);
  old.Write("coreshed.json", "{}");
  EXPECT_EQ(MustFail(FindRecords(*folder)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MustFail(OldFolder::Open(old.Path("nowhere"))).kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace coreshed::legacy
