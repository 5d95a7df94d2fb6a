// Every call of the storage fails in turn, in several ways, on every write path. Afterwards the
// store opens, verifies, and holds exactly the old or the new state; what was acknowledged is
// there, and what was answered with a definite error is not.

#include <coreshed/store.h>
#include <gtest/gtest.h>

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
#include "support/write_paths.h"

namespace coreshed {
namespace {

using storage::Fault;

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
  const WritePath path = WritePaths()[std::get<0>(GetParam())];
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
                         ::testing::Combine(::testing::Range<size_t>(0, WritePaths().size()),
                                            ::testing::Values(Fault::kFail, Fault::kLoseAnswer,
                                                              Fault::kStop, Fault::kFailForGood),
                                            ::testing::Bool()),
                         [](const auto& path) {
                           return WritePaths()[std::get<0>(path.param)].name + "_" +
                                  FaultName(std::get<1>(path.param)) +
                                  (std::get<2>(path.param) ? "_local" : "_memory");
                         });

}  // namespace
}  // namespace coreshed
