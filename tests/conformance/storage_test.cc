// What storage.h promises, tried on every kind of storage.
#include "storage/storage.h"

#include <arrow/io/interfaces.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/environment.h"
#include "base/random.h"
#include "base/result.h"
#include "storage/local.h"
#include "storage/memory.h"
#include "storage/s3/s3.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::storage {
namespace {

/// The local storage without waiting for the disk: what syncs are for is tried in
/// src/storage/local_stage_test.cc.
class QuickCalls final : public SystemCalls {
 public:
  int SyncFile(int) override { return 0; }
  int SyncFolder(int) override { return 0; }
};

struct Kind {
  std::string name;
  bool has_folders = false;
  std::string endpoint = "";  ///< of a server of S3's kind
};

/// A place of its own in the bucket that tests/s3 made.
std::shared_ptr<Storage> OpenOnServer(const std::string& endpoint) {
  s3::Address address;
  address.endpoint = endpoint;
  address.region = "us-east-1";
  address.bucket = "coreshed-tests";
  address.prefix = RandomHex32() + "/";
  return s3::MakeStorage(
      Must(s3::Client::Make(address, s3::FixedCredentials({"tester", "tester-secret", ""}))));
}

/// The servers that are running, as tests/s3/servers.py names them:
/// "versitygw=http://127.0.0.1:7070 …".
std::vector<Kind> Kinds() {
  std::vector<Kind> kinds = {{"Local", true}, {"Memory"}};
  std::istringstream servers(EnvironmentVariable("CORESHED_TEST_S3"));
  for (std::string server; servers >> server;) {
    const auto equals = server.find('=');
    kinds.push_back({server.substr(0, equals), false, server.substr(equals + 1)});
  }
  return kinds;
}

class StorageTest : public ::testing::TestWithParam<Kind> {
 protected:
  StorageTest() {
    if (GetParam().has_folders) {
      storage_ = Must(
          MakeLocal(folder_.path() + "/a/store", kLockTimeout, std::make_shared<QuickCalls>()));
    } else if (!GetParam().endpoint.empty()) {
      storage_ = OpenOnServer(GetParam().endpoint);
    } else {
      storage_ = MakeMemoryStorage();
    }
    Must(storage_->PrepareNew({"records/", "content/ab", "content/cd/"}));
  }

  /// Servers take their time, and other clients are what they are made for.
  static int Rounds(int rounds) { return GetParam().endpoint.empty() ? rounds : rounds / 10; }

