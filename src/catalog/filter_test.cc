#include "catalog/filter.h"

#include <gtest/gtest.h>

#include "catalog/test_records.h"

namespace coreshed::catalog {
namespace {

bool Accepts(const ListOptions& options, const RecordInfo& info) {
  const auto filter = Filter::Make(options);
  EXPECT_TRUE(filter.has_value());
  const std::string packed = Pack(info.record_id, info);
  RecordView view;
  EXPECT_TRUE(Unpack(packed, &view));
  return filter->Accepts(view);
}

bool FindsText(const std::string& text, const RecordInfo& info) {
  ListOptions options;
  options.text = text;
  return Accepts(options, info);
}

TEST(Filter, AcceptsAllWithoutConditions) {
  EXPECT_TRUE(Accepts({}, PlainRecord("BH-7")));
  RecordView deleted;
  const std::string packed = Pack("BH-7", std::nullopt);
  ASSERT_TRUE(Unpack(packed, &deleted));
  EXPECT_FALSE(Filter::Make({})->Accepts(deleted));
}

TEST(Filter, ByStatus) {
  RecordInfo info = PlainRecord("BH-7");
  for (const Status has : {Status::kDraft, Status::kApproved, Status::kRejected}) {
    info.status = has;
    for (const Status wanted : {Status::kDraft, Status::kApproved, Status::kRejected}) {
      ListOptions options;
      options.status = wanted;
      EXPECT_EQ(Accepts(options, info), has == wanted);
    }
  }
}

TEST(Filter, ByAttributesAllOfThem) {
  const auto accepts = [](std::map<std::string, std::string> attributes) {
    ListOptions options;
    options.attributes = std::move(attributes);
    return Accepts(options, PlainRecord("BH-7"));
  };
  EXPECT_TRUE(accepts({{"project_id", "P-1"}}));
  EXPECT_TRUE(accepts({{"project_id", "P-1"}, {"entity_type", "borelog"}}));
  EXPECT_FALSE(accepts({{"project_id", "P-2"}}));
  EXPECT_FALSE(accepts({{"project_id", "p-1"}}));
  EXPECT_FALSE(accepts({{"project_id", "P-1"}, {"depth", "3"}}));
  EXPECT_FALSE(accepts({{"depth", ""}}));
  EXPECT_FALSE(accepts({{"entity_type", "P-1"}}));
}

TEST(Filter, ByAuthorAndTable) {
  ListOptions options;
  options.created_by = "a.meier";
  EXPECT_TRUE(Accepts(options, PlainRecord("BH-7")));
  options.created_by = "b.kaya";  // updated it, did not create it
  EXPECT_FALSE(Accepts(options, PlainRecord("BH-7")));

  RecordInfo info = PlainRecord("BH-7");
  info.tables = {"data", "lab"};
  options = {};
  options.table_name = "lab";
  EXPECT_TRUE(Accepts(options, info));
  options.table_name = "la";
  EXPECT_FALSE(Accepts(options, info));
}

TEST(Filter, ByTimeOfTheLastChange) {
  const auto accepts = [](const std::string& since) {
    ListOptions options;
    options.updated_since = since;
    return Accepts(options, PlainRecord("BH-7"));  // 2026-01-28T10:00:00Z
  };
  EXPECT_TRUE(accepts("2026-01-28T10:00:00.000000Z"));
  EXPECT_TRUE(accepts("2026-01-28T10:00:00Z"));
  EXPECT_FALSE(accepts("2026-01-28T10:00:00.000001Z"));
  EXPECT_TRUE(accepts("2026-01-28T11:30:00+02:00"));
  EXPECT_FALSE(accepts("2026-01-28T11:30:00+01:00"));
  EXPECT_TRUE(accepts("2026-01-28"));
  EXPECT_FALSE(accepts("2026-01-29"));
}

TEST(Filter, RefusesATimeThatIsNone) {
  for (const char* since : {"yesterday", "2026-13-01", "2026-01-28 10:00", " "}) {
    ListOptions options;
    options.updated_since = since;
    const auto filter = Filter::Make(options);
    ASSERT_FALSE(filter.has_value());
    EXPECT_EQ(filter.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_NE(filter.error().message.find(since), std::string::npos);
  }
}

TEST(Filter, TextInIdNameAndValuesOfAttributes) {
  const RecordInfo info = PlainRecord("BH-7");
  EXPECT_TRUE(FindsText("bh-7", info));
  EXPECT_TRUE(FindsText("BOREHOLE", info));
  EXPECT_TRUE(FindsText("orel", info));
  EXPECT_TRUE(FindsText("p-1", info));
  EXPECT_FALSE(FindsText("project_id", info));  // a key
  EXPECT_FALSE(FindsText("meier", info));
  EXPECT_FALSE(FindsText("ü", info));
  EXPECT_FALSE(FindsText("P-1BH", info));
}

TEST(Filter, TextInOtherScriptsAndCases) {
  RecordInfo info = PlainRecord("Süd-7");
  info.name = "STRASSE Скважина";
  info.attributes = {{"ort", "Große Höhe"}, {"名", "地質調査"}, {"plain", "Kiel"}};
  for (const char* text :
       {"SÜD", "süd-7", "straße", "скважина", "СКВ", "GROSSE HÖHE", "地質", "kIEL"}) {
    EXPECT_TRUE(FindsText(text, info)) << text;
  }
  EXPECT_TRUE(FindsText("su\u0308d", info));  // not composed
  EXPECT_FALSE(FindsText("sud", info));
  EXPECT_FALSE(FindsText("скважинаgroße", info));
  EXPECT_FALSE(FindsText("7straße", info));   // across two texts
  EXPECT_FALSE(FindsText("\xFF", info));      // no UTF-8
  EXPECT_TRUE(FindsText("\u212Aiel", info));  // the Kelvin sign is a K
  EXPECT_TRUE(FindsText("\u212Aiel", PlainRecord("kiel")));
}

TEST(Filter, AllConditionsTogether) {
  ListOptions options;
  options.status = Status::kDraft;
  options.attributes = {{"project_id", "P-1"}};
  options.created_by = "a.meier";
  options.table_name = "data";
  options.text = "BOREHOLE";
  options.updated_since = "2026-01-01";
  EXPECT_TRUE(Accepts(options, PlainRecord("BH-7")));
  const auto refuses = [&](auto change) {
    RecordInfo info = PlainRecord("BH-7");
    change(info);
    return !Accepts(options, info);
  };
  EXPECT_TRUE(refuses([](RecordInfo& info) { info.status = Status::kApproved; }));
  EXPECT_TRUE(refuses([](RecordInfo& info) { info.attributes["project_id"] = "P-2"; }));
  EXPECT_TRUE(refuses([](RecordInfo& info) { info.created_by = "c"; }));
  EXPECT_TRUE(refuses([](RecordInfo& info) { info.tables = {}; }));
  EXPECT_TRUE(refuses([](RecordInfo& info) { info.name = "hole"; }));
  EXPECT_TRUE(refuses([](RecordInfo& info) { info.updated_at = "2025-12-31T23:59:59.999999Z"; }));
}

TEST(Filter, ACorruptRecordMeetsAllConditionsUnlessUnwanted) {
  RecordInfo info;
  info.record_id = "BH-7";
  info.corrupt = "The chain is broken.";
  ListOptions options;
  options.status = Status::kApproved;
  options.text = "no such";
  EXPECT_TRUE(Accepts(options, info));
  options.with_corrupt = false;
  EXPECT_FALSE(Accepts(options, info));
}

}  // namespace
}  // namespace coreshed::catalog
