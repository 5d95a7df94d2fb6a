#include "storage/memory.h"

#include <gtest/gtest.h>

#include "support/result_checks.h"

namespace coreshed::storage {
namespace {

TEST(MemoryTest, TellsTheTimeOfItsClock) {
  int64_t now = 1'000;
  const auto storage = MakeMemoryStorage([&] { return now; });
  Must(storage->PutIfAbsent("a", "1"));
  now = 2'000;
  EXPECT_EQ(Must(storage->NowMicros()), 2'000);
  EXPECT_EQ(Must(storage->Get("a")).now_us, 2'000);
  Must(storage->List("", [](const ObjectStat& object) {
    EXPECT_EQ(object.modified_us, 1'000);
    return true;
  }));
}

TEST(MemoryTest, TheStampOfARecordIsItsTag) {
  const auto storage = MakeMemoryStorage();
  EXPECT_EQ(Must(Must(storage->OpenStage("r", true))->Swap("", "meta", false)),
            SwapOutcome::kSwapped);
  Must(storage->PutIfAbsent("records/r/pages/metadata.json", "no record's metadata"));
  const auto records = Must(storage->SweepRecords());
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].segment, "r");
  EXPECT_EQ(records[0].stamp, Must(storage->Get("records/r/metadata.json")).etag);
}

TEST(MemoryTest, WhatAStagePutIsThereOnceSettledAndStays) {
  const auto storage = MakeMemoryStorage();
  {
    auto stage = Must(storage->OpenStage("r", true));
    Must(Must(stage->NewObject("versions/v1.parquet", "x"))->Finish());
    Must(stage->Settle());
    Must(storage->Get("records/r/versions/v1.parquet"));
  }
  Must(storage->Get("records/r/versions/v1.parquet"));
}

}  // namespace
}  // namespace coreshed::storage
