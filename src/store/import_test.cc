// Import of older stores: spec/import.md, sections 3 to 5, on a store in memory.

#include <arrow/api.h>
#include <coreshed/coreshed.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "legacy/test_old_store.h"
#include "storage/memory.h"
#include "store/open_on.h"
#include "support/failing_storage.h"
#include "support/result_checks.h"
#include "support/tables.h"

namespace coreshed {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr const char* kHistory = R"({"record_id": "BH-7", "table_name": "log", "site": "HKZ1",
    "current_version": 1, "status": "approved", "history": [
    {"event_type": "create", "version": 1, "user_id": "m.sato", "timestamp": "2024-03-01T10:00:00Z",
     "comment": "first"},
    {"event_type": "approve", "version": 1, "user_id": "r.lind", "timestamp": "2024-03-02T10:00:00Z"},
    {"event_type": "update", "version": 2, "user_id": "n.ito", "timestamp": "2024-03-01T09:00:00Z"},
    {"event_type": "reject", "version": 2, "user_id": "r.lind", "timestamp": "2024-03-03T10:00:00Z",
     "comment": "wrong hole"},
    {"event_type": "rollback", "version": 1, "user_id": "r.lind"}]})";

class ImportTest : public ::testing::Test {
 protected:
  ImportTest() : storage_(storage::MakeMemoryStorage()), store_(Open(storage_)) {}

  static std::shared_ptr<Store> Open(const std::shared_ptr<storage::Storage>& storage) {
    OpenOptions options;
    options.create = true;
    options.threads = 1;
    options.timeout = std::chrono::milliseconds(50);
    return Must(store::OpenOn(storage, "memory", options, false));
  }
  /// Two versions with a history.
  void WriteOld() const {
    old_.Write("BH-7.json", kHistory);
    old_.Write("BH-7_v1.csv", "depth,soil\n1.5,CLAY\n3,SAND\n");
    old_.Write("BH-7_v2.csv", "depth,soil,code\n1.5,CLAY,007\n");
  }
  static Result<ImportReport> TryImport(Store& store, const std::string& folder) {
    ImportOptions options;
    options.actor = "k.brandt";
    return store.Import(folder, options);
  }
  ImportReport Import() { return Must(TryImport(*store_, old_.path())); }
  ImportReport MustImport() {
    auto report = Import();
    for (const auto& fault : report.faults)
      ADD_FAILURE() << fault.record_id << ": " << fault.message;
    ExpectSound(*store_);
    return report;
  }
  std::string Fault() {
    const auto report = Import();
    EXPECT_EQ(report.faults.size(), 1U);
    return report.faults.empty() ? "" : report.faults.front().message;
  }
  static void ExpectSound(Store& store) {
    VerifyOptions deep;
    deep.deep = true;
    for (const auto& fault : Must(store.Verify(deep)).faults)
      ADD_FAILURE() << fault.record_id << " " << fault.rule << ": " << fault.message;
  }
  /// What an import decides of a record: all but salts and hashes of the chain.
  static std::vector<std::string> Words(Store& store, const std::string& id) {
    std::vector<std::string> words;
    for (const auto& event : Must(store.History(id))) {
      words.push_back(event.event_id + " " + event.event_type + " " +
                      std::to_string(event.version.value_or(0)) + " " + event.actor + " " +
                      event.time + " " + event.comment);
    }
    for (const auto& version : Must(store.Versions(id))) {
      words.push_back(std::to_string(version.version) + " " + version.exact_hash + " " +
                      StatusName(version.status));
    }
    return words;
  }

  legacy::OldStore old_;
  std::shared_ptr<storage::Storage> storage_;
  std::shared_ptr<Store> store_;
};

TEST_F(ImportTest, EveryEventIsThereAsItWasTold) {
  WriteOld();
  const auto report = MustImport();
  EXPECT_EQ(report.records, 1);
  EXPECT_EQ(report.imported, 1);
  EXPECT_EQ(report.versions, 2);
  EXPECT_EQ(report.events, 5);
  std::vector<std::string> words;
  for (const auto& event : Must(store_->History("BH-7"))) {
    words.push_back(event.event_type + " " + event.actor + " " + event.time + " " + event.comment);
    EXPECT_EQ(event.texts.at("imported_by"), "k.brandt");
  }
  EXPECT_THAT(words, ElementsAre("create m.sato 2024-03-01T10:00:00.000000Z first",
                                 "approve r.lind 2024-03-02T10:00:00.000000Z ",
                                 "update n.ito 2024-03-02T10:00:00.000000Z ",
                                 "reject r.lind 2024-03-03T10:00:00.000000Z wrong hole",
                                 "rollback r.lind 2024-03-03T10:00:00.000000Z "));
  const auto info = Must(store_->GetRecord("BH-7"));
  EXPECT_EQ(info.current_version, 1);
  EXPECT_EQ(info.status, Status::kApproved);
  EXPECT_EQ(info.created_by, "m.sato");
  EXPECT_EQ(info.created_at, "2024-03-01T10:00:00.000000Z");
  EXPECT_EQ(info.attributes.at("site"), "HKZ1");
  const auto second = Must(store_->ReadTable("BH-7@v2#log"));
  EXPECT_EQ(second->num_rows(), 1);
  EXPECT_EQ(second->schema()->GetFieldByName("code")->type()->id(), arrow::Type::STRING);
  const auto version = Must(store_->Resolve("BH-7@v2")).version;
  EXPECT_EQ(version.source->file_name, "BH-7_v2.csv");
  EXPECT_EQ(version.created_by, "n.ito");
  // What was active on a day of the older store.
  EXPECT_EQ(Must(store_->Resolve("BH-7@2024-03-01T12:00:00Z")).version.version, 1);
}

