#include "base/paths.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coreshed::paths {
namespace {

TEST(Paths, EscapingIsReversibleAndReadable) {
  for (const std::string& name :
       std::vector<std::string>{"BH-7", "a/b c", "..", ".hidden", "50%", "Bohrung Süd", "井戸-7",
                                "a@b#c", "x.y.z", "%41", "C:\\temp"}) {
    const std::string segment = Escape(name);
    EXPECT_EQ(segment.find('/'), segment.npos);
    EXPECT_NE(segment.front(), '.') << "a leading dot marks temporary names";
    EXPECT_EQ(Unescape(segment), name);
  }
  EXPECT_EQ(Escape("a/b c"), "a%2Fb%20c");
  EXPECT_EQ(Escape("Bohrung-Süd_2.1"), "Bohrung-Süd_2.1");
}

TEST(Paths, OnlyWhatEscapeMakesIsUnescaped) {
  for (const char* segment : {"", "%", "%4", "%zz", "%2f", "a b", "%41"}) {
    EXPECT_EQ(Unescape(segment), std::nullopt) << segment;
  }
}

TEST(Paths, BadRecordIdsAreRefused) {
  const std::string too_long(201, 'x');
  for (const std::string& id :
       {std::string(), std::string("/etc/passwd"), std::string("../x"), std::string("a/../b"),
        std::string("."), std::string("a\nb"), std::string("a\0b", 3), std::string("\xff\xfe"),
        std::string(" x"), std::string("x "), std::string("_store"), too_long,
        std::string("\\\\host\\share")}) {
    const auto checked = CheckRecordId(id);
    ASSERT_FALSE(checked) << id;
    EXPECT_EQ(checked.error().kind, ErrorKind::kInvalidArgument);
  }
}

TEST(Paths, IdsAreComparedAsNfc) {
  const auto composed = CheckRecordId("S\u00fcd");
  const auto decomposed = CheckRecordId("Su\u0308d");
  ASSERT_TRUE(composed && decomposed);
  EXPECT_EQ(*composed, *decomposed);
}

TEST(Paths, MarkersAreParsedBack) {
  const std::string hash(32, 'a');
  const auto parsed = ParseContentMarker(ContentMarker(hash, "BH.7/x", 12));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->hash, hash);
  EXPECT_EQ(parsed->record_id, "BH.7/x");
  EXPECT_EQ(parsed->version, 12);
  EXPECT_EQ(ParseEventMarker(EventMarker("BH-7", hash, 99)), 99);
  for (const char* key : {"content/aa/x", "content/aa/zz.BH.1", "", "content/aa/..1"}) {
    EXPECT_FALSE(ParseContentMarker(key)) << key;
  }
}

TEST(Paths, StoredNamesStayInside) {
  for (const char* name : {"versions/v1.parquet", "tables/a..b/versions/v1/0.parquet", "pages/x"}) {
    EXPECT_TRUE(StaysInside(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("/etc"), std::string("a/../b"), std::string("./a"),
        std::string("a//b"), std::string("a/"), std::string(".."), std::string("a\0b", 3)}) {
    EXPECT_FALSE(StaysInside(name)) << name;
  }
}

TEST(Paths, DataFilesOfOneAndSeveralTables) {
  EXPECT_EQ(DataFile("data", true, 2, -1, ""), "versions/v2.parquet");
  EXPECT_EQ(DataFile("data", true, 2, 0, ""), "versions/v2/0.parquet");
  EXPECT_EQ(DataFile("lab", false, 2, -1, ""), "tables/lab/versions/v2.parquet");
  EXPECT_EQ(DataFile("data", true, 2, -1, "abc"), "versions/v2-abc.parquet");
}

}  // namespace
}  // namespace coreshed::paths
