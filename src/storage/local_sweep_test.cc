#include "storage/local_sweep.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/random.h"
#include "storage/local.h"
#include "storage/local_stage.h"
#include "support/recording_calls.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::storage {
namespace {

namespace fs = std::filesystem;
constexpr int64_t kSecond = 1'000'000;

class LocalSweepTest : public ::testing::Test {
 protected:
  LocalSweepTest() : folder_(TempFolder::Where::kMemory) {
    calls_ = std::make_shared<RecordingCalls>(folder_.path());
    storage_ = Must(OpenLocal(folder_.path(), kLockTimeout, calls_));
    Must(storage_->PrepareNew({"records"}));
  }

  void Swap(const std::string& segment, const std::string& metadata) {
    auto stage = Must(storage_->OpenStage(segment, false));
    auto blob = storage_->Get("records/" + segment + "/metadata.json");
    ASSERT_EQ(Must(stage->Swap(blob ? blob->etag : "", metadata, false)), SwapOutcome::kSwapped);
  }
  /// As if last changed so long ago.
  void Age(const std::string& key, int64_t micros) {
    const int64_t at = Must(storage_->NowMicros()) - micros;
    const timespec time = {at / kSecond, at % kSecond * 1000};
    const timespec times[2] = {time, time};
    ASSERT_EQ(::utimensat(AT_FDCWD, (folder_.path() + "/" + key).c_str(), times, 0), 0);
  }
  void AgeTree(const std::string& key, int64_t micros) {
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path() + "/" + key)) {
      Age(fs::relative(entry.path(), folder_.path()).string(), micros);
    }
    Age(key, micros);
  }
  std::map<std::string, std::string> Stamps() {
    std::map<std::string, std::string> stamps;
    for (auto& record : Must(storage_->SweepRecords()))
      stamps[record.segment] = record.stamp;
    return stamps;
  }
  /// What SweepTemporary visits, names without their random digits.
  std::map<std::string, int64_t> Temporary(int64_t older_than, bool dry_run) {
    std::map<std::string, int64_t> visited;
    Must(storage_->SweepTemporary(
        Must(storage_->NowMicros()) - older_than, dry_run, [&](const ObjectStat& object) {
          visited[object.key.substr(0, object.key.rfind('-') + 1)] = object.size_bytes;
        }));
    return visited;
  }
  std::string Abandoned(const std::string& segment, bool with_file) {
    auto stage = Must(storage_->OpenStage(segment, true));
    if (with_file) {
      auto upload = Must(stage->NewObject("versions/v1.parquet", "x"));
      Must(upload->Write("0123456789", 10));
      Must(upload->Finish());
    }
    dynamic_cast<LocalStage&>(*stage).Abandon();
    for (const auto& entry : fs::directory_iterator(folder_.path() + "/records")) {
      if (entry.path().filename().string().starts_with(".new-")) {
        return "records/" + entry.path().filename().string();
      }
    }
    return "";
  }

  TempFolder folder_;
  std::shared_ptr<RecordingCalls> calls_;
  std::shared_ptr<Storage> storage_;
};

TEST_F(LocalSweepTest, YoungStampsAreUnknownOldOnesStay) {
  Swap("r", "1");
  EXPECT_EQ(Stamps()["r"], "");
  Age("records/r", 10 * kSecond);
  const std::string old = Stamps()["r"];
  EXPECT_EQ(old.size(), 32U);
  EXPECT_EQ(Stamps()["r"], old);
  Swap("r", "2");
  EXPECT_EQ(Stamps()["r"], "");
  Age("records/r", 5 * kSecond);
  EXPECT_NE(Stamps()["r"], "");
  EXPECT_NE(Stamps()["r"], old);
  Age("records/r", kSecond);
  EXPECT_EQ(Stamps()["r"], "");
  Age("records/r", -3600 * kSecond);  // a clock that was set back
  EXPECT_EQ(Stamps()["r"], "");
}

TEST_F(LocalSweepTest, AnotherFolderOfTheSameTimeHasAnotherStamp) {
  Swap("a", "1");
  Swap("b", "1");
  const timespec times[2] = {{1'000'000, 5}, {1'000'000, 5}};
  for (const std::string name : {"a", "b"}) {
    ::utimensat(AT_FDCWD, (folder_.path() + "/records/" + name).c_str(), times, 0);
  }
  EXPECT_NE(Stamps()["a"], Stamps()["b"]);
}

TEST_F(LocalSweepTest, ManyRecordsEachOnce) {
  std::set<std::string> segments;
  for (int i = 0; i < 20'000; ++i) {
    segments.insert("r" + std::to_string(i));
    fs::create_directory(folder_.path() + "/records/r" + std::to_string(i));
  }
  const auto records = Must(storage_->SweepRecords());
  std::set<std::string> swept;
  for (const auto& record : records)
    swept.insert(record.segment);
  EXPECT_EQ(records.size(), segments.size());
  EXPECT_EQ(swept, segments);
}

TEST_F(LocalSweepTest, LinksAreUnknownFilesAndTemporaryAreNoRecords) {
  fs::create_directory(folder_.path() + "/elsewhere");
  fs::create_symlink("../elsewhere", folder_.path() + "/records/link");
  std::ofstream(folder_.path() + "/records/file") << "x";
  fs::create_directory(folder_.path() + "/records/.new-0");
  fs::create_directory(folder_.path() + "/records/.hidden");
  EXPECT_EQ(Stamps(), (std::map<std::string, std::string>{{"link", ""}}));
}

