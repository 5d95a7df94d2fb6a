#include "commit/commit.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/random.h"
#include "commit/annotate.h"
#include "commit/test_records.h"
#include "storage/memory.h"

namespace coreshed::commit {
namespace {

TEST(Commit, RacingWritersLoseNothing) {
  const auto storage = storage::MakeMemoryStorage();
  World first(storage);
  ASSERT_TRUE(first.Add());
  constexpr int kThreads = 6;
  constexpr int kEach = 40;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      World world(storage);
      for (int i = 0; i < kEach; ++i) {
        auto added = world.Add();
        EXPECT_TRUE(added) << added.error().message;
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(first.Document()->last_version, 1 + kThreads * kEach);
}

TEST(Commit, ARepeatedEventIdCommitsOnce) {
  World world(storage::MakeMemoryStorage());
  const std::string id = RandomUuid4();
  ASSERT_TRUE(world.Add());
  ASSERT_TRUE(world.Add(id));
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(world.Add());  // the event is sealed by now
  World another(world.storage);
  auto again = another.Add(id);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->event->seq, 2);
  EXPECT_EQ(world.Document()->last_version, 52);
}

TEST(Commit, AFenceMakesWritersUploadAgain) {
  World world(storage::MakeMemoryStorage());
  ASSERT_TRUE(world.Add());
  /// Another's fence lands between this operation's decision and its swap.
  class Fenced : public AddVersion {
   public:
    explicit Fenced(World& world) : world_(world) {}
    Result<Decision> Decide(const RecordDocument* base, RecordDocument* next,
                            const std::string& time, const std::string& id,
                            storage::Stage& stage) override {
      if (decided == 0) {
        FenceOperation fence;
        EventOptions by;
        by.actor = "vacuum";
        EXPECT_TRUE(Commit(world_.context(), "BH-7", by, fence));
      }
      return AddVersion::Decide(base, next, time, id, stage);
    }
    World& world_;
  } operation(world);
  EventOptions options;
  options.actor = "a.meier";
  ASSERT_TRUE(Commit(world.context(), "BH-7", options, operation));
  EXPECT_EQ(operation.decided, 2);
  EXPECT_EQ(operation.forgotten, 1);
  EXPECT_EQ(world.Document()->fence, 1);
  EXPECT_EQ(world.Document()->last_version, 2);
}

TEST(Commit, NeedsAnActorAndAWellFormedEventId) {
  World world(storage::MakeMemoryStorage());
  AddVersion add;
  EventOptions options;
  EXPECT_EQ(Commit(world.context(), "BH-7", options, add).error().kind,
            ErrorKind::kInvalidArgument);
  options.actor = "a.meier";
  options.event_id = "no hex";
  EXPECT_EQ(Commit(world.context(), "BH-7", options, add).error().kind,
            ErrorKind::kInvalidArgument);
}

TEST(Commit, StopsBeforeTheCommit) {
  World world(storage::MakeMemoryStorage());
  std::stop_source source;
  source.request_stop();
  AddVersion add;
  EventOptions options;
  options.actor = "a.meier";
  options.stop = source.get_token();
  EXPECT_EQ(Commit(world.context(), "BH-7", options, add).error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(world.Document(), nullptr);
}

TEST(Commit, ARefusalStandsWhereItsEventCantBeKept) {
  class Refused : public Operation {
   public:
    Result<Decision> Decide(const RecordDocument*, RecordDocument*, const std::string&,
                            const std::string&, storage::Stage&) override {
      Decision decision;
      decision.event.emplace().type = "update_refused";
      decision.event->texts["why"] = std::string(2 << 20, 'x');
      decision.refusal = Error{ErrorKind::kSchemaDrift, "The columns differ."};
      return decision;
    }
  } refused;
  World world(storage::MakeMemoryStorage());
  ASSERT_TRUE(world.Add());
  EventOptions options;
  options.actor = "a.meier";
  EXPECT_EQ(Commit(world.context(), "BH-7", options, refused).error().kind,
            ErrorKind::kSchemaDrift);
}

TEST(Commit, DamagedMetadataAreNeverWrittenTo) {
  World world(storage::MakeMemoryStorage());
  ASSERT_TRUE(world.Add());
  auto blob = world.storage->Get("records/BH-7/metadata.json");
  std::string bytes = blob->bytes->ToString();
  const size_t at = bytes.find("a.meier", bytes.find("\"history\""));
  ASSERT_NE(at, bytes.npos);
  bytes.replace(at, 7, "b.roth_");
  ASSERT_TRUE(world.storage->Delete("records/BH-7/metadata.json"));
  ASSERT_TRUE(world.storage->PutIfAbsent("records/BH-7/metadata.json", bytes));
  World fresh(world.storage);
  auto added = fresh.Add();
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ErrorKind::kCorruption);
}

TEST(Document, SurvivesRandomDamage) {
  World world(storage::MakeMemoryStorage());
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(world.Add());
  const std::string bytes = Serialize(*world.Document());
  ASSERT_TRUE(ParseDocument(bytes, "BH-7"));
  EXPECT_FALSE(ParseDocument(bytes, "BH-8")) << "metadata of another record";
  for (unsigned i = 0; i < 4000; ++i) {
    std::string damaged = bytes;
    for (unsigned k = 0; k <= i % 3; ++k) {
      damaged[RandomBelow(static_cast<unsigned>(damaged.size()))] =
          static_cast<char>(RandomBelow(256));
    }
    if (i % 5 == 0) damaged.resize(RandomBelow(static_cast<unsigned>(damaged.size())));
    auto parsed = ParseDocument(damaged, "BH-7");  // an error or a document; never a crash
    if (!parsed) {
      EXPECT_FALSE(parsed.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace coreshed::commit
