// Uploads: spec/uploads.md, on a store in memory.

#include <arrow/api.h>
#include <arrow/util/compression.h>
#include <coreshed/coreshed.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/paths.h"
#include "base/sha256.h"
#include "storage/memory.h"
#include "store/open_on.h"
#include "support/failing_storage.h"
#include "support/result_checks.h"
#include "support/tables.h"

namespace coreshed {
namespace {

constexpr const char* kHoles = "hole,depth\nBH-7,1.5\nBH-8,3\n";

FileInput Bytes(const std::string& bytes, const std::string& name = "holes.csv") {
  return {"", arrow::Buffer::FromString(bytes), name};
}

class UploadTest : public ::testing::Test {
 protected:
  UploadTest() : storage_(storage::MakeMemoryStorage()), store_(Open()) {}

  std::shared_ptr<Store> Open() {
    OpenOptions options;
    options.create = true;
    options.threads = 1;
    return Must(store::OpenOn(storage_, "memory", options, false));
  }
  static UploadOptions Over(const std::string& comment = "") {
    auto options = By<UploadOptions>("a.meier", comment);
    options.overwrite = true;
    return options;
  }
  UploadResult Upload(const std::string& bytes, const UploadOptions& options = Over(),
                      const std::string& name = "holes.csv") {
    return Must(store_->SaveUpload(Bytes(bytes, name), options));
  }
  Error Refused(const std::string& bytes, const UploadOptions& options = Over(),
                const std::string& name = "holes.csv") {
    return MustFail(store_->SaveUpload(Bytes(bytes, name), options));
  }
  std::vector<std::string> EventTypes(const std::string& id) {
    std::vector<std::string> types;
    for (const auto& event : Must(store_->History(id)))
      types.push_back(event.event_type);
    return types;
  }
  std::vector<std::string> Keys(const std::string& prefix) {
    std::vector<std::string> keys;
    Must(storage_->List(prefix, [&](const storage::ObjectStat& object) {
      keys.push_back(object.key);
      return true;
    }));
    return keys;
  }
  std::string FaultsOf(bool deep = true) {
    VerifyOptions options;
    options.deep = deep;
    std::string faults;
    for (const auto& fault : Must(store_->Verify(options)).faults)
      faults += fault.rule + ": " + fault.message + "\n";
    return faults;
  }

