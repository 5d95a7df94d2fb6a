#include "catalog/catalog.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <random>
#include <thread>

#include "catalog/test_records.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::catalog {
namespace {

using Ids = std::vector<std::string>;

Ids ListIds(Catalog& catalog, const ListOptions& options = {}) {
  Ids ids;
  for (const RecordInfo& info : Must(catalog.List(options)))
    ids.push_back(info.record_id);
  return ids;
}

ListOptions Page(const std::string& after, int64_t limit) {
  ListOptions options;
  options.after = after;
  options.limit = limit;
  return options;
}

TEST(Catalog, ListsAllSortedByTheBytesOfTheirIds) {
  FakeStore store;
  const auto catalog = store.Open();
  EXPECT_EQ(ListIds(*catalog), Ids());
  for (const char* id : {"b", "a/2", "a 1", "B", "ä", "a.3", "地"})
    store.Put(id);
  EXPECT_EQ(ListIds(*catalog), (Ids{"B", "a 1", "a.3", "a/2", "b", "ä", "地"}));
  EXPECT_EQ(Text(Must(catalog->List({}))[0]), Text(PlainRecord("B")));
}

TEST(Catalog, Pages) {
  FakeStore store;
  Ids all;
  for (int i = 10; i < 35; ++i) {
    all.push_back("BH-" + std::to_string(i));
    store.Put(all.back());
  }
  store.Put("BH-20/x", std::nullopt);
  const auto catalog = store.Open();
  Ids paged;
  for (Ids page = ListIds(*catalog, Page("", 10)); !page.empty();
       page = ListIds(*catalog, Page(paged.back(), 10))) {
    EXPECT_LE(page.size(), 10U);
    paged.insert(paged.end(), page.begin(), page.end());
  }
  EXPECT_EQ(paged, all);
  EXPECT_EQ(ListIds(*catalog, Page("", 0)), Ids());
  EXPECT_EQ(ListIds(*catalog, Page("BH-30", -1)), (Ids{"BH-31", "BH-32", "BH-33", "BH-34"}));
  EXPECT_EQ(ListIds(*catalog, Page("BH-3", 1)), Ids{"BH-30"});  // need not be there
  EXPECT_EQ(ListIds(*catalog, Page("BH-34", 5)), Ids());
}

TEST(Catalog, PagesOfAFilterHoldSoManyThatMeetIt) {
  FakeStore store;
  for (int i = 10; i < 30; ++i) {
    RecordInfo info = PlainRecord("BH-" + std::to_string(i));
    if (i % 3 == 0) info.status = Status::kApproved;
    store.Put(info.record_id, info);
  }
  const auto catalog = store.Open();
  ListOptions options = Page("", 2);
  options.status = Status::kApproved;
  EXPECT_EQ(ListIds(*catalog, options), (Ids{"BH-12", "BH-15"}));
  options.after = "BH-15";
  EXPECT_EQ(ListIds(*catalog, options), (Ids{"BH-18", "BH-21"}));
}

TEST(Catalog, AfterIsAnIdHoweverItIsComposed) {
  FakeStore store;
  for (const char* id : {"s\u00FCd", "t"})
    store.Put(id);
  EXPECT_EQ(ListIds(*store.Open(), Page("su\u0308d", -1)), Ids{"t"});
}

TEST(Catalog, LoadsOnlyWhatChanged) {
  FakeStore store;
  for (const char* id : {"a", "b", "c"})
    store.Put(id);
  const auto catalog = store.Open();
  EXPECT_EQ(ListIds(*catalog), (Ids{"a", "b", "c"}));
  EXPECT_EQ(store.TakeLoads(), 3);
  EXPECT_EQ(ListIds(*catalog), (Ids{"a", "b", "c"}));
  EXPECT_EQ(store.TakeLoads(), 0);

  RecordInfo changed = PlainRecord("b");
  changed.name = "changed";
  store.Put("b", changed);
  store.Put("d");
  store.Remove("a");
  EXPECT_EQ(ListIds(*catalog), (Ids{"b", "c", "d"}));
  EXPECT_EQ(Must(catalog->List({}))[0].name, "changed");
  EXPECT_EQ(store.TakeLoads(), 2);
}

TEST(Catalog, LoadsRecordsOfUnknownStampEachTime) {
  FakeStore store;
  TempFolder folder;
  for (const char* id : {"a", "b"})
    store.Put(id);
  const auto catalog = store.Open(folder.path() + "/index");
  (void)ListIds(*catalog);
  (void)store.TakeLoads();
  store.ForgetStamp("a");
  for (const char* name : {"one", "two"}) {
    store.records["a"]->name = name;  // the stamp can't tell
    EXPECT_EQ(Must(catalog->List({}))[0].name, name);
    EXPECT_EQ(store.TakeLoads(), 1);
  }
  const auto fresh = store.Open(folder.path() + "/index");
  store.records["a"]->name = "three";
  EXPECT_EQ(Must(fresh->List({}))[0].name, "three");
  EXPECT_EQ(store.TakeLoads(), 1);
}

TEST(Catalog, DeletedRecordsAreNotListedAndNotLoadedAgain) {
  FakeStore store;
  TempFolder folder;
  store.Put("a");
  store.Put("b", std::nullopt);
  for (int round = 0; round < 2; ++round) {
    const auto catalog = store.Open(folder.path() + "/index");
    EXPECT_EQ(ListIds(*catalog), Ids{"a"});
    EXPECT_EQ(ListIds(*catalog), Ids{"a"});
    EXPECT_EQ(store.TakeLoads(), round == 0 ? 2 : 0);
  }
  store.Put("b");  // created again over the tombstone
  EXPECT_EQ(ListIds(*store.Open(folder.path() + "/index")), (Ids{"a", "b"}));
}

TEST(Catalog, CorruptRecordsAreListedAndLoadedAgain) {
  FakeStore store;
  TempFolder folder;
  store.Put("a");
  store.Break("b", Error{ErrorKind::kIo, "The disk is broken."});
  store.Break("c", Error{ErrorKind::kCorruption, ""});
  RecordInfo corrupt = PlainRecord("d");
  corrupt.corrupt = "It has no active version.";
  store.Put("d", corrupt);
  for (int round = 0; round < 2; ++round) {
    const auto catalog = store.Open(folder.path() + "/index");
    const auto infos = Must(catalog->List({}));
    ASSERT_EQ(infos.size(), 4U);
    EXPECT_EQ(infos[0].corrupt, "");
    EXPECT_EQ(infos[1].record_id, "b");
    EXPECT_EQ(infos[1].corrupt, "The disk is broken.");
    EXPECT_FALSE(infos[2].corrupt.empty());
    EXPECT_EQ(infos[3].corrupt, "It has no active version.");
    ListOptions options;
    options.with_corrupt = false;
    EXPECT_EQ(ListIds(*catalog, options), Ids{"a"});
    EXPECT_EQ(store.TakeLoads(), round == 0 ? 7 : 6);
  }
  store.errors.clear();  // the disk is back, the stamp the same
  EXPECT_EQ(Must(store.Open(folder.path() + "/index")->List({}))[1].corrupt, "");
}

TEST(Catalog, ARecordThatBecameCorruptIsNotAnsweredFromTheFile) {
  FakeStore store;
  TempFolder folder;
  store.Put("a");
  (void)ListIds(*store.Open(folder.path() + "/index"));
  store.Break("a", Error{ErrorKind::kCorruption, "broken"});
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(Must(store.Open(folder.path() + "/index")->List({}))[0].corrupt, "broken");
  }
}

