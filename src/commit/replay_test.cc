#include "commit/replay.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "commit/annotate.h"
#include "commit/review.h"
#include "commit/rollback.h"
#include "commit/test_records.h"
#include "storage/memory.h"

namespace coreshed::commit {
namespace {

using Faults = std::vector<std::string>;

/// An operation told by a function: for what the store can't do yet, but the format can say.
class Told : public Operation {
 public:
  using Tell = std::function<void(RecordDocument*, EventDraft*)>;
  explicit Told(Tell tell) : tell_(std::move(tell)) {}
  Result<Decision> Decide(const RecordDocument*, RecordDocument* next, const std::string&,
                          const std::string&, storage::Stage&) override {
    Decision decision;
    tell_(next, &decision.event.emplace());
    return decision;
  }

 private:
  Tell tell_;
};

class ReplayTest : public ::testing::Test {
 protected:
  ReplayTest() : world_(storage::MakeMemoryStorage()) { EXPECT_TRUE(world_.Add()); }

  void Do(Operation& operation, EventOptions options = {}) {
    options.actor = "b.roth";
    const auto done = Commit(world_.context(), "BH-7", options, operation);
    ASSERT_TRUE(done) << done.error().message;
  }
  void Tell(const Told::Tell& tell) {
    Told told(tell);
    Do(told);
  }
  void Tag(const std::string& tag, int64_t version) {
    TagOperation operation(version, tag);
    Do(operation);
  }
  void Name(const std::string& name, const std::map<std::string, std::string>& attributes) {
    AttributesOperation operation(attributes, name);
    Do(operation);
  }
  void Review(Status verdict) {
    ReviewOptions options;
    options.comment = "because";
    options.actor = "b.roth";
    ReviewOperation operation(verdict, options, {}, world_.pages);
    Do(operation, options);
  }
  void RollBack(int64_t version) {
    RollbackOptions options;
    options.allow_rejected = true;
    RollbackOperation operation(version, options, world_.pages,
                                [](const FoundEntry&) { return Result<void>(); });
    Do(operation, options);
  }
  void Delete() {
    Tell([](RecordDocument* next, EventDraft* event) {
      event->type = "delete";
      next->state = RecordState::kDeleted;
      next->current_version = 0;
      next->deleted_through = next->last_version;
      for (auto& entry : next->versions)
        entry.Edit().purged = true;
      next->attributes.clear();
      next->tags.clear();
    });
  }
  void Purge(int64_t version) {
    Tell([&](RecordDocument* next, EventDraft* event) {
      event->type = "purge";
      event->version = version;
      auto entry = EntryForChange(version, next, world_.pages);
      ASSERT_TRUE(entry);
      (*entry)->purged = true;
      event->details["exact_hash"] = (*entry)->exact_hash;
    });
  }

  Faults FaultsOf(const RecordDocument& document) {
    Faults faults;
    PageReader pages(world_.storage);
    visited_ = 0;
    Replay replay(
        document, pages,
        [&](const auto& rule, const auto& sentence) { faults.push_back(rule + ": " + sentence); },
        [&](const VersionEntry& entry, const auto& schemas) {
          EXPECT_EQ(entry.version, ++visited_);
          EXPECT_TRUE(entry.purged || schemas.contains(entry.tables.at("data").schema));
          return Result<void>();
        });
    if (const auto ran = replay.Run(); !ran) faults.push_back(ran.error().message);
    return faults;
  }
  Faults FaultsNow() { return FaultsOf(*world_.Document()); }
  Faults FaultsAfter(const std::function<void(RecordDocument&)>& damage) {
    RecordDocument document = *world_.Document();
    damage(document);
    return FaultsOf(document);
  }

