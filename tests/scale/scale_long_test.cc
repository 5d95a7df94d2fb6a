// Age and number: 100,000 versions of one record, 100,000 records. What is asserted is that
// everything is there and that nothing grows that must not; how long it takes is for bench/.

#include <gtest/gtest.h>

#include <filesystem>

#include "support/result_checks.h"
#include "support/tables.h"
#include "support/temp_folder.h"

namespace coreshed {
namespace {

constexpr int64_t kMany = 100'000;

std::shared_ptr<Store> Open(const TempFolder& folder) {
  OpenOptions options;
  options.create = true;
  options.threads = 1;
  return Must(Store::Open(folder.path() + "/store", options));
}

TEST(Scale, ARecordWith100000Versions) {
  const TempFolder folder;
  const auto store = Open(folder);
  Must(store->CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
  for (int64_t v = 2; v <= kMany; ++v) {
    Must(store->UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("a.meier")));
  }
  const auto bytes =
      std::filesystem::file_size(folder.path() + "/store/records/BH-7/metadata.json");
  EXPECT_LT(bytes, 64U << 10) << "metadata.json grows with age";
  const auto fresh = Open(folder);
  for (const int64_t v : {int64_t{1}, int64_t{5}, kMany / 2, kMany - 1, kMany}) {
    EXPECT_EQ(MarkOf(*Must(fresh->ReadTable("BH-7@v" + std::to_string(v)))), v);
  }
  EXPECT_EQ(Must(fresh->GetRecord("BH-7")).versions, kMany);
  const auto report = Must(fresh->Verify());
  EXPECT_EQ(report.versions, kMany);
  EXPECT_TRUE(report.ok()) << report.faults.front().message;
}

TEST(Scale, AStoreWith100000Records) {
  const TempFolder folder;
  const auto store = Open(folder);
  for (int64_t n = 1; n <= kMany; ++n) {
    auto options = By<CreateOptions>("a.meier");
    options.attributes["project_id"] = "P" + std::to_string(n % 100);
    Must(store->CreateRecord("BH-" + std::to_string(n), SoilTable(n), options));
  }
  const auto fresh = Open(folder);
  ListOptions some;
  some.attributes["project_id"] = "P42";
  EXPECT_EQ(static_cast<int64_t>(Must(fresh->ListRecords(some)).size()), kMany / 100);
  EXPECT_EQ(static_cast<int64_t>(Must(fresh->ListRecords()).size()), kMany);
  const auto version = Must(fresh->Versions("BH-77777")).front();
  const auto matches = Must(fresh->FindByContentHash(version.duplicate_hash));
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].record_id, "BH-77777");
  const auto report = Must(fresh->Verify());
  EXPECT_EQ(report.records, kMany);
  EXPECT_TRUE(report.ok()) << report.faults.front().message;
}

}  // namespace
}  // namespace coreshed
