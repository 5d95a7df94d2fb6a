#include "storage/local_stage.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <set>
#include <thread>
#include <utility>

#include "storage/local.h"
#include "support/recording_calls.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::storage {
namespace {

using Call = RecordingCalls::Call;
using Fate = RecordingCalls::Fate;
using Lines = std::vector<std::string>;

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}
std::string NameOf(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}
bool IsSync(const Call& call) {
  return call.name == "SyncFile" || call.name == "SyncFolder";
}

/// What a power cut could take away from an acknowledged swap, or leave half-made of a visible one,
/// told from the calls alone: everything written and every entry made must be synced before the
/// rename, and the renamed entry after it.
std::set<std::string> MissingSyncs(const std::vector<Call>& log, bool base_is_first) {
  std::set<std::string> dirty;
  std::set<std::string> missing;
  if (base_is_first) dirty.insert("records");
  for (const Call& call : log) {
    if (call.is_left_out) continue;
    if (call.error_number != 0 && call.error_number != EEXIST) continue;
    const bool is_temporary = NameOf(call.path).starts_with('.');
    if ((call.name == "Create" || call.name == "MakeFolder") && !is_temporary) {
      dirty.insert(ParentOf(call.path));
    }
    if (call.name == "Write") dirty.insert(call.path);
    if (IsSync(call)) dirty.erase(call.path);
    if (call.name == "Rename") {
      missing.insert(dirty.begin(), dirty.end());
      dirty = {ParentOf(call.to)};
    }
  }
  missing.insert(dirty.begin(), dirty.end());
  return missing;
}

class LocalStageTest : public ::testing::Test {
 protected:
  LocalStageTest() { Reset(); }

  /// A new store with the record "old": one part, made and updated once by a process long gone.
  void Reset() {
    storage_.reset();
    folder_ = std::make_unique<TempFolder>(TempFolder::Where::kMemory);
    calls_ = std::make_shared<RecordingCalls>(folder_->path());
    storage_ = Must(MakeLocal(folder_->path(), std::chrono::milliseconds(150), calls_));
    Must(storage_->PrepareNew({"records", "content/ab"}));
    {
      auto stage = Must(storage_->OpenStage("old", true));
      Put(*stage, "versions/v1.parquet");
      Put(*stage, "tables/t/versions/v1.parquet");
      EXPECT_EQ(Must(stage->Swap("", "meta 1", false)), SwapOutcome::kSwapped);
    }
    plain_ = Must(OpenLocal(folder_->path()));
    calls_->Clear();
  }

  void Put(Stage& stage, const std::string& name) { Must(TryPut(stage, name)); }
  Result<void> TryPut(Stage& stage, const std::string& name) {
    auto upload = stage.NewObject(name, name + "-other");
    if (!upload) return std::move(upload).error();
    if (auto written = (*upload)->Write("0123456789", 10); !written) return written;
    if (auto name_given = (*upload)->Finish(); !name_given) return std::move(name_given).error();
    return {};
  }
  std::string Read(const std::string& key) {
    auto blob = plain_->Get(key);
    return blob ? std::string(std::string_view(*blob->bytes)) : "";
  }
  std::string Etag(const std::string& segment) {
    auto blob = plain_->Get("records/" + segment + "/metadata.json");
    return blob ? blob->etag : "";
  }
  /// All files and folders, hidden ones too.
  std::set<std::string> Everything() {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_->path())) {
      found.insert(std::filesystem::relative(entry.path(), folder_->path()).string());
    }
    return found;
  }
  /// The syncs, with random names cut off.
  Lines Syncs() {
    Lines lines;
    for (const Call& call : calls_->log()) {
      if (!IsSync(call) && call.name != "Rename") continue;
      std::string line = call.name + " " + call.path;
      if (const size_t dot = line.find("/.new-"); dot != line.npos)
        line.erase(dot + 6, line.find('/', dot + 1) - (dot + 6));
      if (const size_t dot = line.find("/.m-"); dot != line.npos) line.erase(dot + 4, 32);
      lines.push_back(line);
    }
    return lines;
  }

  std::unique_ptr<TempFolder> folder_;
  std::shared_ptr<RecordingCalls> calls_;
  std::shared_ptr<Storage> storage_;
  std::shared_ptr<Storage> plain_;  // the same, unrecorded and without failures
};

