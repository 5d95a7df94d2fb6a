// Copies of a store: complete, brought up to date, gone on with after any failure, and never over a
// history that is not an older one of the same record.

#include <arrow/api.h>
#include <coreshed/coreshed.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "commit/commit.h"
#include "commit/erase.h"
#include "storage/local.h"
#include "store/copy_operation.h"
#include "store/store_impl.h"
#include "support/recording_calls.h"
#include "support/result_checks.h"
#include "support/snapshot.h"
#include "support/tables.h"
#include "support/temp_folder.h"

namespace coreshed {
namespace {

namespace fs = std::filesystem;

class CopyTest : public ::testing::Test {
 protected:
  CopyTest() : store_(Open("store")) {}

  std::string Place(const std::string& name) const { return folder_.path() + "/" + name; }
  std::shared_ptr<Store> Open(const std::string& name) {
    OpenOptions options;
    options.create = name == "store";
    options.threads = 2;
    return Must(Store::Open(Place(name), options));
  }
  void Create(const std::string& id, int versions) {
    Must(store_->CreateRecord(id, SoilTable(1), By<CreateOptions>("a.meier")));
    for (int v = 2; v <= versions; ++v)
      Must(store_->UpdateRecord(id, SoilTable(v), By<WriteOptions>("a.meier")));
  }
  CopyReport Copy(const std::string& to = "copy") {
    auto report = Must(store_->Copy(Place(to)));
    for (const auto& fault : report.faults)
      ADD_FAILURE() << fault.record_id << ": " << fault.message;
    return report;
  }
  /// More files and folders than may be open have to be copied.
  void CopyWithFewOpenFiles() {
    rlimit limit = {};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlimit few = {400, limit.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    const auto report = store_->Copy(Place("copy"));
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_TRUE(Must(report).ok());
    ExpectSame();
  }
  void ExpectSame(const std::string& name = "copy") {
    const auto copy = Open(name);
    VerifyOptions deep;
    deep.deep = true;
    for (const auto& fault : Must(copy->Verify(deep)).faults) {
      ADD_FAILURE() << fault.record_id << " " << fault.object << " " << fault.rule << ": "
                    << fault.message;
    }
    EXPECT_EQ(copy->store_id(), store_->store_id());
    EXPECT_EQ(SnapshotOf(*copy), SnapshotOf(*store_));
    VerifyOptions sealed;
    sealed.seal = Must(store_->Seal());
    EXPECT_TRUE(Must(copy->Verify(sealed)).ok());
  }
  /// As a copy of BH-7 does that is killed before it has copied anything.
  void Begin(const std::string& from, const std::string& to) {
    const auto source = Must(storage::OpenLocal(Place(from)));
    const auto target = Must(storage::MakeLocal(Place(to)));
    commit::DocumentReader documents(source), documents_there(target);
    commit::PageReader pages(source), pages_there(target);
    store::BeginCopyOperation begin({source, &pages, Must(documents.Read("BH-7"))->document});
    Must(commit::Commit({target, &documents_there, &pages_there, std::chrono::seconds(5)}, "BH-7",
                        By<EventOptions>("copy"), begin));
  }
  void Update(Store& store, int64_t mark) {
    Must(store.UpdateRecord("BH-7", SoilTable(mark), By<WriteOptions>("a.meier")));
  }
  size_t FilesBelow(const std::string& name) const {
    size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(Place(name)))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }

