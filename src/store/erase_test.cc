// Purge, delete, redact: what is erased is nowhere in the store any more, and all that stays is
// whole.

#include <arrow/api.h>
#include <coreshed/coreshed.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "commit/commit.h"
#include "commit/erase.h"
#include "storage/memory.h"
#include "store/open_on.h"
#include "support/result_checks.h"
#include "support/tables.h"
#include "support/temp_folder.h"

namespace coreshed {
namespace {

constexpr const char* kSecret = "Jane Doe";

/// Rows numbered from 0, enough for many parts; `edited` rows from `begin` on hold other values.
std::shared_ptr<arrow::Table> BigTable(int64_t rows, int64_t begin = 0, int64_t edited = 0) {
  arrow::Int64Builder numbers;
  arrow::StringBuilder texts;
  std::mt19937_64 random(7);
  for (int64_t row = 0; row < rows; ++row) {
    const auto value = random() % 1000;
    (void)numbers.Append(row);
    const bool is_edited = row >= begin && row < begin + edited;
    (void)texts.Append((is_edited ? "edited " : "value ") + std::to_string(value));
  }
  return arrow::Table::Make(
      arrow::schema({arrow::field("n", arrow::int64()), arrow::field("text", arrow::utf8())}),
      {numbers.Finish().ValueOrDie(), texts.Finish().ValueOrDie()});
}

class EraseTest : public ::testing::Test {
 protected:
  EraseTest() : storage_(storage::MakeMemoryStorage()), store_(OpenStore()) {}

  std::shared_ptr<Store> OpenStore() {
    OpenOptions options;
    options.create = true;
    options.threads = 2;
    return Must(store::OpenOn(storage_, "memory", options, false));
  }
  void Create(int versions) {
    Must(store_->CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
    for (int v = 2; v <= versions; ++v)
      Must(store_->UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("a.meier")));
  }
  void ExpectWhole() {
    VerifyOptions deep;
    deep.deep = true;
    for (const auto& fault : Must(OpenStore()->Verify(deep)).faults) {
      ADD_FAILURE() << fault.record_id << " " << fault.object << " " << fault.rule << ": "
                    << fault.message;
    }
  }
  std::vector<std::string> Keys(const std::string& prefix) {
    std::vector<std::string> keys;
    Must(storage_->List(prefix, [&](const storage::ObjectStat& object) {
      keys.push_back(object.key);
      return true;
    }));
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  std::vector<std::string> DataFiles() {
    auto keys = Keys("records/BH-7/");
    std::erase_if(keys, [](const auto& key) { return !key.ends_with(".parquet"); });
    return keys;
  }
  /// Where in the store a text stands.
  std::vector<std::string> Holding(const std::string& text) {
    std::vector<std::string> found;
    for (const auto& key : Keys("")) {
      const auto bytes = Must(storage_->Get(key)).bytes->ToString();
      if (bytes.find(text) != bytes.npos) found.push_back(key);
    }
    return found;
  }
  std::vector<std::string> EventTypes() {
    std::vector<std::string> types;
    for (const auto& event : Must(store_->History("BH-7")))
      types.push_back(event.event_type);
    return types;
  }

  std::shared_ptr<storage::Storage> storage_;
  std::shared_ptr<Store> store_;
};

using Texts = std::vector<std::string>;

TEST_F(EraseTest, PurgedRowsAreGone) {
  Create(2);
  const std::string hash = Must(store_->Versions("BH-7"))[0].duplicate_hash;
  const auto erasure = Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "consent withdrawn")));
  EXPECT_EQ(erasure.files, 1);
  EXPECT_TRUE(erasure.erased);
  EXPECT_EQ(DataFiles(), Texts{"records/BH-7/versions/v2.parquet"});
  EXPECT_TRUE(Must(store_->FindByContentHash(hash)).empty());
  EXPECT_TRUE(Keys("content/" + hash.substr(0, 2) + "/" + hash).empty());
  const auto error = MustFail(store_->ReadTable("BH-7@v1"));
  EXPECT_EQ(error.kind, ErrorKind::kNotFound);
  EXPECT_NE(error.message.find("dpo"), error.message.npos) << error.message;
  EXPECT_NE(error.message.find("consent withdrawn"), error.message.npos) << error.message;
  EXPECT_EQ(MarkOf(*Must(store_->ReadTable("BH-7"))), 2);
  const auto versions = Must(store_->Versions("BH-7"));
  EXPECT_TRUE(versions[0].purged && versions[0].erased);
  EXPECT_EQ(EventTypes(), (Texts{"create", "update", "purge", "erased"}));
  ExpectWhole();
}