  std::shared_ptr<storage::Storage> storage_;
  std::shared_ptr<Store> store_;
};

using Types = std::vector<std::string>;

TEST_F(UploadTest, TheFirstFileMakesTheDataset) {
  auto options = By<UploadOptions>("a.meier", "first");
  options.attributes = {{"site", "HKZ1"}};
  const auto result = Upload(kHoles, options);
  EXPECT_EQ(result.upload_id, DatasetId("holes"));
  EXPECT_EQ(result.outcome, UploadOutcome::kCreated);
  EXPECT_EQ(result.version.version, 1);
  EXPECT_EQ(result.version.event_type, "upload");
  EXPECT_EQ(result.version.tables[0].name, "holes");
  EXPECT_EQ(result.version.source->file_name, "holes.csv");
  EXPECT_EQ(result.version.source->sha256, Sha256Hex(kHoles));
  const auto record = Must(store_->GetRecord(result.upload_id));
  EXPECT_EQ(record.name, "holes");
  EXPECT_EQ(record.attributes.at("site"), "HKZ1");
  EXPECT_EQ(FaultsOf(), "");
}

TEST_F(UploadTest, ANameInUseIsRefusedAndNamed) {
  Upload(kHoles);
  const auto error = Refused("hole,depth\nBH-9,1\n", By<UploadOptions>("a.meier"));
  EXPECT_EQ(error.kind, ErrorKind::kAlreadyExists);
  EXPECT_NE(error.message.find("'holes'"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("overwrite"), std::string::npos) << error.message;
  EXPECT_EQ(error.fields.at("record_id"), DatasetId("holes"));
}

TEST_F(UploadTest, TheNextFileIsTheNextVersion) {
  const auto first = Upload(kHoles);
  auto options = Over("corrected");
  options.dataset_name = "holes";
  options.attributes = {{"rig", "2"}};
  const auto second = Upload("hole,depth\nBH-7,1.5\nBH-8,3.5\n", options, "final (2).csv");
  EXPECT_EQ(second.outcome, UploadOutcome::kNewVersion);
  EXPECT_EQ(second.upload_id, first.upload_id);
  EXPECT_EQ(second.version.version, 2);
  EXPECT_EQ(second.version.event_type, "overwrite");
  EXPECT_EQ(second.version.tables[0].name, "holes") << "a table keeps its name";
  EXPECT_EQ(second.version.drift.changes.size(), 0U);
  EXPECT_EQ(Must(store_->GetRecord(first.upload_id)).attributes.at("rig"), "2");
  EXPECT_EQ(EventTypes(first.upload_id), (Types{"upload", "overwrite"}));
  EXPECT_EQ(FaultsOf(), "");
}

TEST_F(UploadTest, AValueThatTheTypeStillTakesIsNoDrift) {
  Upload("n,code\n1.5,a\n2,b\n");
  const auto whole = Upload("n,code\n1,a\n2,7\n");
  EXPECT_EQ(whole.version.drift.changes.size(), 0U) << "whole numbers are fractions, 7 is text";
}

TEST_F(UploadTest, ContentOfTheActiveVersionAddsNothing) {
  const auto first = Upload(kHoles);
  const size_t objects = Keys("").size();
  const auto again = Upload("hole,depth\r\nBH-7,1.50\r\nBH-8,3\r\n");
  EXPECT_EQ(again.outcome, UploadOutcome::kUnchanged);
  EXPECT_EQ(again.version.version, 1);
  EXPECT_TRUE(again.version.active);
  EXPECT_EQ(EventTypes(first.upload_id), (Types{"upload"}));
  EXPECT_EQ(Keys("").size(), objects);
  auto insisting = Over();
  insisting.as_new_version = true;
  const auto new_version = Upload(kHoles, insisting);
  EXPECT_EQ(new_version.outcome, UploadOutcome::kNewVersion);
  EXPECT_EQ(new_version.version.equals_version, 1);
}

TEST_F(UploadTest, ContentOfAnOlderVersionMakesItActiveAgain) {
  const auto first = Upload(kHoles);
  Must(store_->ApproveRecord(first.upload_id, By<ReviewOptions>("k.brandt")));
  Upload("hole,depth\nBH-7,2\n");
  const auto back = Upload(kHoles);
  EXPECT_EQ(back.outcome, UploadOutcome::kReactivated);
  EXPECT_EQ(back.version.version, 1);
  EXPECT_EQ(back.version.status, Status::kApproved);
  EXPECT_EQ(EventTypes(first.upload_id), (Types{"upload", "approve", "overwrite", "rollback"}));
  EXPECT_EQ(FaultsOf(), "");
}

TEST_F(UploadTest, ARejectedOrPurgedVersionIsNotMadeActiveAgain) {
  const auto first = Upload(kHoles);
  Must(store_->RejectRecord(first.upload_id, By<ReviewOptions>("k.brandt", "wrong hole")));
  Upload("hole,depth\nBH-7,2\n");
  const auto resubmitted = Upload(kHoles);
  EXPECT_EQ(resubmitted.outcome, UploadOutcome::kNewVersion);
  EXPECT_EQ(resubmitted.version.version, 3);
  EXPECT_EQ(resubmitted.version.status, Status::kDraft);
  Upload("hole,depth\nBH-7,4\n");
  Must(store_->Purge(first.upload_id, 3, By<EventOptions>("dpo", "consent withdrawn")));
  EXPECT_EQ(Upload(kHoles).version.version, 5);
  EXPECT_EQ(FaultsOf(), "");
}

TEST_F(UploadTest, OnlyTheSameSchemaIsTheSameContent) {
  Upload("hole,depth\nBH-7,1.5\n");
  auto options = Over();
  options.drift_policy = DriftPolicy::kAllow;
  options.reading.types = {{"depth", arrow::float32()}};
  EXPECT_EQ(Upload("hole,depth\nBH-7,1.5\n", options).outcome, UploadOutcome::kNewVersion);
}

TEST_F(UploadTest, TheBytesAreKeptAndShared) {
  const auto id = Upload(kHoles).upload_id;
  const auto kept = Must(store_->ReadSource(id));
  EXPECT_EQ(kept.bytes->ToString(), kHoles);
  EXPECT_EQ(kept.source.file_name, "holes.csv");
  auto insisting = Over();
  insisting.as_new_version = true;
  Upload(kHoles, insisting);
  EXPECT_EQ(Keys(paths::RecordFolder(id) + "sources/").size(), 1U) << "the same bytes, once";
  Upload("hole,depth\nBH-7,9\n");
  EXPECT_EQ(Keys(paths::RecordFolder(id) + "sources/").size(), 2U);
  EXPECT_EQ(Must(store_->ReadSource(id + "@v2")).bytes->ToString(), kHoles);
  EXPECT_EQ(Must(store_->Vacuum({false, std::chrono::seconds(0)})).files, 0) << "they are in use";
  EXPECT_EQ(FaultsOf(), "");
}

TEST_F(UploadTest, AStoreMayKeepNoFiles) {
  Must(store_->SetSettings({{"keep_sources", "false"}}, By<EventOptions>("admin")));
  const auto id = Upload(kHoles).upload_id;
  EXPECT_EQ(Keys(paths::RecordFolder(id) + "sources/").size(), 0U);
  const auto error = MustFail(store_->ReadSource(id));
  EXPECT_EQ(error.kind, ErrorKind::kNotFound);
  EXPECT_NE(error.message.find("holes.csv"), std::string::npos) << error.message;
}

TEST_F(UploadTest, APurgeTakesTheFileWithIt) {
  const auto id = Upload(kHoles).upload_id;
  Upload("hole,depth\nBH-7,9\n");
  Must(store_->Purge(id, 1, By<EventOptions>("dpo", "consent withdrawn")));
  const auto keys = Keys(paths::RecordFolder(id) + "sources/");
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].find(Sha256Hex(kHoles)), std::string::npos) << keys[0];
  EXPECT_EQ(MustFail(store_->ReadSource(id + "@v1")).kind, ErrorKind::kNotFound);
  EXPECT_EQ(FaultsOf(), "");
}

TEST_F(UploadTest, VerifyFindsKeptFilesThatAreGoneOrOthers) {
  const auto id = Upload(kHoles).upload_id;
  const auto key = Keys(paths::RecordFolder(id) + "sources/").at(0);
  std::string other = kHoles;
  other[0] = 'H';
  Must(storage_->Delete(key));
  Must(storage_->PutIfAbsent(key, other));
  EXPECT_EQ(FaultsOf(false), "") << "the size is right";
  EXPECT_NE(FaultsOf(true).find("kept"), std::string::npos);
  EXPECT_EQ(MustFail(store_->ReadSource(id)).kind, ErrorKind::kCorruption);
  Must(storage_->Delete(key));
  EXPECT_NE(FaultsOf(false).find("kept"), std::string::npos);
  EXPECT_EQ(MustFail(store_->ReadSource(id)).kind, ErrorKind::kCorruption);
}

TEST_F(UploadTest, BreakingDriftIsRefusedAndCanBeLetIn) {
  const auto id = Upload(kHoles).upload_id;
  const auto error = Refused("hole\nBH-7\n");
  EXPECT_EQ(error.kind, ErrorKind::kSchemaDrift);
  EXPECT_EQ(EventTypes(id), (Types{"upload", "overwrite_refused"}));
  auto allowing = Over();
  allowing.allow_breaking = true;
  const auto let_in = Upload("hole\nBH-7\n", allowing);
  EXPECT_EQ(let_in.version.drift.drift_class, DriftClass::kBreaking);
  EXPECT_TRUE(let_in.version.drift.overridden);
  EXPECT_EQ(FaultsOf(), "");
}

TEST_F(UploadTest, ARenamedColumnIsReadWithTheTypeThatItHad) {
  Upload("hole,depth\nBH-7,1.5\n");
  auto options = Over();
  options.renames = {{"depth", "depth_m"}};
  const auto renamed = Upload("hole,depth_m\nBH-7,2\n", options);
  ASSERT_EQ(renamed.version.drift.changes.size(), 1U);
  EXPECT_EQ(renamed.version.drift.changes[0].kind, DriftChange::Kind::kColumnRenamed);
}

TEST_F(UploadTest, EqualContentOfOthersIsNamed) {
  const auto first = Upload(kHoles).upload_id;
  auto options = Over();
  options.dataset_name = "copy";
  const auto copy = Upload("depth,hole\n3,BH-8\n1.5,BH-7\n", options, "copy.csv");
  ASSERT_EQ(copy.duplicates.size(), 1U);
  EXPECT_EQ(copy.duplicates[0].record_id, first);
  EXPECT_EQ(copy.duplicates[0].version, 1);
  EXPECT_NE(copy.version.warnings.at(0).find(first), std::string::npos);
  const auto groups = Must(store_->FindDuplicates());
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].matches.size(), 2U);
  EXPECT_EQ(groups[0].hash, copy.version.duplicate_hash);
}

