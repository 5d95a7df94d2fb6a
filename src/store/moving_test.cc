// Pages go while somebody reads the record that they belong to: a review of an old version writes
// its page anew, and vacuum takes the old one away. Whoever holds the older metadata then starts
// again from the newer ones.

#include <coreshed/coreshed.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "storage/memory.h"
#include "store/open_on.h"
#include "support/failing_storage.h"
#include "support/result_checks.h"
#include "support/tables.h"

namespace coreshed {
namespace {

constexpr const char* kEventId = "0123456789abcdef0123456789abcdef";

std::shared_ptr<Store> OpenOn(std::shared_ptr<storage::Storage> storage) {
  OpenOptions options;
  options.create = true;
  options.threads = 1;
  return Must(store::OpenOn(std::move(storage), "memory", options, false));
}

void Update(Store& store, int first, int last) {
  for (int mark = first; mark <= last; ++mark) {
    auto options = By<WriteOptions>("a.meier");
    if (mark == 2) options.event_id = kEventId;
    Must(store.UpdateRecord("BH-7", SoilTable(mark), options));
  }
}

/// The page that holds versions 1 and 2 is replaced and removed.
void ReplaceFirstPage(Store& store) {
  Must(store.RollbackToVersion("BH-7", 1, By<RollbackOptions>("c.ito", "as it was")));
  Must(store.ApproveRecord("BH-7", By<ReviewOptions>("c.ito")));
  Update(store, 101, 120);
  VacuumOptions all;
  all.grace = std::chrono::seconds(-1);
  EXPECT_GE(Must(store.Vacuum(all)).files, 1);
}

struct Call {
  std::string name;
  std::function<void(Store&)> run;
};

class Moving : public ::testing::TestWithParam<Call> {};

TEST_P(Moving, IsReadAgain) {
  const auto inner = storage::MakeMemoryStorage();
  const auto other = OpenOn(inner);
  Must(other->CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
  Update(*other, 2, 20);
  const auto failing = std::make_shared<storage::FailingStorage>(inner);
  const auto store = OpenOn(failing);
  int moved = 0;
  failing->SetBefore([&](const storage::FailingStorage::Call& call) {
    const bool reads_page = call.name == "Get" && call.key.find("/pages/") != call.key.npos;
    if (reads_page && moved++ == 0) ReplaceFirstPage(*other);
  });
  GetParam().run(*store);
  EXPECT_GE(moved, 2) << "it read no page, or did not look again";
}

std::vector<Call> Calls() {
  return {
      {"History", [](Store& s) { EXPECT_EQ(Must(s.History("BH-7")).size(), 42U); }},
      {"Versions", [](Store& s) { EXPECT_EQ(Must(s.Versions("BH-7")).size(), 40U); }},
      {"Resolve", [](Store& s) { EXPECT_EQ(Must(s.Resolve("BH-7@v2")).version.version, 2); }},
      {"Read", [](Store& s) { EXPECT_NE(Must(s.Read("BH-7@v2")).rows, nullptr); }},
      {"ReadTable", [](Store& s) { EXPECT_EQ(MarkOf(*Must(s.ReadTable("BH-7@v2"))), 2); }},
      {"FindByContentHash",
       [](Store& s) {
         const std::string hash = Must(ContentHash(*SoilTable(2)));
         EXPECT_EQ(Must(s.FindByContentHash(hash)).size(), 1U);
       }},
      {"Tag",
       [](Store& s) {
         EXPECT_EQ(Must(s.Tag("BH-7@v2", "issue-A", By<EventOptions>("c.ito"))).version, 2);
       }},
      {"Rollback",
       [](Store& s) {
         const auto options = By<RollbackOptions>("c.ito", "mistake");
         EXPECT_EQ(Must(s.RollbackToVersion("BH-7", 2, options)).version, 2);
       }},
      {"RepeatedCall",
       [](Store& s) {
         auto options = By<WriteOptions>("a.meier");
         options.event_id = kEventId;
         EXPECT_EQ(Must(s.UpdateRecord("BH-7", SoilTable(2), options)).version, 2);
       }},
      {"ResolveOutcome",
       [](Store& s) { EXPECT_TRUE(Must(s.ResolveOutcome("BH-7", kEventId, 1)).has_value()); }},
      {"Verify",
       [](Store& s) {
         const auto report = Must(s.Verify());
         EXPECT_TRUE(report.ok()) << report.faults[0].message;
         EXPECT_EQ(report.versions, 40);
       }},
      {"Vacuum", [](Store& s) { Must(s.Vacuum({.grace = std::chrono::seconds(-1)})); }},
  };
}

INSTANTIATE_TEST_SUITE_P(Calls, Moving, ::testing::ValuesIn(Calls()),
                         [](const auto& call) { return call.param.name; });

TEST(Missing, WhatIsGoneForGoodIsDamage) {
  const auto storage = storage::MakeMemoryStorage();
  const auto store = OpenOn(storage);
  Must(store->CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
  Must(storage->Delete("records/BH-7/versions/v1.parquet"));
  const auto error = MustFail(OpenOn(storage)->ReadTable("BH-7"));
  EXPECT_EQ(error.kind, ErrorKind::kCorruption);
  EXPECT_NE(error.message.find("records/BH-7/versions/v1.parquet is missing"), std::string::npos)
      << error.message;
}

}  // namespace
}  // namespace coreshed