TEST_F(EraseTest, PurgingAgainChangesNothing) {
  Create(2);
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  EXPECT_TRUE(Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why"))).erased);
  EXPECT_EQ(EventTypes().size(), 4U);
}

TEST_F(EraseTest, WhatCannotBePurged) {
  Create(2);
  const auto by = By<EventOptions>("dpo", "why");
  EXPECT_EQ(MustFail(store_->Purge("BH-7", 2, by)).kind, ErrorKind::kInvalidState);
  EXPECT_EQ(MustFail(store_->Purge("BH-7", 3, by)).kind, ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(store_->Purge("BH-8", 1, by)).kind, ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(store_->Purge("BH-7", 1, By<EventOptions>("dpo"))).kind,
            ErrorKind::kInvalidArgument);
  EXPECT_EQ(EventTypes().size(), 2U);
  Must(store_->Purge("BH-7", 1, by));
  EXPECT_EQ(MustFail(store_->RollbackToVersion("BH-7", 1, By<RollbackOptions>("x", "y"))).kind,
            ErrorKind::kInvalidState);
}

TEST_F(EraseTest, EqualContentOfAnotherVersionStays) {
  Create(2);
  Must(store_->UpdateRecord("BH-7", SoilTable(1), By<WriteOptions>("a.meier")));  // as version 1
  const std::string hash = Must(store_->Versions("BH-7"))[0].duplicate_hash;
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  EXPECT_EQ(MarkOf(*Must(store_->ReadTable("BH-7@v3"))), 1);
  ASSERT_EQ(Must(store_->FindByContentHash(hash)).size(), 1U);
  ExpectWhole();
}

/// The parts that version 1 alone has lie in a file with parts that others need.
TEST_F(EraseTest, PartsThatOthersNeedAreMovedToAnotherFile) {
  constexpr int64_t kRows = 200'000;
  Must(store_->CreateRecord("BH-7", BigTable(kRows), By<CreateOptions>("a.meier")));
  for (int v = 2; v <= 40; ++v) {  // more than one page of versions
    Must(store_->UpdateRecord("BH-7", BigTable(kRows, 100'000, v), By<WriteOptions>("a.meier")));
  }
  const auto before = Must(store_->ReadTable("BH-7@v20"));
  ASSERT_EQ(Must(store_->Versions("BH-7", 19, 1))[0].tables[0].files, 2);  // shares parts of v1
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  const auto files = DataFiles();
  EXPECT_FALSE(std::binary_search(files.begin(), files.end(), "records/BH-7/versions/v1.parquet"));
  const auto anew = OpenStore();
  for (int v = 2; v <= 40; ++v) {
    const auto table = Must(anew->ReadTable("BH-7@v" + std::to_string(v)));
    ASSERT_TRUE(table->Equals(*BigTable(kRows, 100'000, v))) << v;
  }
  ExpectWhole();
  // Writing goes on from what was moved, and shares it.
  const auto next =
      Must(store_->UpdateRecord("BH-7", BigTable(kRows, 100'000, 41), By<WriteOptions>("a.meier")));
  EXPECT_GE(next.tables[0].files, 2);
  ExpectWhole();
}

TEST_F(EraseTest, OneTableOfSeveralIsMoved) {
  constexpr int64_t kRows = 100'000;
  const auto both = [](std::shared_ptr<arrow::Table> readings) {
    return Data(std::vector<TableInput>{{"readings", std::move(readings), nullptr},
                                        {"soil", SoilTable(1), nullptr}});
  };
  Must(store_->CreateRecord("BH-7", both(BigTable(kRows)), By<CreateOptions>("a.meier")));
  Must(
      store_->UpdateRecord("BH-7", both(BigTable(kRows, 50'000, 10)), By<WriteOptions>("a.meier")));
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  EXPECT_TRUE(Must(OpenStore()->ReadTable("BH-7#readings"))->Equals(*BigTable(kRows, 50'000, 10)));
  EXPECT_EQ(MarkOf(*Must(OpenStore()->ReadTable("BH-7#soil"))), 1);
  ExpectWhole();
}

TEST_F(EraseTest, ARecordIsDeletedOnlyWhereTheStoreLetsIt) {
  Create(2);
  EXPECT_EQ(MustFail(store_->DeleteRecord("BH-7", By<EventOptions>("dpo", "over"))).kind,
            ErrorKind::kInvalidState);
  EXPECT_EQ(MarkOf(*Must(store_->ReadTable("BH-7"))), 2);
}

/// Values of dictionaries stand in the schemas of versions, in base64.
TEST_F(EraseTest, WhatDictionariesHoldGoesToo) {
  const auto coded = [](const std::string& name) {
    arrow::StringDictionaryBuilder builder;
    (void)builder.Append(name);
    const auto column = builder.Finish().ValueOrDie();
    return arrow::Table::Make(arrow::schema({arrow::field("patient", column->type())}), {column});
  };
  Must(store_->CreateRecord("BH-7", coded(kSecret), By<CreateOptions>("a.meier")));
  const auto schemas = [&] {
    std::string found;
    for (const auto& key : Keys("records/BH-7/")) {
      if (!key.ends_with(".json")) continue;
      const auto bytes = Must(storage_->Get(key)).bytes->ToString();
      if (bytes.find("coreshed.dictionaries") != bytes.npos) found += key + " ";
    }
    return found;
  };
  for (int v = 2; v <= 20; ++v)
    Must(store_->UpdateRecord("BH-7", SoilTable(v), [] {
      auto options = By<WriteOptions>("a.meier");
      options.drift_policy = DriftPolicy::kAllow;
      return options;
    }()));
  EXPECT_NE(schemas(), "");
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  EXPECT_EQ(schemas(), "");
  EXPECT_EQ(Must(store_->Versions("BH-7", 0, 1))[0].tables[0].rows, 1);
  ExpectWhole();
}

/// Versions that share parts may say different things of them.
TEST_F(EraseTest, PartsAreMovedWhateverVersionsSayOfThem) {
  constexpr int64_t kRows = 100'000;
  const auto table = [&](bool nullable, int64_t begin, int64_t edited, bool with_null) {
    const auto base = BigTable(kRows, begin, edited);
    auto text = base->column(1);
    if (with_null) {
      arrow::StringBuilder one;
      (void)one.AppendNull();
      text = std::make_shared<arrow::ChunkedArray>(
          arrow::ArrayVector{one.Finish().ValueOrDie(), text->Slice(1)->chunk(0)});
    }
    return arrow::Table::Make(arrow::schema({arrow::field("n", arrow::int64()),
                                             arrow::field("text", arrow::utf8(), nullable)}),
                              {base->column(0), text});
  };
  auto allow = By<WriteOptions>("a.meier");
  allow.drift_policy = DriftPolicy::kAllow;
  Must(store_->CreateRecord("BH-7", table(true, 50'000, 10, true), By<CreateOptions>("a.meier")));
  Must(store_->UpdateRecord("BH-7", table(false, 0, 0, false), allow));  // shares all but two parts
  Must(store_->RollbackToVersion("BH-7", 1, By<RollbackOptions>("a.meier", "back")));
  Must(store_->UpdateRecord("BH-7", table(true, 99'000, 10, true), allow));  // shares the first one
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  EXPECT_TRUE(Must(OpenStore()->ReadTable("BH-7@v2"))->Equals(*table(false, 0, 0, false)));
  EXPECT_TRUE(Must(OpenStore()->ReadTable("BH-7"))->Equals(*table(true, 99'000, 10, true)));
  ExpectWhole();
}

TEST_F(EraseTest, AnEventIdSpeaksOfOneErasure) {
  Create(3);
  auto by = By<EventOptions>("dpo", "why");
  by.event_id = "0123456789abcdef0123456789abcdef";
  Must(store_->Purge("BH-7", 1, by));
  Must(store_->Purge("BH-7", 1, by));
  EXPECT_EQ(MustFail(store_->Purge("BH-7", 2, by)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MarkOf(*Must(store_->ReadTable("BH-7@v2"))), 2);
  by.event_id = "1123456789abcdef0123456789abcdef";
  Must(store_->Redact("BH-7", {1}, {"actor"}, by));
  Must(store_->Redact("BH-7", {1}, {"actor"}, by));
  EXPECT_EQ(MustFail(store_->Redact("BH-7", {2}, {"actor"}, by)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(Must(store_->History("BH-7"))[1].actor, "a.meier");
}

TEST_F(EraseTest, WhatIsSetAgainLaterStays) {
  auto options = By<CreateOptions>("a.meier");
  options.name = kSecret;
  options.attributes = {{"site", "A"}};
  Must(store_->CreateRecord("BH-7", SoilTable(1), options));
  const auto by = By<EventOptions>("a.meier");
  Must(store_->SetAttributes("BH-7", {{"site", "B"}}, "Other", by));
  Must(store_->SetAttributes("BH-7", {{"site", "A"}}, kSecret, by));
  Must(store_->Tag("BH-7@v1", "issue-A", by));
  Must(store_->UpdateRecord("BH-7", SoilTable(2), By<WriteOptions>("a.meier")));
  Must(store_->Tag("BH-7@v2", "issue-A", by));
  Must(store_->Redact("BH-7", {1, 4}, {"name", "attributes", "tag"}, By<EventOptions>("dpo", "y")));
  const auto record = Must(store_->GetRecord("BH-7"));
  EXPECT_EQ(record.name, kSecret);
  EXPECT_EQ(record.attributes.at("site"), "A");
  EXPECT_EQ(Must(store_->Resolve("BH-7@issue-A")).version.version, 2);
  ExpectWhole();
}

TEST_F(EraseTest, RemainsUnderNamesThatMayBeClaimedAreTold) {
  Create(2);
  Must(storage_->PutIfAbsent("records/BH-7/versions/v3.parquet", "half"));
  const auto erasure = Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  EXPECT_FALSE(erasure.erased);
  EXPECT_EQ(erasure.left, Texts{"records/BH-7/versions/v3.parquet"});
  Must(store_->UpdateRecord("BH-7", SoilTable(3), By<WriteOptions>("a.meier")));
  EXPECT_TRUE(Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why"))).erased);
  ExpectWhole();
}

TEST_F(EraseTest, ARedactedAuthorMayBeTheReviewer) {
  Must(store_->SetSettings({{"forbid_self_approval", "true"}}, By<EventOptions>("owner")));
  Create(1);
  Must(store_->Redact("BH-7", {1}, {"actor"}, By<EventOptions>("a.meier", "why")));
  EXPECT_EQ(MustFail(store_->ApproveRecord("BH-7", By<ReviewOptions>("a.meier"))).kind,
            ErrorKind::kInvalidState);
}

class DeleteTest : public EraseTest {
 protected:
  DeleteTest() { Must(store_->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("owner"))); }
};

TEST_F(DeleteTest, ATombstoneIsLeft) {
  auto options = By<CreateOptions>("a.meier");
  options.attributes = {{"patient", kSecret}};
  Must(store_->CreateRecord("BH-7", SoilTable(1), options));
  for (int v = 2; v <= 20; ++v)
    Must(store_->UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("a.meier")));
  const std::string hash = Must(store_->Versions("BH-7"))[0].duplicate_hash;
  const auto erasure = Must(store_->DeleteRecord("BH-7", By<EventOptions>("dpo", "time is over")));
  EXPECT_EQ(erasure.files, 21);  // and the page that their entries were in
  EXPECT_TRUE(erasure.erased);
  EXPECT_TRUE(DataFiles().empty());
  EXPECT_EQ(Keys("content/").size(), 1U);  // that of the settings
  EXPECT_EQ(Must(store_->History("BH-7")).back().event_type, "erased");
  const auto error = MustFail(store_->ReadTable("BH-7"));
  EXPECT_EQ(error.kind, ErrorKind::kNotFound);
  EXPECT_NE(error.message.find("dpo"), error.message.npos) << error.message;
  EXPECT_TRUE(Must(store_->ListRecords()).empty());
  EXPECT_TRUE(Must(store_->FindByContentHash(hash)).empty());
  EXPECT_EQ(Must(store_->Stats()).records, 0);
  EXPECT_TRUE(Must(store_->DeleteRecord("BH-7", By<EventOptions>("dpo", "again"))).erased);
  ExpectWhole();
}

TEST_F(DeleteTest, TheIdHasASecondLife) {
  Create(3);
  Must(store_->Tag("BH-7@v2", "issue-A", By<EventOptions>("a.meier")));
  Must(store_->DeleteRecord("BH-7", By<EventOptions>("dpo", "time is over")));
  const auto reborn = Must(store_->CreateRecord("BH-7", SoilTable(9), By<CreateOptions>("b.roth")));
  EXPECT_EQ(reborn.version, 4);
  EXPECT_EQ(Must(store_->Versions("BH-7")).size(), 1U);
  EXPECT_EQ(MustFail(store_->ReadTable("BH-7@v2")).kind, ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(store_->ReadTable("BH-7@issue-A")).kind, ErrorKind::kNotFound);
  EXPECT_EQ(EventTypes(),
            (Texts{"create", "update", "update", "tag", "delete", "erased", "create"}));
  EXPECT_EQ(MarkOf(*Must(store_->ReadTable("BH-7"))), 9);
  for (int v = 0; v < 20; ++v)  // the entries of both lives are sealed
    Must(store_->UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("b.roth")));
  ExpectWhole();
  Must(store_->DeleteRecord("BH-7", By<EventOptions>("dpo", "again")));
  EXPECT_TRUE(DataFiles().empty());
  ExpectWhole();
}

TEST_F(DeleteTest, ADeletionThatIsNotOverDoesNotReachTheNextLife) {
  const auto by = By<EventOptions>("dpo", "time is over");
  Create(1);
  commit::DocumentReader documents(storage_);
  commit::PageReader pages(storage_);
  commit::DeleteOperation killed(pages);  // right after its commit
  const commit::Context context{storage_, &documents, &pages, std::chrono::seconds(5)};
  Must(commit::Commit(context, "BH-7", by, killed));
  Must(store_->CreateRecord("BH-7", SoilTable(9), By<CreateOptions>("b.roth")));
  Must(store_->SetSettings({{"allow_delete", "false"}}, By<EventOptions>("owner")));
  const auto error = MustFail(store_->DeleteRecord("BH-7", by));  // as it was told to
  EXPECT_EQ(error.kind, ErrorKind::kInvalidState);
  EXPECT_NE(error.message.find("created again"), error.message.npos) << error.message;
  EXPECT_EQ(MarkOf(*Must(store_->ReadTable("BH-7"))), 9);
  EXPECT_EQ(EventTypes(), (Texts{"create", "delete", "create", "erased"}));
  Must(store_->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("owner")));
  EXPECT_TRUE(Must(store_->DeleteRecord("BH-7", by)).erased);
  ExpectWhole();
}

/// The remains of a write of the present life have a name that may be claimed: none of then.
TEST_F(DeleteTest, RemainsOfTheNextLifeDoNotKeepADeletionOpen) {
  const auto by = By<EventOptions>("dpo", "time is over");
  Create(1);
  commit::DocumentReader documents(storage_);
  commit::PageReader pages(storage_);
  commit::DeleteOperation killed(pages);
  Must(commit::Commit({storage_, &documents, &pages, std::chrono::seconds(5)}, "BH-7", by, killed));
  Must(store_->CreateRecord("BH-7", SoilTable(9), By<CreateOptions>("b.roth")));
  Must(storage_->PutIfAbsent("records/BH-7/versions/v3.parquet", "of a killed update"));
  EXPECT_EQ(MustFail(store_->DeleteRecord("BH-7", by)).kind, ErrorKind::kInvalidState);
  EXPECT_TRUE(Must(store_->DeleteRecord("BH-7", by)).erased);
  EXPECT_TRUE(DataFiles().empty());
}

/// A creation that was killed has left the rows in a folder of its own.
TEST(EraseLocalTest, WhatAKilledCreationHasLeftGoesToo) {
  const TempFolder folder(TempFolder::Where::kMemory);
  OpenOptions options;
  options.create = true;
  const auto store = Must(Store::Open(folder.path() + "/store", options));
  const std::string records = folder.path() + "/store/records/";
  for (const char* id : {"BH-7", "BH-7-b"})
    Must(store->CreateRecord(id, SoilTable(1), By<CreateOptions>("a.meier")));
  const std::string token(32, 'a');
  const std::vector<std::string> remains = {".new-BH-7-" + token, ".gone-BH-7-" + token};
  for (const auto& name : remains)
    std::filesystem::copy(records + "BH-7", records + name,
                          std::filesystem::copy_options::recursive);
  const std::string other = records + ".new-BH-7-b-" + token;
  std::filesystem::create_directory(other);
  Must(store->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("owner")));
  EXPECT_TRUE(Must(store->DeleteRecord("BH-7", By<EventOptions>("dpo", "why"))).erased);
  for (const auto& name : remains)
    EXPECT_FALSE(std::filesystem::exists(records + name)) << name;
  EXPECT_TRUE(std::filesystem::exists(other));
}

/// Whoever makes the record meanwhile, and finds it made, comes to no harm.
TEST(EraseLocalTest, ARecordThatIsMadeAgainCanBeDeletedAgain) {
  const TempFolder folder(TempFolder::Where::kMemory);
  OpenOptions options;
  options.create = true;
  const auto store = Must(Store::Open(folder.path() + "/store", options));
  Must(store->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("owner")));
  const std::string aside =
      folder.path() + "/store/records/.new-BH-7-" + std::string(32, 'a') + "/versions";
  for (int life = 1; life <= 3; ++life) {
    Must(store->CreateRecord("BH-7", SoilTable(life), By<CreateOptions>("a.meier")));
    std::filesystem::create_directories(aside);
    std::filesystem::last_write_time(
        aside, std::filesystem::file_time_type::clock::now() + std::chrono::hours(9999));
    EXPECT_TRUE(Must(store->DeleteRecord("BH-7", By<EventOptions>("dpo", "why"))).erased);
    EXPECT_FALSE(std::filesystem::exists(aside));
  }
  // Also while somebody makes it: one of the two comes first.
  std::atomic<bool> is_over = false;
  std::jthread creator([&] {
    while (!is_over) {
      const auto made = store->CreateRecord("BH-7", SoilTable(9), By<CreateOptions>("b.lee"));
      if (made) continue;
      EXPECT_EQ(made.error().kind, ErrorKind::kAlreadyExists) << made.error().message;
    }
  });
  for (int i = 0; i < 50; ++i) {
    const auto erased = store->DeleteRecord("BH-7", By<EventOptions>("dpo", "why"));
    if (erased) continue;
    EXPECT_EQ(erased.error().kind, ErrorKind::kInvalidState) << erased.error().message;
  }
  is_over = true;
}

TEST_F(DeleteTest, OnlyWhatIsThereIsDeleted) {
  const auto by = By<EventOptions>("dpo", "why");
  EXPECT_EQ(MustFail(store_->DeleteRecord("BH-8", by)).kind, ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(store_->DeleteRecord("_store", by)).kind, ErrorKind::kInvalidArgument);
  Create(1);
  EXPECT_EQ(MustFail(store_->DeleteRecord("BH-7", By<EventOptions>("dpo"))).kind,
            ErrorKind::kInvalidArgument);
}

TEST_F(EraseTest, RedactedTextsAreNowhere) {
  auto options = By<CreateOptions>("a.meier", std::string("seen by ") + kSecret);
  options.name = kSecret;
  options.attributes = {{"patient", kSecret}, {"site", "HKZ1"}};
  options.source = Source{std::string(kSecret) + ".csv", std::string(64, 'a'), 5};
  Must(store_->CreateRecord("BH-7", SoilTable(1), options));
  Must(store_->RejectRecord("BH-7", By<ReviewOptions>(kSecret, "as Jane Doe said")));
  Must(store_->Tag("BH-7@v1", kSecret, By<EventOptions>("a.meier")));
  for (int v = 2; v <= 40; ++v)
    Must(store_->UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("a.meier")));
  Must(store_->ApproveRecord("BH-7", By<ReviewOptions>("k.brandt", kSecret)));
  ASSERT_GE(Holding(kSecret).size(), 2U);  // a page, and metadata.json
  const int64_t last = Must(store_->History("BH-7")).back().seq;
  Must(store_->Redact("BH-7", {1, 2, 3, last},
                      {"actor", "comment", "name", "attributes", "tag", "file_name"},
                      By<EventOptions>("dpo", "asked for by the person")));
  EXPECT_TRUE(Holding(kSecret).empty());
  ExpectWhole();
  const auto events = Must(OpenStore()->History("BH-7"));
  EXPECT_EQ(events[1].event_type, "reject");
  EXPECT_EQ(events[1].actor + events[1].comment, "");
  EXPECT_EQ(events.back().event_type, "redact");
  EXPECT_EQ(events[4].actor, "a.meier");  // not asked for
  const auto record = Must(store_->GetRecord("BH-7"));
  EXPECT_EQ(record.name, "BH-7");
  EXPECT_TRUE(record.attributes.empty());
  EXPECT_EQ(MustFail(store_->Resolve("BH-7@Jane Doe")).kind, ErrorKind::kNotFound);
  EXPECT_EQ(MarkOf(*Must(store_->ReadTable("BH-7@v1"))), 1);
  for (int v = 0; v < 40; ++v)  // what was redacted is sealed again
    Must(store_->UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("a.meier")));
  ExpectWhole();
}

TEST_F(EraseTest, WhatCannotBeRedacted) {
  Create(2);
  const auto by = By<EventOptions>("dpo", "why");
  EXPECT_EQ(MustFail(store_->Redact("BH-7", {9}, {"actor"}, by)).kind, ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(store_->Redact("BH-7", {1}, {"colour"}, by)).kind, ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(store_->Redact("BH-7", {}, {"actor"}, by)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MustFail(store_->Redact("BH-7", {1}, {}, by)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MustFail(store_->Redact("BH-7", {1}, {"actor"}, By<EventOptions>("dpo"))).kind,
            ErrorKind::kInvalidArgument);
  EXPECT_EQ(EventTypes().size(), 2U);
  Must(store_->Redact("BH-7", {1}, {"actor"}, by));
  Must(store_->Redact("BH-7", {1}, {"actor"}, by));  // again: nothing to do
  EXPECT_EQ(EventTypes().size(), 3U);
}

TEST_F(DeleteTest, TheHistoryOfADeletedRecordCanBeRedacted) {
  Must(store_->CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier", kSecret)));
  Must(store_->DeleteRecord("BH-7", By<EventOptions>("dpo", "time is over")));
  Must(store_->Redact("BH-7", {1}, {"comment"}, By<EventOptions>("dpo", "names a person")));
  EXPECT_TRUE(Holding(kSecret).empty());
  ExpectWhole();
}

/// No later life of the record claims the names that a killed write of this one has left.
TEST_F(DeleteTest, RemainsOfADeletedRecordGoToo) {
  Create(2);
  Must(storage_->PutIfAbsent("records/BH-7/versions/v3.parquet", "half"));
  EXPECT_TRUE(Must(store_->DeleteRecord("BH-7", By<EventOptions>("dpo", "why"))).erased);
  EXPECT_TRUE(Keys("records/BH-7/versions/").empty());
  Create(1);
  const auto keys = Keys("records/BH-7/versions/v3");
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_NE(keys[0], "records/BH-7/versions/v3.parquet");
  ExpectWhole();
}

TEST_F(DeleteTest, NothingIsLeftOfWhatADeletedRecordWasCalled) {
  auto options = By<CreateOptions>(kSecret);
  options.name = kSecret;
  for (int life = 0; life < 2; ++life) {
    Must(store_->CreateRecord("BH-7", SoilTable(1), options));
    for (int v = 2; v <= 20; ++v)
      Must(store_->UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("a.meier")));
    Must(store_->DeleteRecord("BH-7", By<EventOptions>("dpo", "time is over")));
  }
  std::vector<int64_t> created;
  for (const auto& event : Must(store_->History("BH-7"))) {
    if (event.event_type == "create") created.push_back(event.seq);
  }
  ASSERT_EQ(created.size(), 2U);
  Must(store_->Redact("BH-7", created, {"actor", "name"}, By<EventOptions>("dpo", "asked for")));
  EXPECT_TRUE(Holding(kSecret).empty());
  ExpectWhole();
}

/// Any order of everything, against what must be there at the end.
TEST_F(DeleteTest, RandomHistories) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::string id = "R" + std::to_string(seed);
    std::map<int64_t, int64_t> marks;  // of versions that can be read
    int64_t active = 0, last = 0, seq = 0;
    for (int step = 0; step < 60; ++step) {
      const auto mark = static_cast<int64_t>(random() % 7);
      const int64_t some = last > 0 ? 1 + static_cast<int64_t>(random()) % last : 1;
      const auto by = By<EventOptions>("dpo", "why");
      if (active == 0) {
        active = Must(store_->CreateRecord(id, SoilTable(mark), By<CreateOptions>("a"))).version;
        ASSERT_EQ(active, last + 1);
        last = active;
        marks[active] = mark;
        continue;
      }
      switch (random() % 8) {
        case 0:
        case 1:
        case 2: {
          active = last =
              Must(store_->UpdateRecord(id, SoilTable(mark), By<WriteOptions>("a"))).version;
          marks[active] = mark;
          break;
        }
        case 3: {
          const auto done = store_->RollbackToVersion(id, some, By<RollbackOptions>("a", "b"));
          ASSERT_EQ(done.has_value(), marks.contains(some));
          if (done) active = some;
          break;
        }
        case 4:
        case 5: {
          const auto done = store_->Purge(id, some, by);
          const bool is_active = some == active;
          if (done && !is_active) marks.erase(some);
          ASSERT_TRUE(done || is_active || !marks.contains(some));
          break;
        }
        case 6: {
          seq = Must(store_->History(id)).back().seq;
          Must(store_->Redact(id, {1 + static_cast<int64_t>(random()) % seq}, {"actor"}, by));
          break;
        }
        default: {
          if (random() % 4 > 0) break;
          Must(store_->DeleteRecord(id, by));
          marks.clear();
          active = 0;
        }
      }
    }
    for (int64_t v = 1; v <= last; ++v) {
      const auto table = store_->ReadTable(id + "@v" + std::to_string(v));
      ASSERT_EQ(table.has_value(), marks.contains(v)) << v;
      if (table) {
        ASSERT_EQ(MarkOf(**table), marks[v]) << v;
      }
    }
  }
  ExpectWhole();
}

}  // namespace
}  // namespace coreshed
