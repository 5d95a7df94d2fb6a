// The rules of the door, on a store in memory. What needs a disk, faults or many writers lies in
// tests/.

#include <arrow/api.h>
#include <coreshed/coreshed.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "commit/document.h"
#include "storage/memory.h"
#include "store/open_on.h"
#include "support/failing_storage.h"
#include "support/result_checks.h"
#include "support/tables.h"

namespace coreshed {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() : storage_(storage::MakeMemoryStorage()), store_(Open()) {
    Must(store_->CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier", "first")));
  }
  std::shared_ptr<Store> Open() {
    OpenOptions options;
    options.create = true;
    options.threads = 1;
    return Must(store::OpenOn(storage_, "memory", options, false));
  }
  Version Update(int64_t mark) {
    return Must(store_->UpdateRecord("BH-7", SoilTable(mark), By<WriteOptions>("a.meier")));
  }
  static std::shared_ptr<arrow::Table> WithoutSoil() {
    return SoilTable(5)->RemoveColumn(1).ValueOrDie();
  }
  void Replace(const std::string& key, const std::string& bytes) {
    Must(storage_->Delete(key));
    Must(storage_->PutIfAbsent(key, bytes));
  }
  std::vector<std::string> EventTypes() {
    std::vector<std::string> types;
    for (const auto& event : Must(store_->History("BH-7")))
      types.push_back(event.event_type);
    return types;
  }

  static std::string FaultsOf(Store& store) {
    std::string faults;
    for (const auto& fault : Must(store.Verify()).faults)
      faults += fault.rule + ": " + fault.message + "\n";
    return faults;
  }

