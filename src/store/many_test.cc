// Many records at once, on a folder and in memory.

#include <coreshed/coreshed.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "storage/local.h"
#include "storage/memory.h"
#include "store/open_on.h"
#include "support/recording_calls.h"
#include "support/result_checks.h"
#include "support/tables.h"
#include "support/temp_folder.h"

namespace coreshed {
namespace {

class ManyTest : public ::testing::TestWithParam<bool> {
 protected:
  ManyTest() {
    OpenOptions options;
    options.create = true;
    std::shared_ptr<storage::Storage> storage = storage::MakeMemoryStorage();
    if (GetParam()) {
      const std::string place = folder_.path() + "/store";
      calls_ = std::make_shared<storage::RecordingCalls>(place);
      storage = Must(storage::MakeLocal(place, std::chrono::seconds(5), calls_));
    }
    store_ = Must(store::OpenOn(storage, "the test's store", options, false));
  }

  static std::vector<RecordData> Items(int64_t count, int64_t number) {
    std::vector<RecordData> items;
    for (int64_t i = 0; i < count; ++i) {
      items.push_back({"BH-" + std::to_string(i), SoilTable(number + i),
                       By<CreateOptions>("a.meier", "in bulk")});
    }
    return items;
  }
  int64_t Mark(int64_t i) { return MarkOf(*Must(store_->ReadTable("BH-" + std::to_string(i)))); }

  TempFolder folder_{TempFolder::Where::kMemory};
  std::shared_ptr<storage::RecordingCalls> calls_;
  std::shared_ptr<Store> store_;
};

TEST_P(ManyTest, CreatesAndUpdatesAll) {
  constexpr int64_t kCount = 150;
  for (const auto& result : store_->CreateMany(Items(kCount, 1)))
    EXPECT_EQ(Must(result).version, 1);
  std::atomic<int> told = 0;
  ManyOptions options;
  options.progress = [&](const std::string&, double, const std::string&) { ++told; };
  for (const auto& result : store_->UpdateMany(Items(kCount, 1000), options))
    EXPECT_EQ(Must(result).version, 2);
  EXPECT_EQ(told, kCount);
  for (int64_t i = 0; i < kCount; ++i)
    EXPECT_EQ(Mark(i), 1000 + i);
  EXPECT_EQ(Must(store_->ListRecords()).size(), 150U);
  VerifyOptions deep;
  deep.deep = true;
  EXPECT_TRUE(Must(store_->Verify(deep)).faults.empty());
}

TEST_P(ManyTest, EachHasItsResult) {
  Must(store_->CreateRecord("BH-3", SoilTable(7), By<CreateOptions>("b.roth")));
  const auto results = store_->CreateMany(Items(6, 1));
  for (size_t i = 0; i < results.size(); ++i) {
    if (i == 3) {
      EXPECT_EQ(MustFail(results[i]).kind, ErrorKind::kAlreadyExists);
    } else {
      EXPECT_EQ(Must(results[i]).record_id, "BH-" + std::to_string(i));
    }
  }
  EXPECT_EQ(Mark(3), 7);
}

TEST_P(ManyTest, AllAreCheckedFirst) {
  auto items = Items(5, 1);
  items[1].record_id = "../x";
  items[2].record_id = "BH-0";
  items[3].data = arrow::Table::MakeEmpty(arrow::schema({})).ValueOrDie();
  const auto results = store_->CreateMany(items);
  EXPECT_EQ(MustFail(results[0]).kind, ErrorKind::kCancelled);
  EXPECT_EQ(MustFail(results[1]).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MustFail(results[2]).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MustFail(results[3]).kind, ErrorKind::kValidation);
  EXPECT_TRUE(Must(store_->ListRecords()).empty());
  EXPECT_TRUE(store_->CreateMany({}).empty());
}

TEST_P(ManyTest, MayBeStopped) {
  std::stop_source source;
  source.request_stop();
  ManyOptions options;
  options.stop = source.get_token();
  for (const auto& result : store_->CreateMany(Items(5, 1), options))
    EXPECT_EQ(MustFail(result).kind, ErrorKind::kCancelled);
}

TEST_P(ManyTest, SyncsAreShared) {
  if (calls_ == nullptr) GTEST_SKIP() << "memory has no syncs";
  calls_->Clear();
  for (const auto& result : store_->CreateMany(Items(120, 1)))
    Must(result);
  EXPECT_EQ(calls_->Lines("SyncFile").size() + calls_->Lines("SyncFolder").size(), 0U);
  const auto shared = calls_->Lines("SyncFileSystem").size();
  EXPECT_GE(shared, 2U);
  EXPECT_LE(shared, 100U);
}

TEST_P(ManyTest, AFailedSyncFailsAllThatWaitedForIt) {
  if (calls_ == nullptr) GTEST_SKIP() << "memory has no syncs";
  calls_->SetFate([](const auto& call) {
    return storage::RecordingCalls::Fate{call.name == "SyncFileSystem" ? EIO : 0};
  });
  for (const auto& result : store_->CreateMany(Items(20, 1)))
    EXPECT_EQ(MustFail(result).kind, ErrorKind::kIo);
  calls_->SetFate(nullptr);
  EXPECT_TRUE(Must(store_->ListRecords()).empty());
  for (const auto& result : store_->CreateMany(Items(20, 1)))
    Must(result);
}

/// The kernel tells of lost bytes once, to whoever syncs next.
TEST_P(ManyTest, OneFailedSyncSpoilsAllThatFollow) {
  if (calls_ == nullptr) GTEST_SKIP() << "memory has no syncs";
  std::atomic<int> syncs = 0;
  calls_->SetFate([&](const auto& call) {
    const bool fails = call.name == "SyncFileSystem" && ++syncs == 1;
    return storage::RecordingCalls::Fate{fails ? EIO : 0};
  });
  for (const auto& result : store_->CreateMany(Items(200, 1)))
    EXPECT_EQ(MustFail(result).kind, ErrorKind::kIo);
  for (const auto& result : store_->CreateMany(Items(20, 1)))  // begins anew
    Must(result);
}

INSTANTIATE_TEST_SUITE_P(Storages, ManyTest, ::testing::Bool(),
                         [](const auto& local) { return local.param ? "Local" : "Memory"; });

}  // namespace
}  // namespace coreshed