class SyncTest : public LocalStageTest {
 public:
  Result<void> PutAll(Stage& stage, const Lines& objects, const Lines& markers) {
    for (const auto& name : objects) {
      if (auto done = TryPut(stage, name); !done) return done;
    }
    for (const auto& key : markers) {
      if (auto done = stage.PutMarker(key); !done) return done;
    }
    return {};
  }

 protected:
  /// A row of the table in spec/commit.md, "Local sync sequences".
  struct Row {
    std::string name;
    size_t syncs;
    std::string segment;
    bool base_is_first;
    Lines objects;
    Lines markers;
  };
  static std::vector<Row> Table() {
    const std::string marker = "content/ab/h.r.2";
    return {
        {"review", 2, "old", false, {}, {}},
        {"update, one part", 5, "old", false, {"versions/v2.parquet"}, {marker}},
        {"without marker", 4, "old", false, {"versions/v2.parquet"}, {}},
        {"many parts",
         8,
         "old",
         false,
         {"versions/v2/0.parquet", "versions/v2/1.parquet", "versions/v2/2.parquet"},
         {marker}},
        {"first page", 8, "old", false, {"versions/v2.parquet", "pages/0-1-64-x.json"}, {marker}},
        {"after the first commit", 6, "old", true, {"versions/v2.parquet"}, {marker}},
        {"event marker", 4, "old", false, {}, {"records/old/events/e.2"}},
        {"two tables",
         6,
         "old",
         false,
         {"tables/t/versions/v2.parquet", "versions/v2.parquet"},
         {}},
        {"a new table", 6, "old", false, {"tables/u/versions/v2.parquet"}, {}},
        {"create", 6, "new", false, {"versions/v1.parquet"}, {marker}},
        {"create without marker", 5, "new", false, {"versions/v1.parquet"}, {}},
        {"create, two tables",
         10,
         "new",
         false,
         {"tables/t/versions/v1.parquet", "tables/u/versions/v1.parquet"},
         {}},
    };
  }

  Result<SwapOutcome> Run(const Row& row) {
    const std::string etag = Etag(row.segment);
    calls_->Clear();
    auto stage = storage_->OpenStage(row.segment, etag.empty());
    if (!stage) return std::move(stage).error();
    if (auto put = PutAll(**stage, row.objects, row.markers); !put) return std::move(put).error();
    return (*stage)->Swap(etag, "meta 2", row.base_is_first);
  }
};

TEST_F(SyncTest, TheTableOfSyncs) {
  for (const Row& row : Table()) {
    Reset();
    EXPECT_EQ(Must(Run(row)), SwapOutcome::kSwapped) << row.name;
    const auto log = calls_->log();
    EXPECT_EQ(MissingSyncs(log, row.base_is_first), std::set<std::string>()) << row.name;
    EXPECT_EQ(std::count_if(log.begin(), log.end(), IsSync), static_cast<int64_t>(row.syncs))
        << row.name << "\n"
        << ::testing::PrintToString(Syncs());
    EXPECT_EQ(Read("records/" + row.segment + "/metadata.json"), "meta 2");
  }
}

TEST_F(SyncTest, EachSyncLeftOutIsNoticed) {
  for (const Row& row : Table()) {
    for (size_t left_out = 0; left_out < row.syncs; ++left_out) {
      Reset();
      size_t syncs = 0;
      std::string path;
      calls_->SetFate([&](const Call& call) {
        if (!IsSync(call) || syncs++ != left_out) return Fate{};
        path = call.path;
        return Fate{0, true};
      });
      EXPECT_EQ(Must(Run(row)), SwapOutcome::kSwapped);
      EXPECT_EQ(MissingSyncs(calls_->log(), row.base_is_first), std::set<std::string>{path})
          << row.name;
    }
  }
}