TEST_F(LocalSweepTest, ListPassesOverTemporaryNames) {
  Swap("r", "1");
  Abandoned("s", true);
  std::ofstream(folder_.path() + "/records/r/.m-0") << "x";
  std::ofstream(folder_.path() + "/.m-0") << "x";
  std::vector<std::string> keys;
  Must(storage_->List("", [&](const ObjectStat& object) {
    keys.push_back(object.key);
    return true;
  }));
  EXPECT_EQ(keys, std::vector<std::string>{"records/r/metadata.json"});
}

TEST_F(LocalSweepTest, TemporaryThingsGoWhenOldEnough) {
  Swap("r", "1");
  const std::string aside = Abandoned("s", true);
  std::ofstream(folder_.path() + "/records/r/.m-0") << "abc";
  std::ofstream(folder_.path() + "/.m-0") << "ab";
  fs::create_directories(folder_.path() + "/records/.gone-0/versions");
  std::ofstream(folder_.path() + "/records/.mine") << "somebody's own";
  const std::map<std::string, int64_t> all = {
      {"records/.new-s-", 10}, {"records/.gone-", 0}, {"records/r/.m-", 3}, {".m-", 2}};
  EXPECT_TRUE(Temporary(60 * kSecond, false).empty());
  AgeTree(aside, 100 * kSecond);
  EXPECT_EQ(Temporary(60 * kSecond, true),
            (std::map<std::string, int64_t>{{"records/.new-s-", 10}}));
  Age(aside + "/versions/v1.parquet", 1 * kSecond);  // it is being written
  EXPECT_TRUE(Temporary(60 * kSecond, true).empty());
  for (const std::string key :
       {"records/r/.m-0", ".m-0", "records/.gone-0/versions", "records/.gone-0"}) {
    Age(key, 100 * kSecond);
  }
  AgeTree(aside, 100 * kSecond);
  EXPECT_EQ(Temporary(60 * kSecond, true), all);
  EXPECT_EQ(Temporary(60 * kSecond, false), all);
  EXPECT_TRUE(Temporary(-60 * kSecond, false).empty());
  std::set<std::string> left;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    left.insert(fs::relative(entry.path(), folder_.path()).string());
  }
  EXPECT_EQ(left, (std::set<std::string>{"records", "records/.mine", "records/r",
                                         "records/r/metadata.json"}));
}

TEST_F(LocalSweepTest, AMakerThatWasQuickerKeepsItsRecord) {
  auto stage = Must(storage_->OpenStage("s", true));
  bool is_swapped = false;
  calls_->SetFate([&](const RecordingCalls::Call& call) {
    if (call.name == "Rename" && call.to.starts_with("records/.gone-")) {
      calls_->SetFate(nullptr);
      is_swapped = Must(stage->Swap("", "meta", false)) == SwapOutcome::kSwapped;
    }
    return RecordingCalls::Fate{};
  });
  EXPECT_TRUE(Temporary(-60 * kSecond, false).empty());
  EXPECT_TRUE(is_swapped);
  EXPECT_EQ(std::string_view(*Must(storage_->Get("records/s/metadata.json")).bytes), "meta");
}

/// What was erased does not come back after a power cut, also where an earlier sweep got no
/// further.
TEST_F(LocalSweepTest, WhatIsSweptOfOneRecordStaysAway) {
  Swap("s", "1");
  Abandoned("s", true);
  std::ofstream(folder_.path() + "/records/s/.m-0") << "abc";
  for (const size_t removed : {2U, 0U}) {
    calls_->Clear();
    size_t visited = 0;
    Must(storage_->SweepTemporaryOf("s", [&](const ObjectStat&) { ++visited; }));
    EXPECT_EQ(visited, removed);
    const auto log = calls_->log();
    for (const std::string folder : {"records", "records/s"}) {
      const auto last_of = [&](const std::string& name) {
        return std::find_if(log.rbegin(), log.rend(), [&](const auto& call) {
          return call.name == name && (name == "SyncFolder" ? call.path == folder
                                                            : call.path.starts_with(folder + "/."));
        });
      };
      EXPECT_NE(last_of("SyncFolder"), log.rend()) << folder;
      EXPECT_LT(last_of("SyncFolder"), last_of("Unlink")) << folder;  // from behind: it came later
    }
  }
}

/// Whoever has it open may still put files in.
TEST_F(LocalSweepTest, AFolderThatIsFilledWhileItIsEmptied) {
  const std::string aside = Abandoned("s", true);
  int filled = 0;
  calls_->SetFate([&](const RecordingCalls::Call& call) {
    const bool is_last = call.name == "Unlink" && call.path.starts_with("records/.gone-") &&
                         call.path.find('/', sizeof("records/")) == std::string::npos;
    if (is_last && filled < 3) {
      std::ofstream(folder_.path() + "/" + call.path + "/more-" + std::to_string(filled++)) << "x";
    }
    return RecordingCalls::Fate{};
  });
  EXPECT_EQ(Temporary(-60 * kSecond, false).size(), 1U);
  EXPECT_EQ(filled, 3);
  EXPECT_TRUE(fs::is_empty(folder_.path() + "/records"));
}

TEST_F(LocalSweepTest, ALinkInATemporaryFolderIsRemovedNotFollowed) {
  fs::create_directory(folder_.path() + "/elsewhere");
  std::ofstream(folder_.path() + "/elsewhere/keep") << "x";
  fs::create_directory(folder_.path() + "/records/.new-0");
  fs::create_symlink("../../elsewhere", folder_.path() + "/records/.new-0/link");
  fs::create_symlink("../elsewhere", folder_.path() + "/records/.new-1");
  EXPECT_EQ(Temporary(-60 * kSecond, false).size(), 1U);
  EXPECT_TRUE(fs::exists(folder_.path() + "/elsewhere/keep"));
  EXPECT_FALSE(fs::exists(folder_.path() + "/records/.new-0"));
}

}  // namespace
}  // namespace coreshed::storage
