#include "parts/write.h"

#include <arrow/compute/api_vector.h>
#include <arrow/compute/cast.h>

#include <atomic>
#include <set>

#include "parts/hash.h"
#include "parts/memory_pool.h"
#include "parts/test_store.h"

namespace coreshed::parts {
namespace {

using TablePtr = std::shared_ptr<arrow::Table>;

TablePtr Join(const std::vector<TablePtr>& tables) {
  return Get(arrow::ConcatenateTables(tables));
}

/// Small parts, so that tests need few rows.
CutRule SmallRule() {
  CutRule rule;
  rule.columns = {"id"};
  rule.mask_bits = 6;
  rule.rows_min = 64;
  rule.rows_max = 256;
  return rule;
}

WriteAnswer WriteSmall(TestRecord& record, const TablePtr& table) {
  auto request = record.Request(table, nullptr);
  request.cut = SmallRule();
  return Get(record.TryWrite(request));
}

std::set<std::string> Names(const WriteAnswer& answer) {
  std::set<std::string> names;
  for (const auto& file : answer.parts.files)
    names.insert(file.name);
  return names;
}

TEST(WriteParts, ReadsBackWhatWasWritten) {
  for (const int threads : {1, 2, 4}) {
    for (const int64_t rows : {1, 10, 8'191, 50'000, 600'000}) {
      TestRecord record;
      record.threads = threads;
      const auto table = ManyRows(rows);
      const auto answer = record.Write(table);
      EXPECT_EQ(answer.parts.rows, rows);
      EXPECT_TRUE(record.Read(answer)->Equals(*table, true)) << rows;
    }
  }
}

TEST(WriteParts, ASmallTableIsOnePartInOneFile) {
  TestRecord record;
  const auto answer = record.Write(ManyRows(100));
  EXPECT_EQ(answer.parts.parts, 1);
  ASSERT_EQ(answer.parts.files.size(), 1U);
  EXPECT_EQ(answer.parts.files[0].name, "versions/v1.parquet");
  EXPECT_EQ(answer.parts.files[0].size_bytes, answer.new_bytes);
  const Hash256 part = Get(ExactHash(*Get(ManyRows(100)->CombineChunksToBatch())));
  EXPECT_EQ(answer.parts.files[0].root, ToHex(part));
  EXPECT_EQ(answer.parts.exact_hash, TableExactHash({part}));
}

TEST(WriteParts, ALargeTableIsSplitOverThreads) {
  TestRecord record;
  const auto answer = record.Write(ManyRows(900'000));
  EXPECT_EQ(Names(answer),
            (std::set<std::string>{"versions/v1/0.parquet", "versions/v1/1.parquet"}));
  EXPECT_LE(answer.parts.runs.size(), 2U);
}

TEST(WriteParts, NothingIsNoFile) {
  TestRecord record;
  const auto answer = record.Write(ManyRows(0));
  EXPECT_EQ(answer.parts.parts, 0);
  EXPECT_TRUE(answer.parts.files.empty());
  EXPECT_TRUE(record.Read(answer)->Equals(*ManyRows(0), true));
  // And something after nothing.
  auto request = record.Request(ManyRows(10), &answer);
  request.append = true;
  EXPECT_TRUE(record.Read(Get(record.TryWrite(request)))->Equals(*ManyRows(10)));
}

TEST(WriteParts, StreamAndTableGiveTheSameParts) {
  const auto table = ManyRows(100'000);
  TestRecord record;
  const auto whole = record.Write(table);
  for (const int64_t size : {999, 20'000}) {
    TestRecord other;
    auto request = other.Request(nullptr, nullptr);
    auto batches = std::make_shared<arrow::TableBatchReader>(*table);
    batches->set_chunksize(size);
    request.reader = batches;
    const auto streamed = Get(other.TryWrite(request));
    EXPECT_EQ(streamed.parts.exact_hash, whole.parts.exact_hash);
    EXPECT_EQ(streamed.parts.duplicate_sum, whole.parts.duplicate_sum);
    EXPECT_EQ(streamed.cut, whole.cut);
    EXPECT_TRUE(other.Read(streamed)->Equals(*table));
  }
}

TEST(WriteParts, TheSameAgainWritesNothing) {
  for (const int64_t rows : {100, 50'000}) {
    TestRecord record;
    const auto first = record.Write(ManyRows(rows));
    const auto second = record.Write(ManyRows(rows), &first);
    EXPECT_EQ(second.new_bytes, 0);
    EXPECT_EQ(second.parts.exact_hash, first.parts.exact_hash);
    EXPECT_EQ(second.parts.duplicate_sum, first.parts.duplicate_sum);
    EXPECT_EQ(Names(second), Names(first));
  }
}

TEST(WriteParts, AnEditWritesItsNeighboursOnly) {
  TestRecord record;
  const auto table = ManyRows(30'000);
  const auto first = WriteSmall(record, table);
  const auto edited = Join({table->Slice(0, 10'000), ManyRows(5, 1'000'000), table->Slice(10'002)});
  const auto second = record.Write(edited, &first);
  EXPECT_LT(second.new_bytes, first.new_bytes / 10);
  EXPECT_EQ(second.parts.files.size(), first.parts.files.size() + 1);
  EXPECT_LE(second.parts.runs.size(), first.parts.runs.size() + 4);
  EXPECT_TRUE(record.Read(second)->Equals(*edited));
  // Whatever edits led there: the hashes are those of a table written at once.
  TestRecord other;
  const auto at_once = WriteSmall(other, edited);
  EXPECT_EQ(second.parts.exact_hash, at_once.parts.exact_hash);
  EXPECT_EQ(second.parts.duplicate_sum, at_once.parts.duplicate_sum);
  // And the older version is what it was.
  EXPECT_TRUE(record.Read(first)->Equals(*table));
}

TEST(WriteParts, AppendEqualsWritingAll) {
  for (const int64_t before : {10, 200, 5'000}) {
    for (const int64_t more : {0, 1, 300, 9'000}) {
      TestRecord record;
      auto answer = WriteSmall(record, ManyRows(before));
      auto request = record.Request(ManyRows(more, before), &answer);
      request.append = true;
      const auto appended = Get(record.TryWrite(request));
      TestRecord other;
      const auto at_once = WriteSmall(other, ManyRows(before + more));
      EXPECT_EQ(appended.parts.exact_hash, at_once.parts.exact_hash) << before << " " << more;
      EXPECT_EQ(appended.parts.duplicate_sum, at_once.parts.duplicate_sum);
      EXPECT_EQ(appended.parts.rows, before + more);
      EXPECT_TRUE(record.Read(appended)->Equals(*ManyRows(before + more)));
      EXPECT_EQ(appended.new_bytes == 0, more == 0);
    }
  }
}

TEST(WriteParts, PartsOfOtherTypesAreNotUsedAgain) {
  // The same bits as int64 and as float64 have the same hash.
  arrow::Int64Builder ints;
  arrow::DoubleBuilder doubles;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(ints.Append(std::bit_cast<int64_t>(i * 1.5)).ok());
    ASSERT_TRUE(doubles.Append(i * 1.5).ok());
  }
  const auto as_int =
      arrow::Table::Make(arrow::schema({arrow::field("c", arrow::int64())}), {Get(ints.Finish())});
  const auto as_double = arrow::Table::Make(arrow::schema({arrow::field("c", arrow::float64())}),
                                            {Get(doubles.Finish())});
  TestRecord record;
  const auto first = record.Write(as_int);
  const auto second = record.Write(as_double, &first);
  EXPECT_EQ(second.parts.exact_hash, first.parts.exact_hash);
  EXPECT_GT(second.new_bytes, 0);
  EXPECT_TRUE(record.Read(second)->Equals(*as_double));
  // Renamed: the file would show the old name.
  const auto renamed = Get(as_double->RenameColumns({"other"}));
  EXPECT_GT(record.Write(renamed, &second).new_bytes, 0);
}

TEST(WriteParts, TextLaidOutOtherwiseIsUsedAgain) {
  TestRecord record;
  const auto table = ManyRows(20'000);
  const auto first = record.Write(table);
  for (const auto& type : {arrow::large_utf8(), arrow::utf8_view(),
                           arrow::dictionary(arrow::int32(), arrow::utf8())}) {
    arrow::Datum cast = table->column(1);
    cast = type->id() == arrow::Type::DICTIONARY ? Get(arrow::compute::DictionaryEncode(cast))
                                                 : Get(arrow::compute::Cast(cast, type));
    const auto other = Get(table->SetColumn(1, arrow::field("name", type), cast.chunked_array()));
    const auto second = record.Write(other, &first);
    EXPECT_EQ(second.new_bytes, 0) << type->ToString();
    EXPECT_TRUE(record.Read(second)->Equals(*other)) << type->ToString();
  }
}

TEST(WriteParts, FilesOfAVersionAreBounded) {
  TestRecord record;
  auto table = ManyRows(40'000);
  auto answer = WriteSmall(record, table);
  size_t most = 0;
  for (int64_t version = 0; version < 150; ++version) {
    const int64_t at = version * 7'919 % 39'000;
    table = Join({table->Slice(0, at), ManyRows(1, 1'000'000 + version), table->Slice(at + 1)});
    table = Get(table->CombineChunks());
    answer = record.Write(table, &answer);
    most = std::max(most, answer.parts.files.size());
    ASSERT_LE(answer.parts.files.size(), 64U);
  }
  EXPECT_GT(most, 40U);
  EXPECT_TRUE(record.Read(answer)->Equals(*table));
  TestRecord other;
  EXPECT_EQ(WriteSmall(other, table).parts.exact_hash, answer.parts.exact_hash);
}

/// The same bytes as values of other logical types: their sums are others, and stand in the files.
TEST(WriteParts, PartsOfAnotherLogicalTypeAreNotUsedAgain) {
  const auto ids = Get(ManyRows(40'000)->GetColumnByName("id")->Slice(0)->View(arrow::int64()));
  const auto typed = [&](const std::shared_ptr<arrow::DataType>& type) {
    return arrow::Table::Make(arrow::schema({arrow::field("id", type)}), {Get(ids->View(type))});
  };
  const auto stamp = [&](const char* zone) {
    return typed(arrow::timestamp(arrow::TimeUnit::MICRO, zone));
  };
  const std::vector<TablePtr> tables{stamp("UTC"), stamp("Europe/Berlin"), stamp(""),
                                     typed(arrow::duration(arrow::TimeUnit::MICRO))};
  for (const auto& before : tables) {
    for (const auto& after : tables) {
      TestRecord record, other;
      const auto first = record.Write(before);
      EXPECT_GT(first.parts.parts, 1);
      const auto second = record.Write(after, &first);
      EXPECT_EQ(second.new_bytes == 0, before == after) << after->schema()->ToString();
      EXPECT_EQ(second.parts.duplicate_sum, other.Write(after).parts.duplicate_sum);
      EXPECT_TRUE(record.Read(second)->Equals(*after));
    }
  }
}

TEST(WriteParts, PartsAreUsedAgainWhateverTheWidthOfDecimals) {
  const auto table = [](const auto& type) {
    const auto ids = Get(ManyRows(40'000)->GetColumnByName("id")->View(arrow::int64()));
    const auto column = Get(arrow::compute::Cast(ids, type)).chunked_array();
    return arrow::Table::Make(arrow::schema({arrow::field("id", type)}), {column});
  };
  TestRecord record;
  auto answer = record.Write(table(arrow::decimal128(20, 0)));
  for (const auto& type : {arrow::decimal256(20, 0), arrow::decimal128(20, 0)}) {
    answer = record.Write(table(type), &answer);
    EXPECT_EQ(answer.new_bytes, 0);
    EXPECT_TRUE(record.Read(answer)->Equals(*table(type)));
  }
}

TEST(WriteParts, CanBeCancelled) {
  TestRecord record;
  const auto table = ManyRows(600'000);
  std::stop_source source;
  auto request = record.Request(table, nullptr);
  request.stop = source.get_token();
  request.on_rows = [&](int64_t rows) {
    if (rows > 100'000) source.request_stop();
  };
  const auto cancelled = record.TryWrite(request);
  ASSERT_FALSE(cancelled.has_value());
  EXPECT_EQ(cancelled.error().kind, ErrorKind::kCancelled);
}

TEST(WriteParts, CountsRows) {
  TestRecord record;
  int64_t last = 0;
  auto request = record.Request(ManyRows(200'000), nullptr);
  request.on_rows = [&](int64_t rows) {
    EXPECT_GT(rows, last);
    last = rows;
  };
  ASSERT_TRUE(record.TryWrite(request).has_value());
  EXPECT_EQ(last, 200'000);
}

/// Makes its batches when asked; fails or goes on for ever if told so.
class MadeRows : public arrow::RecordBatchReader {
 public:
  explicit MadeRows(int64_t batches, bool fails = false) : batches_(batches), fails_(fails) {}
  std::shared_ptr<arrow::Schema> schema() const override { return ManyRows(0)->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    *batch = nullptr;
    if (next_ == batches_)
      return fails_ ? arrow::Status::Invalid("row 7 is bad") : arrow::Status::OK();
    *batch = Get(ManyRows(10'000, next_++ * 10'000)->CombineChunksToBatch());
    return arrow::Status::OK();
  }

 private:
  int64_t batches_, next_ = 0;
  bool fails_;
};

TEST(WriteParts, PassesOnWhatTheReaderAnswers) {
  TestRecord record;
  auto request = record.Request(nullptr, nullptr);
  request.reader = std::make_shared<MadeRows>(30, true);
  const auto failed = record.TryWrite(request);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().kind, ErrorKind::kValidation);
  EXPECT_NE(failed.error().message.find("row 7 is bad"), std::string::npos);
}

TEST(WriteParts, AStreamStaysInItsMemory) {
  TestRecord record;
  record.memory_bytes = int64_t{16} << 20;
  auto request = record.Request(nullptr, nullptr);
  constexpr int64_t kBatches = 400;  // 4,000,000 rows, about 120 MB
  request.reader = std::make_shared<MadeRows>(kBatches);
  auto* pool = Pool();
  const int64_t before = pool->bytes_allocated();
  std::atomic<int64_t> most = 0;
  request.on_rows = [&](int64_t) {
    most = std::max(most.load(), pool->bytes_allocated() - before);
  };
  const auto answer = Get(record.TryWrite(request));
  EXPECT_EQ(answer.parts.rows, kBatches * 10'000);
  EXPECT_LT(most, int64_t{48} << 20);
  auto stream = Get(ReadStream(record.Reading(answer), record.storage));
  const int64_t held = pool->bytes_allocated();
  int64_t rows = 0;
  most = 0;
  while (auto batch = Get(stream->Next())) {
    rows += batch->num_rows();
    most = std::max(most.load(), pool->bytes_allocated() - held);
  }
  EXPECT_EQ(rows, kBatches * 10'000);
  EXPECT_LT(most, int64_t{24} << 20);
}

TEST(WriteParts, OrderedDictionariesKeepTheirOrder) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8(), true);
  const auto column = [&](const std::vector<std::string>& entries,
                          const std::vector<int8_t>& rows) {
    arrow::StringBuilder values;
    EXPECT_TRUE(values.AppendValues(entries).ok());
    arrow::Int8Builder indices;
    EXPECT_TRUE(indices.AppendValues(rows).ok());
    const auto array =
        Get(arrow::DictionaryArray::FromArrays(type, Get(indices.Finish()), Get(values.Finish())));
    return arrow::Table::Make(arrow::schema({arrow::field("level", type)}), {array});
  };
  TestRecord record;
  const auto first = record.Write(column({"low", "high"}, {0, 1, 1}));
  auto request = record.Request(column({"low", "mid", "high"}, {1, 2}), &first);
  request.append = true;
  const auto second = Get(record.TryWrite(request));
  EXPECT_TRUE(record.Read(second)->Equals(
      *Get(column({"low", "mid", "high"}, {0, 2, 2, 1, 2})->CombineChunks())))
      << record.Read(second)->ToString();
  request = record.Request(column({"high", "low"}, {1, 0}), &first);
  request.append = true;
  const auto refused = record.TryWrite(request);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace coreshed::parts