  TempFolder folder_{TempFolder::Where::kMemory};
  std::shared_ptr<Store> store_;
};

TEST_F(CopyTest, IsTheSameStore) {
  Create("BH-7", 40);
  Create("site/BH 8", 1);
  Must(store_->RollbackToVersion("BH-7", 3, By<RollbackOptions>("c.ito", "mistake")));
  Must(store_->ApproveRecord("BH-7", By<ReviewOptions>("c.ito")));
  Must(store_->SetSettings({{"drift_policy", "warn"}}, By<EventOptions>("c.ito")));
  const auto report = Copy();
  EXPECT_EQ(report.copied, 3);
  EXPECT_EQ(report.records, 3);
  ExpectSame();
  EXPECT_EQ(FilesBelow("copy"), FilesBelow("store"));
}

TEST_F(CopyTest, OnlyWhatIsNewIsCopiedAgain) {
  Create("BH-7", 40);
  Create("BH-8", 1);
  Copy();
  EXPECT_EQ(Copy().copied, 0);
  Must(store_->UpdateRecord("BH-7", SoilTable(77), By<WriteOptions>("a.meier")));
  const auto report = Copy();
  EXPECT_EQ(report.copied, 1);
  EXPECT_EQ(report.files, 1);
  ExpectSame();
  for (int v = 0; v < 40; ++v) {
    Must(store_->UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("a.meier")));
    if (v % 7 == 0) Copy();
  }
  Must(store_->RollbackToVersion("BH-7", 3, By<RollbackOptions>("c.ito", "mistake")));
  Must(store_->RejectRecord("BH-7", By<ReviewOptions>("c.ito", "no")));
  Copy();
  ExpectSame();
}

TEST_F(CopyTest, WhatWasErasedGoesThereToo) {
  Create("BH-7", 20);
  Create("BH-8", 1);
  Must(store_->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("c.ito")));
  Copy();
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  Must(store_->Redact("BH-7", {1}, {"actor"}, By<EventOptions>("dpo", "why")));
  Must(store_->DeleteRecord("BH-8", By<EventOptions>("dpo", "why")));
  Copy();
  ExpectSame();
  EXPECT_FALSE(fs::exists(Place("copy/records/BH-7/versions/v1.parquet")));
  EXPECT_FALSE(fs::exists(Place("copy/records/BH-8/versions/v1.parquet")));
}

TEST_F(CopyTest, ACopyThatWasWrittenToIsLeftAlone) {
  Create("BH-7", 2);
  Create("BH-8", 1);
  Copy();
  const auto copy = Open("copy");
  Must(copy->UpdateRecord("BH-7", SoilTable(50), By<WriteOptions>("somebody")));
  const auto before = SnapshotOf(*copy);
  const auto report = Must(store_->Copy(Place("copy")));
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(report.faults[0].record_id, "BH-7");
  EXPECT_EQ(SnapshotOf(*copy), before);
  Must(store_->UpdateRecord("BH-7", SoilTable(51), By<WriteOptions>("a.meier")));
  EXPECT_EQ(Must(store_->Copy(Place("copy"))).faults.size(), 1U);
  EXPECT_EQ(SnapshotOf(*copy), before);
  // The other way round it is the newer one that wins nothing either.
  EXPECT_EQ(Must(copy->Copy(Place("store"))).faults.size(), 1U);
}

TEST_F(CopyTest, RestoringAnOlderStateOverANewerOneIsRefused) {
  Create("BH-7", 2);
  Copy();
  Must(store_->UpdateRecord("BH-7", SoilTable(50), By<WriteOptions>("a.meier")));
  const auto backup = Open("copy");
  EXPECT_EQ(Must(backup->Copy(Place("store"))).faults.size(), 1U);
  EXPECT_EQ(MarkOf(*Must(store_->ReadTable("BH-7"))), 50);
  Must(backup->Copy(Place("restored")));
  EXPECT_EQ(SnapshotOf(*Open("restored")), SnapshotOf(*backup));
}

TEST_F(CopyTest, AnotherStoreIsNotCopiedOver) {
  Create("BH-7", 1);
  OpenOptions options;
  options.create = true;
  Must(Store::Open(Place("other"), options));
  EXPECT_EQ(MustFail(store_->Copy(Place("other"))).kind, ErrorKind::kInvalidArgument);
}

TEST_F(CopyTest, OneRecordOfMany) {
  Create("BH-7", 1);
  Create("BH-8", 1);
  CopyOptions options;
  options.records = {"BH-8"};
  EXPECT_EQ(Must(store_->Copy(Place("copy"), options)).copied, 1);
  EXPECT_EQ(Must(Open("copy")->ListRecords()).size(), 1U);
  options.records = {"BH-9"};
  EXPECT_EQ(MustFail(store_->Copy(Place("copy"), options)).kind, ErrorKind::kNotFound);
}

TEST_F(CopyTest, ADamagedRecordIsNamedAndTheOthersAreCopied) {
  Create("BH-7", 2);
  Create("BH-8", 1);
  std::fstream file(Place("store/records/BH-7/versions/v2.parquet"),
                    std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(40);
  file << "garbage";
  file.close();
  const auto report = Must(store_->Copy(Place("copy")));
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(report.faults[0].record_id, "BH-7");
  EXPECT_EQ(MarkOf(*Must(Open("copy")->ReadTable("BH-8"))), 1);
}

/// What lies under names that a copy needs: whole objects that an interrupted one has left, and
/// remains of writes there.
TEST_F(CopyTest, GoesOnAfterAnInterruption) {
  Create("BH-7", 2);
  Copy();
  for (int v = 3; v <= 40; ++v)
    Must(store_->UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("a.meier")));
  const std::string versions = "records/BH-7/versions/";
  fs::copy_file(Place("store/" + versions + "v3.parquet"),
                Place("copy/" + versions + "v3.parquet"));
  std::ofstream(Place("copy/" + versions + "v4.parquet")) << "of a write that was killed";
  Copy();
  ExpectSame();
}

