// Every call of the storage fails in turn, in several ways, on every write path. Afterwards the
// store opens, verifies, and holds exactly the old or the new state; what was acknowledged is
// there, and what was answered with a definite error is not.

#include <coreshed/store.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "storage/local.h"
#include "storage/memory.h"
#include "store/open_on.h"
#include "support/failing_storage.h"
#include "support/result_checks.h"
#include "support/snapshot.h"
#include "support/tables.h"
#include "support/temp_folder.h"

namespace coreshed {
namespace {

using storage::Fault;

/// A write path: how the store looks before, and the one call that is disturbed.
struct Path {
  std::string name;
  std::function<void(Store&)> prepare;
  std::function<Result<void>(Store&)> act;
};

template <typename T>
Result<void> Drop(Result<T> result) {
  if (!result) return std::move(result).error();
  return {};
}

void MakeVersions(Store& store, int count) {
  Must(store.CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
  for (int v = 2; v <= count; ++v) {
    Must(store.UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("a.meier")));
  }
}

std::vector<Path> Paths() {
  const auto one = [](Store& store) { MakeVersions(store, 1); };
  const auto three = [](Store& store) { MakeVersions(store, 3); };
  const auto update = [](Store& store) {
    return Drop(store.UpdateRecord("BH-7", SoilTable(99), By<WriteOptions>("b.roth", "mended")));
  };
  return {
      {"create", one,
       [](Store& store) {
         return Drop(store.CreateRecord("BH-8", SoilTable(8), By<CreateOptions>("b.roth")));
       }},
      {"first_update", one, update},
      {"update", three, update},
      {"update_that_seals", [](Store& store) { MakeVersions(store, 16); }, update},
      {"update_with_event_id", three,
       [](Store& store) {
         auto options = By<WriteOptions>("b.roth");
         options.event_id = "0123456789abcdef0123456789abcdef";
         return Drop(store.UpdateRecord("BH-7", SoilTable(99), options));
       }},
      {"append", three,
       [](Store& store) {
         return Drop(store.AppendRows("BH-7", SoilTable(98), By<WriteOptions>("b.roth")));
       }},
      {"approve", three,
       [](Store& store) { return Drop(store.ApproveRecord("BH-7", By<ReviewOptions>("c.ito"))); }},
      {"reject", three,
       [](Store& store) {
         return Drop(store.RejectRecord("BH-7", By<ReviewOptions>("c.ito", "depth is wrong")));
       }},
      {"rollback", three,
       [](Store& store) {
         return Drop(store.RollbackToVersion("BH-7", 1, By<RollbackOptions>("c.ito", "mistake")));
       }},
      {"tag", three,
       [](Store& store) {
         return Drop(store.Tag("BH-7@v2", "issue-A", By<EventOptions>("c.ito")));
       }},
      {"settings", one,
       [](Store& store) {
         return Drop(store.SetSettings({{"drift_policy", "warn"}}, By<EventOptions>("c.ito")));
       }},
      {"drift_policy", one,
       [](Store& store) {
         return Drop(store.SetDriftPolicy("BH-7", DriftPolicy::kWarn, By<EventOptions>("c.ito")));
       }},
      {"attributes", one,
       [](Store& store) {
         return Drop(
             store.SetAttributes("BH-7", {{"project_id", "P1"}}, {}, By<EventOptions>("c.ito")));
       }},
  };
}

std::string FaultName(Fault fault) {
  switch (fault) {
    case Fault::kFail:
      return "fail";
    case Fault::kLoseAnswer:
      return "lose_answer";
    case Fault::kDelay:
      return "delay";
    case Fault::kRepeat:
      return "repeat";
    case Fault::kStop:
      return "stop";
    case Fault::kFailForGood:
      return "fail_for_good";
  }
  return "";
}

class StorageFaults : public ::testing::TestWithParam<std::tuple<size_t, Fault, bool>> {
 protected:
  /// A storage of its own for each attempt.
  std::shared_ptr<storage::Storage> Fresh() {
    const bool local = std::get<2>(GetParam());
    if (!local) return storage::MakeMemoryStorage();
    folder_ = std::make_unique<TempFolder>(TempFolder::Where::kMemory);
    return Must(storage::MakeLocal(folder_->path() + "/store"));
  }
  static std::shared_ptr<Store> Open(std::shared_ptr<storage::Storage> storage) {
    OpenOptions options;
    options.create = true;
    options.threads = 1;
    options.timeout = std::chrono::milliseconds(200);
    return Must(store::OpenOn(std::move(storage), "the test's store", options, false));
  }
  static std::string Look(const std::shared_ptr<storage::Storage>& storage) {
    const auto store = Open(storage);
    VerifyOptions deep;
    deep.deep = true;
    const auto report = Must(store->Verify(deep));
    for (const auto& fault : report.faults) {
      ADD_FAILURE() << fault.record_id << " " << fault.object << " " << fault.rule << ": "
                    << fault.message;
    }
    return SnapshotOf(*store);
  }
  std::unique_ptr<TempFolder> folder_;
};

TEST_P(StorageFaults, OldOrNewAndNothingLost) {
  const Path path = Paths()[std::get<0>(GetParam())];
  const Fault fault = std::get<1>(GetParam());
  std::string before;
  std::string after;
  {
    const auto inner = Fresh();
    path.prepare(*Open(inner));
    before = Look(inner);
    Must(path.act(*Open(inner)));
    after = Look(inner);
    ASSERT_NE(before, after);
  }
  int64_t calls = 0;
  for (int64_t n = 1;; ++n) {
    SCOPED_TRACE("call " + std::to_string(n));
    const auto inner = Fresh();
    path.prepare(*Open(inner));
    const auto failing = std::make_shared<storage::FailingStorage>(inner);
    const auto store = Open(failing);
    failing->Restart();
    failing->SetFault(n, fault);
    auto answer = path.act(*store);
    calls = failing->calls();
    if (calls < n) break;
    failing->DeliverLate();
    const std::string state = Look(inner);
    ASSERT_TRUE(state == before || state == after) << state;
    if (answer) {
      EXPECT_EQ(state, after) << "acknowledged, but not there";
    } else if (answer.error().kind != ErrorKind::kOutcomeUnknown && fault != Fault::kStop) {
      EXPECT_EQ(state, before) << "answered as failed, but there: " << answer.error().message;
    }
    const auto again = Open(inner);
    VacuumOptions all;
    all.grace = std::chrono::seconds(-1);
    Must(again->Vacuum(all));
    EXPECT_EQ(Look(inner), state) << "vacuum changed what is seen";
  }
  EXPECT_GE(calls, 3) << "the path has too few calls to be what it says";
}

INSTANTIATE_TEST_SUITE_P(AllPaths, StorageFaults,
                         ::testing::Combine(::testing::Range<size_t>(0, Paths().size()),
                                            ::testing::Values(Fault::kFail, Fault::kLoseAnswer,
                                                              Fault::kStop, Fault::kFailForGood),
                                            ::testing::Bool()),
                         [](const auto& path) {
                           return Paths()[std::get<0>(path.param)].name + "_" +
                                  FaultName(std::get<1>(path.param)) +
                                  (std::get<2>(path.param) ? "_local" : "_memory");
                         });

}  // namespace
}  // namespace coreshed