  std::string Read(const std::string& key) {
    return std::string(std::string_view(*Must(storage_->Get(key)).bytes));
  }
  std::string EtagOfRecord(const std::string& segment) {
    return Must(storage_->Get("records/" + segment + "/metadata.json")).etag;
  }
  std::string Put(Stage& stage, const std::string& wanted, const std::string& bytes) {
    return Must(TryPut(stage, wanted, "versions/own-" + RandomHex32(), bytes));
  }
  /// The name that the object has in the end.
  static Result<std::string> TryPut(Stage& stage, const std::string& wanted,
                                    const std::string& fallback, const std::string& bytes) {
    CORESHED_ASSIGN(auto upload, stage.NewObject(wanted, fallback));
    CORESHED_TRY(upload->Write(bytes.data(), static_cast<int64_t>(bytes.size())));
    CORESHED_ASSIGN(const std::string name, upload->Finish());
    CORESHED_ASSIGN(const auto renamed, stage.Settle());
    const auto found = renamed.find(name);
    return found == renamed.end() ? name : found->second;
  }
  void Create(const std::string& segment, const std::string& metadata) {
    auto stage = Must(storage_->OpenStage(segment, true));
    Put(*stage, "versions/v1.parquet", "part 1 of " + segment);
    ASSERT_EQ(Must(stage->Swap("", metadata, false)), SwapOutcome::kSwapped);
  }
  std::vector<std::string> Keys(const std::string& prefix) {
    std::vector<std::string> keys;
    Must(storage_->List(prefix, [&](const ObjectStat& object) {
      keys.push_back(object.key);
      return true;
    }));
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  std::map<std::string, std::string> Stamps() {
    std::map<std::string, std::string> stamps;
    for (auto& record : Must(storage_->SweepRecords())) {
      EXPECT_TRUE(stamps.emplace(record.segment, record.stamp).second) << record.segment;
    }
    return stamps;
  }

  TempFolder folder_;
  std::shared_ptr<Storage> storage_;
};

using Strings = std::vector<std::string>;

void InThreads(int count, const std::function<void(int)>& run) {
  std::vector<std::jthread> threads;
  threads.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i)
    threads.emplace_back(run, i);
}

TEST_P(StorageTest, GetsWhatWasPut) {
  for (const std::string& bytes :
       {std::string(), std::string("a\0b\xFF", 4), std::string(5 << 20, 'x')}) {
    const std::string key = "k" + RandomHex32();
    const int64_t before = Must(storage_->NowMicros());
    EXPECT_TRUE(Must(storage_->PutIfAbsent(key, bytes)));
    const Blob blob = Must(storage_->Get(key));
    EXPECT_EQ(std::string_view(*blob.bytes), bytes);
    EXPECT_FALSE(blob.etag.empty());
    EXPECT_EQ(blob.etag, Must(storage_->Get(key)).etag);
    EXPECT_GE(blob.now_us, before);
    EXPECT_LE(blob.now_us, Must(storage_->NowMicros()));
  }
}

TEST_P(StorageTest, SaysWhereItIs) {
  EXPECT_FALSE(storage_->Describe().empty());
}

TEST_P(StorageTest, GetOfNothingIsNotFound) {
  for (const std::string key : {"x", "records/none/metadata.json", "content/ab", "records"}) {
    EXPECT_EQ(MustFail(storage_->Get(key)).kind, ErrorKind::kNotFound) << key;
    EXPECT_EQ(MustFail(storage_->Open(key, -1)).kind, ErrorKind::kNotFound) << key;
  }
}

TEST_P(StorageTest, RefusesWhatIsNoKey) {
  for (const std::string key : {"", "/x", "a//b", "../x", "a/../../x", "a/.", "a/"}) {
    EXPECT_EQ(MustFail(storage_->Get(key)).kind, ErrorKind::kInvalidArgument) << key;
    EXPECT_EQ(MustFail(storage_->Open(key, 1)).kind, ErrorKind::kInvalidArgument) << key;
    EXPECT_EQ(MustFail(storage_->PutIfAbsent(key, "")).kind, ErrorKind::kInvalidArgument) << key;
    EXPECT_EQ(MustFail(storage_->Delete(key)).kind, ErrorKind::kInvalidArgument) << key;
    auto stage = Must(storage_->OpenStage("r", true));
    EXPECT_EQ(MustFail(stage->PutMarker(key)).kind, ErrorKind::kInvalidArgument) << key;
    EXPECT_EQ(MustFail(stage->NewObject(key, "v")).kind, ErrorKind::kInvalidArgument) << key;
  }
  for (const std::string segment : {"", "a/b", "..", ".new-1", "."}) {
    EXPECT_EQ(MustFail(storage_->OpenStage(segment, true)).kind, ErrorKind::kInvalidArgument);
  }
}

TEST_P(StorageTest, PutIfAbsentLeavesWhatIsThere) {
  EXPECT_TRUE(Must(storage_->PutIfAbsent("a/b/c.json", "one")));
  EXPECT_FALSE(Must(storage_->PutIfAbsent("a/b/c.json", "two")));
  EXPECT_EQ(Read("a/b/c.json"), "one");
  EXPECT_EQ(Keys("a/"), Strings{"a/b/c.json"});
}

TEST_P(StorageTest, OneOfManyPutsIsFirst) {
  for (int round = 0; round < Rounds(50); ++round) {
    const std::string key = "race/" + std::to_string(round);
    std::atomic<int> winners = 0;
    InThreads(8, [&](int i) {
      const std::string bytes(10'000, static_cast<char>('a' + i));
      if (Must(storage_->PutIfAbsent(key, bytes))) ++winners;
      const std::string seen = Read(key);
      EXPECT_EQ(seen, std::string(10'000, seen.at(0)));
    });
    EXPECT_EQ(winners, 1);
  }
}

TEST_P(StorageTest, OpenReadsAnyPlaceFromManyThreads) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i)
    bytes += std::to_string(i % 977);
  Must(storage_->PutIfAbsent("big", bytes));
  for (const int64_t known : {int64_t{-1}, static_cast<int64_t>(bytes.size())}) {
    auto file = Must(storage_->Open("big", known));
    EXPECT_EQ(*file->GetSize(), static_cast<int64_t>(bytes.size()));
    InThreads(8, [&](int thread) {
      for (size_t i = 0; i < 200; ++i) {
        const size_t at = (i * 7919 + static_cast<size_t>(thread) * 104'729) % bytes.size();
        auto buffer = *file->ReadAt(static_cast<int64_t>(at), 1000);
        EXPECT_EQ(std::string_view(*buffer), std::string_view(bytes).substr(at, 1000));
      }
    });
    EXPECT_EQ((*file->ReadAt(static_cast<int64_t>(bytes.size()), 10))->size(), 0);
    EXPECT_FALSE(file->ReadAt(-1, 10).ok());
    ASSERT_TRUE(file->Seek(5).ok());
    EXPECT_EQ(std::string_view(**file->Read(4)), bytes.substr(5, 4));
    EXPECT_EQ(*file->Tell(), 9);
    ASSERT_TRUE(file->Close().ok());
    EXPECT_TRUE(file->closed());
    EXPECT_FALSE(file->ReadAt(0, 1).ok());
  }
}

TEST_P(StorageTest, OpenNoticesAnotherSize) {
  Must(storage_->PutIfAbsent("part", "12345"));
  const Error error = MustFail(storage_->Open("part", 17));
  EXPECT_EQ(error.kind, ErrorKind::kCorruption);
  EXPECT_NE(error.message.find("part has 5 bytes, but 17"), std::string::npos) << error.message;
}

TEST_P(StorageTest, FoldersAreNoObjects) {
  Must(storage_->PrepareNew({"records/", "content/ab", "deep/er/est"}));
  EXPECT_EQ(Keys(""), Strings{});
}

TEST_P(StorageTest, ListsByPrefix) {
  for (const std::string key : {"content/ab/h1.r.1", "content/ab/h1.r.2", "content/ab/h2.r.1",
                                "content/cd/h1.r.1", "contents", "coreshed.json"}) {
    Must(storage_->PutIfAbsent(key, key));
  }
  EXPECT_EQ(Keys("content/ab/h1."), (Strings{"content/ab/h1.r.1", "content/ab/h1.r.2"}));
  EXPECT_EQ(Keys("content/").size(), 4U);
  EXPECT_EQ(Keys("content").size(), 5U);
  EXPECT_EQ(Keys("").size(), 6U);
  EXPECT_EQ(Keys("content/ab/h3"), Strings{});
  EXPECT_EQ(Keys("none/at/all"), Strings{});
  const int64_t now = Must(storage_->NowMicros());
  Must(storage_->List("contents", [&](const ObjectStat& object) {
    EXPECT_EQ(object.size_bytes, 8);
    EXPECT_NEAR(static_cast<double>(object.modified_us), static_cast<double>(now), 60e6);
    return true;
  }));
}

TEST_P(StorageTest, ListEndsEarlyAndBearsDeletes) {
  for (int i = 0; i < 20; ++i)
    Must(storage_->PutIfAbsent("d/" + std::to_string(i), ""));
  int visited = 0;
  Must(storage_->List("d/", [&](const ObjectStat&) { return ++visited < 5; }));
  EXPECT_EQ(visited, 5);
  Must(storage_->List("d/", [&](const ObjectStat& object) {
    Must(storage_->Delete(object.key));
    return true;
  }));
  EXPECT_EQ(Keys("d/"), Strings{});
}

TEST_P(StorageTest, DeleteOfNothingIsSuccess) {
  Must(storage_->PutIfAbsent("d/x", "1"));
  Must(storage_->Delete("d/x"));
  EXPECT_EQ(MustFail(storage_->Get("d/x")).kind, ErrorKind::kNotFound);
  Must(storage_->Delete("d/x"));
  Must(storage_->Delete("no/such/folder"));
  EXPECT_TRUE(Must(storage_->PutIfAbsent("d/x", "2")));
}

TEST_P(StorageTest, CreatesARecord) {
  auto stage = Must(storage_->OpenStage("r", true));
  EXPECT_EQ(Put(*stage, "versions/v1.parquet", "data"), "versions/v1.parquet");
  EXPECT_EQ(Put(*stage, "tables/t/versions/v1/0.parquet", "t"), "tables/t/versions/v1/0.parquet");
  Must(stage->PutMarker("content/ab/hash.r.1"));
  Must(stage->PutMarker("records/r/events/e.1"));
  EXPECT_EQ(MustFail(storage_->Get("records/r/metadata.json")).kind, ErrorKind::kNotFound);
  EXPECT_TRUE(Stamps().empty());
  EXPECT_EQ(Must(stage->Swap("", "meta", false)), SwapOutcome::kSwapped);
  stage.reset();
  EXPECT_EQ(Read("records/r/metadata.json"), "meta");
  EXPECT_EQ(Read("records/r/versions/v1.parquet"), "data");
  EXPECT_EQ(Read("records/r/tables/t/versions/v1/0.parquet"), "t");
  EXPECT_EQ(Read("records/r/events/e.1"), "");
  EXPECT_EQ(Keys("content/"), Strings{"content/ab/hash.r.1"});
  EXPECT_EQ(Keys("records/").size(), 4U);
}

TEST_P(StorageTest, ARecordMayHaveMetadataOnly) {
  for (const bool fresh : {true, false}) {
    const std::string segment = fresh ? "a" : "b";
    auto stage = Must(storage_->OpenStage(segment, fresh));
    EXPECT_EQ(Must(stage->Swap("", "meta", false)), SwapOutcome::kSwapped);
    EXPECT_EQ(Read("records/" + segment + "/metadata.json"), "meta");
  }
}

TEST_P(StorageTest, UpdatesWhereTheTagIsTheExpectedOne) {
  Create("r", "meta 1");
  const std::string first = EtagOfRecord("r");
  auto stage = Must(storage_->OpenStage("r", false));
  Put(*stage, "versions/v2.parquet", "data 2");
  EXPECT_EQ(Must(stage->Swap(first, "meta 2", true)), SwapOutcome::kSwapped);
  EXPECT_EQ(Read("records/r/metadata.json"), "meta 2");
  const std::string second = EtagOfRecord("r");
  EXPECT_NE(second, first);

  auto late = Must(storage_->OpenStage("r", false));
  Put(*late, "versions/v3.parquet", "data 3");
  for (const std::string& wrong : {first, std::string(), std::string("never a tag")}) {
    EXPECT_EQ(Must(late->Swap(wrong, "meta 3", false)), SwapOutcome::kMoved);
    EXPECT_EQ(Read("records/r/metadata.json"), "meta 2");
  }
  // After reading again the same stage goes on, with what it has put already.
  Put(*late, "versions/more.parquet", "more");
  EXPECT_EQ(Must(late->Swap(second, "meta 3", false)), SwapOutcome::kSwapped);
  late.reset();
  EXPECT_EQ(Read("records/r/metadata.json"), "meta 3");
  EXPECT_EQ(Read("records/r/versions/v3.parquet"), "data 3");
  EXPECT_EQ(Read("records/r/versions/more.parquet"), "more");
}

TEST_P(StorageTest, AStageSwapsMoreThanOnce) {
  auto stage = Must(storage_->OpenStage("r", true));
  Put(*stage, "versions/v1.parquet", "1");
  EXPECT_EQ(Must(stage->Swap("", "meta 1", false)), SwapOutcome::kSwapped);
  Put(*stage, "versions/v2.parquet", "2");
  EXPECT_EQ(Must(stage->Swap(EtagOfRecord("r"), "meta 2", true)), SwapOutcome::kSwapped);
  EXPECT_EQ(Must(stage->Swap(EtagOfRecord("r"), "meta 3", false)), SwapOutcome::kSwapped);
  stage.reset();
  EXPECT_EQ(Read("records/r/versions/v1.parquet"), "1");
  EXPECT_EQ(Read("records/r/versions/v2.parquet"), "2");
  EXPECT_EQ(Read("records/r/metadata.json"), "meta 3");
}

TEST_P(StorageTest, FreshStageOfAnExistingRecordIsMoved) {
  auto early = Must(storage_->OpenStage("r", true));
  Put(*early, "versions/v1.parquet", "early");
  Create("r", "meta 1");
  EXPECT_EQ(Must(early->Swap("", "meta early", false)), SwapOutcome::kMoved);
  EXPECT_EQ(Must(early->Swap("", "meta early", false)), SwapOutcome::kMoved);
  early.reset();
  auto late = Must(storage_->OpenStage("r", true));
  Put(*late, "versions/v1.parquet", "late");
  EXPECT_EQ(Must(late->Swap("", "meta late", false)), SwapOutcome::kMoved);
  late.reset();
  EXPECT_EQ(Read("records/r/metadata.json"), "meta 1");
}

TEST_P(StorageTest, NothingToReplaceIsMoved) {
  for (const bool fresh : {true, false}) {
    auto stage = Must(storage_->OpenStage("none", fresh));
    EXPECT_EQ(Must(stage->Swap("0123456789abcdef0123456789abcdef", "meta", false)),
              SwapOutcome::kMoved);
    EXPECT_EQ(MustFail(storage_->Get("records/none/metadata.json")).kind, ErrorKind::kNotFound);
  }
}

TEST_P(StorageTest, ATakenNameGivesTheFallback) {
  Create("r", "meta");
  auto a = Must(storage_->OpenStage("r", false));
  auto b = Must(storage_->OpenStage("r", false));
  const std::string wanted = "versions/v2/0.parquet";
  EXPECT_EQ(Must(TryPut(*a, wanted, "versions/v2-a/0.parquet", "a")), wanted);
  EXPECT_EQ(Must(TryPut(*b, wanted, "versions/v2-b/0.parquet", "b")), "versions/v2-b/0.parquet");
  EXPECT_EQ(Must(a->Swap(EtagOfRecord("r"), "meta a", true)), SwapOutcome::kSwapped);
  EXPECT_EQ(Must(b->Swap(EtagOfRecord("r"), "meta b", false)), SwapOutcome::kSwapped);
  EXPECT_EQ(Read("records/r/versions/v2/0.parquet"), "a");
  EXPECT_EQ(Read("records/r/versions/v2-b/0.parquet"), "b");
}

TEST_P(StorageTest, BothNamesTakenIsAnError) {
  auto stage = Must(storage_->OpenStage("r", true));
  Must(TryPut(*stage, "versions/v1.parquet", "versions/v1.parquet", "1"));
  Must(TryPut(*stage, "versions/v2.parquet", "versions/v2.parquet", "2"));
  const Error error = MustFail(TryPut(*stage, "versions/v1.parquet", "versions/v2.parquet", "3"));
  EXPECT_EQ(error.kind, ErrorKind::kIo);
}

TEST_P(StorageTest, AnUploadNotFinishedWasNeverThere) {
  Create("r", "meta");
  auto stage = Must(storage_->OpenStage("r", false));
  {
    auto upload = Must(stage->NewObject("versions/v2.parquet", "versions/x.parquet"));
    Must(upload->Write("abc", 3));
  }
  EXPECT_EQ(MustFail(storage_->Get("records/r/versions/v2.parquet")).kind, ErrorKind::kNotFound);
  EXPECT_EQ(Put(*stage, "versions/v2.parquet", "again"), "versions/v2.parquet");
}

TEST_P(StorageTest, AFinishedUploadTakesNoMore) {
  auto stage = Must(storage_->OpenStage("r", true));
  auto upload = Must(stage->NewObject("versions/v1.parquet", "versions/x.parquet"));
  Must(upload->Finish());
  EXPECT_EQ(MustFail(upload->Write("a", 1)).kind, ErrorKind::kIo);
  EXPECT_EQ(MustFail(upload->Finish()).kind, ErrorKind::kIo);
}

TEST_P(StorageTest, LargeObjectsInManyPieces) {
  auto stage = Must(storage_->OpenStage("r", true));
  std::string whole, name;
  {
    auto upload = Must(stage->NewObject("versions/v1.parquet", "versions/x.parquet"));
    for (int i = 0; i < 300; ++i) {
      const std::string piece(static_cast<size_t>(i) * 331, static_cast<char>(i));
      Must(upload->Write(piece.data(), static_cast<int64_t>(piece.size())));
      whole += piece;
    }
    name = Must(upload->Finish());
  }
  ASSERT_GT(whole.size(), 9U << 20);
  EXPECT_TRUE(Must(stage->Settle()).empty());
  EXPECT_EQ(Must(stage->Swap("", "meta", false)), SwapOutcome::kSwapped);
  EXPECT_TRUE(Read("records/r/" + name) == whole);
}

TEST_P(StorageTest, AStageDroppedChangesNothing) {
  Create("r", "meta");
  const std::string etag = EtagOfRecord("r");
  {
    auto stage = Must(storage_->OpenStage("r", false));
    Put(*stage, "versions/v2.parquet", "2");
    Must(stage->PutMarker("content/cd/hash.r.2"));
    auto fresh = Must(storage_->OpenStage("other", true));
    Put(*fresh, "versions/v1.parquet", "1");
  }
  EXPECT_EQ(EtagOfRecord("r"), etag);
  EXPECT_EQ(Stamps().size(), 1U);
  EXPECT_EQ(Read("records/r/versions/v1.parquet"), "part 1 of r");
  Create("other", "meta");  // what the dropped stage left is in nobody's way
}

TEST_P(StorageTest, MarkersMayBeThereAlready) {
  Create("r", "meta");
  for (int i = 0; i < 2; ++i) {
    auto stage = Must(storage_->OpenStage("r", false));
    for (int j = 0; j < 2; ++j) {
      Must(stage->PutMarker("content/ab/hash.r.2"));
      Must(stage->PutMarker("content/ef/hash.r.2"));  // its folder is not there yet
      Must(stage->PutMarker("records/r/events/e.2"));
    }
    EXPECT_EQ(MustFail(stage->PutMarker("records/s/events/e.2")).kind, ErrorKind::kInvalidArgument);
    EXPECT_EQ(Must(stage->Swap(EtagOfRecord("r"), "meta " + std::to_string(i), i == 0)),
              SwapOutcome::kSwapped);
  }
  EXPECT_EQ(Keys("content/").size(), 2U);
  EXPECT_EQ(Keys("records/r/events/"), Strings{"records/r/events/e.2"});
}

TEST_P(StorageTest, MarkersStayWhenTheirStageIsDropped) {
  Create("r", "meta");
  auto relies = Must(storage_->OpenStage("r", false));
  {
    auto dropped = Must(storage_->OpenStage("r", false));
    Must(dropped->PutMarker("content/ab/hash.r.2"));
    Must(dropped->PutMarker("records/r/events/e.2"));
    Must(relies->PutMarker("content/ab/hash.r.2"));
    Must(relies->PutMarker("records/r/events/e.2"));
  }
  EXPECT_EQ(Must(relies->Swap(EtagOfRecord("r"), "meta 2", true)), SwapOutcome::kSwapped);
  EXPECT_EQ(Keys("content/"), Strings{"content/ab/hash.r.2"});
  EXPECT_EQ(Keys("records/r/events/"), Strings{"records/r/events/e.2"});
}

TEST_P(StorageTest, StampsDifferAfterEveryCommit) {
  for (const std::string segment : {"a", "b", "c%20d", "é"})
    Create(segment, "meta");
  auto before = Stamps();
  EXPECT_EQ(before.size(), 4U);
  EXPECT_TRUE(before.contains("c%20d"));
  for (int i = 0; i < 20; ++i) {
    auto stage = Must(storage_->OpenStage("b", false));
    ASSERT_EQ(Must(stage->Swap(EtagOfRecord("b"), "meta " + std::to_string(i), i == 0)),
              SwapOutcome::kSwapped);
    auto after = Stamps();
    EXPECT_TRUE(after["b"].empty() || after["b"] != before["b"]) << i;
    EXPECT_EQ(after.size(), 4U);
    before = after;
  }
}

TEST_P(StorageTest, SweepsNoTemporaryAndNoStrangers) {
  Create("r", "meta");
  Must(storage_->PutIfAbsent("records/stray.txt", "a file of somebody's"));
  auto building = Must(storage_->OpenStage("s", true));
  Put(*building, "versions/v1.parquet", "1");
  EXPECT_EQ(Stamps().size(), 1U);
}

TEST_P(StorageTest, RacingSwapsHaveOneWinnerEachRound) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 200;
  Create("r", "start");
  std::string history = "start";
  for (int round = 0; round < Rounds(kRounds); ++round) {
    const std::string base = EtagOfRecord("r");
    std::atomic<int> ready = 0;
    std::atomic<int> winner = -1;
    std::atomic<int> winners = 0;
    InThreads(kThreads, [&](int i) {
      auto stage = Must(storage_->OpenStage("r", false));
      const std::string mine = std::to_string(round) + "." + std::to_string(i);
      const std::string name = Put(*stage, "versions/v" + std::to_string(round) + ".parquet", mine);
      for (++ready; ready < kThreads;)
        std::this_thread::yield();
      const auto outcome = Must(stage->Swap(base, history + "," + mine + "=" + name, round == 0));
      if (outcome == SwapOutcome::kSwapped) {
        winner = i;
        ++winners;
      } else {
        EXPECT_EQ(outcome, SwapOutcome::kMoved);
      }
    });
    ASSERT_EQ(winners, 1) << round;
    const std::string now = Read("records/r/metadata.json");
    const std::string mine = std::to_string(round) + "." + std::to_string(winner);
    ASSERT_TRUE(now.starts_with(history + "," + mine + "=")) << now;
    EXPECT_EQ(Read("records/r/" + now.substr(now.rfind('=') + 1)), mine);
    history = now;
  }
}

TEST_P(StorageTest, NothingIsLostAmongRetryingWriters) {
  Create("r", "0");
  std::atomic<bool> done = false;
  std::jthread reader([&] {
    for (int seen = 0; !done;) {
      const int now = std::stoi(Read("records/r/metadata.json"));
      EXPECT_GE(now, seen);
      seen = now;
    }
  });
  InThreads(8, [&](int) {
    for (int i = 0; i < Rounds(30); ++i) {
      while (true) {
        const Blob base = Must(storage_->Get("records/r/metadata.json"));
        const int count = std::stoi(std::string(std::string_view(*base.bytes)));
        auto stage = Must(storage_->OpenStage("r", false));
        Put(*stage, "versions/v" + std::to_string(count + 2) + ".parquet", "x");
        const auto outcome = Must(stage->Swap(base.etag, std::to_string(count + 1), count == 0));
        if (outcome == SwapOutcome::kSwapped) break;
        ASSERT_EQ(outcome, SwapOutcome::kMoved);
      }
    }
  });
  done = true;
  EXPECT_EQ(Read("records/r/metadata.json"), std::to_string(8 * Rounds(30)));
}

TEST_P(StorageTest, RacingCreatesHaveOneWinner) {
  for (int round = 0; round < Rounds(50); ++round) {
    const std::string segment = "r" + std::to_string(round);
    std::atomic<int> ready = 0;
    std::atomic<int> winners = 0;
    InThreads(8, [&](int i) {
      auto stage = Must(storage_->OpenStage(segment, true));
      const std::string name = Put(*stage, "versions/v1.parquet", std::to_string(i));
      for (++ready; ready < 8;)
        std::this_thread::yield();
      const auto outcome = Must(stage->Swap("", std::to_string(i) + name, false));
      if (outcome == SwapOutcome::kSwapped) ++winners;
    });
    EXPECT_EQ(winners, 1);
    const std::string metadata = Read("records/" + segment + "/metadata.json");
    EXPECT_EQ(Read("records/" + segment + "/" + metadata.substr(1)), metadata.substr(0, 1));
  }
}

TEST_P(StorageTest, RacingClaimsGetNamesOfTheirOwn) {
  Create("r", "meta");
  for (int round = 0; round < Rounds(50); ++round) {
    const std::string wanted = "versions/v" + std::to_string(round + 2) + ".parquet";
    std::vector<std::string> names(8);
    std::vector<std::unique_ptr<Stage>> stages;
    stages.reserve(8);
    for (int i = 0; i < 8; ++i)
      stages.push_back(Must(storage_->OpenStage("r", false)));
    InThreads(8, [&](int i) {
      const auto at = static_cast<size_t>(i);
      names[at] = Put(*stages[at], wanted, std::to_string(i));
    });
    EXPECT_EQ(std::count(names.begin(), names.end(), wanted), 1);
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 8U);
    for (size_t i = 0; i < 8; ++i) {
      EXPECT_EQ(Read("records/r/" + names[i]), std::to_string(i));
    }
  }
}

TEST_P(StorageTest, OneStageTakesUploadsFromManyThreads) {
  auto stage = Must(storage_->OpenStage("r", true));
  InThreads(8, [&](int i) {
    for (int k = 0; k < 10; ++k) {
      const std::string number = std::to_string(i * 10 + k);
      const std::string name = "versions/v1/" + number + ".parquet";
      const auto upload = Must(stage->NewObject(name, "versions/own-" + RandomHex32()));
      Must(upload->Write(number.data(), static_cast<int64_t>(number.size())));
      EXPECT_EQ(Must(upload->Finish()), name);
      Must(stage->PutMarker("content/ab/" + number));
    }
  });
  EXPECT_EQ(Must(stage->Swap("", "meta", false)), SwapOutcome::kSwapped);
  EXPECT_EQ(Keys("records/r/versions/").size(), 80U);
  EXPECT_EQ(Keys("content/ab/").size(), 80U);
  EXPECT_EQ(Read("records/r/versions/v1/57.parquet"), "57");
}

TEST_P(StorageTest, SweepTemporarySparesWhatIsYoungOrCommitted) {
  Create("r", "meta");
  auto building = Must(storage_->OpenStage("s", true));
  Put(*building, "versions/v1.parquet", "1");
  const int64_t hour = 3'600'000'000;
  Must(storage_->SweepTemporary(Must(storage_->NowMicros()) - hour, false,
                                [](const ObjectStat& object) { ADD_FAILURE() << object.key; }));
  EXPECT_EQ(Must(building->Swap("", "meta s", false)), SwapOutcome::kSwapped);
  Must(storage_->SweepTemporary(Must(storage_->NowMicros()) + hour, false,
                                [](const ObjectStat& object) { ADD_FAILURE() << object.key; }));
  EXPECT_EQ(Read("records/r/versions/v1.parquet"), "part 1 of r");
  EXPECT_EQ(Read("records/s/versions/v1.parquet"), "1");
}

INSTANTIATE_TEST_SUITE_P(Storages, StorageTest, ::testing::ValuesIn(Kinds()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace coreshed::storage