TEST_F(ImportTest, ItIsSaidThatItWasTold) {
  WriteOld();
  MustImport();
  const auto events = Must(store_->History("BH-7"));
  const auto details = [&](size_t i) { return nlohmann::json::parse(events.at(i).details); };
  for (size_t i = 0; i < events.size(); ++i)
    EXPECT_GT(details(i).at("imported_at").get<std::string>(), "2026") << i;
  EXPECT_FALSE(details(0).contains("told_at"));
  EXPECT_EQ(details(2).at("told_at"), "2024-03-01T09:00:00.000000Z");
  EXPECT_TRUE(details(4).at("told_at").is_null());
  // What is done here is no told thing, and comes after it.
  Must(store_->UpdateRecord("BH-7", SoilTable(1), [] {
    auto options = By<WriteOptions>("a.meier");
    options.allow_breaking = true;
    return options;
  }()));
  const auto last = Must(store_->History("BH-7")).back();
  EXPECT_FALSE(nlohmann::json::parse(last.details).contains("imported_at"));
  EXPECT_GT(last.time, "2026");
}

TEST_F(ImportTest, TwiceChangesNothing) {
  WriteOld();
  MustImport();
  const auto before = Must(store_->GetMetadata("BH-7"));
  const auto report = MustImport();
  EXPECT_EQ(report.imported, 0);
  EXPECT_EQ(report.unchanged, 1);
  EXPECT_EQ(report.events, 0);
  EXPECT_EQ(Must(store_->GetMetadata("BH-7")), before);
}

TEST_F(ImportTest, WhatWentOnHereStaysAsItIs) {
  WriteOld();
  MustImport();
  auto meant = By<WriteOptions>("a.meier");
  meant.allow_breaking = true;
  Must(store_->UpdateRecord("BH-7", SoilTable(1), meant));
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "consent")));
  Must(store_->Redact("BH-7", {1}, {"actor", "imported_by"}, By<EventOptions>("dpo", "asked for")));
  const auto before = Must(store_->GetMetadata("BH-7"));
  EXPECT_EQ(MustImport().unchanged, 1);
  EXPECT_EQ(Must(store_->GetMetadata("BH-7")), before);
  Must(store_->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("dpo")));
  Must(store_->DeleteRecord("BH-7", By<EventOptions>("dpo", "all of it")));
  EXPECT_EQ(MustImport().unchanged, 1);
  EXPECT_EQ(MustFail(store_->GetRecord("BH-7")).kind, ErrorKind::kNotFound);
}

TEST_F(ImportTest, WhatWentOnThereIsAdded) {
  old_.Write("BH-8.json", R"({"created_by": "m.sato", "created_at": "2024-03-01T10:00:00Z"})");
  old_.Write("BH-8.csv", "n\n1\n");
  MustImport();
  const auto before = Words(*store_, "BH-8");
  old_.Write("BH-8.json", R"({"created_by": "m.sato", "created_at": "2024-03-01T10:00:00Z",
      "status": "approved", "approved_by": "r.lind", "approved_at": "2024-03-05T10:00:00Z"})");
  const auto report = MustImport();
  EXPECT_EQ(report.imported, 1);
  EXPECT_EQ(report.events, 1);
  EXPECT_EQ(Words(*store_, "BH-8").at(0), before.at(0));
  // Both sides.
  Must(store_->SetAttributes("BH-8", {{"a", "b"}}, std::nullopt, By<EventOptions>("a.meier")));
  old_.Write("BH-8_v2.csv", "n\n2\n");
  old_.Write("BH-8_v1.csv", "n\n1\n");
  old_.Remove("BH-8.csv");
  EXPECT_THAT(Fault(), HasSubstr("went its own way"));
}