TEST_F(UploadTest, OneRecordsVersionsAreNoDuplicates) {
  Upload(kHoles);
  auto insisting = Over();
  insisting.as_new_version = true;
  Upload(kHoles, insisting);
  EXPECT_TRUE(Must(store_->FindDuplicates()).empty());
}

TEST_F(UploadTest, NamesAreTrimmedAndBroughtToNfc) {
  auto options = By<UploadOptions>("a.meier");
  options.dataset_name =
      "  Bohrung Su\xCC\x88"
      "d/7 ";
  const auto result = Upload(kHoles, options);
  EXPECT_EQ(result.upload_id, DatasetId("Bohrung S\xC3\xBC"
                                        "d/7"));
  EXPECT_EQ(Must(store_->GetRecord(result.upload_id)).name,
            "Bohrung S\xC3\xBC"
            "d/7");
  options.dataset_name =
      "bohrung S\xC3\xBC"
      "d/7";
  EXPECT_EQ(Upload(kHoles, options).outcome, UploadOutcome::kCreated) << "case counts";
  options.dataset_name = " \t ";
  EXPECT_EQ(Refused(kHoles, options).kind, ErrorKind::kInvalidArgument);
  options.dataset_name = "a\nb";
  EXPECT_EQ(Refused(kHoles, options).kind, ErrorKind::kInvalidArgument);
}

