#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "commit/review.h"
#include "commit/test_records.h"
#include "storage/memory.h"

namespace coreshed::commit {
namespace {

using Break = std::function<void(RecordDocument&)>;

/// A record with an inner page, leaves, a tail, and a tag.
RecordDocument LongRecord() {
  World world(storage::MakeMemoryStorage());
  for (int i = 0; i < 310; ++i)
    EXPECT_TRUE(world.Add());
  RecordDocument document = *world.Document();
  document.tags["issue-A"] = 3;
  return document;
}

TEST(Invariants, EveryBrokenRuleIsNamed) {
  const RecordDocument whole = LongRecord();
  ASSERT_EQ(CheckDocument(whole), "");
  ASSERT_EQ(CheckTailChain(whole), "");
  ASSERT_EQ(whole.pages.size(), 4U);
  const std::vector<std::pair<std::string, Break>> breaks = {
      {"not live has an active", [](auto& d) { d.state = RecordState::kDeleted; }},
      {"a void record has a history",
       [](auto& d) {
         d.state = RecordState::kVoid;
         d.current_version = 0;
       }},
      {"no version is active", [](auto& d) { d.current_version = 0; }},
      {"has no entry", [](auto& d) { d.current_version = 5; }},
      {"the highest is", [](auto& d) { d.current_version = 999; }},
      {"is purged", [](auto& d) { d.versions.back().Edit().purged = true; }},
      {"has no tables", [](auto& d) { d.versions.back().Edit().tables.clear(); }},
      {"ascending", [](auto& d) { d.versions.insert(d.versions.begin(), d.versions[0]); }},
      {"is missing", [](auto& d) { d.versions.erase(d.versions.begin()); }},
      {"above the highest",
       [](auto& d) {
         d.last_version -= 1;
         d.current_version -= 1;
       }},
      {"schema of table 'data'", [](auto& d) { d.schemas.clear(); }},
      {"after event 0", [](auto& d) { d.pages.erase(d.pages.begin()); }},
      {"after event 256", [](auto& d) { d.pages[1].first_seq += 1; }},
      {"after version 256", [](auto& d) { d.pages[1].first_version = 0; }},
      {"sealed_through disagree", [](auto& d) { d.pages.pop_back(); }},
      {"do not fall", [](auto& d) { d.pages[1].level = 2; }},
      {"pages of one level",
       [](auto& d) {
         d.pages[0].level = 0;
         PageRef next = d.pages.back();
         while (d.pages.size() < 16) {
           next.first_seq = std::exchange(next.last_seq, next.last_seq + 1) + 1;
           next.first_version = std::exchange(next.last_version, next.last_version + 1) + 1;
           d.pages.push_back(next);
         }
         d.sealed_through = next.last_version;
         d.last_version = next.last_version;
         std::erase_if(d.versions,
                       [&](auto& entry) { return entry->version != d.current_version; });
       }},
      {"more events than fit", [](auto& d) { d.history.resize(17, d.history.back()); }},
      {"tag 'issue-A'", [](auto& d) { d.tags["issue-A"] = 999; }},
      {"last_approved", [](auto& d) { d.last_approved = 999; }},
      {"deleted_through", [](auto& d) { d.deleted_through = 999; }},
  };
  for (const auto& [sentence, damage] : breaks) {
    RecordDocument broken = whole;
    damage(broken);
    EXPECT_NE(CheckDocument(broken).find(sentence), std::string::npos)
        << sentence << ": " << CheckDocument(broken);
  }
}

TEST(Invariants, EveryBrokenLinkOfTheTailIsNamed) {
  const RecordDocument whole = LongRecord();
  const std::vector<std::pair<std::string, Break>> breaks = {
      {"missing or reordered", [](auto& d) { d.history.erase(d.history.begin()); }},
      {"does not follow", [](auto& d) { d.pages.back().last_hash = std::string(64, '0'); }},
      {"was changed", [](auto& d) { d.history[1].Edit().details["exact_hash"] = "another"; }},
      {"before that of the event", [](auto& d) { d.pages.back().last_time = "9999"; }},
      {"its text 'actor'", [](auto& d) { d.history[1].Edit().texts["actor"].text = "b.roth"; }},
      {"its text 'actor'", [](auto& d) { d.history[1].Edit().texts["actor"].salt = ""; }},
      {"the last one is", [](auto& d) { d.history.pop_back(); }},
      {"not the last event", [](auto& d) { d.head_time = "2026-01-27T10:00:00.000000Z"; }},
  };
  for (const auto& [sentence, damage] : breaks) {
    RecordDocument broken = whole;
    damage(broken);
    EXPECT_NE(CheckTailChain(broken).find(sentence), std::string::npos)
        << sentence << ": " << CheckTailChain(broken);
  }
  RecordDocument redacted = whole;
  redacted.history[1].Edit().texts["actor"] = {};
  redacted.history[2].Edit().texts.erase("actor");
  EXPECT_EQ(CheckTailChain(redacted), "");
}

TEST(Invariants, FamiliarFieldsAreWhatTheActiveVersionSays) {
  World world(storage::MakeMemoryStorage());
  ASSERT_TRUE(world.Add());
  ReviewOptions options;
  options.actor = "b.roth";
  ReviewOperation approve(Status::kApproved, options, {}, world.pages);
  ASSERT_TRUE(Commit(world.context(), "BH-7", options, approve));
  const std::string bytes = Serialize(*world.Document());
  ASSERT_TRUE(ParseDocument(bytes, "BH-7"));
  const auto whole = nlohmann::json::parse(bytes);
  EXPECT_EQ(whole.at("approved_by"), "b.roth");
  for (const char* name :
       {"table_name", "status", "approved_by", "approved_at", "rejected_by", "rejected_at"}) {
    for (const nlohmann::json& value : {nlohmann::json("another"), nlohmann::json(7)}) {
      auto forged = whole;
      forged[name] = value;
      const auto parsed = ParseDocument(forged.dump(), "BH-7");
      ASSERT_FALSE(parsed) << name;
      EXPECT_NE(parsed.error().message.find(name), std::string::npos) << parsed.error().message;
    }
  }
}

}  // namespace
}  // namespace coreshed::commit
