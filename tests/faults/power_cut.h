#pragma once

// The power is cut after every system call of every write path: of what was not synced, anything
// may be lost. Afterwards the store opens, verifies, and holds exactly the old or the new state;
// the new one if it was acknowledged. And it can be written to.

#include <coreshed/store.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "storage/local.h"
#include "store/open_on.h"
#include "support/disk_model.h"
#include "support/recording_calls.h"
#include "support/result_checks.h"
#include "support/snapshot.h"
#include "support/temp_folder.h"
#include "support/write_paths.h"

namespace coreshed {

using storage::DiskModel;
using storage::RecordingCalls;

/// How many cuts are made at each place.
struct CutDepth {
  size_t all_up_to;    ///< uncertain things of which every combination is tried
  bool each_alone;     ///< of more: each lost alone, and each kept alone
  int random_choices;  ///< of more, besides the extremes
};

/// By write path.
class PowerCut : public ::testing::TestWithParam<size_t> {
 protected:
  explicit PowerCut(const CutDepth& depth) : depth_(depth) {}

  static std::shared_ptr<Store> Open(const std::string& place,
                                     std::shared_ptr<storage::SystemCalls> calls) {
    auto local = storage::MakeLocal(place, std::chrono::seconds(1), std::move(calls));
    OpenOptions options;
    options.create = true;
    options.threads = 1;
    return Must(store::OpenOn(Must(std::move(local)), place, options, false));
  }
  std::string Root(const std::string& name) const { return folder_.path() + "/" + name; }

  /// The state of the store at `place`, which must have no faults.
  static std::string Look(const std::string& place) {
    const auto store = Open(place, std::make_shared<RecordingCalls>(place));
    VerifyOptions deep;
    deep.deep = true;
    for (const auto& fault : Must(store->Verify(deep)).faults) {
      ADD_FAILURE() << fault.record_id << " " << fault.object << " " << fault.rule << ": "
                    << fault.message;
    }
    return SnapshotOf(*store);
  }

  /// What is disturbed, in the store at `place`; only what it does after `calls` are cleared
  /// counts.
  using Act = std::function<void(const std::string& place, std::shared_ptr<RecordingCalls> calls)>;

  /// A store before the call, without the folders that nothing lies in: they are made on the way.
  void Prepare(const std::function<void(Store&)>& prepare, const Act& act) {
    prepare(*Open(Root("before"), std::make_shared<RecordingCalls>(Root("before"))));
    for (const auto& entry : std::filesystem::directory_iterator(Root("before") + "/content")) {
      if (std::filesystem::is_empty(entry.path())) std::filesystem::remove(entry.path());
    }
    before_ = Look(Root("before"));
    std::filesystem::copy(Root("before"), Root("played"), std::filesystem::copy_options::recursive);
    const auto calls = std::make_shared<RecordingCalls>(Root("played"), /*keep_data=*/true);
    act(Root("played"), calls);
    log_ = calls->log();
    after_ = Look(Root("played"));
    ASSERT_NE(before_, after_);
  }

  /// `is_acknowledged`: the call had come back before the cut.
  void CutOnce(const DiskModel& disk, bool is_acknowledged,
               const std::function<int(size_t)>& choose) {
    const std::string place = Root("cut");
    std::filesystem::remove_all(place);
    disk.Cut(place, choose);
    const std::string state = Look(place);
    ASSERT_TRUE(state == after_ || (state == before_ && !is_acknowledged)) << state;
    ++cuts_;
    GoOn(place);
  }

  /// The store can be written to.
  virtual void GoOn(const std::string& place) {
    const auto store = Open(place, std::make_shared<RecordingCalls>(place));
    Must(store->UpdateRecord("BH-7", SoilTable(55), By<WriteOptions>("d.next")));
  }

  void Cut(const DiskModel& disk, bool is_acknowledged) {
    const size_t count = disk.uncertain();
    const auto cut = [&](const std::function<int(size_t)>& choose) {
      if (!HasFatalFailure()) CutOnce(disk, is_acknowledged, choose);
    };
    cut([](size_t) { return 0; });
    if (count == 0) return;
    if (count <= depth_.all_up_to) {
      size_t combinations = 1;
      for (size_t i = 0; i < count; ++i)
        combinations *= 3;
      for (size_t n = 1; n < combinations; ++n) {
        cut([n](size_t i) {
          size_t rest = n;
          while (i-- > 0)
            rest /= 3;
          return static_cast<int>(rest % 3);
        });
      }
      return;
    }
    cut([](size_t) { return 1; });
    for (size_t odd = 0; odd < count && depth_.each_alone; ++odd) {
      cut([odd](size_t i) { return i == odd ? 1 : 0; });
      cut([odd](size_t i) { return i == odd ? 0 : 1; });
    }
    for (int n = 0; n < depth_.random_choices; ++n) {
      std::vector<int> choices;
      for (size_t i = 0; i < count; ++i)
        choices.push_back(static_cast<int>(random_() % 3));
      cut([&](size_t i) { return choices[i]; });
    }
  }

  /// Calls that change what is on the disk, or make it certain.
  static bool Matters(const RecordingCalls::Call& call) {
    static const std::set<std::string> names = {"Create",   "MakeFolder", "Write",
                                                "SyncFile", "SyncFolder", "Rename",
                                                "Link",     "Unlink",     "SyncFileSystem"};
    return names.contains(call.name);
  }

  void CutEverywhere() {
    const WritePath path = WritePaths()[GetParam()];
    ASSERT_NO_FATAL_FAILURE(Prepare(path.prepare, [&](const auto& place, const auto& calls) {
      const auto store = Open(place, calls);
      calls->Clear();
      Must(path.act(*store));
    }));
    CutPrepared();
  }

  void CutPrepared() {
    DiskModel disk(Root("before"));
    Cut(disk, false);
    for (size_t n = 0; n < log_.size() && !HasFailure(); ++n) {
      disk.Play(log_[n]);
      if (!Matters(log_[n])) continue;
      SCOPED_TRACE("cut after " + log_[n].name + " " + log_[n].path);
      Cut(disk, false);
    }
    SCOPED_TRACE("cut after the call has come back");
    Cut(disk, true);
    EXPECT_GT(cuts_, 8) << "too few to be what it says";
  }

  const CutDepth depth_;
  TempFolder folder_{TempFolder::Where::kMemory};
  std::mt19937 random_{1};
  std::vector<RecordingCalls::Call> log_;
  std::string before_, after_;
  int cuts_ = 0;
};

}  // namespace coreshed