TEST_F(UploadTest, IdsAreReadable) {
  EXPECT_EQ(DatasetId("ae"), "ae-f9a00f43e97e");
  EXPECT_EQ(DatasetId(" Adverse Events\n"), "adverse-events-fb935ebaca46");
  EXPECT_EQ(DatasetId("???"), "dataset-a03b221c6c6e");
  const std::string longest = DatasetId(std::string(39, 'x') +
                                        "\xC3\xBC"
                                        "yyy");
  EXPECT_EQ(longest.substr(0, longest.size() - 13), std::string(39, 'x')) << "cut between letters";
}

TEST_F(UploadTest, FileNamesAreCleaned) {
  const auto name_of = [&](const std::string& name, const std::string& dataset) {
    auto options = By<UploadOptions>("a.meier");
    options.dataset_name = dataset;
    return Upload(kHoles, options, name).version.source->file_name;
  };
  EXPECT_EQ(name_of("C:\\data\\my holes.CSV", "a"), "my holes.CSV");
  EXPECT_EQ(name_of("../../etc/x..y.csv", "b"), "x_y.csv");
  EXPECT_EQ(name_of("a:b\x01.csv", "c"), "a_b_.csv");
  EXPECT_EQ(name_of(std::string(300, 'x') + ".csv", "d"), std::string(196, 'x') + ".csv");
}

TEST_F(UploadTest, APackedFileIsCalledAsWhatIsInIt) {
  const auto packed = arrow::util::Codec::Create(arrow::Compression::GZIP).ValueOrDie();
  const std::string text = kHoles;
  std::string bytes(200, '\0');
  const int64_t size = packed
                           ->Compress(static_cast<int64_t>(text.size()),
                                      reinterpret_cast<const uint8_t*>(text.data()), 200,
                                      reinterpret_cast<uint8_t*>(bytes.data()))
                           .ValueOrDie();
  bytes.resize(static_cast<size_t>(size));
  const auto result = Upload(bytes, By<UploadOptions>("a.meier"), "holes.csv.gz");
  EXPECT_EQ(result.upload_id, DatasetId("holes"));
  EXPECT_EQ(result.version.tables[0].name, "holes");
  EXPECT_EQ(Must(store_->ReadSource(result.upload_id)).bytes->ToString(), bytes) << "as it came";
  EXPECT_EQ(Upload(kHoles).outcome, UploadOutcome::kUnchanged);
}

TEST_F(UploadTest, ABadEndingIsSaidBeforeAnythingElse) {
  Upload(kHoles);
  const auto error = Refused("", By<UploadOptions>("a.meier"), "holes.docx");
  EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(error.message.find(".docx"), std::string::npos) << error.message;
  EXPECT_EQ(Refused("", Over(), "holes.CSV").kind, ErrorKind::kValidation) << "empty";
}