TEST_F(ImportTest, AnIdThatIsInUseIsAFault) {
  WriteOld();
  Must(store_->CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
  const auto before = Must(store_->GetMetadata("BH-7"));
  EXPECT_THAT(Fault(), HasSubstr("already, which did not come from this import"));
  EXPECT_EQ(Must(store_->GetMetadata("BH-7")), before);
}

TEST_F(ImportTest, OneFaultDoesNotStopTheOthersAndLeavesNothing) {
  WriteOld();
  old_.Write("bad.json", R"({"status": "???"})");
  old_.Write("bad.csv", "n\n1\n");
  old_.Write("half.json", "{}");
  old_.Write("half_v1.csv", "n\n1\n");
  old_.Write("half_v2.parquet", "no Parquet");
  old_.Write("one.json", R"({"id": "same"})");
  old_.Write("one.csv", "n\n1\n");
  old_.Write("two.json", R"({"id": "same"})");
  old_.Write("two.csv", "n\n1\n");
  old_.Write("link.json", "{}");
  std::filesystem::create_symlink(old_.Path("BH-7_v1.csv"), old_.Path("link.csv"));
  const auto report = Import();
  EXPECT_EQ(report.records, 6);
  EXPECT_EQ(report.imported, 1);
  std::vector<std::string> faults;
  for (const auto& fault : report.faults)
    faults.push_back(fault.record_id + ": " + fault.message);
  EXPECT_THAT(faults, ElementsAre(HasSubstr("bad: 'status'"), HasSubstr("half: half_v2.parquet"),
                                  HasSubstr("link: 'link.csv' is a link"),
                                  HasSubstr("same: Two records of the folder have the id"),
                                  HasSubstr("same: Two records of the folder have the id")));
  EXPECT_EQ(Must(store_->ListRecords()).size(), 1U);
  ExpectSound(*store_);
}

TEST_F(ImportTest, WhatCanNotBeReadIsAFaultOfItsRecordAlone) {
  WriteOld();
  old_.Write("b.json", "{}");
  old_.Write("b", "no folder of tables");
  old_.Write("b.csv", "n\n1\n");
  old_.Write("records/c/metadata.json", "{}");
  old_.Write("records/c/versions", "no folder of versions");
  old_.Link("records/d", old_.Path("records/c"));
  const auto report = Import();
  EXPECT_EQ(report.imported, 2);
  std::vector<std::string> objects;
  for (const auto& fault : report.faults)
    objects.push_back(fault.object);
  EXPECT_THAT(objects, UnorderedElementsAre("records/c/metadata.json", "records/d"));
}

TEST_F(ImportTest, ADifferenceIsFoundWhenItIsReadBack) {
  WriteOld();
  MustImport();
  old_.Write("BH-7_v2.csv", "depth,soil,code\n1.5,SAND,007\n");
  EXPECT_THAT(Fault(), HasSubstr("Version 2 of 'BH-7' is not what the older files hold: table "
                                 "'log': rows 1 to 1 are not the same"));
  old_.Write("BH-7_v2.csv", "depth,soil,code\n1.5,CLAY,007\n1.5,CLAY,007\n");
  EXPECT_THAT(Fault(), HasSubstr("more than 1 rows"));
  old_.Write("BH-7_v2.csv", "depth,soil\n1.5,CLAY\n");
  EXPECT_THAT(Fault(), HasSubstr("the columns are not the same"));
  old_.Write("BH-7_v1.csv", "depth,soil\n3,SAND\n1.5,CLAY\n");
  EXPECT_THAT(Fault(), HasSubstr("Version 1 of 'BH-7'"));
}

TEST_F(ImportTest, UploadsKeepTheirFiles) {
  old_.Write("ae.json", R"({"upload_id": "ae-1", "dataset_name": "AE", "uploaded_by": "m.sato",
      "uploaded_at": "2024-03-01T10:00:00Z"})");
  old_.Write("ae.v1.csv", "n\n1\n");
  old_.Write("ae.v2.csv", "n\n1\n");  // the same content again: a version all the same
  const auto report = MustImport();
  EXPECT_EQ(report.versions, 2);
  EXPECT_EQ(Must(store_->History("ae-1")).at(1).event_type, "overwrite");
  EXPECT_EQ(Must(store_->ReadSource("ae-1@v2")).bytes->ToString(), "n\n1\n");
  EXPECT_EQ(Must(store_->GetRecord("ae-1")).name, "AE");
}

