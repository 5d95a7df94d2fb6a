// Every call of the storage fails in turn while something is erased. Afterwards the store is whole,
// and the same call, made again, ends where it would have ended without the fault.

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

const std::vector<WritePath>& ErasePaths() {
  static const std::vector<WritePath> paths = {
      {"purge", [](Store& store) { MakeVersions(store, 3); },
       [](Store& store) { return Drop(store.Purge("BH-7", 2, By<EventOptions>("dpo", "why"))); }},
      {"purge_of_a_sealed_version", [](Store& store) { MakeVersions(store, 20); },
       [](Store& store) { return Drop(store.Purge("BH-7", 2, By<EventOptions>("dpo", "why"))); }},
      {"delete",
       [](Store& store) {
         MakeVersions(store, 3);
         Must(store.SetSettings({{"allow_delete", "true"}}, By<EventOptions>("owner")));
       },
       [](Store& store) {
         return Drop(store.DeleteRecord("BH-7", By<EventOptions>("dpo", "why")));
       }},
      {"redact", [](Store& store) { MakeVersions(store, 20); },
       [](Store& store) {
         return Drop(store.Redact("BH-7", {1, 18}, {"actor"}, By<EventOptions>("dpo", "why")));
       }},
  };
  return paths;
}

class EraseFaults : public ::testing::TestWithParam<std::tuple<size_t, Fault, bool>> {
 protected:
  std::shared_ptr<storage::Storage> Fresh() {
    if (!std::get<2>(GetParam())) return storage::MakeMemoryStorage();
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
  /// What can be seen, and how many objects of each kind there are.
  static std::string Look(const std::shared_ptr<storage::Storage>& storage) {
    const auto store = Open(storage);
    VerifyOptions deep;
    deep.deep = true;
    for (const auto& fault : Must(store->Verify(deep)).faults) {
      ADD_FAILURE() << fault.record_id << " " << fault.object << " " << fault.rule << ": "
                    << fault.message;
    }
    std::map<std::string, int> kinds;
    Must(storage->List("", [&](const storage::ObjectStat& object) {
      ++kinds[object.key.starts_with("content/") ? "content"
                                                 : object.key.substr(object.key.rfind('.') + 1)];
      return true;
    }));
    std::string state = SnapshotOf(*store);
    for (const auto& [kind, count] : kinds)
      state += kind + " " + std::to_string(count) + "\n";
    return state;
  }
  std::unique_ptr<TempFolder> folder_;
};

TEST_P(EraseFaults, TheSameCallGoesOn) {
  const WritePath& path = ErasePaths()[std::get<0>(GetParam())];
  std::string after;
  {
    const auto inner = Fresh();
    path.prepare(*Open(inner));
    Must(path.act(*Open(inner)));
    after = Look(inner);
  }
  int64_t calls = 0;
  for (int64_t n = 1;; ++n) {
    SCOPED_TRACE("call " + std::to_string(n));
    const auto inner = Fresh();
    path.prepare(*Open(inner));
    const auto failing = std::make_shared<storage::FailingStorage>(inner);
    const auto store = Open(failing);
    failing->Restart();
    failing->SetFault(n, std::get<1>(GetParam()));
    const auto answer = path.act(*store);
    calls = failing->calls();
    if (calls < n) break;
    failing->DeliverLate();
    const std::string state = Look(inner);
    if (answer) {
      EXPECT_EQ(state, after);
    }
    Must(path.act(*Open(inner)));
    ASSERT_EQ(Look(inner), after);
  }
  EXPECT_GE(calls, 6) << "the path has too few calls to be what it says";
}

INSTANTIATE_TEST_SUITE_P(AllPaths, EraseFaults,
                         ::testing::Combine(::testing::Range<size_t>(0, ErasePaths().size()),
                                            ::testing::Values(Fault::kFail, Fault::kLoseAnswer,
                                                              Fault::kStop),
                                            ::testing::Bool()),
                         [](const auto& path) {
                           const Fault fault = std::get<1>(path.param);
                           return ErasePaths()[std::get<0>(path.param)].name +
                                  (fault == Fault::kFail         ? "_fail"
                                   : fault == Fault::kLoseAnswer ? "_lose_answer"
                                                                 : "_stop") +
                                  (std::get<2>(path.param) ? "_local" : "_memory");
                         });

}  // namespace
}  // namespace coreshed