TEST_F(UploadTest, TooLargeAFileIsRefused) {
  Must(store_->SetSettings({{"upload_bytes_max", "10"}}, By<EventOptions>("admin")));
  const auto error = Refused(kHoles);
  EXPECT_EQ(error.kind, ErrorKind::kValidation);
  EXPECT_NE(error.message.find("upload_bytes_max"), std::string::npos) << error.message;
  EXPECT_EQ(
      MustFail(store_->SetSettings({{"upload_bytes_max", "0"}}, By<EventOptions>("admin"))).kind,
      ErrorKind::kInvalidArgument);
}

TEST_F(UploadTest, ProgressNeverFallsAndEndsAtOne) {
  for (const std::string& bytes : {std::string(kHoles), std::string("hole,hole\n1,2\n")}) {
    std::vector<double> fractions;
    std::string last_phase, last_message;
    auto options = Over();
    options.progress = [&](const std::string& phase, double fraction, const std::string& message) {
      fractions.push_back(fraction);
      last_phase = phase;
      last_message = message;
      throw std::runtime_error("whoever watches");
    };
    const bool done = store_->SaveUpload(Bytes(bytes), options).has_value();
    ASSERT_GE(fractions.size(), 2U);
    EXPECT_LT(fractions.front(), 1);
    EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
    EXPECT_EQ(fractions.back(), 1);
    EXPECT_EQ(last_phase, done ? "done" : "failed");
    EXPECT_EQ(last_message.empty(), done);
  }
}

TEST_F(UploadTest, ACancelledUploadLeavesNothing) {
  const size_t before = Keys("").size();
  std::stop_source stop;
  stop.request_stop();
  auto options = Over();
  options.stop = stop.get_token();
  EXPECT_EQ(Refused(kHoles, options).kind, ErrorKind::kCancelled);
  EXPECT_EQ(Keys("records/").size(), 0U);
  EXPECT_LE(Keys("").size(), before + 1) << "perhaps a content marker";
}

TEST_F(UploadTest, ARepeatedCallIsDoneOnce) {
  auto options = Over();
  options.event_id = "0123456789abcdef0123456789abcdef";
  const auto first = Upload(kHoles, options);
  Upload("hole,depth\nBH-7,9\n");
  const auto again = Upload(kHoles, options);
  EXPECT_EQ(again.version.version, 1);
  EXPECT_EQ(EventTypes(first.upload_id), (Types{"upload", "overwrite"}));
}

TEST_F(UploadTest, ADeletedDatasetsNameIsFreeAgain) {
  Must(store_->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("admin")));
  const auto id = Upload(kHoles).upload_id;
  Must(store_->DeleteRecord(id, By<EventOptions>("dpo", "consent withdrawn")));
  EXPECT_EQ(Keys(paths::RecordFolder(id) + "sources/").size(), 0U);
  const auto again = Upload(kHoles, By<UploadOptions>("a.meier"));
  EXPECT_EQ(again.outcome, UploadOutcome::kCreated);
  EXPECT_EQ(again.version.version, 2);
  EXPECT_EQ(FaultsOf(), "");
}

