// The storage that fails on command, which tests of the commit are built on.
#include "support/failing_storage.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/random.h"
#include "storage/local.h"
#include "storage/memory.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::storage {
namespace {

class FailingStorageTest : public ::testing::Test {
 protected:
  FailingStorageTest() : storage_(MakeMemoryStorage()) {}

  static Result<SwapOutcome> Commit(Storage& storage, const std::string& expected,
                                    const std::string& metadata) {
    auto stage = storage.OpenStage("r", expected.empty());
    if (!stage) return std::move(stage).error();
    auto upload = (*stage)->NewObject("versions/" + metadata, "versions/" + RandomHex32());
    if (!upload) return std::move(upload).error();
    if (auto done = (*upload)->Write("part", 4); !done) return std::move(done).error();
    if (auto done = (*upload)->Finish(); !done) return std::move(done).error();
    if (auto done = (*stage)->PutMarker("content/ab/" + metadata); !done) {
      return std::move(done).error();
    }
    if (auto done = (*stage)->Settle(); !done) return std::move(done).error();
    return (*stage)->Swap(expected, metadata, false);
  }
  std::string Read() {
    auto blob = storage_.inner()->Get("records/r/metadata.json");
    return blob ? std::string(std::string_view(*blob->bytes)) : "";
  }
  std::string Etag() {
    auto blob = storage_.inner()->Get("records/r/metadata.json");
    return blob ? blob->etag : "";
  }

  FailingStorage storage_;
};

TEST_F(FailingStorageTest, CountsAndLogsEveryCall) {
  Must(Commit(storage_, "", "1"));
  Must(storage_.Get("records/r/metadata.json"));
  Must(storage_.Delete("x"));
  std::string names;
  for (const auto& call : storage_.log())
    names += call.name + ":" + call.key + " ";
  EXPECT_EQ(names,
            "OpenStage:r NewObject:records/r/versions/1 Write:records/r/versions/1 "
            "Finish:records/r/versions/1 PutMarker:content/ab/1 Settle:records/r/ "
            "Swap:records/r/metadata.json "
            "Get:records/r/metadata.json Delete:x ");
  EXPECT_EQ(storage_.calls(), 9);
  EXPECT_EQ(storage_.CountOf("Swap"), 1);
}

TEST_F(FailingStorageTest, FailsOneCallWithoutEffect) {
  for (int64_t n = 1; n <= 7; ++n) {
    storage_.Restart();
    storage_.SetFault(n, Fault::kFail);
    EXPECT_EQ(MustFail(Commit(storage_, "", "1")).kind, ErrorKind::kIo) << n;
    EXPECT_EQ(Read(), "");
  }
  Must(Commit(storage_, "", "1"));
}

TEST_F(FailingStorageTest, LosesOneAnswer) {
  storage_.SetFault(7, Fault::kLoseAnswer);
  EXPECT_EQ(Must(Commit(storage_, "", "1")), SwapOutcome::kUnclear);
  EXPECT_EQ(Read(), "1");
  storage_.SetFaultAtNext("PutIfAbsent", Fault::kLoseAnswer);
  EXPECT_EQ(MustFail(storage_.PutIfAbsent("a", "1")).kind, ErrorKind::kIo);
  EXPECT_FALSE(Must(storage_.PutIfAbsent("a", "1")));
  storage_.SetFaultAtNext("Finish", Fault::kLoseAnswer);
  EXPECT_EQ(MustFail(Commit(storage_, Etag(), "2")).kind, ErrorKind::kIo);
  Must(storage_.Get("records/r/versions/2"));
}

TEST_F(FailingStorageTest, DeliversLateAndTwice) {
  storage_.SetFaultAtNext("Swap", Fault::kDelay);
  EXPECT_EQ(Must(Commit(storage_, "", "1")), SwapOutcome::kUnclear);
  EXPECT_EQ(Read(), "");
  storage_.DeliverLate();
  EXPECT_EQ(Read(), "1");

  storage_.SetFaultAtNext("Finish", Fault::kDelay);
  EXPECT_EQ(MustFail(Commit(storage_, Etag(), "2")).kind, ErrorKind::kIo);
  EXPECT_FALSE(storage_.Get("records/r/versions/2").has_value());
  storage_.DeliverLate();
  Must(storage_.Get("records/r/versions/2"));

  storage_.SetFaultAtNext("Delete", Fault::kRepeat);
  Must(storage_.Delete("records/r/versions/2"));
  Must(storage_.PutIfAbsent("records/r/versions/2", "another"));
  storage_.DeliverLate();
  EXPECT_FALSE(storage_.Get("records/r/versions/2").has_value());
}

TEST_F(FailingStorageTest, FailsForGoodUntilRestarted) {
  storage_.SetFault(4, Fault::kFailForGood);
  EXPECT_EQ(MustFail(Commit(storage_, "", "1")).kind, ErrorKind::kIo);
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(storage_.NowMicros().has_value());
  EXPECT_FALSE(storage_.SweepRecords().has_value());
  storage_.Restart();
  Must(Commit(storage_, "", "1"));
}

TEST_F(FailingStorageTest, OthersStepInBeforeAnyCall) {
  Must(Commit(storage_, "", "1"));
  const std::string base = Etag();
  storage_.SetBefore([&](const FailingStorage::Call& call) {
    if (call.name == "Swap") {
      EXPECT_EQ(Must(Commit(*storage_.inner(), base, "other")), SwapOutcome::kSwapped);
    }
  });
  EXPECT_EQ(Must(Commit(storage_, base, "2")), SwapOutcome::kMoved);
  EXPECT_EQ(Read(), "other");
}

TEST(FailingLocalStorageTest, AStoppedProcessCleansNothingUp) {
  for (int64_t n = 1; n <= 4; ++n) {
    const TempFolder folder(TempFolder::Where::kMemory);
    FailingStorage storage(Must(MakeLocal(folder.path())));
    storage.SetFault(n, Fault::kStop);
    {
      auto stage = storage.OpenStage("r", true);
      if (stage) {
        auto upload = (*stage)->NewObject("versions/v1.parquet", "x");
        if (upload) (void)(*upload)->Finish();
        EXPECT_FALSE((*stage)->Swap("", "meta", false).has_value());
      }
    }
    EXPECT_FALSE(storage.SweepRecords().has_value());
    size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
      files += entry.is_regular_file() ? 1 : 0;
    }
    EXPECT_EQ(files, n >= 3 ? 1U : 0U) << n;
    storage.Restart();
    size_t remains = 0;
    Must(storage.SweepTemporary(INT64_MAX, false, [&](const ObjectStat&) { ++remains; }));
    EXPECT_EQ(remains, n >= 2 ? 1U : 0U) << n;
  }
}

}  // namespace
}  // namespace coreshed::storage
