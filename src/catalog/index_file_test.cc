#include "catalog/index_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "catalog/packed_record.h"
#include "catalog/test_records.h"
#include "support/temp_folder.h"

namespace coreshed::catalog {
namespace {

namespace fs = std::filesystem;

using Rows = std::map<std::string, std::string>;  // stamps by id

Rows Read(IndexFile& file) {
  Rows rows;
  file.Read(
      [&](const IndexFile::Row& row) { rows[std::string(PackedId(row.packed))] = row.stamp; });
  return rows;
}

Rows ReadFresh(const std::string& path) {
  IndexFile file(path);
  return Read(file);
}

/// Rows with what they point to.
struct Owned {
  explicit Owned(const Rows& rows) : stamps(rows) {
    for (const auto& [id, stamp] : stamps) {
      packed.push_back(Pack(id, PlainRecord(id)));
    }
    auto bytes = packed.begin();
    for (const auto& [id, stamp] : stamps)
      all.push_back({stamp, *bytes++});
  }
  Rows stamps;
  std::vector<std::string> packed;
  std::vector<IndexFile::Row> all;
};

bool Write(IndexFile& file, const Rows& put, const std::vector<std::string>& removed,
           const Rows& all) {
  const Owned owned_put(put);
  const Owned owned_all(all);
  IndexFile::Changes changes;
  changes.put = owned_put.all;
  changes.removed_ids.assign(removed.begin(), removed.end());
  return file.Write(changes, [&] { return owned_all.all; });
}

bool WriteAll(IndexFile& file, const Rows& all) {
  return Write(file, all, {}, all);
}

class IndexFileTest : public testing::Test {
 protected:
  int RunSql(const std::string& sql) {
    Database database;
    EXPECT_EQ(database.Open(path_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0), SQLITE_OK);
    return database.Execute(sql.c_str());
  }