TEST_F(UploadTest, RecordsOfOthersAreLeftAlone) {
  Must(store_->CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
  const auto found = Upload("depth_m,soil,mark\n0,CLAY,1\n0.25,SAND,1\n", Over(), "BH-7.csv");
  EXPECT_NE(found.upload_id, "BH-7");
  EXPECT_EQ(found.outcome, UploadOutcome::kCreated);
}

TEST_F(UploadTest, GoingBackIsBoundToTheVersionThatWasSeen) {
  const auto id = Upload(kHoles).upload_id;
  Upload("hole,depth\nBH-7,9\n");
  auto options = Over();
  options.expected_version = 1;
  EXPECT_EQ(Refused(kHoles, options).kind, ErrorKind::kConflict);
  options.expected_version = 2;
  EXPECT_EQ(Upload(kHoles, options).outcome, UploadOutcome::kReactivated);
  EXPECT_EQ(EventTypes(id), (Types{"upload", "overwrite", "rollback"}));
}

TEST_F(UploadTest, DamagedContentIsWrittenAnew) {
  const auto id = Upload(kHoles).upload_id;
  Upload("hole,depth\nBH-7,9\n");
  Must(storage_->Delete(paths::RecordFolder(id) + "versions/v1.parquet"));
  const auto again = Upload(kHoles);
  EXPECT_EQ(again.outcome, UploadOutcome::kNewVersion);
  EXPECT_EQ(again.version.version, 3);
}

TEST_F(UploadTest, AttributesAndSchemaAreSetWithTheOneEventThereIs) {
  const auto id = Upload(kHoles).upload_id;
  const auto schema = Must(ParseSchema(R"({"tables":[{"name":"holes","columns":[
      {"name":"hole","type":"string"},{"name":"depth","type":"float64"}]}]})"));
  Must(store_->SaveSchema("holes", schema, By<EventOptions>("k.brandt")));
  auto options = Over();
  options.attributes = {{"site", "HKZ1"}};
  EXPECT_EQ(Upload(kHoles, options).outcome, UploadOutcome::kUnchanged);
  options.schema = "holes";
  options.drift_policy = DriftPolicy::kAllow;
  options.attributes = {{"site", "HKZ2"}};
  const auto bound = Upload("hole,depth\nBH-7,9\n", options);
  EXPECT_EQ(bound.outcome, UploadOutcome::kNewVersion);
  options.schema = "";
  Must(store_->BindSchema(id, "", By<EventOptions>("k.brandt")));
  options.schema = "holes";
  options.attributes = {{"site", "HKZ3"}, {"rig", "2"}};
  EXPECT_EQ(Upload("hole,depth\nBH-7,9\n", options).outcome, UploadOutcome::kUnchanged);
  const auto record = Must(store_->GetRecord(id));
  EXPECT_EQ(record.bound_schema, "holes");
  EXPECT_EQ(record.attributes,
            (std::map<std::string, std::string>{{"rig", "2"}, {"site", "HKZ3"}}));
  EXPECT_EQ(EventTypes(id),
            (Types{"upload", "set_attributes", "overwrite", "bind_schema", "bind_schema"}));
  EXPECT_EQ(FaultsOf(), "");
}

TEST_F(UploadTest, GoingBackTellsItsDriftAndSetsAttributes) {
  const auto id = Upload(kHoles).upload_id;
  Upload("hole,depth,soil\nBH-7,9,CLAY\n");
  EXPECT_EQ(Refused(kHoles).kind, ErrorKind::kSchemaDrift);
  auto options = Over();
  options.allow_breaking = true;
  options.attributes = {{"site", "HKZ1"}};
  EXPECT_EQ(Upload(kHoles, options).outcome, UploadOutcome::kReactivated);
  EXPECT_EQ(EventTypes(id), (Types{"upload", "overwrite", "overwrite_refused", "rollback"}));
  const auto event = Must(store_->History(id)).back();
  EXPECT_NE(event.details.find(R"("overridden":true)"), std::string::npos) << event.details;
  EXPECT_EQ(Must(store_->GetRecord(id)).attributes.at("site"), "HKZ1");
  EXPECT_EQ(FaultsOf(), "");
}

TEST_F(UploadTest, SomeTablesOfAFileMayBeEmptyNotAll) {
  const std::string empty =
      "\"GROUP\",\"GEOL\"\r\n\"HEADING\",\"LOCA_ID\"\r\n\"UNIT\",\"\"\r\n\"TYPE\",\"ID\"\r\n";
  const std::string holes =
      "\"GROUP\",\"LOCA\"\r\n\"HEADING\",\"LOCA_ID\"\r\n\"UNIT\",\"\"\r\n\"TYPE\","
      "\"ID\"\r\n\"DATA\",\"BH-7\"\r\n";
  const auto both = Upload(holes + "\r\n" + empty, Over(), "site.ags");
  EXPECT_EQ(both.version.tables.size(), 2U);
  EXPECT_EQ(Refused(empty, Over(), "empty.ags").kind, ErrorKind::kValidation);
  EXPECT_EQ(Refused(empty + "\r\n" +
                        "\"GROUP\",\"SAMP\"\r\n\"HEADING\",\"LOCA_ID\"\r\n\"UNIT\","
                        "\"\"\r\n\"TYPE\",\"ID\"\r\n",
                    Over(), "empty.ags")
                .kind,
            ErrorKind::kValidation);
}