  std::shared_ptr<storage::Storage> storage_;
  std::shared_ptr<Store> store_;
};

using Types = std::vector<std::string>;

TEST_F(StoreTest, AnUpdateIsADraftAndActive) {
  Must(store_->ApproveRecord("BH-7", By<ReviewOptions>("c.ito")));
  const auto version = Update(2);
  EXPECT_EQ(version.version, 2);
  EXPECT_EQ(version.status, Status::kDraft);
  EXPECT_TRUE(version.active);
  EXPECT_EQ(Must(store_->Resolve("BH-7@approved")).version.version, 1);
}

TEST_F(StoreTest, TheSameContentIsANewVersionThatNamesItsEqual) {
  Must(store_->RejectRecord("BH-7", By<ReviewOptions>("c.ito", "wrong depth")));
  const auto again = Update(1);
  EXPECT_EQ(again.version, 2);
  EXPECT_EQ(again.equals_version, 1);
  EXPECT_EQ(again.status, Status::kDraft);
  EXPECT_EQ(again.exact_hash, Must(store_->Versions("BH-7"))[0].exact_hash);
}

TEST_F(StoreTest, ReviewsNeedADraftAReasonAndTheVersionLookedAt) {
  auto error = MustFail(store_->RejectRecord("BH-7", By<ReviewOptions>("c.ito")));
  EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
  auto looked = By<ReviewOptions>("c.ito");
  looked.version = 1;
  Update(2);
  EXPECT_EQ(MustFail(store_->ApproveRecord("BH-7", looked)).kind, ErrorKind::kConflict);
  looked.version = 2;
  looked.meaning = "approved for design";
  const auto approved = Must(store_->ApproveRecord("BH-7", looked));
  EXPECT_EQ(approved.status, Status::kApproved);
  EXPECT_EQ(approved.review->meaning, "approved for design");
  EXPECT_EQ(MustFail(store_->ApproveRecord("BH-7", looked)).kind, ErrorKind::kInvalidState);
  EXPECT_EQ(EventTypes(),
            (Types{"create", "reject_refused", "update", "approve", "approve_refused"}));
}

TEST_F(StoreTest, AuthorsMayBeKeptFromApproving) {
  Must(store_->SetSettings({{"forbid_self_approval", "true"}}, By<EventOptions>("owner")));
  EXPECT_EQ(MustFail(store_->ApproveRecord("BH-7", By<ReviewOptions>("a.meier"))).kind,
            ErrorKind::kInvalidState);
  Must(store_->ApproveRecord("BH-7", By<ReviewOptions>("c.ito")));
}

TEST_F(StoreTest, AStoreMayListItsMeanings) {
  Must(store_->SetSettings({{"review_meanings", "reviewed|approved for design"}},
                           By<EventOptions>("owner")));
  auto options = By<ReviewOptions>("c.ito");
  options.meaning = "looks fine";
  EXPECT_EQ(MustFail(store_->ApproveRecord("BH-7", options)).kind, ErrorKind::kInvalidArgument);
  options.meaning = "reviewed";
  Must(store_->ApproveRecord("BH-7", options));
}

TEST_F(StoreTest, ABreakingChangeIsRefusedRecordedAndCanBeLetIn) {
  const auto error =
      MustFail(store_->UpdateRecord("BH-7", WithoutSoil(), By<WriteOptions>("a.meier")));
  EXPECT_EQ(error.kind, ErrorKind::kSchemaDrift);
  EXPECT_NE(error.message.find("soil"), error.message.npos);
  auto options = By<WriteOptions>("a.meier");
  options.allow_breaking = true;
  const auto version = Must(store_->UpdateRecord("BH-7", WithoutSoil(), options));
  EXPECT_EQ(version.drift.drift_class, DriftClass::kBreaking);
  EXPECT_TRUE(version.drift.overridden);
  EXPECT_EQ(EventTypes(), (Types{"create", "update_refused", "update"}));
}

TEST_F(StoreTest, PoliciesOfCallRecordAndStore) {
  Must(store_->SetSettings({{"drift_policy", "warn"}}, By<EventOptions>("owner")));
  const auto warned =
      Must(store_->UpdateRecord("BH-7", WithoutSoil(), By<WriteOptions>("a.meier")));
  EXPECT_FALSE(warned.warnings.empty());
  auto strict = By<CreateOptions>("a.meier");
  strict.record_drift_policy = DriftPolicy::kReject;
  Must(store_->CreateRecord("BH-8", SoilTable(1), strict));
  EXPECT_EQ(MustFail(store_->UpdateRecord("BH-8", WithoutSoil(), By<WriteOptions>("a.meier"))).kind,
            ErrorKind::kSchemaDrift);
  auto call = By<WriteOptions>("a.meier");
  call.drift_policy = DriftPolicy::kAllow;
  EXPECT_TRUE(Must(store_->UpdateRecord("BH-8", WithoutSoil(), call)).warnings.empty());
}

TEST_F(StoreTest, ARecordsOwnPolicyIsInItsHistory) {
  auto strict = By<CreateOptions>("a.meier");
  strict.record_drift_policy = DriftPolicy::kReject;
  Must(store_->CreateRecord("BH-8", SoilTable(1), strict));
  EXPECT_NE(Must(store_->History("BH-8"))[0].details.find("\"drift_policy\":\"reject\""),
            std::string::npos);
  EXPECT_EQ(Must(store_->GetRecord("BH-8")).drift_policy, DriftPolicy::kReject);
  const auto owner = By<EventOptions>("owner", "read by hand only");
  EXPECT_EQ(Must(store_->SetDriftPolicy("BH-8", DriftPolicy::kAllow, owner)).drift_policy,
            DriftPolicy::kAllow);
  Must(store_->SetDriftPolicy("BH-8", DriftPolicy::kAllow, owner));  // it is so already
  Must(store_->UpdateRecord("BH-8", WithoutSoil(), By<WriteOptions>("a.meier")));
  Must(store_->SetDriftPolicy("BH-8", std::nullopt, owner));
  EXPECT_EQ(Must(store_->ListRecords())[1].drift_policy, std::nullopt);
  const auto events = Must(store_->History("BH-8"));
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[1].event_type, "set_drift_policy");
  EXPECT_EQ(events[1].details, "{\"drift_policy\":\"allow\"}");
  EXPECT_EQ(events[3].details, "{\"drift_policy\":null}");
  EXPECT_EQ(FaultsOf(*store_), "");
}

TEST_F(StoreTest, APolicyThatNoEventSetIsAFault) {
  const std::string key = "records/BH-7/metadata.json";
  auto document = Must(commit::ParseDocument(Must(storage_->Get(key)).bytes->ToString(), "BH-7"));
  document.drift_policy = DriftPolicy::kAllow;
  Must(storage_->Delete(key));
  Must(storage_->PutIfAbsent(key, commit::Serialize(document)));
  EXPECT_NE(FaultsOf(*store_).find("drift_policy"), std::string::npos);
}