  TempFolder folder_;
  const std::string path_ = folder_.path() + "/a/b/index.sqlite";
  const Rows rows_ = {{"BH-1", "s1"}, {"BH-2", "s2"}, {"Süd/3", "s3"}};
};

TEST_F(IndexFileTest, KeepsRowsForTheNextProcess) {
  IndexFile file(path_);
  EXPECT_TRUE(Read(file).empty());
  EXPECT_TRUE(WriteAll(file, rows_));
  EXPECT_EQ(ReadFresh(path_), rows_);

  EXPECT_TRUE(Write(file, {{"BH-2", "new"}, {"BH-4", "s4"}}, {"BH-1", "unheard of"}, {}));
  EXPECT_EQ(ReadFresh(path_), (Rows{{"BH-2", "new"}, {"BH-4", "s4"}, {"Süd/3", "s3"}}));
  EXPECT_EQ(fs::status(folder_.path() + "/a/b").permissions(), fs::perms::owner_all);
}

TEST_F(IndexFileTest, IsNotMadeForNothing) {
  IndexFile file(path_);
  EXPECT_TRUE(WriteAll(file, {}));
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(IndexFileTest, WithoutAPathKeepsNothing) {
  IndexFile file("");
  EXPECT_TRUE(Read(file).empty());
  EXPECT_TRUE(WriteAll(file, rows_));
  EXPECT_TRUE(Read(file).empty());
}

TEST_F(IndexFileTest, IsFilledAgainWhereItIsGone) {
  IndexFile file(path_);
  EXPECT_TRUE(WriteAll(file, rows_));
  fs::remove_all(folder_.path() + "/a");
  EXPECT_TRUE(Write(file, {}, {}, rows_));
  EXPECT_EQ(ReadFresh(path_), rows_);
}

TEST_F(IndexFileTest, IsFilledWhereAnotherProcessMadeItAnew) {
  IndexFile file(path_);
  EXPECT_TRUE(WriteAll(file, rows_));
  fs::remove(path_);
  IndexFile other(path_);
  EXPECT_TRUE(WriteAll(other, {{"BH-9", "s9"}}));
  EXPECT_TRUE(Write(file, {{"BH-2", "new"}}, {}, rows_));
  Rows expected = rows_;
  expected["BH-9"] = "s9";  // no harm: whoever sweeps finds out whether it is still there
  EXPECT_EQ(ReadFresh(path_), expected);
}

TEST_F(IndexFileTest, IsMadeAnewWhereItHasAnotherLayout) {
  IndexFile first(path_);
  EXPECT_TRUE(WriteAll(first, rows_));
  for (const char* change :
       {"PRAGMA user_version=99", "PRAGMA application_id=1", "DROP TABLE records",
        "DROP TABLE made", "DELETE FROM made", "ALTER TABLE records RENAME stamp TO other"}) {
    ASSERT_EQ(RunSql(change), SQLITE_OK) << change;
    IndexFile file(path_);
    EXPECT_TRUE(Read(file).empty()) << change;
    EXPECT_TRUE(WriteAll(file, rows_));
    EXPECT_EQ(ReadFresh(path_), rows_) << change;
  }
}

TEST_F(IndexFileTest, IsMadeAnewWhereAnotherReleaseMadeItMeanwhile) {
  IndexFile file(path_);
  EXPECT_TRUE(WriteAll(file, rows_));
  ASSERT_EQ(RunSql("PRAGMA user_version=99"), SQLITE_OK);
  EXPECT_TRUE(Write(file, {{"BH-1", "s1"}}, {}, rows_));
  EXPECT_EQ(ReadFresh(path_), rows_);
}

TEST_F(IndexFileTest, LeavesNoForeignDatabaseInItsPlace) {
  fs::create_directories(folder_.path() + "/a/b");
  ASSERT_EQ(RunSql("CREATE TABLE records (id, stamp, packed, checksum);"
                   "INSERT INTO records VALUES ('BH-1', 's1', 'x', 'y')"),
            SQLITE_OK);
  IndexFile file(path_);
  EXPECT_TRUE(Read(file).empty());
  EXPECT_TRUE(WriteAll(file, rows_));
  EXPECT_EQ(ReadFresh(path_), rows_);
}

TEST_F(IndexFileTest, PassesOverRowsThatWereChanged) {
  IndexFile first(path_);
  EXPECT_TRUE(WriteAll(first, rows_));
  ASSERT_EQ(RunSql("UPDATE records SET stamp = CAST('s9' AS BLOB) WHERE id = CAST('BH-1' AS BLOB);"
                   "UPDATE records SET id = CAST('BH-5' AS BLOB) WHERE id = CAST('BH-2' AS BLOB)"),
            SQLITE_OK);
  IndexFile file(path_);
  EXPECT_EQ(Read(file), (Rows{{"Süd/3", "s3"}}));
  EXPECT_TRUE(Write(file, {}, {}, rows_));  // made anew even where nothing changed
  EXPECT_EQ(ReadFresh(path_), rows_);
}

TEST_F(IndexFileTest, WipesWhatIsRemoved) {
  IndexFile file(path_);
  EXPECT_TRUE(WriteAll(file, {{"SECRETSECRET", "s"}, {"BH-1", "s"}}));
  EXPECT_TRUE(Write(file, {}, {"SECRETSECRET"}, {}));
  std::ifstream stream(path_, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  EXPECT_NE(bytes.find("BH-1"), bytes.npos);
  EXPECT_EQ(bytes.find("SECRETSECRET"), bytes.npos);
}

TEST_F(IndexFileTest, GivesUpWhereNoFileCanBe) {
  std::ofstream(folder_.path() + "/a") << "no folder";
  IndexFile file(path_);
  EXPECT_TRUE(Read(file).empty());
  EXPECT_TRUE(WriteAll(file, rows_));
  fs::remove(folder_.path() + "/a");
  EXPECT_TRUE(WriteAll(file, rows_));
  EXPECT_FALSE(fs::exists(path_));  // not tried again

  const std::string as_folder = folder_.path() + "/folder";
  fs::create_directories(as_folder + "/with something in it");
  IndexFile in_folder(as_folder);
  EXPECT_TRUE(Read(in_folder).empty());
  EXPECT_TRUE(WriteAll(in_folder, rows_));
  EXPECT_TRUE(fs::exists(as_folder + "/with something in it"));
}

TEST_F(IndexFileTest, WaitsForALockOnlySoLong) {
  IndexFile file(path_);
  EXPECT_TRUE(WriteAll(file, rows_));
  {
    Database other;
    ASSERT_EQ(other.Open(path_, SQLITE_OPEN_READWRITE, 0), SQLITE_OK);
    ASSERT_EQ(other.Execute("BEGIN EXCLUSIVE"), SQLITE_OK);
    IndexFile fresh(path_);
    EXPECT_TRUE(Read(fresh).empty());
    EXPECT_FALSE(Write(file, {{"BH-9", "s9"}}, {}, {}));
  }
  EXPECT_TRUE(Write(file, {{"BH-9", "s9"}}, {}, {}));
  Rows expected = rows_;
  expected["BH-9"] = "s9";
  EXPECT_EQ(ReadFresh(path_), expected);
}

TEST_F(IndexFileTest, GivesUpALockThatStays) {
  IndexFile file(path_);
  EXPECT_TRUE(WriteAll(file, rows_));
  Database other;
  ASSERT_EQ(other.Open(path_, SQLITE_OPEN_READWRITE, 0), SQLITE_OK);
  ASSERT_EQ(other.Execute("BEGIN EXCLUSIVE"), SQLITE_OK);
  EXPECT_FALSE(Write(file, {{"BH-9", "s9"}}, {}, {}));
  EXPECT_FALSE(Write(file, {{"BH-9", "s9"}}, {}, {}));
  EXPECT_TRUE(Write(file, {{"BH-9", "s9"}}, {}, {}));
}

}  // namespace
}  // namespace coreshed::catalog