TEST_F(UploadTest, ARecordHasAtMostAHundredAttributes) {
  auto options = Over();
  for (int i = 0; i < 100; ++i)
    options.attributes["first" + std::to_string(i)] = "x";
  Upload(kHoles, options);
  options.attributes = {{"one more", "x"}};
  EXPECT_EQ(Refused("hole,depth\nBH-7,9\n", options).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(Refused(kHoles, options).kind, ErrorKind::kInvalidArgument);
  options.attributes["first1"] = "";
  EXPECT_EQ(Upload(kHoles, options).outcome, UploadOutcome::kUnchanged);
}

TEST_F(UploadTest, WhoSubmitsWhatWasRejectedIsTold) {
  const auto id = Upload(kHoles).upload_id;
  Must(store_->RejectRecord(id, By<ReviewOptions>("r.lind", "wrong hole")));
  const auto same = Upload(kHoles);
  EXPECT_EQ(same.outcome, UploadOutcome::kUnchanged);
  ASSERT_EQ(same.version.warnings.size(), 1U);
  EXPECT_NE(same.version.warnings[0].find("as_new_version"), std::string::npos);
}

TEST_F(UploadTest, RenamesMayNameTheirTable) {
  Upload("hole,code\nBH-7,007\n");
  auto options = Over();
  options.renames = {{"holes.code", "kode"}};
  const auto renamed = Upload("hole,kode\nBH-7,7\n", options);
  ASSERT_EQ(renamed.version.drift.changes.size(), 1U);
  EXPECT_EQ(renamed.version.drift.changes[0].kind, DriftChange::Kind::kColumnRenamed);
}

TEST_F(UploadTest, VacuumLeavesOthersFilesBesideKeptOnes) {
  const auto id = Upload(kHoles).upload_id;
  const std::string key = paths::RecordFolder(id) + "sources/README.txt";
  Must(storage_->PutIfAbsent(key, "ours"));
  Must(store_->Vacuum({false, std::chrono::seconds(0)}));
  EXPECT_EQ(Keys(key).size(), 1U);
}

TEST_F(UploadTest, SettingsAndSchemasOfSeveralPeopleAreAllKept) {
  constexpr int kPeople = 4, kEach = 5;
  const auto schema = Must(
      ParseSchema(R"({"tables":[{"name":"holes","columns":[{"name":"hole","type":"string"}]}]})"));
  std::vector<std::jthread> people;
  std::atomic<int> failed = 0;
  for (int person = 0; person < kPeople; ++person) {
    people.emplace_back([&, person] {
      const auto own = Open();
      for (int i = 0; i < kEach; ++i) {
        const std::string name = std::to_string(person) + "-" + std::to_string(i);
        if (!own->SaveSchema(name, schema, By<EventOptions>("k.brandt"))) ++failed;
      }
      const std::string setting = person % 2 == 0 ? "require_schema" : "allow_delete";
      if (!own->SetSettings({{setting, "true"}}, By<EventOptions>("admin"))) ++failed;
    });
  }
  people.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(Must(store_->ListSchemas()).size(), size_t{kPeople * kEach});
  const auto settings = Must(store_->Settings());
  EXPECT_EQ(settings.at("require_schema"), "true");
  EXPECT_EQ(settings.at("allow_delete"), "true");
}

TEST_F(UploadTest, AnEventIdOfTheStoresOwnRecordIsForOneChange) {
  const auto schema = Must(
      ParseSchema(R"({"tables":[{"name":"holes","columns":[{"name":"hole","type":"string"}]}]})"));
  const auto other = Must(
      ParseSchema(R"({"tables":[{"name":"holes","columns":[{"name":"hole","type":"int64"}]}]})"));
  auto by = By<EventOptions>("k.brandt");
  by.event_id = "0123456789abcdef0123456789abcdef";
  EXPECT_EQ(Must(store_->SaveSchema("s", schema, by)).number, 1);
  Must(store_->SaveSchema("s", other, By<EventOptions>("k.brandt")));
  EXPECT_EQ(Must(store_->SaveSchema("s", schema, by)).number, 1) << "a repeated call";
  EXPECT_EQ(MustFail(store_->SetSettings({{"allow_delete", "true"}}, by)).kind,
            ErrorKind::kInvalidArgument);
  EXPECT_EQ(Must(store_->Settings()).at("allow_delete"), "false");
}

}  // namespace
}  // namespace coreshed