TEST(Catalog, FoldersThatAreNoRecordsAreNotLoaded) {
  FakeStore store;
  store.Put("a");
  for (const char* segment : {"_store", "not escaped", "%zz", "su\u0308d", "\xFF", "%2E%2E"}) {
    store.storage->stamps[segment] = "stamp";
  }
  EXPECT_EQ(ListIds(*store.Open()), Ids{"a"});
  EXPECT_EQ(store.TakeLoads(), 1);
}

TEST(Catalog, ARecordThatWentBetweenSweepAndLoadIsNone) {
  FakeStore store;
  store.Put("a");
  store.records.erase("a");
  const auto catalog = store.Open();
  EXPECT_EQ(ListIds(*catalog), Ids());
  store.records["a"] = PlainRecord("a");
  EXPECT_EQ(ListIds(*catalog), Ids{"a"});
}

TEST(Catalog, AFailedSweepIsAnError) {
  FakeStore store;
  TempFolder folder;
  store.Put("a");
  (void)ListIds(*store.Open(folder.path() + "/index"));
  (void)store.TakeLoads();
  const auto catalog = store.Open(folder.path() + "/index");
  store.storage->is_broken = true;
  EXPECT_EQ(MustFail(catalog->List({})).kind, ErrorKind::kIo);
  EXPECT_EQ(catalog->Nearest("b", 3), Ids());
  store.storage->is_broken = false;
  EXPECT_EQ(ListIds(*catalog), Ids{"a"});
  EXPECT_EQ(store.TakeLoads(), 0);
}