TEST_F(ImportTest, SeveralTablesAndFoldersOfRecords) {
  old_.Write("records/s/metadata.json", R"({"record_id": "study", "created_by": "m.sato",
      "created_at": "2024-03-01T10:00:00Z", "versions": [{"version": 2, "created_by": "n.ito",
      "created_at": "2024-03-02T10:00:00Z", "status": "draft"}]})");
  old_.Write("records/s/versions/v1/ae.csv", "n,day\n1,2024-01-01\n");
  old_.Write("records/s/versions/v1/dm.csv", "n\n1\n");
  old_.Write("records/s/versions/v2/dm.csv", "n\n");
  const auto soil = SoilTable(3);
  arrow::TableBatchReader rows(*soil);
  Must(WriteTableFile(rows, old_.Path("records/s/versions/v2/soil.parquet"), FileFormat::kParquet));
  MustImport();
  EXPECT_EQ(Must(store_->Resolve("study@v1")).version.tables.size(), 2U);
  EXPECT_EQ(Must(store_->ReadTable("study@v2#dm"))->num_rows(), 0);
  EXPECT_TRUE(Must(store_->ReadTable("study@v2#soil"))->Equals(*SoilTable(3)));
}

/// The import dies at each call of the storage in turn; the same import, made again, goes on.
TEST_F(ImportTest, InterruptedAnywhereItGoesOn) {
  WriteOld();
  MustImport();
  const auto expected = Words(*store_, "BH-7");
  for (int64_t call = 1;; ++call) {
    const auto inner = storage::MakeMemoryStorage();
    const auto failing = std::make_shared<storage::FailingStorage>(inner);
    const auto store = Open(failing);
    failing->Restart();
    failing->SetFault(call, storage::Fault::kStop);
    const auto died = TryImport(*store, old_.path());
    const bool is_over = failing->calls() < call;
    const auto again = Open(inner);
    const auto report = Must(TryImport(*again, old_.path()));
    EXPECT_TRUE(report.ok()) << call;
    EXPECT_EQ(Words(*again, "BH-7"), expected) << call;
    ExpectSound(*again);
    if (is_over) {
      EXPECT_TRUE(died && died->ok());
      EXPECT_GT(call, 20);
      break;
    }
  }
}

/// Somebody writes to the record between two of its events.
TEST_F(ImportTest, NobodyComesBetween) {
  WriteOld();
  const auto failing = std::make_shared<storage::FailingStorage>(storage_);
  const auto store = Open(failing);
  const auto other = Open(storage_);
  failing->Restart();
  int swaps = 0;
  failing->SetBefore([&](const storage::FailingStorage::Call& call) {
    if (call.name != "Swap" || ++swaps != 2) return;
    Must(other->SetAttributes("BH-7", {{"a", "b"}}, std::nullopt, By<EventOptions>("a.meier")));
  });
  const auto report = Must(TryImport(*store, old_.path()));
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_THAT(report.faults[0].message, HasSubstr("changed by somebody else"));
  EXPECT_EQ(Must(other->History("BH-7")).size(), 2U);
  ExpectSound(*other);
  EXPECT_THAT(Fault(), HasSubstr("went its own way"));
}

TEST_F(ImportTest, LongHistoriesAreSealedOnTheWay) {
  std::string history;
  for (int i = 1; i <= 40; ++i) {
    const std::string day = std::to_string(100 + i).substr(1);
    history += std::string(i > 1 ? "," : "") +
               R"({"event_type": "update", "user": "m", "timestamp": "2024-03-01T10:)" + day +
               R"(:00Z"})";
    old_.Write("BH-9_v" + std::to_string(i) + ".csv", "n\n" + std::to_string(i) + "\n");
  }
  old_.Write("BH-9.json", "{\"history\": [" + history + "]}");
  EXPECT_EQ(MustImport().versions, 40);
  EXPECT_EQ(MustImport().unchanged, 1);
  EXPECT_EQ(Must(store_->Resolve("BH-9@2024-03-01T10:17:30Z")).version.version, 17);
}

TEST_F(ImportTest, RefusedAsAWhole) {
  ImportOptions nobody;
  EXPECT_EQ(MustFail(store_->Import(old_.path(), nobody)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MustFail(TryImport(*store_, old_.Path("nowhere"))).kind, ErrorKind::kNotFound);
  old_.Write("coreshed.json", "{}");
  EXPECT_THAT(MustFail(TryImport(*store_, old_.path())).message, HasSubstr("Use copy"));
}

TEST_F(ImportTest, StopsAndTellsHowFarItIs) {
  WriteOld();
  old_.Write("b.json", "{}");
  old_.Write("b.csv", "n\n1\n");
  ImportOptions options;
  options.actor = "k.brandt";
  double last = 0;
  options.progress = [&](const std::string&, double fraction, const std::string&) {
    EXPECT_GE(fraction, last);
    last = fraction;
  };
  EXPECT_TRUE(Must(store_->Import(old_.path(), options)).ok());
  EXPECT_EQ(last, 1);
  std::stop_source stop;
  stop.request_stop();
  options.stop = stop.get_token();
  EXPECT_EQ(MustFail(store_->Import(old_.path(), options)).kind, ErrorKind::kCancelled);
}

}  // namespace
}  // namespace coreshed
