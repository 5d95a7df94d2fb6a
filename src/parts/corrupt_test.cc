// Files that are damaged, cut off or not ours: an error that names the file, or the very same data;
// never a crash.

#include <arrow/buffer.h>

#include <random>

#include "base/missing.h"
#include "parts/test_store.h"

namespace coreshed::parts {
namespace {

std::string BytesOf(TestRecord& record, const std::string& name) {
  return Get(record.storage->Get(TestRecord::kPrefix + name)).bytes->ToString();
}

/// The same version with other bytes in its only file.
class Damaged {
 public:
  explicit Damaged(const std::shared_ptr<arrow::Table>& table) : table_(table) {
    record_.threads = 1;
    answer_ = record_.Write(table);
    bytes_ = BytesOf(record_, answer_.parts.files[0].name);
  }
  const std::string& bytes() const { return bytes_; }

  /// What reading gives with these bytes; the size in the metadata is theirs.
  Result<std::shared_ptr<arrow::Table>> Read(const std::string& bytes,
                                             std::vector<std::string> columns = {}) {
    auto answer = answer_;
    answer.parts.files[0].name = "versions/damaged" + std::to_string(++files_) + ".parquet";
    answer.parts.files[0].size_bytes = static_cast<int64_t>(bytes.size());
    auto stage = Get(record_.storage->OpenStage("r", false));
    auto upload = Get(stage->NewObject(answer.parts.files[0].name, "unused"));
    EXPECT_TRUE(upload->Write(bytes.data(), static_cast<int64_t>(bytes.size())).has_value());
    Get(upload->Finish());
    const auto request = record_.Reading(answer, std::move(columns));
    auto read = ReadTable(request, *record_.storage);
    auto check = Get(CheckParts(request, *record_.storage, true));
    if (request.columns.empty()) {
      EXPECT_EQ(read.has_value(), check.faults.empty());
    }
    EXPECT_TRUE(
        record_.storage->Delete(TestRecord::kPrefix + answer.parts.files[0].name).has_value());
    return read;
  }

  /// An error of the right kind that names the file, or the same rows.
  void Expect(const std::string& bytes, const std::string& what,
              const std::vector<std::string>& columns = {}) {
    const auto read = Read(bytes, columns);
    if (!read) {
      EXPECT_EQ(read.error().kind, ErrorKind::kCorruption) << what << read.error().message;
      EXPECT_NE(read.error().message.find("versions/damaged"), std::string::npos)
          << what << read.error().message;
      return;
    }
    const auto expected = columns.empty() ? table_ : Get(table_->SelectColumns({0}));
    EXPECT_TRUE(read.value()->Equals(*expected)) << what;
  }

 private:
  TestRecord record_;
  std::shared_ptr<arrow::Table> table_;
  WriteAnswer answer_;
  std::string bytes_;
  int files_ = 0;
};

TEST(DamagedFiles, CutOffAnywhere) {
  Damaged damaged(ManyRows(300));
  const auto& bytes = damaged.bytes();
  for (size_t size = 0; size < bytes.size();
       size += size < 64 || size + 64 > bytes.size() ? 1 : 97) {
    const auto read = damaged.Read(bytes.substr(0, size));
    ASSERT_FALSE(read.has_value()) << size;
    EXPECT_EQ(read.error().kind, ErrorKind::kCorruption) << read.error().message;
  }
}

TEST(DamagedFiles, OneByteChangedAnywhere) {
  for (const int64_t rows : {40, 30'000}) {
    Damaged damaged(ManyRows(rows));
    const auto& bytes = damaged.bytes();
    const size_t step = std::max<size_t>(1, bytes.size() / 700);
    std::mt19937 random(3);
    for (size_t at = 0; at < bytes.size(); at += step) {
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1U << random() % 8));
      damaged.Expect(changed, "byte " + std::to_string(at) + ": ");
    }
  }
}

TEST(DamagedFiles, OneByteChangedAnywhereAndOneColumnRead) {
  Damaged damaged(ManyRows(40));
  const auto& bytes = damaged.bytes();
  for (size_t at = 0; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] = static_cast<char>(~changed[at]);
    damaged.Expect(changed, "byte " + std::to_string(at) + ": ", {"id"});
  }
}