TEST_F(SyncTest, FilesThenFoldersThenRenameThenTheRecordsFolder) {
  Must(Run({"", 0, "old", true, {"versions/v2.parquet", "pages/p.json"}, {"content/ab/h.old.2"}}));
  EXPECT_EQ(Syncs(),
            (Lines{"SyncFile records/old/versions/v2.parquet", "SyncFile records/old/pages/p.json",
                   "SyncFile records/old/.m-", "SyncFolder records/old", "SyncFolder content/ab",
                   "SyncFolder records/old/pages", "SyncFolder records/old/versions",
                   "SyncFolder records", "Rename records/old/.m-", "SyncFolder records/old"}));
  Must(Run({"", 0, "new", false, {"versions/v1.parquet"}, {}}));
  EXPECT_EQ(Syncs(), (Lines{"SyncFile records/.new-/versions/v1.parquet",
                            "SyncFile records/.new-/metadata.json", "SyncFolder records/.new-",
                            "SyncFolder records/.new-/versions", "Rename records/.new-",
                            "SyncFolder records"}));
}

TEST_F(SyncTest, OnlyCompareAndRenameAreDoneUnderTheLock) {
  Must(Run({"", 0, "old", true, {"versions/v2.parquet"}, {}}));
  Lines calls;
  for (const Call& call : calls_->log())
    calls.push_back(call.name);
  const auto lock = std::find(calls.begin(), calls.end(), "Lock");
  ASSERT_NE(lock, calls.end());
  EXPECT_EQ(Lines(lock, calls.end()),
            (Lines{"Lock", "Open", "Rename", "Unlock", "GiveTurn", "SyncFolder"}));
}

TEST_F(SyncTest, AFolderOfAMakerThatDiedIsSyncedWithItsParent) {
  {
    auto dead = Must(storage_->OpenStage("old", false));
    Put(*dead, "pages/dead.json");
    dynamic_cast<LocalStage&>(*dead).Abandon();
  }
  const Row row{"", 0, "old", false, {"pages/p.json"}, {}};
  Must(Run(row));
  auto syncs = Syncs();
  EXPECT_EQ(std::count(syncs.begin(), syncs.end(), "SyncFolder records/old"), 2);
  // Now it is known to last.
  const Row next{"", 0, "old", false, {"pages/q.json"}, {}};
  Must(Run(next));
  syncs = Syncs();
  EXPECT_EQ(std::count(syncs.begin(), syncs.end(), "SyncFolder records/old"), 1);
}

TEST_F(SyncTest, AMarkerThatIsThereIsSyncedAgain) {
  {
    auto dead = Must(storage_->OpenStage("old", false));
    Must(dead->PutMarker("content/ab/h.old.2"));
    dynamic_cast<LocalStage&>(*dead).Abandon();
  }
  Must(Run({"", 0, "old", false, {}, {"content/ab/h.old.2"}}));
  const auto syncs = Syncs();
  EXPECT_EQ(std::count(syncs.begin(), syncs.end(), "SyncFolder content/ab"), 1);
}

TEST_F(SyncTest, AfterMovedNothingIsSyncedTwice) {
  auto stage = Must(storage_->OpenStage("old", false));
  Put(*stage, "versions/v2.parquet");
  const std::string base = Etag("old");
  // Another writer comes between the syncs and the lock.
  bool stepped_in = false;
  calls_->SetFate([&](const Call& call) {
    if (call.name == "Lock" && !std::exchange(stepped_in, true)) {
      auto other = Must(Must(OpenLocal(folder_->path()))->OpenStage("old", false));
      EXPECT_EQ(Must(other->Swap(base, "meta other", true)), SwapOutcome::kSwapped);
    }
    return Fate{};
  });
  EXPECT_EQ(Must(stage->Swap(base, "meta 2", true)), SwapOutcome::kMoved);
  calls_->Clear();
  EXPECT_EQ(Must(stage->Swap(Etag("old"), "meta 3", false)), SwapOutcome::kSwapped);
  EXPECT_EQ(Syncs(), (Lines{"SyncFile records/old/.m-", "Rename records/old/.m-",
                            "SyncFolder records/old"}));
  EXPECT_EQ(Read("records/old/versions/v2.parquet"), "0123456789");
}