TEST_F(StoreTest, ARenameOfWhatIsNotThereIsRefused) {
  auto options = By<WriteOptions>("a.meier");
  for (const auto& rename : {std::pair("sool", "soil"), {"soil", "soil_type"}}) {
    options.renames = {rename};
    EXPECT_EQ(MustFail(store_->UpdateRecord("BH-7", SoilTable(2), options)).kind,
              ErrorKind::kInvalidArgument);
    EXPECT_EQ(MustFail(store_->AppendRows("BH-7", SoilTable(2), options)).kind,
              ErrorKind::kInvalidArgument);
  }
}

TEST_F(StoreTest, MessagesOfWideTablesAreForPeople) {
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (int i = 0; i < 5'000; ++i) {
    fields.push_back(arrow::field("c" + std::to_string(i), arrow::null()));
    columns.push_back(arrow::MakeArrayOfNull(arrow::null(), 1).ValueOrDie());
  }
  const auto wide = arrow::Table::Make(arrow::schema(fields), columns);
  Must(store_->CreateRecord("WIDE", wide, By<CreateOptions>("a.meier")));
  ReadOptions options;
  options.columns = {"d7"};
  const auto missing = MustFail(store_->ReadTable("WIDE", options));
  EXPECT_NE(missing.message.find("c49, and 4950 more."), std::string::npos) << missing.message;
  options = {};
  options.where = "d7 > 3";
  EXPECT_LT(MustFail(store_->ReadTable("WIDE", options)).message.size(), 1'000U);
  const auto drift =
      MustFail(store_->UpdateRecord("WIDE", SoilTable(1), By<WriteOptions>("a.meier")));
  EXPECT_EQ(drift.kind, ErrorKind::kSchemaDrift);
  EXPECT_LT(drift.message.size(), 2'000U) << drift.message;
  EXPECT_EQ(Must(store_->History("WIDE")).back().event_type, "update_refused");
}

TEST_F(StoreTest, ExpectedVersion) {
  Update(2);
  auto options = By<WriteOptions>("a.meier");
  options.expected_version = 1;
  EXPECT_EQ(MustFail(store_->UpdateRecord("BH-7", SoilTable(3), options)).kind,
            ErrorKind::kConflict);
  options.expected_version = 2;
  EXPECT_EQ(Must(store_->UpdateRecord("BH-7", SoilTable(3), options)).version, 3);
}

TEST_F(StoreTest, EmptyTablesAreRefusedUnlessAllowed) {
  const auto empty = SoilTable(1)->Slice(0, 0);
  EXPECT_EQ(MustFail(store_->UpdateRecord("BH-7", empty, By<WriteOptions>("a.meier"))).kind,
            ErrorKind::kValidation);
  auto options = By<WriteOptions>("a.meier");
  options.allow_empty = true;
  EXPECT_EQ(Must(store_->UpdateRecord("BH-7", empty, options)).tables[0].rows, 0);
}

TEST_F(StoreTest, RefsFindTheirVersions) {
  const auto two = Update(2);
  Update(3);
  Must(store_->Tag("BH-7@v2", "issue-A", By<EventOptions>("c.ito")));
  Must(store_->RollbackToVersion("BH-7", 1, By<RollbackOptions>("c.ito", "mistake")));
  const auto number = [&](const std::string& ref) {
    return Must(store_->Resolve(ref)).version.version;
  };
  EXPECT_EQ(number("BH-7"), 1);
  EXPECT_EQ(number("BH-7@active"), 1);
  EXPECT_EQ(number("BH-7@head"), 3);
  EXPECT_EQ(number("BH-7@v2"), 2);
  EXPECT_EQ(number("BH-7@issue-A"), 2);
  EXPECT_EQ(number("BH-7@sha:" + two.exact_hash.substr(0, 12)), 2);
  EXPECT_EQ(number("BH-7@" + two.created_at), 2);
  EXPECT_EQ(number("BH-7@v2#data"), 2);
  for (const char* ref : {"BH-7@v9", "BH-7@approved", "BH-7@nowhere", "BH-7@sha:00000000",
                          "BH-7@2001-01-01T00:00:00Z", "BH-7#lab", "BH-9"}) {
    EXPECT_EQ(MustFail(store_->Resolve(ref)).kind, ErrorKind::kNotFound) << ref;
  }
  for (const char* ref : {"", "@v1", "BH-7@", "BH-7@sha:12", "BH-7#", "a%zz"}) {
    EXPECT_EQ(MustFail(store_->Resolve(ref)).kind, ErrorKind::kInvalidArgument) << ref;
  }
}

TEST_F(StoreTest, IdsWithEverySign) {
  const std::string id = "Bohrung 7/Süd @50% #a";
  Must(store_->CreateRecord(id, SoilTable(4), By<CreateOptions>("a.meier")));
  EXPECT_EQ(MarkOf(*Must(store_->ReadTable("Bohrung 7/Süd %4050%25 %23a@v1"))), 4);
  EXPECT_EQ(Must(store_->ListRecords()).size(), 2U);
}

TEST_F(StoreTest, SeveralTablesChangeTogether) {
  const Data two(
      {TableInput{"lab", SoilTable(3), nullptr}, TableInput{"log", SoilTable(4), nullptr}});
  Must(store_->CreateRecord("BH-8", two, By<CreateOptions>("a.meier")));
  EXPECT_EQ(MustFail(store_->ReadTable("BH-8")).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MarkOf(*Must(store_->ReadTable("BH-8#log"))), 4);
  const Data one({TableInput{"lab", SoilTable(3), nullptr}});
  EXPECT_EQ(MustFail(store_->UpdateRecord("BH-8", one, By<WriteOptions>("a.meier"))).kind,
            ErrorKind::kSchemaDrift);
  EXPECT_TRUE(Must(store_->Verify()).ok());
}

TEST_F(StoreTest, AppendedColumnsMayStandInAnotherOrder) {
  const auto reordered = SoilTable(9)->SelectColumns({2, 0, 1}).ValueOrDie();
  const auto version = Must(store_->AppendRows("BH-7", reordered, By<WriteOptions>("a.meier")));
  EXPECT_TRUE(version.drift.changes.empty());
  const auto whole = Must(store_->ReadTable("BH-7"));
  EXPECT_EQ(whole->schema()->field_names(), SoilTable(1)->schema()->field_names());
  VerifyOptions deep;
  deep.deep = true;
  EXPECT_TRUE(Must(store_->Verify(deep)).faults.empty());
  const auto other = Must(store_->CreateRecord("OTHER", whole, By<CreateOptions>("a.meier")));
  EXPECT_EQ(other.exact_hash, version.exact_hash);
}

TEST_F(StoreTest, AppendedRowsComeAfter) {
  const auto before = Must(store_->ReadTable("BH-7"))->num_rows();
  const auto version = Must(store_->AppendRows("BH-7", SoilTable(9), By<WriteOptions>("a.meier")));
  const auto whole = arrow::ConcatenateTables({SoilTable(1), SoilTable(9)}).ValueOrDie();
  EXPECT_EQ(version.tables[0].rows, before + SoilTable(9)->num_rows());
  EXPECT_TRUE(Must(store_->ReadTable("BH-7"))->Equals(*whole));
  Must(store_->CreateRecord("BH-8", whole, By<CreateOptions>("a.meier")));
  EXPECT_EQ(Must(store_->Versions("BH-8"))[0].exact_hash, version.exact_hash);
  EXPECT_EQ(MustFail(store_->AppendRows("BH-7", WithoutSoil(), By<WriteOptions>("a.meier"))).kind,
            ErrorKind::kSchemaDrift);
}

TEST_F(StoreTest, EqualContentIsFoundInAnyOrderOfRows) {
  const auto table = SoilTable(4);
  const auto reversed =
      arrow::ConcatenateTables({table->Slice(3), table->Slice(0, 3)}).ValueOrDie();
  Must(store_->CreateRecord("BH-8", table, By<CreateOptions>("a.meier")));
  Must(store_->CreateRecord("BH-9", reversed, By<CreateOptions>("a.meier")));
  const auto matches = Must(store_->FindByContentHash(Must(ContentHash(*table))));
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_EQ(matches[0].record_id, "BH-8");
  EXPECT_EQ(matches[1].record_id, "BH-9");
}

TEST_F(StoreTest, RollbackWarnsAndRefuses) {
  Must(store_->RejectRecord("BH-7", By<ReviewOptions>("c.ito", "wrong")));
  auto wider = SoilTable(2);
  wider =
      wider->AddColumn(3, arrow::field("remark", arrow::float64()), wider->column(0)).ValueOrDie();
  Must(store_->UpdateRecord("BH-7", wider, By<WriteOptions>("a.meier")));
  auto options = By<RollbackOptions>("c.ito", "mistake");
  EXPECT_EQ(MustFail(store_->RollbackToVersion("BH-7", 1, options)).kind, ErrorKind::kInvalidState);
  options.allow_rejected = true;
  const auto back = Must(store_->RollbackToVersion("BH-7", 1, options));
  ASSERT_EQ(back.warnings.size(), 1U);
  EXPECT_NE(back.warnings[0].find("remark"), back.warnings[0].npos);
  EXPECT_FALSE(Must(store_->RollbackToVersion("BH-7", 1, options)).warnings.empty());
  EXPECT_EQ(MustFail(store_->RollbackToVersion("BH-7", 7, options)).kind, ErrorKind::kNotFound);
  EXPECT_EQ(Update(3).version, 3);
}

TEST_F(StoreTest, ASealShowsARewrittenHistory) {
  const std::string seal = Must(store_->Seal());
  Update(2);
  VerifyOptions options;
  options.seal = seal;
  const auto report = Must(store_->Verify(options));
  EXPECT_TRUE(report.ok());
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_NE(report.notes[0].find("1 events in 1 of 1"), report.notes[0].npos) << report.notes[0];
  // The same record made anew: its own chain is whole, but it is not the sealed one.
  Must(storage_->Delete("records/BH-7/metadata.json"));
  Must(storage_->Delete("records/BH-7/versions/v1.parquet"));
  const auto other = Open();
  Must(other->CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
  EXPECT_FALSE(Must(other->Verify(options)).ok());
  options.seal.replace(seal.size() - 20, 1, "x");
  EXPECT_EQ(MustFail(other->Verify(options)).kind, ErrorKind::kValidation);
}

TEST_F(StoreTest, ADamagedRecordIsNamedAndTheOthersGoOn) {
  Must(store_->CreateRecord("BH-8", SoilTable(2), By<CreateOptions>("a.meier")));
  Must(storage_->Delete("records/BH-7/metadata.json"));
  Must(storage_->PutIfAbsent("records/BH-7/metadata.json", "{\"coreshed\":1"));
  const auto store = Open();
  EXPECT_EQ(MustFail(store->ReadTable("BH-7")).kind, ErrorKind::kCorruption);
  EXPECT_EQ(MustFail(store->CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("x"))).kind,
            ErrorKind::kCorruption);
  EXPECT_EQ(MarkOf(*Must(store->ReadTable("BH-8"))), 2);
  const auto records = Must(store->ListRecords());
  ASSERT_EQ(records.size(), 2U);
  EXPECT_FALSE(records[0].corrupt.empty());
  EXPECT_FALSE(Must(store->Verify()).ok());
}

TEST_F(StoreTest, VerifyNamesWhatIsWrongWithOneRecordAndGoesOn) {
  Must(store_->CreateRecord("BH-8", SoilTable(2), By<CreateOptions>("a.meier")));
  const std::string key = "records/BH-7/metadata.json";
  Replace(key, "{\"coreshed\":2}");
  const auto report = Must(Open()->Verify());
  EXPECT_EQ(report.records, 1);
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_NE(report.faults[0].message.find("newer release"), std::string::npos);
  Replace(key, "{");
  VerifyOptions only;
  only.records = {"BH-7"};
  EXPECT_EQ(Must(Open()->Verify(only)).faults.size(), 1U);
  only.records = {"BH-9"};
  EXPECT_EQ(MustFail(Open()->Verify(only)).kind, ErrorKind::kNotFound);
}

TEST_F(StoreTest, VerifyReadsPagesAnew) {
  for (int mark = 2; mark < 20; ++mark)
    Update(mark);
  Must(store_->ReadTable("BH-7@v1"));
  EXPECT_TRUE(Must(store_->Verify()).ok());
  std::string page;
  Must(storage_->List("records/BH-7/pages/", [&](const storage::ObjectStat& object) {
    page = object.key;
    return true;
  }));
  Replace(page, "{}");
  EXPECT_FALSE(Must(store_->Verify()).ok());
}

TEST_F(StoreTest, AttributesAndNames) {
  Must(store_->SetAttributes("BH-7", {{"project_id", "P1"}, {"site", "HKZ"}}, "Hole 7",
                             By<EventOptions>("a.meier")));
  const auto info = Must(
      store_->SetAttributes("BH-7", {{"site", ""}}, std::nullopt, By<EventOptions>("a.meier")));
  EXPECT_EQ(info.attributes, (std::map<std::string, std::string>{{"project_id", "P1"}}));
  EXPECT_EQ(info.name, "Hole 7");
  EXPECT_TRUE(Must(store_->Verify()).ok());
}

TEST_F(StoreTest, ARecordMadeAnewHasNoApprovedVersion) {
  Must(store_->ApproveRecord("BH-7", By<ReviewOptions>("c.ito")));
  Must(store_->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("owner")));
  Must(store_->DeleteRecord("BH-7", By<EventOptions>("owner", "why")));
  EXPECT_EQ(MustFail(store_->Resolve("BH-7")).kind, ErrorKind::kNotFound);
  const auto again =
      Must(store_->CreateRecord("BH-7", SoilTable(2), By<CreateOptions>("a.meier", "again")));
  EXPECT_EQ(again.version, 2);
  EXPECT_EQ(MustFail(store_->Resolve("BH-7@approved")).kind, ErrorKind::kNotFound);
  EXPECT_EQ(FaultsOf(*store_), "");
}

TEST(Open, OnlyItsMakerSaysThatAStoreIsNew) {
  const auto inner = storage::MakeMemoryStorage();
  const auto failing = std::make_shared<storage::FailingStorage>(inner);
  OpenOptions options;
  options.create = true;
  failing->SetBefore([&](const storage::FailingStorage::Call& call) {
    if (call.name != "PutIfAbsent") return;
    EXPECT_TRUE(Must(store::OpenOn(inner, "memory", options, false))->is_new());
  });
  EXPECT_FALSE(Must(store::OpenOn(failing, "memory", options, false))->is_new());
  EXPECT_FALSE(Must(store::OpenOn(inner, "memory", options, false))->is_new());
}

TEST_F(StoreTest, AnIdIsNoRef) {
  Must(store_->CreateRecord("BH-7@v1#%20", SoilTable(3), By<CreateOptions>("a.meier")));
  Must(store_->SetAttributes("BH-7@v1#%20", {{"site", "HKZ"}}, {}, By<EventOptions>("a.meier")));
  EXPECT_EQ(Must(store_->GetRecord("BH-7@v1#%20")).attributes.at("site"), "HKZ");
  EXPECT_EQ(Must(store_->History("BH-7@v1#%20")).size(), 2U);
  EXPECT_EQ(Must(store_->Versions("BH-7@v1#%20")).size(), 1U);
  EXPECT_EQ(MustFail(store_->History("BH-7@v1")).kind, ErrorKind::kNotFound);
  VerifyOptions one;
  one.records = {"BH-7@v1#%20"};
  EXPECT_EQ(Must(store_->Verify(one)).events, 2);
}

TEST_F(StoreTest, WhatBecameOfACallIsNotGuessed) {
  const std::string id = "0123456789abcdef0123456789abcdef";
  auto options = By<WriteOptions>("a.meier");
  options.event_id = id;
  Must(store_->UpdateRecord("BH-7", SoilTable(2), options));
  Update(3);
  EXPECT_EQ(Must(store_->ResolveOutcome("BH-7", id, 1))->seq, 2);
  EXPECT_EQ(Must(store_->ResolveOutcome("BH-7", id, 2))->seq, 2) << "a slip of the pen";
  EXPECT_FALSE(Must(store_->ResolveOutcome("BH-7", std::string(32, 'a'), 2)).has_value());
  for (const int64_t seq : {-1, 4}) {
    EXPECT_EQ(MustFail(store_->ResolveOutcome("BH-7", id, seq)).kind, ErrorKind::kInvalidArgument);
  }
  EXPECT_EQ(MustFail(store_->ResolveOutcome("BH-7", "no id", 1)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MustFail(store_->ResolveOutcome("BH-9", id, 1)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(Must(storage_->SweepRecords()).size(), 1U) << "a slip of the pen made a record";
  Must(store_->SetSettings({{"allow_empty", "true"}}, options));
  EXPECT_EQ(Must(store_->ResolveOutcome("_store", id, 0))->seq, 1);
}

TEST_F(StoreTest, MetadataAreGivenByteForByte) {
  const std::string key = "records/BH-7/metadata.json";
  const std::string bytes = Must(storage_->Get(key)).bytes->ToString() + "\n \n";
  for (const std::string& stored : {bytes, std::string("damaged")}) {
    Must(storage_->Delete(key));
    Must(storage_->PutIfAbsent(key, stored));
    EXPECT_EQ(Must(store_->GetMetadata("BH-7")), stored);
  }
  EXPECT_EQ(MustFail(store_->GetMetadata("BH-8")).kind, ErrorKind::kNotFound);
}

TEST_F(StoreTest, WhatTheChainCouldNotKeepIsRefused) {
  EXPECT_EQ(MustFail(store_->ApproveRecord("BH-7", By<ReviewOptions>("c.ito", "\xff"))).kind,
            ErrorKind::kInvalidArgument);
  EXPECT_EQ(
      MustFail(store_->ApproveRecord("BH-7", By<ReviewOptions>("c.ito", std::string(20'000, 'x'))))
          .kind,
      ErrorKind::kInvalidArgument);
  const Data odd(
      {TableInput{"a..b", SoilTable(3), nullptr}, TableInput{"c", SoilTable(4), nullptr}});
  Must(store_->CreateRecord("BH-8", odd, By<CreateOptions>("a.meier")));
  EXPECT_EQ(MarkOf(*Must(Open()->ReadTable("BH-8#a..b"))), 3);
  EXPECT_TRUE(Must(Open()->Verify()).ok());
}

TEST_F(StoreTest, ARepeatedRefusalStaysOne) {
  Must(store_->ApproveRecord("BH-7", By<ReviewOptions>("c.ito")));
  auto options = By<ReviewOptions>("c.ito");
  options.event_id = "0123456789abcdef0123456789abcdef";
  EXPECT_EQ(MustFail(store_->ApproveRecord("BH-7", options)).kind, ErrorKind::kInvalidState);
  EXPECT_EQ(MustFail(store_->ApproveRecord("BH-7", options)).kind, ErrorKind::kInvalidState);
}

TEST_F(StoreTest, AnEventIdSpeaksOfOneCall) {
  auto update = By<WriteOptions>("a.meier");
  update.event_id = "0123456789abcdef0123456789abcdef";
  Must(store_->UpdateRecord("BH-7", SoilTable(2), update));
  auto approve = By<ReviewOptions>("c.ito");
  approve.event_id = update.event_id;
  EXPECT_EQ(MustFail(store_->ApproveRecord("BH-7", approve)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(MustFail(store_->Tag("BH-7", "issue-A", update)).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(Must(store_->UpdateRecord("BH-7", SoilTable(2), update)).version, 2);
  for (int i = 0; i < 2; ++i)  // the first one makes the record of the settings
    Must(store_->SetSettings({{"allow_empty", "true"}}, update));
  EXPECT_EQ(Must(store_->Versions("_store")).size(), 1U);
}

TEST_F(StoreTest, AnAuthorDoesNotApproveByGoingBackFirst) {
  Must(store_->SetSettings({{"forbid_self_approval", "true"}}, By<EventOptions>("owner")));
  Must(store_->UpdateRecord("BH-7", SoilTable(2), By<WriteOptions>("b.roth")));
  Must(store_->ApproveRecord("BH-7", By<ReviewOptions>("c.ito")));
  Must(store_->RollbackToVersion("BH-7", 1, By<RollbackOptions>("a.meier", "older")));
  EXPECT_EQ(MustFail(store_->ApproveRecord("BH-7", By<ReviewOptions>("a.meier"))).kind,
            ErrorKind::kInvalidState);
}

}  // namespace
}  // namespace coreshed