  World world_;
  int64_t visited_ = 0;
};

TEST_F(ReplayTest, AWholeRecordHasNoFaultsWhateverIsSealedWhen) {
  for (int round = 0; round < 40; ++round) {
    ASSERT_TRUE(world_.Add());
    if (round % 2 == 0) Review(round % 4 == 0 ? Status::kApproved : Status::kRejected);
    if (round % 5 == 4) {
      RollBack(round / 2 + 1);
      if (world_.Document()->Active()->status == Status::kDraft) Review(Status::kApproved);
    }
    Tag("issue-" + std::to_string(round % 3), round + 1);
    ASSERT_EQ(FaultsNow(), Faults()) << "round " << round;
    ASSERT_EQ(visited_, world_.Document()->last_version);
  }
}

TEST_F(ReplayTest, ARecordThatWasDeletedAndCreatedAgain) {
  Name("Hole 7", {{"site", "HKZ1"}});
  Tag("issue-A", 1);
  const auto schemas = world_.Document()->schemas;
  Delete();
  EXPECT_EQ(FaultsNow(), Faults());
  EXPECT_EQ(FaultsAfter([](auto& d) { d.deleted_through = 0; }),
            Faults{"metadata: its field 'deleted_through' is not what its history says"});
  EXPECT_EQ(FaultsAfter([](auto& d) { d.state = RecordState::kVoid; }),
            Faults{"metadata: its field 'state' is not what its history says"});
  Tell([&](RecordDocument* next, EventDraft* event) {
    next->schemas = schemas;
    VersionEntry entry = next->versions.back();
    entry.purged = false;
    entry.version = ++next->last_version;
    entry.seq = next->head_seq + 1;
    next->current_version = entry.version;
    next->state = RecordState::kLive;
    next->attributes = {{"site", "HKZ2"}};
    next->tags.clear();
    event->type = entry.event_type = "upload";
    event->version = entry.version;
    event->details = {{"exact_hash", entry.exact_hash},
                      {"duplicate_hash", entry.duplicate_hash},
                      {"schemas", {{"data", entry.tables["data"].schema}}}};
    event->texts = {{"name", "Hole 7"}, {"attributes", R"({"site":"HKZ2"})"}};
    next->versions.push_back(entry);
  });
  const auto made_anew = [](RecordDocument& d) {
    VersionEntry& entry = d.versions.back().Edit();
    const StoredEvent& event = d.history.back();
    entry.event_id = event.event_id;
    entry.created_at = d.created_at = event.time;
    entry.created_by = d.created_by = "b.roth";
  };
  EXPECT_EQ(FaultsAfter(made_anew), Faults());
  EXPECT_EQ(FaultsAfter([&](auto& d) {
              made_anew(d);
              d.tags["issue-A"] = 1;
            }),
            Faults{"metadata: its field 'tags' is not what its history says"});
  EXPECT_EQ(FaultsAfter([&](auto& d) {
              made_anew(d);
              d.created_by = "a.meier";
            }),
            Faults{"metadata: its field 'created_by' is not what its history says"});
}

TEST_F(ReplayTest, WhatIsPurgedMustSaySo) {
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(world_.Add());
  Purge(20);
  Purge(3);
  EXPECT_EQ(FaultsNow(), Faults());
  EXPECT_EQ(FaultsAfter([](auto& d) { d.Edit(20)->purged = false; }),
            Faults{"purged: version 20 does not say that it was purged"});
  EXPECT_EQ(FaultsAfter([](auto& d) { d.Edit(19)->purged = true; }),
            Faults{"purged: version 19 says that it was purged, but its history does not"});
}

TEST_F(ReplayTest, ARedactedTextIsNotComparedAndTheOthersAre) {
  Name("Hole 7", {{"site", "HKZ1"}});
  Tag("issue-A", 1);
  const auto redact = [](const char* text, size_t event) {
    return [=](RecordDocument& d) {
      d.history[event].Edit().texts[text] = {};
      d.name = "another";
      d.attributes["site"] = "another";
      d.tags["another"] = 1;
    };
  };
  const std::string name = "metadata: its field 'name' is not what its history says";
  const std::string tags = "metadata: its field 'tags' is not what its history says";
  const std::string attributes = "metadata: its field 'attributes' is not what its history says";
  EXPECT_EQ(FaultsAfter(redact("name", 1)), (Faults{tags, attributes}));
  EXPECT_EQ(FaultsAfter(redact("attributes", 1)), (Faults{name, tags}));
  EXPECT_EQ(FaultsAfter(redact("tag", 2)), (Faults{name, attributes}));
  EXPECT_EQ(FaultsAfter([](auto& d) {
              d.history[0].Edit().texts.erase("actor");
              d.versions[0].Edit().created_by = d.created_by = "";
            }),
            Faults());
}

TEST_F(ReplayTest, ANewNameIsKnownAgainAfterARedactedOne) {
  Name("Hole 7", {});
  Name("Hole 8", {});
  EXPECT_EQ(FaultsAfter([](auto& d) { d.history[1].Edit().texts.erase("name"); }), Faults());
  EXPECT_EQ(FaultsAfter([](auto& d) {
              d.history[1].Edit().texts.erase("name");
              d.name = "another";
            }),
            Faults{"metadata: its field 'name' is not what its history says"});
}

TEST_F(ReplayTest, EventsOfALaterReleaseChangeNothingButWhatTheySay) {
  Tell([](RecordDocument*, EventDraft* event) {
    event->type = "measured";
    event->version = 1;
    event->texts = {{"name", "not a name"}, {"tag", "not a tag"}};
  });
  EXPECT_EQ(FaultsNow(), Faults());
}

TEST_F(ReplayTest, AVersionAndItsEventLieTogether) {
  ASSERT_TRUE(world_.Add());
  const auto unmade = FaultsAfter([](auto& d) {
    d.versions.erase(d.versions.begin());
    d.versions[0].Edit().version = 1;
  });
  EXPECT_EQ(unmade.back(), "versions: version 2 has no entry beside event 2") << unmade.size();
}

}  // namespace
}  // namespace coreshed::commit
