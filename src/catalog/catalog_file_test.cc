#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "catalog/catalog.h"
#include "catalog/index_file.h"
#include "catalog/packed_record.h"
#include "catalog/test_catalog_file.h"
#include "storage/etag.h"

/// Whatever happens to the index's file, lists are right and no error reaches the caller.
namespace coreshed::catalog {
namespace {

namespace fs = std::filesystem;

std::string ReadBytes(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

TEST_F(CatalogFileTest, AFreshProcessLoadsNothing) {
  ExpectTruth(*store_.Open(file_));
  EXPECT_EQ(store_.TakeLoads(), 0);
}

TEST_F(CatalogFileTest, AFreshProcessLoadsOnlyWhatChanged) {
  RecordInfo info = PlainRecord("BH-7");
  info.rows = 7'000;
  store_.Put("BH-7", info);
  store_.Put("new");
  store_.Remove("BH-8");
  ExpectTruth(*store_.Open(file_));
  EXPECT_EQ(store_.TakeLoads(), 2);
  ExpectTruth(*store_.Open(file_));
  EXPECT_EQ(store_.TakeLoads(), 0);
}

TEST_F(CatalogFileTest, KeepsNothingOfWhatIsGone) {
  const auto catalog = store_.Open(file_);
  ExpectTruth(*catalog);
  store_.Remove("BH-8");
  store_.ForgetStamp("BH-9");
  store_.Break("BH-10", Error{ErrorKind::kCorruption, "broken"});
  (void)Must(catalog->List({}));
  int kept = 0;
  IndexFile(file_).Read([&](const IndexFile::Row& row) {
    ++kept;
    const auto id = PackedId(row.packed);
    EXPECT_TRUE(id != "BH-8" && id != "BH-9" && id != "BH-10") << id;
  });
  EXPECT_EQ(kept, kRecords - 3);
}

TEST_F(CatalogFileTest, WhatIsForgottenIsNotInTheFile) {
  RecordInfo info = PlainRecord("BH-8");
  info.name = "Jane Doe";
  store_.Put("BH-8", info);
  ExpectTruth(*store_.Open(file_));
  ASSERT_NE(ReadBytes(file_).find("Jane Doe"), std::string::npos);
  info.name = "";
  store_.Put("BH-8", info);
  store_.Open(file_)->Forget("BH-8");  // of a process that has read nothing yet
  EXPECT_EQ(ReadBytes(file_).find("Jane Doe"), std::string::npos);
  (void)store_.TakeLoads();
  const auto catalog = store_.Open(file_);
  ExpectTruth(*catalog);
  EXPECT_EQ(store_.TakeLoads(), 1);
  catalog->Forget("BH-8");
  ExpectTruth(*catalog);
  ExpectRecovery("forgotten by a process that had read it");
  store_.Open(folder_.path() + "/none")->Forget("BH-8");
  EXPECT_FALSE(fs::exists(folder_.path() + "/none"));
}

/// A store that was moved, and a copy, have files of their own.
TEST_F(CatalogFileTest, WhatIsForgottenIsInNoFileOfTheStore) {
  const char* before = std::getenv("XDG_CACHE_HOME");
  const std::string restored = before == nullptr ? "" : before;
  ::setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1);
  fs::create_directory(folder_.path() + "/coreshed");
  for (const std::string name : {"ab-1", "ab-2", "cd-1"})
    ExpectTruth(*store_.Open(DefaultIndexFile(name)));
  WriteBytes(DefaultIndexFile("ab-3"), "no index");
  ForgetInFiles("ab-", {"BH-8", "BH-9"});
  const auto holds = [](const std::string& name) {
    bool is_there = false;
    IndexFile(DefaultIndexFile(name)).Read([&](const IndexFile::Row& row) {
      is_there = is_there || PackedId(row.packed) == "BH-8";
    });
    return is_there;
  };
  EXPECT_FALSE(holds("ab-1"));
  EXPECT_FALSE(holds("ab-2"));
  EXPECT_TRUE(holds("cd-1"));
  EXPECT_FALSE(fs::exists(DefaultIndexFile("ab-3")));
  ExpectTruth(*store_.Open(DefaultIndexFile("ab-1")));
  restored.empty() ? ::unsetenv("XDG_CACHE_HOME") : ::setenv("XDG_CACHE_HOME", restored.c_str(), 1);
}

TEST_F(CatalogFileTest, CutAnywhere) {
  const std::string bytes = ReadBytes(file_);
  ASSERT_GT(bytes.size(), 50'000U);
  std::vector<size_t> sizes = {0, 1, 15, 16, 17, 99, 100, 101, 1'000};
  for (size_t page = 1; page * 16'384 <= bytes.size(); ++page) {
    sizes.insert(sizes.end(), {page * 16'384 - 1, page * 16'384, page * 16'384 + 1});
  }
  for (const size_t size : sizes) {
    WriteBytes(file_, bytes.substr(0, size));
    ExpectRecovery("cut to " + std::to_string(size));
  }
}

TEST_F(CatalogFileTest, AnyBytes) {
  std::mt19937 random(5);
  const std::string bytes = ReadBytes(file_);
  for (int round = 0; round < 150; ++round) {
    std::string damaged = bytes;
    const size_t begin = random() % bytes.size();
    const size_t size = round % 3 == 0 ? 1 : random() % 20'000;
    for (size_t i = begin; i < std::min(begin + size, bytes.size()); ++i) {
      damaged[i] = round % 2 == 0 ? '\0' : static_cast<char>(random());
    }
    WriteBytes(file_, damaged);
    ExpectRecovery("round " + std::to_string(round));
  }
}

TEST_F(CatalogFileTest, Garbage) {
  std::string bytes(100'000, 'x');
  WriteBytes(file_, bytes);
  ExpectRecovery("letters");
  WriteBytes(file_, std::string("SQLite format 3\0", 16) + bytes);
  ExpectRecovery("a good beginning");
}

TEST_F(CatalogFileTest, TornByAPowerCut) {
  // Nothing is synced: any page of two states may be on the disk.
  const std::string before = ReadBytes(file_);
  for (int i = 0; i < kRecords; ++i) {
    RecordInfo info = PlainRecord("BH-" + std::to_string(i));
    info.name = std::string(static_cast<size_t>(i), 'n');  // moves rows between pages
    store_.Put(info.record_id, info);
  }
  (void)store_.Open(file_)->List({});
  const std::string after = ReadBytes(file_);
  std::mt19937 random(6);
  for (int round = 0; round < 60; ++round) {
    std::string torn = after;
    for (size_t page = 0; page < before.size(); page += 16'384) {
      if (random() % 2 == 0) torn.replace(page, 16'384, before, page, 16'384);
    }
    WriteBytes(file_, torn);
    ExpectRecovery("round " + std::to_string(round));
  }
}

TEST_F(CatalogFileTest, ForeignJournalsBesideIt) {
  for (const char* ending : {"-journal", "-wal"}) {
    WriteBytes(file_ + ending, std::string(50'000, 'j'));
    ExpectRecovery(ending);
  }
}

TEST_F(CatalogFileTest, AJournalLeftByAKilledProcess) {
  // What a process leaves that is killed while its pages are half written.
  std::string half_written;
  std::string journal;
  {
    Database database;
    ASSERT_EQ(database.Open(file_, SQLITE_OPEN_READWRITE, 0), SQLITE_OK);
    ASSERT_EQ(database.Execute("PRAGMA cache_size=1; BEGIN; UPDATE records SET packed = 'x'"),
              SQLITE_OK);
    half_written = ReadBytes(file_);
    journal = ReadBytes(file_ + "-journal");
  }
  const std::string sound = ReadBytes(file_);
  ASSERT_NE(half_written, sound);
  ASSERT_GT(journal.size(), 16'384U);
  const auto leave = [&](const std::string& bytes) {
    WriteBytes(file_, bytes);
    WriteBytes(file_ + "-journal", journal);
  };
  leave(half_written);
  ExpectTruth(*store_.Open(file_));
  EXPECT_EQ(store_.TakeLoads(), 0);  // rolled back
  leave(half_written);
  fs::remove(file_);
  ExpectRecovery("the index was deleted, its journal was not");
  leave(std::string(100'000, 'x'));
  ExpectRecovery("beside garbage");

  for (int i = 0; i < kRecords; ++i)
    store_.Put("BH-" + std::to_string(i));
  ExpectTruth(*store_.Open(file_));
  leave(ReadBytes(file_));
  ExpectRecovery("beside a newer index");
}

TEST_F(CatalogFileTest, ASoundRowThatHoldsNoRecord) {
  const std::string packed("\x04\0\0\0BH-7\x01 no record", 19);
  {
    Database database;
    ASSERT_EQ(database.Open(file_, SQLITE_OPEN_READWRITE, 0), SQLITE_OK);
    Statement put(database, "UPDATE records SET packed=?, checksum=? WHERE id=?");
    const std::string stamp = store_.storage->stamps["BH-7"];
    const std::string checksum = storage::EtagOf(packed + stamp);
    put.Bind(1, packed);
    put.Bind(2, checksum);
    put.Bind(3, "BH-7");
    ASSERT_EQ(put.Run(), SQLITE_OK);
  }
  ExpectTruth(*store_.Open(file_));
  EXPECT_EQ(store_.TakeLoads(), 1);
  ExpectRecovery("no record");
}

TEST_F(CatalogFileTest, DeletedBetweenCalls) {
  const auto catalog = store_.Open(file_);
  ExpectTruth(*catalog);
  fs::remove(file_);
  ExpectTruth(*catalog);
  EXPECT_EQ(store_.TakeLoads(), 0);
  fs::remove_all(folder_.path() + "/cache");
  store_.Put("BH-7");
  ExpectTruth(*catalog);
  EXPECT_EQ(store_.TakeLoads(), 1);
  ExpectTruth(*store_.Open(file_));
  EXPECT_EQ(store_.TakeLoads(), 0);
}

TEST_F(CatalogFileTest, DamagedBetweenCalls) {
  const auto catalog = store_.Open(file_);
  ExpectTruth(*catalog);
  WriteBytes(file_, std::string(100'000, 'x'));
  store_.Put("BH-7");
  ExpectTruth(*catalog);
  (void)store_.TakeLoads();
  ExpectTruth(*store_.Open(file_));
  EXPECT_EQ(store_.TakeLoads(), 0);
}

TEST_F(CatalogFileTest, WithoutAFile) {
  WriteBytes(folder_.path() + "/no folder", "");
  for (const std::string& file : {std::string(), folder_.path() + "/no folder/index.sqlite",
                                  std::string("/proc/index.sqlite"), folder_.path()}) {
    const auto catalog = store_.Open(file);
    ExpectTruth(*catalog);
    store_.Put("BH-7");
    ExpectTruth(*catalog);
    EXPECT_EQ(store_.TakeLoads(), kRecords + 1);
  }
}

TEST_F(CatalogFileTest, WhatALockHinderedIsWrittenLater) {
  const auto catalog = store_.Open(file_);
  ExpectTruth(*catalog);
  {
    Database other;
    ASSERT_EQ(other.Open(file_, SQLITE_OPEN_READWRITE, 0), SQLITE_OK);
    ASSERT_EQ(other.Execute("BEGIN IMMEDIATE"), SQLITE_OK);
    store_.Put("BH-7");
    store_.Remove("BH-8");
    ExpectTruth(*catalog);
  }
  ExpectTruth(*catalog);
  (void)store_.TakeLoads();
  ExpectTruth(*store_.Open(file_));
  EXPECT_EQ(store_.TakeLoads(), 0);
}

TEST_F(CatalogFileTest, TwoCatalogsTakeTurns) {
  const auto one = store_.Open(file_);
  const auto other = store_.Open(file_);
  for (int round = 0; round < 20; ++round) {
    RecordInfo info = PlainRecord("BH-" + std::to_string(round % 5));
    info.rows = 1'000 + round;
    store_.Put(info.record_id, info);
    if (round % 3 == 0) store_.Put("new-" + std::to_string(round));
    if (round % 4 == 0) store_.Remove("BH-" + std::to_string(100 + round));
    ExpectTruth(round % 2 == 0 ? *one : *other);
  }
  ExpectTruth(*one);
  ExpectTruth(*other);
  (void)store_.TakeLoads();
  ExpectTruth(*store_.Open(file_));
  EXPECT_EQ(store_.TakeLoads(), 0);
}

}  // namespace
}  // namespace coreshed::catalog