TEST_F(SyncTest, TheLoserOfARaceSyncsNothing) {
  auto stage = Must(storage_->OpenStage("old", false));
  Put(*stage, "versions/v2.parquet");
  EXPECT_EQ(Must(stage->Swap("another tag", "meta", false)), SwapOutcome::kMoved);
  EXPECT_EQ(Syncs(), Lines{});
}

// Each call in turn fails in each way. Nothing is visible of what failed, nothing is left behind,
// and the next writer is in nobody's way.
TEST_F(SyncTest, EveryCallMayFail) {
  size_t tried = 0;
  for (const Row& row : Table()) {
    for (const int error : {ENOSPC, EIO, EROFS, EACCES}) {
      for (size_t n = 0;; ++n) {
        Reset();
        const auto before = Everything();
        const std::string etag = Etag(row.segment);
        size_t count = 0;
        Call failed;
        calls_->SetFate([&](const Call& call) {
          if (count++ != n) return Fate{};
          failed = call;
          return Fate{error};
        });
        const auto outcome = Run(row);
        calls_->SetFate(nullptr);
        if (failed.name.empty()) break;  // there are no more calls
        ++tried;
        const std::string what =
            row.name + ": " + failed.name + " " + failed.path + " " + std::to_string(error);
        const bool is_last = failed.name == "SyncFolder" && outcome.has_value();
        if (outcome) {
          EXPECT_EQ(*outcome, is_last ? SwapOutcome::kNotDurable : SwapOutcome::kSwapped) << what;
          EXPECT_EQ(Read("records/" + row.segment + "/metadata.json"), "meta 2") << what;
          EXPECT_TRUE(is_last || failed.name == "StartWriting" || failed.name == "Unlock" ||
                      failed.name == "GiveTurn" || failed.name == "Open")
              << what;
        } else {
          EXPECT_EQ(outcome.error().kind, ErrorKind::kIo) << what;
          EXPECT_EQ(Etag(row.segment), etag) << what;
          for (const auto& path : Everything()) {
            const bool is_remain = !before.contains(path) &&
                                   !std::filesystem::is_directory(folder_->path() + "/" + path);
            EXPECT_TRUE(!is_remain || path.starts_with("content/") ||
                        path.find("/events/") != path.npos)
                << what << " left " << path;
            EXPECT_EQ(path.find("/."), path.npos) << what << " left " << path;
          }
        }
        const Row next{"", 0, row.segment, false, {"versions/next.parquet"}, {}};
        EXPECT_EQ(Must(Run(next)), SwapOutcome::kSwapped) << what;
      }
    }
  }
  EXPECT_GT(tried, 500U);
}

TEST_F(SyncTest, AFailedSyncIsNeverRepeated) {
  for (const std::string segment : {"old", "new"}) {
    Reset();
    const std::string etag = Etag(segment);
    auto stage = Must(storage_->OpenStage(segment, etag.empty()));
    Put(*stage, "versions/v2.parquet");
    calls_->SetFate([](const Call& call) {
      return Fate{call.name == "SyncFile" && call.path.ends_with("v2.parquet") ? EIO : 0};
    });
    EXPECT_EQ(MustFail(stage->Swap(etag, "meta 2", false)).kind, ErrorKind::kIo);
    calls_->SetFate(nullptr);
    calls_->Clear();
    EXPECT_EQ(MustFail(stage->Swap(etag, "meta 2", false)).kind, ErrorKind::kIo);
    EXPECT_EQ(Syncs(), Lines{});
    EXPECT_EQ(Etag(segment), etag);
  }
}