TEST(Catalog, ABadConditionIsAnErrorBeforeAnySweep) {
  FakeStore store;
  ListOptions options;
  options.updated_since = "yesterday";
  EXPECT_EQ(MustFail(store.Open()->List(options)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(store.storage->sweeps, 0);
}

TEST(Catalog, LoadsManyOnSeveralThreads) {
  FakeStore store;
  for (int i = 0; i < 2'000; ++i)
    store.Put("BH-" + std::to_string(i));
  EXPECT_EQ(ListIds(*store.Open()).size(), 2'000U);
  EXPECT_EQ(store.TakeLoads(), 2'000);
}

TEST(Catalog, NearestOffersOnlyRecordsThatCanBeRead) {
  FakeStore store;
  for (const char* id : {"BH-7", "BH-70", "tunnel"})
    store.Put(id);
  store.Put("BH-9", std::nullopt);
  store.Break("BH-6", Error{ErrorKind::kCorruption, "broken"});
  store.storage->stamps["_store"] = "stamp";
  const auto catalog = store.Open();
  for (int round = 0; round < 2; ++round) {  // without an index, and with one
    EXPECT_EQ(catalog->Nearest("BH-8", 3), (Ids{"BH-7", "BH-70"}));
    EXPECT_EQ(catalog->Nearest("BH-8", 1), Ids{"BH-7"});
    EXPECT_EQ(catalog->Nearest("BH-8", 0), Ids());
    EXPECT_EQ(catalog->Nearest("stor", 3), Ids());
    (void)ListIds(*catalog);
  }
}

TEST(Catalog, NearestKnowsWhatChangedSinceTheLastList) {
  FakeStore store;
  for (const char* id : {"BH-6", "BH-7"})
    store.Put(id);
  const auto catalog = store.Open();
  (void)ListIds(*catalog);
  store.Put("BH-6", std::nullopt);
  store.Put("BH-9");
  EXPECT_EQ(catalog->Nearest("BH-8", 3), (Ids{"BH-7", "BH-9"}));
}

TEST(Catalog, NearestSweepsOnceAndLoadsFew) {
  FakeStore store;
  for (int i = 0; i < 500; ++i)
    store.Put("BH-" + std::to_string(i));
  EXPECT_EQ(store.Open()->Nearest("BH-1234", 3).size(), 3U);
  EXPECT_EQ(store.storage->sweeps, 1);
  EXPECT_LE(store.TakeLoads(), 11);
}

TEST(Catalog, ManyThreadsSeeWhatWasThereWhenTheyAsked) {
  FakeStore store;
  TempFolder folder;
  for (int i = 0; i < 50; ++i)
    store.Put("BH-" + std::to_string(i));
  const auto catalog = store.Open(folder.path() + "/index");
  std::atomic<int> rows_done = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (rows_done < 200) {
        const int64_t done_before = rows_done;
        for (const auto& info : Must(catalog->List({}))) {
          if (info.record_id == "BH-7") {
            EXPECT_GE(info.rows, done_before);
          }
        }
        (void)catalog->Nearest("BH-77", 2);
      }
    });
  }
  for (int rows = 1; rows <= 200; ++rows) {
    RecordInfo info = PlainRecord("BH-7");
    info.rows = rows;
    store.Put("BH-7", info);
    rows_done = rows;
    if (rows % 10 == 0) store.Put("new-" + std::to_string(rows));
    std::this_thread::yield();
  }
}

TEST(Catalog, IndexFileLiesInTheCacheFolder) {
  const auto with = [](const char* cache, const char* home, const std::string& store_id = "ab12") {
    cache == nullptr ? ::unsetenv("XDG_CACHE_HOME") : ::setenv("XDG_CACHE_HOME", cache, 1);
    home == nullptr ? ::unsetenv("HOME") : ::setenv("HOME", home, 1);
    return DefaultIndexFile(store_id);
  };
  EXPECT_EQ(with("/c", "/h"), "/c/coreshed/ab12.sqlite");
  EXPECT_EQ(with(nullptr, "/h"), "/h/.cache/coreshed/ab12.sqlite");
  EXPECT_EQ(with("", "/h"), "/h/.cache/coreshed/ab12.sqlite");
  EXPECT_EQ(with("relative", "/h"), "/h/.cache/coreshed/ab12.sqlite");
  EXPECT_EQ(with(nullptr, nullptr), "");
  EXPECT_EQ(with(nullptr, "relative"), "");
  EXPECT_EQ(with("/c", "/h", "../x"), "/c/coreshed/%2E.%2Fx.sqlite");
}

/// What any sequence of changes, failures and restarts must show: the truth.
TEST(Catalog, AgreesWithTheTruthAfterAnything) {
  std::mt19937 random(2026);
  FakeStore store;
  TempFolder folder;
  const std::string file = folder.path() + "/index";
  auto catalog = store.Open(file);
  for (int round = 0; round < 600; ++round) {
    const std::string id = "r/" + std::to_string(random() % 30);
    switch (random() % 8) {
      case 0:
        store.Remove(id);
        break;
      case 1:
        store.Put(id, std::nullopt);
        break;
      case 2:
        store.Break(id, Error{ErrorKind::kIo, "broken"});
        break;
      case 3:
        catalog = store.Open(file);
        break;
      default: {
        RecordInfo info = PlainRecord(id);
        info.rows = round;
        info.status = static_cast<Status>(random() % 3);
        store.Put(id, info);
      }
    }
    if (random() % 20 == 0) std::filesystem::remove(file);
    ListOptions options;
    if (random() % 2 == 0) options.status = static_cast<Status>(random() % 3);
    options.with_corrupt = random() % 2 == 0;
    Ids expected;
    for (const auto& [record_id, info] : store.records) {
      if (store.errors.contains(record_id)) {
        if (options.with_corrupt) expected.push_back(record_id + " broken");
      } else if (info && (!options.status || info->status == *options.status)) {
        expected.push_back(record_id + " " + std::to_string(info->rows));
      }
    }
    Ids found;
    for (const auto& info : Must(catalog->List(options))) {
      const std::string rows = info.corrupt.empty() ? std::to_string(info.rows) : info.corrupt;
      found.push_back(info.record_id + " " + rows);
    }
    ASSERT_EQ(found, expected) << round;
  }
}

}  // namespace
}  // namespace coreshed::catalog