TEST(DamagedFiles, FootersAreFuzzed) {
  Damaged damaged(ManyRows(12'000));
  const auto& bytes = damaged.bytes();
  std::mt19937 random(11);
  for (int round = 0; round < 3'000; ++round) {
    auto changed = bytes;
    const size_t footer = std::min<size_t>(bytes.size(), 3'000);
    for (unsigned k = 0; k < 1 + round % 5U; ++k) {
      changed[changed.size() - 1 - random() % footer] = static_cast<char>(random());
    }
    damaged.Expect(changed, "round " + std::to_string(round) + ": ");
  }
}

TEST(DamagedFiles, NotOurs) {
  Damaged damaged(ManyRows(50));
  EXPECT_FALSE(damaged.Read("").has_value());
  EXPECT_FALSE(damaged.Read("PAR1").has_value());
  EXPECT_FALSE(damaged.Read("PAR1PAR1").has_value());
  EXPECT_FALSE(damaged.Read(std::string(5'000, '\0')).has_value());
  // Another table of the same shape.
  Damaged other(ManyRows(50, 1'000));
  const auto read = damaged.Read(other.bytes());
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, ErrorKind::kCorruption);
}

TEST(DamagedFiles, AMissingFileSaysSo) {
  TestRecord record;
  const auto answer = record.Write(ManyRows(50));
  ASSERT_TRUE(record.storage->Delete(TestRecord::kPrefix + answer.parts.files[0].name).has_value());
  for (const auto& error : {ReadTable(record.Reading(answer), *record.storage).error(),
                            ReadStream(record.Reading(answer), record.storage).error()}) {
    EXPECT_EQ(error.kind, ErrorKind::kCorruption) << error.message;
    EXPECT_TRUE(SaysMissing(error)) << error.message;
  }
  const auto check = Get(CheckParts(record.Reading(answer), *record.storage, false));
  ASSERT_EQ(check.faults.size(), 1U);
  EXPECT_NE(check.faults[0].find(answer.parts.files[0].name), std::string::npos);
}

TEST(DamagedFiles, MetadataThatDoNotFit) {
  TestRecord record;
  const auto answer = record.Write(ManyRows(30'000));
  const auto read = [&](const WriteAnswer& changed) {
    return ReadTable(record.Reading(changed), *record.storage).error().kind;
  };
  auto changed = answer;
  changed.parts.files[0].root = std::string(64, '0');
  EXPECT_EQ(read(changed), ErrorKind::kCorruption);
  changed = answer;
  ++changed.parts.rows;
  EXPECT_EQ(read(changed), ErrorKind::kCorruption);
  changed = answer;
  ++changed.parts.files[0].parts;
  EXPECT_EQ(read(changed), ErrorKind::kCorruption);
  changed = answer;
  --changed.parts.files[0].size_bytes;
  EXPECT_EQ(read(changed), ErrorKind::kCorruption);
  changed = answer;
  changed.parts.runs = {{0, 5, 1}};
  EXPECT_EQ(read(changed), ErrorKind::kCorruption);
  changed = answer;
  changed.schema = arrow::schema({arrow::field("id", arrow::int64())});
  EXPECT_EQ(read(changed), ErrorKind::kCorruption);
  changed = answer;
  changed.schema = Get(answer.schema->SetField(0, arrow::field("id", arrow::utf8())));
  EXPECT_EQ(read(changed), ErrorKind::kCorruption);
}

TEST(CheckParts, FindsWrongHashes) {
  TestRecord record;
  const auto answer = record.Write(ManyRows(100'000));
  EXPECT_TRUE(Get(CheckParts(record.Reading(answer), *record.storage, true)).faults.empty());
  auto changed = answer;
  changed.parts.exact_hash = std::string(64, '0');
  EXPECT_EQ(Get(CheckParts(record.Reading(changed), *record.storage, true)).faults.size(), 1U);
  changed = answer;
  changed.parts.duplicate_sum = std::string(32, '0');
  EXPECT_EQ(Get(CheckParts(record.Reading(changed), *record.storage, true)).faults.size(), 1U);
}

TEST(ReadTable, TakesColumnsInAnyOrder) {
  TestRecord record;
  const auto table = ManyRows(60'000);
  const auto answer = record.Write(table);
  EXPECT_TRUE(record.Read(answer, {"number", "id"})->Equals(*Get(table->SelectColumns({2, 0}))));
  EXPECT_TRUE(
      record.Read(answer, {"number", "name", "id"})->Equals(*Get(table->SelectColumns({2, 1, 0}))));
  const auto missing = ReadTable(record.Reading(answer, {"no such"}), *record.storage);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(missing.error().fields.at("column"), "no such");
}

}  // namespace
}  // namespace coreshed::parts