TEST_F(SyncTest, AfterNotDurableNothingIsRemovedAndNothingSwapped) {
  for (const std::string segment : {"old", "new"}) {
    Reset();
    auto stage = Must(storage_->OpenStage(segment, segment == "new"));
    Put(*stage, "versions/v2.parquet");
    bool is_renamed = false;
    calls_->SetFate([&](const Call& call) {
      is_renamed = is_renamed || call.name == "Rename";
      return Fate{is_renamed && call.name == "SyncFolder" ? EIO : 0};
    });
    EXPECT_EQ(Must(stage->Swap(Etag(segment), "meta 2", false)), SwapOutcome::kNotDurable);
    calls_->SetFate(nullptr);
    EXPECT_EQ(MustFail(stage->Swap(Etag(segment), "meta 3", false)).kind, ErrorKind::kIo);
    stage.reset();
    EXPECT_EQ(Read("records/" + segment + "/versions/v2.parquet"), "0123456789");
    EXPECT_EQ(Read("records/" + segment + "/metadata.json"), "meta 2");
  }
}

TEST_F(LocalStageTest, ErrorsSayWhatAndWhereAndWhatToDo) {
  const std::vector<std::pair<int, std::string>> words = {{ENOSPC, "the disk is full"},
                                                          {EACCES, "no permission"},
                                                          {EROFS, "read-only"},
                                                          {EIO, "the device reports an error"},
                                                          {EMFILE, "too many files are open"}};
  for (const auto& [error, meaning] : words) {
    calls_->SetFate(
        [&, e = error](const Call& call) { return Fate{call.name == "Create" ? e : 0}; });
    auto stage = Must(storage_->OpenStage("old", false));
    const Error said = MustFail(stage->NewObject("versions/v2.parquet", "versions/w.parquet"));
    EXPECT_NE(said.message.find(meaning), std::string::npos) << said.message;
    EXPECT_NE(said.message.find(folder_->path() + "/records/old/versions/v2.parquet"),
              std::string::npos)
        << said.message;
    EXPECT_NE(said.message.find(strerror(error)), std::string::npos) << said.message;
  }
}

TEST_F(LocalStageTest, ALockHeldElsewhereTimesOut) {
  const std::string path = folder_->path() + "/records/old";
  auto stage = Must(storage_->OpenStage("old", false));
  Put(*stage, "versions/v2.parquet");
  const int other = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  const auto start = std::chrono::steady_clock::now();
  const Error error = MustFail(stage->Swap(Etag("old"), "meta 2", false));
  const auto waited = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(error.kind, ErrorKind::kLockTimeout);
  EXPECT_NE(error.message.find(path + " for all of 0.15 seconds"), std::string::npos)
      << error.message;
  EXPECT_GE(waited, std::chrono::milliseconds(150));
  EXPECT_EQ(Read("records/old/metadata.json"), "meta 1");
  EXPECT_EQ(::flock(other, LOCK_UN), 0);
  ::close(other);
  EXPECT_EQ(Must(stage->Swap(Etag("old"), "meta 2", false)), SwapOutcome::kSwapped);
}

TEST_F(LocalStageTest, WaitsForALockThatIsGivenBack) {
  const std::string path = folder_->path() + "/records/old";
  const int other = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  std::jthread holder([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    ::flock(other, LOCK_UN);
  });
  auto stage = Must(storage_->OpenStage("old", false));
  EXPECT_EQ(Must(stage->Swap(Etag("old"), "meta 2", false)), SwapOutcome::kSwapped);
  holder.join();
  ::close(other);
}

