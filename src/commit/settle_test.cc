// A commit that is found, because no answer came or because an earlier call had made it, is
// acknowledged only when it is durable.

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/random.h"
#include "commit/test_records.h"
#include "storage/local.h"
#include "support/recording_calls.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::commit {
namespace {

using storage::RecordingCalls;

class NothingOperation final : public Operation {
 public:
  Result<Decision> Decide(const RecordDocument*, RecordDocument*, const std::string&,
                          const std::string&, storage::Stage&) override {
    Decision decision;
    decision.nothing_to_do = true;
    return decision;
  }
};

class SettleTest : public ::testing::Test {
 protected:
  SettleTest()
      : folder_(TempFolder::Where::kMemory),
        calls_(std::make_shared<RecordingCalls>(folder_.path())),
        world_(Must(storage::MakeLocal(folder_.path(), std::chrono::seconds(5), calls_))) {
    Must(world_.storage->PrepareNew({"records", "content"}));
  }

  /// The next rename to `to` takes place, but the system says that it failed; syncs after it fail
  /// with `sync_error`.
  void LoseRenameTo(const std::string& to, int sync_error = 0) {
    calls_->SetFate([this, to, sync_error](const RecordingCalls::Call& call) {
      if (call.name == "SyncFolder" && is_lost_) return RecordingCalls::Fate{sync_error};
      if (call.name != "Rename" || call.to != to || is_lost_) return RecordingCalls::Fate{};
      is_lost_ = true;
      std::filesystem::rename(folder_.path() + "/" + call.path, folder_.path() + "/" + call.to);
      return RecordingCalls::Fate{EIO};
    });
  }
  bool WasSyncedSince(size_t begin, const std::string& path) const {
    const auto log = calls_->log();
    return std::any_of(log.begin() + static_cast<int64_t>(begin), log.end(), [&](const auto& call) {
      return call.name == "SyncFolder" && call.path == path && call.error_number == 0;
    });
  }
  size_t RenameInLog() const {
    const auto log = calls_->log();
    const auto last = std::find_if(log.rbegin(), log.rend(),
                                   [](const auto& call) { return call.name == "Rename"; });
    return static_cast<size_t>(log.rend() - last);
  }

  TempFolder folder_;
  std::shared_ptr<RecordingCalls> calls_;
  World world_;
  bool is_lost_ = false;
};

TEST_F(SettleTest, AnUpdateWithoutAnAnswer) {
  Must(world_.Add());
  calls_->Clear();
  LoseRenameTo("records/BH-7/metadata.json");
  const auto done = Must(world_.Add());
  EXPECT_EQ(done.event->seq, 2);
  EXPECT_TRUE(WasSyncedSince(RenameInLog(), "records/BH-7"));
}

TEST_F(SettleTest, ACreateWithoutAnAnswer) {
  LoseRenameTo("records/BH-7");
  const auto done = Must(world_.Add());
  EXPECT_EQ(done.event->seq, 1);
  EXPECT_TRUE(WasSyncedSince(RenameInLog(), "records"));
}

TEST_F(SettleTest, WhatCannotBeSettledIsUnknown) {
  Must(world_.Add());
  LoseRenameTo("records/BH-7/metadata.json", EIO);
  const auto error = MustFail(world_.Add());
  EXPECT_EQ(error.kind, ErrorKind::kOutcomeUnknown) << error.message;
  EXPECT_EQ(error.fields.at("base_seq"), "1");
}

TEST_F(SettleTest, ARepeatedCallOfOneThatWasKilled) {
  const std::string id = RandomUuid4();
  Must(world_.Add());
  Must(world_.Add(id));  // as far as anybody sees, it may have been killed before its last sync
  calls_->Clear();
  EXPECT_TRUE(Must(world_.Add(id)).repeated);
  EXPECT_TRUE(WasSyncedSince(0, "records/BH-7"));
  EXPECT_TRUE(WasSyncedSince(0, "records"));
  calls_->SetFate(
      [](const auto& call) { return RecordingCalls::Fate{call.name == "SyncFolder" ? EIO : 0}; });
  EXPECT_EQ(MustFail(world_.Add(id)).kind, ErrorKind::kOutcomeUnknown);
}

/// "Nothing to do" says that what was asked for is there, and rests on somebody's commit.
TEST_F(SettleTest, NothingToDoAfterACallThatWasKilled) {
  Must(world_.Add());
  calls_->Clear();
  NothingOperation nothing;
  EventOptions by;
  by.actor = "a.meier";
  EXPECT_FALSE(Must(Commit(world_.context(), "BH-7", by, nothing)).event);
  EXPECT_TRUE(WasSyncedSince(0, "records/BH-7"));
  EXPECT_TRUE(WasSyncedSince(0, "records"));
  calls_->SetFate(
      [](const auto& call) { return RecordingCalls::Fate{call.name == "SyncFolder" ? EIO : 0}; });
  EXPECT_EQ(MustFail(Commit(world_.context(), "BH-7", by, nothing)).kind, ErrorKind::kIo);
}

/// A vacuum may take what is being made for remains: it is made again.
TEST_F(SettleTest, ACreationThatIsSweptIsBegunAgain) {
  int sweeps = 0;
  calls_->SetFate([&](const RecordingCalls::Call& call) {
    const bool is_within = call.name == "Create" && call.path.starts_with("records/.new-BH-7-") &&
                           call.path.ends_with("/metadata.json");
    if (is_within && sweeps++ == 0) {
      for (const auto& entry : std::filesystem::directory_iterator(folder_.path() + "/records"))
        std::filesystem::remove_all(entry.path());
    }
    return RecordingCalls::Fate{};
  });
  EXPECT_EQ(Must(world_.Add()).event->seq, 1);
  EXPECT_EQ(sweeps, 2);
}

}  // namespace
}  // namespace coreshed::commit