/// A writer at the copy that has the same rows, and gives up, takes its own file away, not ours.
TEST_F(CopyTest, AWriterThatGivesUpBesideACopy) {
  Create("BH-7", 1);
  Copy();
  Update(*store_, 2);
  const std::string name = "versions/v2.parquet";
  std::ifstream file(Place("store/records/BH-7/" + name), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const auto storage = Must(storage::MakeLocal(Place("copy")));
  auto stage = Must(storage->OpenStage("BH-7", false));
  auto upload = Must(stage->NewObject(name, "versions/v2-" + std::string(32, 'b') + ".parquet"));
  Must(upload->Write(bytes.data(), static_cast<int64_t>(bytes.size())));
  EXPECT_EQ(Must(upload->Finish()), name);
  Copy();
  upload.reset();
  stage.reset();
  ExpectSame();
}

/// Who has decided anything under the mark decides anew when the copy is complete.
TEST_F(CopyTest, ACompleteCopyHasAnotherFence) {
  Create("BH-7", 1);
  Copy();
  Update(*store_, 2);
  Begin("store", "copy");
  const auto storage = Must(storage::OpenLocal(Place("copy")));
  commit::DocumentReader documents(storage);
  const int64_t marked = Must(documents.Read("BH-7"))->document->fence;
  Copy();
  EXPECT_GT(Must(documents.Read("BH-7"))->document->fence, marked);
}

/// A writer at a copy that has begun leaves the names alone that the copy brings, and ends it.
TEST_F(CopyTest, AWriterAtACopyThatHasBegun) {
  Create("BH-7", 1);
  Copy();
  Update(*store_, 2);
  Begin("store", "copy");
  const auto copy = Open("copy");
  Update(*copy, 60);
  EXPECT_FALSE(fs::exists(Place("copy/records/BH-7/versions/v2.parquet")));
  EXPECT_FALSE(Must(store_->Copy(Place("copy"))).ok());
  EXPECT_EQ(MarkOf(*Must(copy->ReadTable("BH-7"))), 60);
  EXPECT_TRUE(Must(copy->Verify()).ok());
}

TEST_F(CopyTest, ADamagedFileIsCopiedWhenItIsMended) {
  Create("BH-7", 2);
  const std::string file = Place("store/records/BH-7/versions/v2.parquet");
  fs::copy_file(file, Place("kept"));
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(40) << "garbage";
  EXPECT_EQ(Must(store_->Copy(Place("copy"))).faults.size(), 1U);
  EXPECT_EQ(Must(store_->Copy(Place("copy"))).faults.size(), 1U);  // still
  fs::copy_file(Place("kept"), file, fs::copy_options::overwrite_existing);
  EXPECT_EQ(Copy().copied, 1);
  ExpectSame();
}

TEST_F(CopyTest, AnAlteredHistoryDoesNotReplaceAGoodOne) {
  Create("BH-7", 3);
  Copy();
  const auto before = SnapshotOf(*Open("copy"));
  Must(store_->UpdateRecord("BH-7", SoilTable(9), By<WriteOptions>("a.meier", "a true word")));
  const std::string metadata = Place("store/records/BH-7/metadata.json");
  std::ifstream in(metadata);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  for (size_t at = text.find("true word"); at != text.npos; at = text.find("true word"))
    text.replace(at, 9, "lied word");
  std::ofstream(metadata, std::ios::trunc) << text;
  EXPECT_EQ(Must(Open("store")->Copy(Place("copy"))).faults.size(), 1U);
  EXPECT_EQ(SnapshotOf(*Open("copy")), before);
}

/// What verify finds in the history and the entries does not get there either.
TEST_F(CopyTest, ADamagedHistoryIsNotCopied) {
  Create("BH-7", 40);
  const std::string metadata = Place("store/records/BH-7/metadata.json");
  std::ifstream in(metadata);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  const std::string exact = Must(store_->Versions("BH-7", 39)).at(0).exact_hash;
  const std::string other = (exact[0] == '0' ? "1" : "0") + exact.substr(1);
  const std::vector<std::pair<std::string, std::string>> edits = {
      {"\"updated_by\":\"a.meier\"", "\"updated_by\":\"m.nobody\""},
      {"\"last_approved\":0", "\"last_approved\":3"},
      {"\"exact_hash\":\"" + exact, "\"exact_hash\":\"" + other}};
  for (const auto& [said, lie] : edits) {
    SCOPED_TRACE(lie);
    std::string text = whole;
    ASSERT_NE(text.find(said), text.npos);
    for (size_t at = text.find(said); at != text.npos; at = text.find(said))
      text.replace(at, said.size(), lie);
    std::ofstream(metadata, std::ios::trunc) << text;
    const auto damaged = Open("store");
    EXPECT_FALSE(Must(damaged->Verify()).ok());
    const auto report = Must(damaged->Copy(Place("copy")));
    ASSERT_EQ(report.faults.size(), 1U);
    EXPECT_FALSE(fs::exists(Place("copy/records/BH-7")));
  }
  std::ofstream(metadata, std::ios::trunc) << whole;
  Copy();
  ExpectSame();
}

/// Once a state is on its way, only that one or a later one comes: its objects may lie there.
TEST_F(CopyTest, AnOlderStateDoesNotOvertakeANewerOne) {
  Create("BH-7", 20);
  Must(store_->Copy(Place("older")));
  const auto older = Open("older");
  Update(*store_, 21);
  Begin("store", "copy");
  const auto report = Must(older->Copy(Place("copy")));
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_NE(report.faults[0].message.find("newer"), std::string::npos) << report.faults[0].message;
  Update(*store_, 22);
  Begin("store", "copy");  // raises it
  Update(*store_, 23);
  EXPECT_EQ(Copy().copied, 1);
  ExpectSame();
  EXPECT_FALSE(Must(older->Copy(Place("copy"))).ok());  // it is older than the copy
  EXPECT_TRUE(Must(Open("copy")->Copy(Place("older"))).ok());
  EXPECT_EQ(SnapshotOf(*Open("older")), SnapshotOf(*store_));
}

/// A copy that can't be gone on with, because its source is lost, does not block others.
TEST_F(CopyTest, AnotherHistoryTakesOver) {
  Create("BH-7", 2);
  Must(store_->Copy(Place("other")));
  const auto other = Open("other");
  Update(*store_, 3);
  Begin("store", "copy");
  EXPECT_FALSE(Must(other->Copy(Place("copy"))).ok());  // it could be what comes after this one
  Update(*other, 50);
  Update(*other, 51);
  EXPECT_EQ(Must(other->Copy(Place("copy"))).copied, 1);
  EXPECT_EQ(SnapshotOf(*Open("copy")), SnapshotOf(*other));
  EXPECT_FALSE(Must(store_->Copy(Place("copy"))).ok());
  EXPECT_EQ(SnapshotOf(*Open("copy")), SnapshotOf(*other));
}

TEST_F(CopyTest, AFileThatCannotBeReadIsAFaultOfItsRecord) {
  for (int i = 0; i < 100; ++i)
    Create("BH-" + std::to_string(i), 1);
  const std::string file = Place("store/records/BH-50/versions/v1.parquet");
  fs::rename(file, Place("elsewhere"));
  fs::create_symlink(Place("elsewhere"), file);
  const auto report = Must(store_->Copy(Place("copy")));
  EXPECT_EQ(report.copied, 99);
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(report.faults[0].record_id, "BH-50");
}

/// The copy was killed before its last step, and then somebody wrote to it.
TEST_F(CopyTest, WhatIsErasedGoesFromACopyWithAHistoryOfItsOwn) {
  Create("BH-7", 2);
  Copy();
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  Begin("store", "copy");
  {
    const auto from = Must(storage::OpenLocal(Place("store")));
    const auto to = Must(storage::MakeLocal(Place("copy")));
    commit::DocumentReader documents(from), documents_there(to);
    commit::PageReader pages(from), pages_there(to);
    store::CopyOperation copy({from, &pages, Must(documents.Read("BH-7"))->document},
                              {to, &documents_there, &pages_there, false}, false, {});
    Must(commit::Commit({to, &documents_there, &pages_there, std::chrono::seconds(5)}, "BH-7",
                        By<EventOptions>("copy"), copy));
  }
  const std::string purged = Place("copy/records/BH-7/versions/v1.parquet");
  EXPECT_TRUE(fs::exists(purged));
  Update(*Open("copy"), 60);
  EXPECT_FALSE(Must(store_->Copy(Place("copy"))).ok());
  EXPECT_FALSE(fs::exists(purged));
}

/// Versions that share a file may have other dictionaries, and one of them may be gone.
TEST_F(CopyTest, ARecordWhoseVersionsHaveOtherDictionaries) {
  const auto coded = [](const std::string& first, const std::string& second) {
    arrow::StringDictionaryBuilder builder;
    for (const auto& half : {first, second}) {
      std::mt19937 random(7);
      for (int row = 0; row < 200'000; ++row)
        (void)builder.Append(half + std::to_string(random() % 50));
    }
    const auto column = builder.Finish().ValueOrDie();
    return arrow::Table::Make(arrow::schema({arrow::field("soil", column->type())}), {column});
  };
  Must(store_->CreateRecord("BH-7", coded("CLAY", "SAND"), By<CreateOptions>("a.meier")));
  Must(store_->UpdateRecord("BH-7", coded("CLAY", "PEAT"), By<WriteOptions>("a.meier")));
  Must(store_->UpdateRecord("BH-7", coded("PEAT", "SAND"), By<WriteOptions>("a.meier")));
  Copy();
  ExpectSame();
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  EXPECT_EQ(Copy().copied, 1);
  ExpectSame();
  EXPECT_TRUE(Must(store_->Copy(Place("restored"))).ok());
  ExpectSame("restored");
}

TEST_F(CopyTest, WhatIsStillToBeRemovedIsNotCalledRemoved) {
  Create("BH-7", 2);
  const auto storage = Must(storage::OpenLocal(Place("store")));
  commit::DocumentReader documents(storage);
  commit::PageReader pages(storage);
  store::SweptOperation swept("2026-11-27T10:00:00.000000Z");
  const commit::Context context{storage, &documents, &pages, std::chrono::seconds(5)};
  const auto done = Must(commit::Commit(context, "BH-7", By<EventOptions>("copy"), swept));
  EXPECT_EQ(done.document->commit_id, Must(documents.Read("BH-7"))->document->commit_id);
  Copy();
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  Copy();  // on a folder it is removed at once
  EXPECT_EQ(Must(store_->Copy(Place("copy"))).again_after, "");
  ExpectSame();
}

/// A write at the copy that was killed has left data under the next version's name, which nobody
/// may take away yet: it is told, and each copy tries again.
TEST_F(CopyTest, WhatCannotBeRemovedYetIsToldEachTime) {
  Create("BH-7", 2);
  Copy();
  std::ofstream(Place("copy") + "/records/BH-7/versions/v3.parquet") << "rows";
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  const std::vector<std::string> left = {"records/BH-7/versions/v3.parquet"};
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(Copy().left, left);
  Update(*store_, 3);
  EXPECT_TRUE(Copy().left.empty());
  EXPECT_TRUE(Copy().left.empty());
  ExpectSame();
}

TEST_F(CopyTest, ARecordThatHasLostItsMetadataIsAFault) {
  Create("BH-7", 1);
  Create("BH-8", 1);
  fs::remove(Place("store") + "/records/BH-8/metadata.json");
  fs::create_directory(Place("store") + "/records/empty");
  const auto report = Must(store_->Copy(Place("copy")));
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(report.faults[0].record_id, "BH-8");
  EXPECT_NE(report.faults[0].message.find("no metadata.json"), std::string::npos);
}

/// What lies there may be another copier's, who was killed before it was durable.
TEST_F(CopyTest, WhatIsUpToDateIsMadeDurable) {
  Create("BH-7", 1);
  Copy();
  const auto calls = std::make_shared<storage::RecordingCalls>(Place("copy"));
  const auto target = Must(storage::MakeLocal(Place("copy"), std::chrono::seconds(5), calls));
  auto& store = dynamic_cast<store::StoreImpl&>(*store_);
  const std::vector<std::string> ids = {"BH-7"};
  EXPECT_EQ(Must(store.CopyInto(target, Place("copy"), ids, {})).copied, 0);
  const auto log = calls->log();
  const auto last = std::find_if(log.rbegin(), log.rend(), [](const auto& call) {
    return call.name == "Open" && call.path == "records/BH-7/metadata.json";
  });
  const std::string synced = "SyncFileSystem";
  EXPECT_NE(std::find_if(log.rbegin(), last, [&](const auto& call) { return call.name == synced; }),
            last);
  calls->SetFate([&](const auto& call) {
    return storage::RecordingCalls::Fate{call.name == synced ? EIO : 0};
  });
  EXPECT_EQ(MustFail(store.CopyInto(target, Place("copy"), ids, {})).kind, ErrorKind::kIo);
}

TEST_F(CopyTest, TheSameIdTwiceIsCopiedOnce) {
  Create("BH-7", 3);
  CopyOptions options;
  options.records = {"BH-7", "BH-7", "BH-7"};
  EXPECT_EQ(Must(store_->Copy(Place("copy"), options)).records, 1);
  ExpectSame();
}

TEST_F(CopyTest, NotOntoOrIntoItself) {
  Create("BH-7", 1);
  for (const char* place : {"store", "store/", "store/records", "."})
    EXPECT_EQ(MustFail(store_->Copy(Place(place))).kind, ErrorKind::kInvalidArgument) << place;
  EXPECT_FALSE(fs::exists(Place("coreshed.json")));
}

/// What a copy has is whole, also while more is on its way; what has only been begun is named.
TEST_F(CopyTest, AnUnfinishedCopyGivesWhatItHas) {
  Create("BH-7", 2);
  Copy();
  const auto backup = SnapshotOf(*Open("copy"));
  Update(*store_, 3);
  Begin("store", "copy");
  EXPECT_TRUE(Must(Open("copy")->Copy(Place("restored"))).ok());
  EXPECT_EQ(SnapshotOf(*Open("restored")), backup);
  Begin("store", "begun");
  std::ofstream(Place("begun/coreshed.json"))
      << std::ifstream(Place("store/coreshed.json")).rdbuf();
  const auto report = Must(Open("begun")->Copy(Place("of nothing")));
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_NE(report.faults[0].message.find("begun"), std::string::npos) << report.faults[0].message;
  EXPECT_EQ(Copy().copied, 1);
  ExpectSame();
}

/// A state has the same pages wherever it is: what one copier has put, no other one drops.
TEST_F(CopyTest, OnlyEventsSealPages) {
  Create("BH-7", 16);
  Copy("second");
  const auto pages = [&](const std::string& place) {
    return nlohmann::json::parse(Must(Open(place)->GetMetadata("BH-7"))).at("pages").size();
  };
  EXPECT_EQ(Must(store_->ResolveOutcome("BH-7", std::string(32, '0'), 16)), std::nullopt);
  EXPECT_EQ(pages("store"), 0U);
  EXPECT_EQ(pages("second"), 0U);
  Update(*store_, 17);
  EXPECT_EQ(pages("store"), 1U);
  Copy();
  ExpectSame();
}

/// A snapshot by links keeps a writer's own file alive elsewhere; the copy's, under its name,
/// stays.
TEST_F(CopyTest, AWriterThatGivesUpWhileASnapshotHoldsItsFile) {
  Create("BH-7", 1);
  Copy();
  Update(*store_, 2);
  const std::string name = "versions/v2.parquet";
  const auto storage = Must(storage::MakeLocal(Place("copy")));
  auto stage = Must(storage->OpenStage("BH-7", false));
  auto upload = Must(stage->NewObject(name, "versions/v2-" + std::string(32, 'b') + ".parquet"));
  Must(upload->Write("other rows", 10));
  EXPECT_EQ(Must(upload->Finish()), name);
  fs::create_hard_link(Place("copy/records/BH-7/" + name), Place("snapshot"));
  Copy();
  upload.reset();
  stage.reset();
  ExpectSame();
}

/// Rows that a killed copier has left under a temporary name are erased when they are at the
/// source.
TEST_F(CopyTest, WhatAKilledCopierHasLeftIsErasedToo) {
  Create("BH-7", 1);
  Must(store_->Copy(Place("copy"), {.records = {}}));
  fs::remove_all(Place("copy/records/BH-7"));
  Begin("store", "copy");
  const std::string left = Place("copy/records/BH-7/.m-") + std::string(32, 'a');
  fs::copy_file(Place("store/records/BH-7/versions/v1.parquet"), left);
  Update(*store_, 2);
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  Copy();
  EXPECT_FALSE(fs::exists(left));
  ExpectSame();
}

/// While a copy is under way nothing is taken away, and nothing is called erased.
TEST_F(CopyTest, NothingIsCalledErasedWhileACopyIsUnderWay) {
  Create("BH-7", 1);
  {
    const auto storage = Must(storage::OpenLocal(Place("store")));
    commit::DocumentReader documents(storage);
    commit::PageReader pages(storage);
    commit::DeleteOperation killed(pages);  // right after its commit
    Must(commit::Commit({storage, &documents, &pages, std::chrono::seconds(5)}, "BH-7",
                        By<EventOptions>("dpo", "why"), killed));
  }
  Must(store_->CreateRecord("BH-7", SoilTable(9), By<CreateOptions>("b.roth")));
  Must(store_->Copy(Place("ahead")));
  fs::copy_file(Place("store/records/BH-7/versions/v1.parquet"), Place("v1"));
  Update(*Open("ahead"), 3);
  Begin("ahead", "store");
  Must(store_->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("owner")));
  const auto by = By<EventOptions>("dpo", "why");
  const auto error = MustFail(store_->DeleteRecord("BH-7", by));
  EXPECT_EQ(error.kind, ErrorKind::kConflict) << error.message;
  EXPECT_TRUE(fs::exists(Place("store/records/BH-7/versions/v1.parquet")));
  for (const auto& event : Must(store_->History("BH-7")))
    EXPECT_NE(event.event_type, "erased");
}

/// A record whose metadata are lost at the copy is brought anew; what was purged meanwhile goes.
TEST_F(CopyTest, WhatLiesThereWithoutMetadataIsErasedToo) {
  Create("BH-7", 2);
  Copy();
  fs::remove(Place("copy/records/BH-7/metadata.json"));
  Must(store_->Purge("BH-7", 1, By<EventOptions>("dpo", "why")));
  Copy();
  EXPECT_FALSE(fs::exists(Place("copy/records/BH-7/versions/v1.parquet")));
  ExpectSame();
}

/// More folders than a process may have open: each table has its own.
TEST_F(CopyTest, RecordsOfManyTables) {
  for (const char* id : {"BH-7", "BH-8"}) {
    std::vector<TableInput> tables;
    for (int i = 0; i < 120; ++i)
      tables.push_back({"table " + std::to_string(i), SoilTable(i), nullptr});
    Must(store_->CreateRecord(id, Data(tables), By<CreateOptions>("a.meier")));
  }
  CopyWithFewOpenFiles();
}

/// Folders that a copy makes bear no mark of being new when it is done: others may work there.
TEST_F(CopyTest, NoFolderStaysUncertain) {
  Create("BH-7", 20);
  EventOptions named = By<EventOptions>("a.meier");
  named.event_id = std::string(32, 'e');
  Must(store_->Tag("BH-7", "first", named));
  Copy();
  for (const auto& entry : fs::recursive_directory_iterator(Place("copy"))) {
    if (!entry.is_directory()) continue;
    EXPECT_EQ(entry.status().permissions() & fs::perms::sticky_bit, fs::perms::none) << entry;
  }
}

/// Another state's file of as many bytes, from a copy that was never finished, is replaced.
TEST_F(CopyTest, AnEquallyLongFileOfAnotherState) {
  Create("BH-7", 1);
  Copy();
  Update(*store_, 2);
  Begin("store", "copy");
  const std::string name = "/records/BH-7/versions/v2.parquet";
  const auto size = fs::file_size(Place("store" + name));
  std::ofstream(Place("copy" + name)) << std::string(size, 'x');
  fs::permissions(Place("copy" + name), fs::perms::owner_read);
  Copy();
  ExpectSame();
}

/// A folder that may not be written to is that record's fault; the others are copied.
TEST_F(CopyTest, AFolderInTheWayIsAFaultOfItsRecord) {
  for (int i = 0; i < 40; ++i)
    Create("BH-" + std::to_string(i), 1);
  fs::create_symlink(Place("elsewhere"), Place("store/records/BH-7/away"));
  fs::remove(Place("store/records/BH-7/metadata.json"));
  fs::create_symlink(Place("elsewhere"), Place("store/records/BH-7/metadata.json"));
  const auto report = Must(store_->Copy(Place("copy")));
  EXPECT_EQ(report.copied, 39);
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(report.faults[0].record_id, "BH-7");
}

/// More files and folders than a process may have open.
TEST_F(CopyTest, LongHistories) {
  Create("BH-7", 600);
  CopyWithFewOpenFiles();
}

TEST_F(CopyTest, VacuumLeavesACopyThatIsUnderWayAlone) {
  Create("BH-7", 2);
  const std::string remains =
      Place("store/records/BH-7/versions/v2-") + std::string(32, 'a') + ".parquet";
  std::ofstream(remains) << "remains";
  Must(store_->Copy(Place("ahead")));
  Update(*Open("ahead"), 3);
  Begin("ahead", "store");
  VacuumOptions all;
  all.grace = std::chrono::seconds(-1);
  EXPECT_EQ(Must(store_->Vacuum(all)).files, 0);
  EXPECT_TRUE(Must(store_->Verify()).ok());
  Must(store_->ApproveRecord("BH-7", By<ReviewOptions>("c.ito")));  // now it is nobody's copy
  EXPECT_EQ(Must(store_->Vacuum(all)).files, 1);
}

TEST_F(CopyTest, StoppedAndGoneOnWith) {
  constexpr int kRecords = 300;  // more than are copied at once
  for (int i = 0; i < kRecords; ++i)
    Create("BH-" + std::to_string(i), 1);
  std::stop_source stop;
  CopyOptions options;
  options.stop = stop.get_token();
  int calls = 0;
  options.progress = [&](const std::string&, double, const std::string&) {
    if (++calls == 3) stop.request_stop();
  };
  EXPECT_EQ(MustFail(store_->Copy(Place("copy"), options)).kind, ErrorKind::kCancelled);
  const auto report = Copy();
  EXPECT_GT(report.copied, 0);
  EXPECT_LT(report.copied, kRecords);
  ExpectSame();
}

/// Changes since a token, when the last of them is so old (2 s) that its stamp is believed: until
/// then they are told again.
RecordChanges ChangesOf(Store& store, const std::string& token) {
  auto changes = Must(store.Changes(token));
  for (int i = 0; i < 2000; ++i) {
    const auto again = Must(store.Changes(changes.token));
    if (again.records.empty()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    changes.token = again.token;
  }
  EXPECT_TRUE(Must(store.Changes(changes.token)).records.empty());
  return changes;
}

TEST_F(CopyTest, ChangesAreToldAtLeastOnceAndTheRestNot) {
  setenv("XDG_CACHE_HOME", Place("cache").c_str(), 1);
  Create("BH-7", 1);
  Create("BH-8", 1);
  auto changes = ChangesOf(*store_, "");
  EXPECT_EQ(changes.records.size(), 2U);
  Must(store_->UpdateRecord("BH-8", SoilTable(9), By<WriteOptions>("a.meier")));
  const std::string before = changes.token;
  changes = ChangesOf(*Open("store"), before);  // as another process
  ASSERT_EQ(changes.records.size(), 1U);
  EXPECT_EQ(changes.records[0].record.record_id, "BH-8");
  EXPECT_EQ(changes.records[0].record.current_version, 2);
  EXPECT_EQ(Must(store_->Changes(before)).records.size(), 1U);
  Must(store_->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("c.ito")));
  Must(store_->DeleteRecord("BH-7", By<EventOptions>("dpo", "why")));
  const auto gone = ChangesOf(*store_, changes.token);
  ASSERT_EQ(gone.records.size(), 1U);
  EXPECT_TRUE(gone.records[0].is_gone);
  EXPECT_EQ(Must(store_->Changes("nonsense")).records.size(), 2U);
  Must(store_->Repair());
  EXPECT_EQ(Must(store_->Changes(gone.token)).records.size(), 2U);  // a new index knows no better
}

TEST_F(CopyTest, RepairPutsMarkersBack) {
  Create("BH-7", 3);
  const std::string hash = Must(store_->Versions("BH-7"))[1].duplicate_hash;
  fs::remove(Place("store/content/") + hash.substr(0, 2) + "/" + hash + ".BH-7.2");
  EXPECT_EQ(Must(store_->FindByContentHash(hash)).size(), 0U);
  EXPECT_EQ(Must(store_->Verify()).faults.size(), 1U);
  EXPECT_EQ(Must(store_->Repair()).markers, 1);
  EXPECT_EQ(Must(store_->FindByContentHash(hash)).size(), 1U);
  EXPECT_EQ(Must(store_->Verify()).faults.size(), 0U);
  EXPECT_EQ(Must(store_->Repair()).markers, 0);
}

}  // namespace
}  // namespace coreshed
