#include "catalog/packed_record.h"

#include <gtest/gtest.h>

#include <random>

#include "catalog/test_records.h"

namespace coreshed::catalog {
namespace {

RecordInfo RichRecord() {
  RecordInfo info = PlainRecord("Süd/7");
  info.status = Status::kRejected;
  info.tables = {"", "lab", "Proben ü"};
  info.rows = -1;
  info.versions = INT64_MAX;
  info.attributes = {{"", "empty key"}, {"empty value", ""}, {"ort", "Straße"}};
  info.corrupt = std::string("with a zero \0 in it", 19);
  return info;
}

TEST(PackedRecord, GivesBackEverything) {
  for (const RecordInfo& info : {PlainRecord("BH-7"), RichRecord(), RecordInfo()}) {
    RecordView view;
    const std::string packed = Pack(info.record_id, info);
    ASSERT_TRUE(Unpack(packed, &view));
    EXPECT_TRUE(view.is_listed);
    EXPECT_EQ(Text(view.ToInfo()), Text(info));
  }
}

TEST(PackedRecord, KeepsTheIdOfARecordThatIsNotListed) {
  const std::string packed = Pack("BH-7", std::nullopt);
  RecordView view;
  ASSERT_TRUE(Unpack(packed, &view));
  EXPECT_FALSE(view.is_listed);
  EXPECT_EQ(view.record_id, "BH-7");
  EXPECT_EQ(PackedId(packed), "BH-7");
}

TEST(PackedRecord, ViewsCanBeUsedAgain) {
  RecordView view;
  ASSERT_TRUE(Unpack(Pack("Süd/7", RichRecord()), &view));
  const std::string plain = Pack("BH-7", PlainRecord("BH-7"));
  ASSERT_TRUE(Unpack(plain, &view));
  EXPECT_EQ(Text(view.ToInfo()), Text(PlainRecord("BH-7")));
}

TEST(PackedRecord, IsNoneWhereItIsCutOrHasMore) {
  RecordView view;
  for (const auto& packed : {Pack("Süd/7", RichRecord()), Pack("BH-7", std::nullopt)}) {
    for (size_t size = 0; size < packed.size(); ++size) {
      EXPECT_FALSE(Unpack(packed.substr(0, size), &view)) << size;
    }
    EXPECT_FALSE(Unpack(packed + '\0', &view));
  }
}

TEST(PackedRecord, SurvivesAnyBytes) {
  std::mt19937 random(7);
  const std::string packed = Pack("Süd/7", RichRecord());
  RecordView view;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = packed;
    for (int i = 0; i < 3; ++i)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (Unpack(bytes, &view)) (void)view.ToInfo();
    (void)PackedId(bytes);
  }
}

}  // namespace
}  // namespace coreshed::catalog