TEST_F(LocalStageTest, TheLoserOfARaceIsNext) {
  auto loser = Must(Must(OpenLocal(folder_->path()))->OpenStage("old", false));
  EXPECT_EQ(Must(loser->Swap("another tag", "meta", false)), SwapOutcome::kMoved);
  EXPECT_TRUE(loser->has_turn());
  const std::string base = Etag("old");
  int asked = 0;
  calls_->SetFate([&](const Call& call) {
    if (call.name == "TakeTurn" && ++asked == 2) {  // refused once: it waits
      EXPECT_EQ(Must(loser->Swap(base, "meta 2", false)), SwapOutcome::kSwapped);
      EXPECT_FALSE(loser->has_turn());
    }
    return Fate{};
  });
  auto other = Must(storage_->OpenStage("old", false));
  EXPECT_EQ(Must(other->Swap(base, "meta of the other", false)), SwapOutcome::kMoved);
  EXPECT_EQ(asked, 2);
  EXPECT_TRUE(other->has_turn());
}

/// Whoever waits syncs what it has already, and then nothing of that again.
TEST_F(SyncTest, FilesAreSyncedWhileWaitingForATurn) {
  auto first = Must(Must(OpenLocal(folder_->path()))->OpenStage("old", false));
  EXPECT_EQ(Must(first->Swap("another tag", "meta", false)), SwapOutcome::kMoved);
  auto stage = Must(storage_->OpenStage("old", false));
  Put(*stage, "versions/v2.parquet");
  const std::string base = Etag("old");
  calls_->SetFate([&](const Call& call) {
    if (call.name == "SyncFolder" && call.path == "records/old/versions") first.reset();
    return Fate{};
  });
  EXPECT_EQ(Must(stage->Swap(base, "meta 2", false)), SwapOutcome::kSwapped);
  EXPECT_EQ(Syncs(), (Lines{"SyncFile records/old/versions/v2.parquet",
                            "SyncFolder records/old/versions", "SyncFile records/old/.m-",
                            "Rename records/old/.m-", "SyncFolder records/old"}));
}

/// One that sleeps, or writes for minutes, holds up nobody.
TEST_F(LocalStageTest, WhoTakesTooLongForItsTurnIsOvertaken) {
  auto slow = Must(storage_->OpenStage("old", false));
  EXPECT_EQ(Must(slow->Swap("another tag", "meta", false)), SwapOutcome::kMoved);
  auto stage = Must(storage_->OpenStage("old", false));
  EXPECT_EQ(Must(stage->Swap(Etag("old"), "meta 2", false)), SwapOutcome::kSwapped);
  EXPECT_TRUE(slow->has_turn());
  EXPECT_EQ(Must(slow->Swap(Etag("old"), "meta 3", false)), SwapOutcome::kSwapped);
}

// The thread sanitizer takes what Arrow's allocator does around a fork for faults.
#ifdef __SANITIZE_THREAD__
#define SKIP_WHERE_FORK_IS_REPORTED() GTEST_SKIP()
#else
#define SKIP_WHERE_FORK_IS_REPORTED() static_cast<void>(0)
#endif

