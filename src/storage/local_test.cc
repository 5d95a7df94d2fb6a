#include "storage/local.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>

#include "storage/etag.h"
#include "support/recording_calls.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::storage {
namespace {

namespace fs = std::filesystem;
using Call = RecordingCalls::Call;
using Fate = RecordingCalls::Fate;
using Lines = std::vector<std::string>;

class LocalTest : public ::testing::Test {
 protected:
  LocalTest()
      : folder_(TempFolder::Where::kMemory),
        calls_(std::make_shared<RecordingCalls>(folder_.path())) {}

  std::shared_ptr<Storage> Open() { return Must(OpenLocal(folder_.path(), kLockTimeout, calls_)); }
  Lines Syncs() {
    Lines lines = calls_->Lines("SyncFile");
    for (auto& line : calls_->Lines("SyncFolder"))
      lines.push_back(line);
    for (auto& line : lines) {
      if (const size_t dot = line.find(".m-"); dot != line.npos) line.erase(dot + 3);
    }
    return lines;
  }
  Lines Names() {
    Lines names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      names.push_back(fs::relative(entry.path(), folder_.path()).string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  TempFolder folder_;
  std::shared_ptr<RecordingCalls> calls_;
};

TEST_F(LocalTest, AMissingFolderIsNotFound) {
  EXPECT_EQ(MustFail(OpenLocal(folder_.path() + "/none")).kind, ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(OpenLocal("")).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MustFail(MakeLocal("")).kind, ErrorKind::kInvalidArgument);
  std::ofstream(folder_.path() + "/file") << "x";
  EXPECT_EQ(MustFail(OpenLocal(folder_.path() + "/file")).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MustFail(MakeLocal(folder_.path() + "/file/store")).kind, ErrorKind::kInvalidArgument);
}

TEST_F(LocalTest, MakesTheFoldersAboveDurably) {
  const auto storage = Must(MakeLocal(folder_.path() + "/a/b/c/", kLockTimeout, calls_));
  EXPECT_EQ(Syncs(), (Lines{"SyncFolder ", "SyncFolder a", "SyncFolder a/b"}));
  EXPECT_EQ(storage->Describe(), folder_.path() + "/a/b/c");
  Must(MakeLocal(folder_.path() + "/a/b/c"));
}

TEST_F(LocalTest, AFolderThatCanNotBeMadeDurableIsAnError) {
  for (const std::string name : {"MakeFolder", "SyncFolder"}) {
    calls_->SetFate([&](const Call& call) { return Fate{call.name == name ? EROFS : 0}; });
    const Error error =
        MustFail(MakeLocal(folder_.path() + "/" + name + "/b", kLockTimeout, calls_));
    EXPECT_EQ(error.kind, ErrorKind::kIo);
    EXPECT_NE(error.message.find("read-only"), std::string::npos) << error.message;
  }
}

TEST_F(LocalTest, RefusesNetworkFileSystems) {
  const long nfs = 0x6969;
  const long smb = static_cast<int>(0xFE534D42);  // as a 32-bit kernel says it
  for (const long magic : {nfs, 0xFF534D42L, smb, 0x65735546L, 0x00C36400L}) {
    calls_->magic = magic;
    for (const auto& result : {OpenLocal(folder_.path(), kLockTimeout, calls_),
                               MakeLocal(folder_.path() + "/new", kLockTimeout, calls_)}) {
      const Error error = MustFail(result);
      EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
      EXPECT_NE(error.message.find("network file system"), std::string::npos) << error.message;
    }
  }
  EXPECT_EQ(Names(), Lines{});
  calls_->magic = 0xEF53;  // ext4
  Open();
}

class OldKernelCalls final : public SystemCalls {
 public:
  OldKernelCalls() { has_openat2_ = false; }
};

class LinkTest : public LocalTest, public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(Openat2, LinkTest, ::testing::Bool());

TEST_P(LinkTest, TheStoreItselfMayBeALinkButNothingInIt) {
  const auto calls = GetParam() ? std::make_shared<SystemCalls>()
                                : std::shared_ptr<SystemCalls>(std::make_shared<OldKernelCalls>());
  fs::create_directories(folder_.path() + "/elsewhere");
  fs::create_directories(folder_.path() + "/store");
  std::ofstream(folder_.path() + "/elsewhere/metadata.json") << "secret";
  fs::create_symlink("store", folder_.path() + "/link");
  const auto storage = Must(OpenLocal(folder_.path() + "/link", kLockTimeout, calls));
  Must(storage->PrepareNew({"records"}));
  fs::create_symlink("../../elsewhere", folder_.path() + "/store/records/r");
  fs::create_symlink("../elsewhere", folder_.path() + "/store/content");
  fs::create_directories(folder_.path() + "/store/records/s");
  fs::create_symlink("../../../elsewhere/metadata.json",
                     folder_.path() + "/store/records/s/metadata.json");

  for (const std::string key :
       {"records/r/metadata.json", "records/s/metadata.json", "content/metadata.json"}) {
    for (const Error& error : {MustFail(storage->Get(key)), MustFail(storage->Open(key, 6))}) {
      EXPECT_EQ(error.kind, ErrorKind::kIo);
      EXPECT_NE(error.message.find("symbolic link"), std::string::npos) << error.message;
      EXPECT_NE(error.message.find(key), std::string::npos) << error.message;
    }
  }
  EXPECT_EQ(MustFail(storage->OpenStage("r", false)).kind, ErrorKind::kIo);
  EXPECT_EQ(MustFail(storage->OpenStage("r", true)).kind, ErrorKind::kIo);
  auto stage = Must(storage->OpenStage("s", false));
  EXPECT_EQ(MustFail(stage->Swap(EtagOf("secret"), "mine", false)).kind, ErrorKind::kIo);
  EXPECT_EQ(MustFail(stage->PutMarker("content/ab/h.s.1")).kind, ErrorKind::kIo);
  EXPECT_EQ(MustFail(storage->Delete("content/metadata.json")).kind, ErrorKind::kIo);
  Must(storage->List("", [](const ObjectStat& object) {
    ADD_FAILURE() << object.key;
    return true;
  }));
  EXPECT_TRUE(fs::exists(folder_.path() + "/elsewhere/metadata.json"));
  EXPECT_TRUE(Must(storage->PutIfAbsent("a/b/c", "x")));
  EXPECT_EQ(std::string_view(*Must(storage->Get("a/b/c")).bytes), "x");
  EXPECT_EQ(MustFail(storage->Get("a/b/d")).kind, ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(storage->Get("a/d/c")).kind, ErrorKind::kNotFound);
}

TEST_F(LocalTest, APipeInAnObjectsPlaceHangsNobody) {
  ASSERT_EQ(::mkfifo((folder_.path() + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(MustFail(Open()->Get("pipe")).kind, ErrorKind::kIo);
}

TEST_F(LocalTest, ReadErrorsSayWhy) {
  const auto storage = Open();
  Must(storage->PutIfAbsent("x", "1"));
  calls_->SetFate([](const Call& call) { return Fate{call.name == "Open" ? EACCES : 0}; });
  const Error error = MustFail(storage->Get("x"));
  EXPECT_EQ(error.kind, ErrorKind::kIo);
  EXPECT_EQ(error.message, "Reading " + folder_.path() +
                               "/x failed: no permission (Permission denied). Check the owner and "
                               "the permissions of this path.");
}

TEST_F(LocalTest, PutIfAbsentIsDurableAndWhole) {
  const auto storage = Open();
  EXPECT_TRUE(Must(storage->PutIfAbsent("coreshed.json", "{}")));
  EXPECT_EQ(Syncs(), (Lines{"SyncFile .m-", "SyncFolder "}));
  calls_->Clear();
  EXPECT_TRUE(Must(storage->PutIfAbsent("a/b", "{}")));
  EXPECT_EQ(Syncs(), (Lines{"SyncFile .m-", "SyncFolder ", "SyncFolder a"}));
  calls_->Clear();
  EXPECT_TRUE(Must(storage->PutIfAbsent("a/c", "{}")));
  EXPECT_EQ(Syncs(), (Lines{"SyncFile .m-", "SyncFolder a"}));
  calls_->Clear();
  // One that is there may be of somebody who was killed before the last sync.
  EXPECT_FALSE(Must(storage->PutIfAbsent("a/c", "{}")));
  EXPECT_EQ(Syncs(), (Lines{"SyncFile .m-", "SyncFolder a"}));
  EXPECT_EQ(Names(), (Lines{"a", "a/b", "a/c", "coreshed.json"}));
  // Whatever fails, there is the whole object or none, and nothing else.
  for (int n = 0; n < 8; ++n) {
    int count = 0;
    calls_->SetFate([&](const Call&) { return Fate{count++ == n ? ENOSPC : 0}; });
    const auto result = storage->PutIfAbsent("d", "whole");
    calls_->SetFate(nullptr);
    if (auto blob = storage->Get("d")) {
      EXPECT_EQ(std::string_view(*blob->bytes), "whole");
    } else {
      EXPECT_FALSE(result.has_value());
    }
    Must(storage->Delete("d"));
    Must(storage->SweepTemporary(INT64_MAX, false, [](const ObjectStat&) {}));
    EXPECT_EQ(Names(), (Lines{"a", "a/b", "a/c", "coreshed.json"}));
  }
}

/// A copy comes whole, under the lock, and only while the metadata say that it is to come.
TEST_F(LocalTest, ACopyReplacesWhatLiesThereWhileItIsAskedFor) {
  const auto storage = Open();
  Must(storage->PutIfAbsent("records/r/metadata.json", "{}"));
  Must(storage->PutIfAbsent("records/r/versions/v2.parquet", "of a write that was killed"));
  Must(storage->PutIfAbsent("from", "whole"));
  const auto from = Must(storage->Open("from", -1));
  CopyPlace place{"r", "versions/v2.parquet", EtagOf("{}")};
  EXPECT_FALSE(Must(storage->HoldsCopy(place, 5)));
  calls_->Clear();
  EXPECT_EQ(Must(storage->CopyIn(place, *from, 5)), CopyOutcome::kPut);
  EXPECT_EQ(Syncs(), (Lines{"SyncFile records/r/.m-"}));  // its folder: Include
  EXPECT_EQ(std::string_view(*Must(storage->Get("records/r/versions/v2.parquet")).bytes), "whole");
  EXPECT_TRUE(Must(storage->HoldsCopy(place, 5)));
  EXPECT_FALSE(Must(storage->HoldsCopy(place, 6)));
  place.etag = EtagOf("of a state before");
  place.name = "pages/1.json";
  EXPECT_EQ(Must(storage->CopyIn(place, *from, 5)), CopyOutcome::kMoved);
  EXPECT_FALSE(Must(storage->HoldsCopy(place, 5)));
  EXPECT_EQ(MustFail(storage->CopyIn(place, *from, 6)).kind, ErrorKind::kCorruption);  // too short
  const Lines names = {"from", "records/r/metadata.json", "records/r/versions/v2.parquet"};
  const auto files = [&] {
    Lines found;
    Must(storage->List("", [&](const ObjectStat& object) {
      found.push_back(object.key);
      return true;
    }));
    std::sort(found.begin(), found.end());
    return found;
  };
  EXPECT_EQ(files(), names);
  // What a killed one leaves lies with the record.
  place.etag = EtagOf("{}");
  calls_->SetFate([](const Call& call) {
    return Fate{call.name == "Rename" || call.name == "Unlink" ? EIO : 0};
  });
  EXPECT_EQ(MustFail(storage->CopyIn(place, *from, 5)).kind, ErrorKind::kIo);
  calls_->SetFate(nullptr);
  Lines left;
  Must(storage->SweepTemporary(INT64_MAX, false,
                               [&](const ObjectStat& object) { left.push_back(object.key); }));
  ASSERT_EQ(left.size(), 1U);
  EXPECT_TRUE(left[0].starts_with("records/r/.m-")) << left[0];
}

TEST_F(LocalTest, PreparingSyncsEachParentOnce) {
  const auto storage = Open();
  Must(storage->PrepareNew({"records/", "content/aa", "content/ab", "content/ac"}));
  const auto syncs = Syncs();
  EXPECT_EQ(std::set<std::string>(syncs.begin(), syncs.end()),
            (std::set<std::string>{"SyncFolder ", "SyncFolder content"}));
  EXPECT_EQ(syncs.size(), 2U);
  calls_->Clear();
  Must(storage->PrepareNew({"records/", "content/aa"}));
  EXPECT_EQ(Syncs(), Lines{});
  for (const std::string name : {"records", "content", "content/ab"}) {
    struct stat info = {};
    ASSERT_EQ(::stat((folder_.path() + "/" + name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & S_ISVTX, 0U) << name;
  }
}

TEST_F(LocalTest, AFolderWhoseSyncFailedIsSyncedByTheNext) {
  const auto storage = Open();
  calls_->SetFate([](const Call& call) { return Fate{call.name == "SyncFolder" ? EIO : 0}; });
  EXPECT_EQ(MustFail(storage->PrepareNew({"records"})).kind, ErrorKind::kIo);
  calls_->SetFate(nullptr);
  calls_->Clear();
  Must(storage->PrepareNew({"records"}));
  EXPECT_EQ(Syncs(), Lines{"SyncFolder "});
}

TEST_F(LocalTest, WhatIsDeletedStaysDeleted) {
  const auto storage = Open();
  Must(storage->PutIfAbsent("a/b", "1"));
  calls_->Clear();
  Must(storage->Delete("a/b"));
  EXPECT_EQ(calls_->Lines("SyncFolder"), Lines{"SyncFolder a"});
  calls_->SetFate([](const Call& call) { return Fate{call.name == "SyncFolder" ? EIO : 0}; });
  EXPECT_EQ(MustFail(storage->Delete("a/b")).kind, ErrorKind::kIo);
}

TEST_F(LocalTest, ACopyThatLostItsEmptyFoldersStillTakesRecords) {
  const auto storage = Open();
  EXPECT_TRUE(Must(storage->SweepRecords()).empty());
  auto stage = Must(storage->OpenStage("r", true));
  Must(stage->PutMarker("content/ab/h.r.1"));
  EXPECT_EQ(Must(stage->Swap("", "meta", false)), SwapOutcome::kSwapped);
  const auto syncs = Syncs();
  EXPECT_EQ(std::count(syncs.begin(), syncs.end(), "SyncFolder "), 2);  // for records/, content/
  EXPECT_EQ(std::count(syncs.begin(), syncs.end(), "SyncFolder content"), 1);
  EXPECT_EQ(Names(), (Lines{"content", "content/ab", "content/ab/h.r.1", "records", "records/r",
                            "records/r/metadata.json"}));
}

TEST_F(LocalTest, TagsAreXxh3) {
  EXPECT_EQ(EtagOf(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(EtagOf("a").size(), 32U);
  EXPECT_NE(EtagOf("a"), EtagOf("b"));
}

}  // namespace
}  // namespace coreshed::storage
