#include "commit/pages.h"

#include <gtest/gtest.h>

#include <set>

#include "commit/replay.h"
#include "commit/review.h"
#include "commit/rollback.h"
#include "commit/test_records.h"
#include "storage/memory.h"

namespace coreshed::commit {
namespace {

constexpr int64_t kVersions = 700;  // enough for pages of three levels

class PagesTest : public ::testing::Test {
 protected:
  PagesTest() : world_(storage::MakeMemoryStorage()) {
    for (int64_t i = 0; i < kVersions; ++i) {
      auto added = world_.Add();
      EXPECT_TRUE(added) << added.error().message;
    }
  }
  std::vector<std::string> Faults() {
    std::vector<std::string> faults;
    const auto document = world_.Document();
    Replay replay(
        *document, world_.pages,
        [&](const auto& rule, const auto& sentence) { faults.push_back(rule + ": " + sentence); },
        [](const auto&, const auto&) { return Result<void>(); });
    auto ran = replay.Run();
    if (!ran) faults.push_back(ran.error().message);
    return faults;
  }
  World world_;
};

TEST_F(PagesTest, MetadataStayBounded) {
  const auto document = world_.Document();
  EXPECT_LE(document->history.size(), kTailMax);
  EXPECT_LE(document->versions.size(), kTailMax + 1);
  EXPECT_LE(document->pages.size(), 3 * kFanOut);
  EXPECT_EQ(document->pages.front().level, 1);
}

TEST_F(PagesTest, EveryVersionAndEventIsFound) {
  const auto document = world_.Document();
  for (int64_t n : {1, 2, 16, 17, 255, 256, 257, 699, 700}) {
    auto version = FindVersion(*document, n, world_.pages);
    ASSERT_TRUE(version && *version) << n;
    EXPECT_EQ((*version)->entry->version, n);
    auto event = FindEvent(*document, n, world_.pages);
    ASSERT_TRUE(event && *event) << n;
    EXPECT_EQ((*event)->seq, n);
  }
  for (int64_t n : {0, 701}) {
    auto version = FindVersion(*document, n, world_.pages);
    ASSERT_TRUE(version);
    EXPECT_FALSE(version->has_value());
  }
  EXPECT_EQ(Faults(), std::vector<std::string>());
}

TEST_F(PagesTest, WalksFromTheMiddle) {
  int64_t expected = 300;
  ASSERT_TRUE(EachVersion(*world_.Document(), 300, world_.pages,
                          [&](const VersionEntry& entry, const auto&) -> Result<bool> {
                            EXPECT_EQ(entry.version, ++expected);
                            return true;
                          }));
  EXPECT_EQ(expected, kVersions);
}

TEST_F(PagesTest, AReviewOfASealedVersionIsWrittenBack) {
  RollbackOptions back;
  back.actor = "b.roth";
  RollbackOperation rollback(3, back, world_.pages,
                             [](const FoundEntry&) { return Result<void>(); });
  ASSERT_TRUE(Commit(world_.context(), "BH-7", back, rollback));
  ReviewOptions review;
  review.actor = "b.roth";
  ReviewOperation approve(Status::kApproved, review, {}, world_.pages);
  ASSERT_TRUE(Commit(world_.context(), "BH-7", review, approve));
  EXPECT_EQ(world_.Document()->last_approved, 3);
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(world_.Add());
  EXPECT_EQ(world_.Document()->Find(3), nullptr) << "it should have gone back to its page";
  auto found = FindVersion(*world_.Document(), 3, world_.pages);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->entry->status, Status::kApproved);
  EXPECT_FALSE((*found)->entry->changed);
  EXPECT_EQ(Faults(), std::vector<std::string>());
}

TEST(LargePages, AreSplit) {
  World world(storage::MakeMemoryStorage());
  for (int i = 0; i < 16; ++i)
    ASSERT_TRUE(world.Add());
  RecordDocument document = *world.Document();
  auto stage = world.storage->OpenStage("BH-7", false);
  ASSERT_TRUE(stage);
  const auto whole = static_cast<int64_t>(Serialize(document).size());
  ASSERT_TRUE(SealPages(16, &document, world.pages, **stage, whole / 3));
  ASSERT_EQ(CheckDocument(document), "");
  ASSERT_EQ(document.pages.size(), 4U);
  for (const auto& page : document.pages)
    EXPECT_LE(page.size_bytes, whole / 3);
  for (int64_t n = 1; n <= 16; ++n) {
    auto version = FindVersion(document, n, world.pages);
    ASSERT_TRUE(version && *version) << n;
    auto event = FindEvent(document, n, world.pages);
    ASSERT_TRUE(event && *event) << n;
    EXPECT_EQ((*event)->seq, n);
  }
}

TEST(LargePages, WhatNoPageCanHoldIsRefused) {
  class AddLarge : public AddVersion {
   public:
    Result<Decision> Decide(const RecordDocument* base, RecordDocument* next,
                            const std::string& time, const std::string& id,
                            storage::Stage& stage) override {
      auto decision = AddVersion::Decide(base, next, time, id, stage);
      next->versions.back().Edit().comment.assign(static_cast<size_t>(kLeafBytesMax), 'x');
      return decision;
    }
  } too_large;
  World world(storage::MakeMemoryStorage());
  ASSERT_TRUE(world.Add());
  EventOptions options;
  options.actor = "a.meier";
  auto refused = Commit(world.context(), "BH-7", options, too_large);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kValidation) << refused.error().message;
  EXPECT_EQ(world.Document()->last_version, 1);
}

TEST_F(PagesTest, AChangedPageIsFound) {
  const auto document = world_.Document();
  const std::string key = "records/BH-7/" + document->pages.back().name;
  auto blob = world_.storage->Get(key);
  ASSERT_TRUE(blob);
  std::string bytes = blob->bytes->ToString();
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_TRUE(world_.storage->Delete(key));
  ASSERT_TRUE(world_.storage->PutIfAbsent(key, bytes));
  PageReader fresh(world_.storage);
  auto page = fresh.Read("BH-7", document->pages.back());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::kCorruption);
}

}  // namespace
}  // namespace coreshed::commit