TEST_F(LocalStageTest, AProcessKilledUnderTheLockLeavesItFree) {
  SKIP_WHERE_FORK_IS_REPORTED();
  const pid_t child = ::fork();
  if (child == 0) {
    calls_->SetFate([](const Call& call) {
      if (call.name == "Rename") ::raise(SIGKILL);
      return Fate{};
    });
    auto stage = storage_->OpenStage("old", false);
    if (stage) (void)(*stage)->Swap(Etag("old"), "meta of the dead", false);
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  auto stage = Must(storage_->OpenStage("old", false));
  EXPECT_EQ(Must(stage->Swap(Etag("old"), "meta 2", false)), SwapOutcome::kSwapped);
}

TEST_F(LocalStageTest, AChildForkedUnderTheLockDoesNotKeepIt) {
  SKIP_WHERE_FORK_IS_REPORTED();
  pid_t child = -1;
  calls_->SetFate([&](const Call& call) {
    if (call.name == "Rename" && child < 0) {
      child = ::fork();
      while (child == 0)
        ::pause();
    }
    return Fate{};
  });
  {
    auto stage = Must(storage_->OpenStage("old", false));
    EXPECT_EQ(Must(stage->Swap(Etag("old"), "meta 2", false)), SwapOutcome::kSwapped);
  }
  auto stage = Must(storage_->OpenStage("old", false));
  EXPECT_EQ(Must(stage->Swap("another tag", "meta 3", false)), SwapOutcome::kMoved);
  EXPECT_TRUE(stage->has_turn());  // nor the turn
  EXPECT_EQ(Must(stage->Swap(Etag("old"), "meta 3", false)), SwapOutcome::kSwapped);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST_F(LocalStageTest, WhatIsDroppedLeavesNothing) {
  const auto before = Everything();
  {
    auto fresh = Must(storage_->OpenStage("new", true));
    Put(*fresh, "versions/v1/0.parquet");
    Must(fresh->PutMarker("records/new/events/e.1"));
    auto upload = Must(fresh->NewObject("versions/v1/1.parquet", "x"));
    Must(upload->Write("a", 1));
    auto moved = Must(storage_->OpenStage("old", true));
    Put(*moved, "versions/v1.parquet");
    EXPECT_EQ(Must(moved->Swap("", "meta", false)), SwapOutcome::kMoved);
    auto update = Must(storage_->OpenStage("old", false));
    Put(*update, "versions/v2.parquet");
    EXPECT_EQ(Must(update->Swap("wrong", "meta", false)), SwapOutcome::kMoved);
  }
  EXPECT_EQ(Everything(), before);
}

TEST_F(LocalStageTest, AnAbandonedStageLeavesAll) {
  const auto before = Everything();
  for (const std::string segment : {"new", "old"}) {
    auto stage = Must(storage_->OpenStage(segment, segment == "new"));
    Put(*stage, "versions/v2.parquet");
    dynamic_cast<LocalStage&>(*stage).Abandon();
  }
  const auto after = Everything();
  EXPECT_TRUE(after.contains("records/old/versions/v2.parquet"));
  EXPECT_EQ(after.size(), before.size() + 4);  // and .new-…, its versions/ and its file
}

TEST_F(LocalStageTest, ARemovedRemainThatAnotherMadeAnewIsNotOurs) {
  auto ours = Must(storage_->OpenStage("old", false));
  Put(*ours, "versions/v2.parquet");
  Must(storage_->Delete("records/old/versions/v2.parquet"));  // a vacuum
  auto theirs = Must(storage_->OpenStage("old", false));
  Put(*theirs, "versions/v2.parquet");
  ours.reset();
  EXPECT_EQ(Must(theirs->Swap(Etag("old"), "meta 2", true)), SwapOutcome::kSwapped);
  EXPECT_EQ(Read("records/old/versions/v2.parquet"), "0123456789");
}

TEST_F(LocalStageTest, AFolderWithoutMetadataIsFilledInPlace) {
  std::filesystem::create_directories(folder_->path() + "/records/empty");
  std::filesystem::create_directories(folder_->path() + "/records/husk/versions");
  for (const std::string segment : {"empty", "husk"}) {
    for (const bool fresh : {true, false}) {
      auto stage = Must(storage_->OpenStage(segment, fresh));
      Put(*stage, "versions/v1.parquet");
      const auto outcome = Must(stage->Swap("", "meta", false));
      EXPECT_EQ(outcome, fresh ? SwapOutcome::kSwapped : SwapOutcome::kMoved);
      if (fresh) {
        EXPECT_EQ(MissingSyncs(calls_->log(), true), std::set<std::string>());
      }
      calls_->Clear();
    }
    EXPECT_EQ(Read("records/" + segment + "/versions/v1.parquet"), "0123456789");
  }
}

TEST_F(LocalStageTest, ABuiltRecordReplacesAnEmptyFolderButNoFile) {
  auto stage = Must(storage_->OpenStage("a", true));
  std::filesystem::create_directories(folder_->path() + "/records/a");
  EXPECT_EQ(Must(stage->Swap("", "meta", false)), SwapOutcome::kSwapped);

  auto other = Must(storage_->OpenStage("b", true));
  EXPECT_TRUE(Must(storage_->PutIfAbsent("records/b", "a file")));
  EXPECT_EQ(MustFail(other->Swap("", "meta", false)).kind, ErrorKind::kIo);
  Must(storage_->Delete("records/b"));
  EXPECT_EQ(Must(other->Swap("", "meta", false)), SwapOutcome::kSwapped);
  EXPECT_EQ(MustFail(storage_->OpenStage("a/metadata.json", false)).kind,
            ErrorKind::kInvalidArgument);
}

TEST_F(LocalStageTest, TheTempFileTakenByVacuumIsMoved) {
  auto stage = Must(storage_->OpenStage("old", false));
  bool removed = false;
  calls_->SetFate([&](const Call& call) {
    if (call.name == "Lock" && !std::exchange(removed, true)) {
      Must(storage_->SweepTemporary(Must(storage_->NowMicros()) + 1'000'000, false,
                                    [](const ObjectStat&) {}));
    }
    return Fate{};
  });
  EXPECT_EQ(Must(stage->Swap(Etag("old"), "meta 2", true)), SwapOutcome::kMoved);
  EXPECT_EQ(Must(stage->Swap(Etag("old"), "meta 2", true)), SwapOutcome::kSwapped);
}

TEST_F(LocalStageTest, TheFolderTakenByVacuumIsMoved) {
  auto stage = Must(storage_->OpenStage("new", true));
  Put(*stage, "versions/v1.parquet");
  bool removed = false;
  calls_->SetFate([&](const Call& call) {
    if (call.name == "Rename" && call.to == "records/new" && !std::exchange(removed, true)) {
      Must(storage_->SweepTemporary(Must(storage_->NowMicros()) + 1'000'000, false,
                                    [](const ObjectStat&) {}));
    }
    return Fate{};
  });
  EXPECT_EQ(Must(stage->Swap("", "meta", false)), SwapOutcome::kMoved);
  EXPECT_TRUE(removed);
  EXPECT_EQ(MustFail(stage->NewObject("versions/v2.parquet", "x")).kind, ErrorKind::kIo);
  stage.reset();
  EXPECT_EQ(Etag("new"), "");
  for (const auto& path : Everything())
    EXPECT_EQ(path.find("/."), path.npos) << path;
}

TEST_F(LocalStageTest, LargeUploadsBeginToBeWrittenEarly) {
  auto stage = Must(storage_->OpenStage("old", false));
  auto upload = Must(stage->NewObject("versions/v2.parquet", "x"));
  const std::string megabyte(1 << 20, 'x');
  for (int i = 0; i < 10; ++i)
    Must(upload->Write(megabyte.data(), 1 << 20));
  EXPECT_EQ(calls_->Lines("StartWriting").size(), 2U);
  Must(upload->Finish());
  EXPECT_EQ(calls_->Lines("StartWriting").size(), 3U);
  EXPECT_EQ(calls_->Lines("SyncFile").size(), 0U);
}

TEST_F(LocalStageTest, AfterAFailedWriteTheUploadIsOfNoUse) {
  auto stage = Must(storage_->OpenStage("old", false));
  auto upload = Must(stage->NewObject("versions/v2.parquet", "x"));
  calls_->SetFate([](const Call& call) { return Fate{call.name == "Write" ? ENOSPC : 0}; });
  EXPECT_NE(MustFail(upload->Write("a", 1)).message.find("disk is full"), std::string::npos);
  calls_->SetFate(nullptr);
  EXPECT_EQ(MustFail(upload->Write("a", 1)).kind, ErrorKind::kIo);
  EXPECT_EQ(MustFail(upload->Finish()).kind, ErrorKind::kIo);
  upload.reset();
  Put(*stage, "versions/v2.parquet");  // its name is free again
  EXPECT_EQ(Must(stage->Swap(Etag("old"), "meta 2", true)), SwapOutcome::kSwapped);
}

}  // namespace
}  // namespace coreshed::storage
