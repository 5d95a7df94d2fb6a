// Tables of every type that can be stored, made by seed, come back exactly: through all ways in and
// out of a store.

#include <arrow/util/byte_size.h>
#include <coreshed/coreshed.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "parts/memory_pool.h"
#include "storage/memory.h"
#include "store/open_on.h"
#include "support/random_tables.h"
#include "support/result_checks.h"
#include "support/tables.h"
#include "support/temp_folder.h"

namespace coreshed {
namespace {

using TablePtr = std::shared_ptr<arrow::Table>;

/// A store and what should be in it.
class Rounds {
 public:
  explicit Rounds(unsigned seed) : random_(seed), storage_(storage::MakeMemoryStorage()) {
    Reopen();
  }

  void Run() {
    schema_ = random_.Schema(5);
    SCOPED_TRACE(schema_->ToString());
    Write(random_.Table(schema_, 1 + Rows()));
    Compare();
    Write(random_.Table(schema_, 1 + Rows()));
    Append(random_.Table(schema_, 1 + Rows()));
    Reopen();
    Append(random_.Table(schema_, 1 + Rows()));
    Compare();
    VerifyOptions deep;
    deep.deep = true;
    for (const auto& fault : Must(store_->Verify(deep)).faults)
      ADD_FAILURE() << fault.message;
  }

 private:
  int64_t Rows() { return random_.OneIn(8) ? 10'000 + random_.Below(30'000) : random_.Below(40); }

  void Reopen() {
    OpenOptions options;
    options.create = true;
    options.threads = static_cast<int>(1 + random_.Below(3));
    options.memory_bytes = 1;
    options.cache_bytes = random_.OneIn(2) ? 0 : options.cache_bytes;
    store_ = Must(store::OpenOn(storage_, "memory", options, false));
  }

  /// As a table, or as a stream of it.
  Data Handed(const TablePtr& table) {
    if (random_.OneIn(2)) return Data(table);
    auto reader = std::make_shared<arrow::TableBatchReader>(table);
    reader->set_chunksize(1 + random_.Below(10'000));
    return Data(std::shared_ptr<arrow::RecordBatchReader>(std::move(reader)));
  }

  void Write(const TablePtr& table) {
    ASSERT_TRUE(table->ValidateFull().ok()) << table->ValidateFull().ToString();
    if (versions_.empty()) {
      Must(store_->CreateRecord("r", Handed(table), By<CreateOptions>("a")));
    } else {
      Must(store_->UpdateRecord("r", Handed(table), By<WriteOptions>("a")));
    }
    versions_.push_back(table);
  }

  void Append(const TablePtr& table) {
    Must(store_->AppendRows("r", Handed(table), By<WriteOptions>("a")));
    versions_.push_back(Must(Joined(versions_.back(), table)));
  }

  static Result<TablePtr> Joined(const TablePtr& first, const TablePtr& second) {
    arrow::ChunkedArrayVector columns;
    for (int i = 0; i < first->num_columns(); ++i) {
      auto chunks = first->column(i)->chunks();
      for (const auto& chunk : second->column(i)->chunks())
        chunks.push_back(chunk);
      columns.push_back(
          std::make_shared<arrow::ChunkedArray>(std::move(chunks), first->column(i)->type()));
    }
    return arrow::Table::Make(first->schema(), columns);
  }

  void Compare() {
    for (size_t i = 0; i < versions_.size(); ++i) {
      const std::string ref = "r@v" + std::to_string(i + 1);
      const auto& expected = *versions_[i];
      SCOPED_TRACE(ref);
      ExpectSame(*Must(store_->ReadTable(ref)), expected);
      ExpectSame(*Must(store_->Read(ref)).rows->ToTable().ValueOrDie(), expected);
      ReadOptions some;
      std::vector<int> indices;
      for (int64_t n = random_.Below(3); n >= 0; --n) {
        const auto index = static_cast<int>(random_.Below(schema_->num_fields()));
        if (std::find(indices.begin(), indices.end(), index) != indices.end()) continue;
        indices.push_back(index);
        some.columns.push_back(schema_->field(index)->name());
      }
      const auto selected = expected.SelectColumns(indices).ValueOrDie();
      ExpectSame(*Must(store_->ReadTable(ref, some)), *selected);
      ExpectSame(*Must(store_->Read(ref, some)).rows->ToTable().ValueOrDie(), *selected);
    }
  }

  static void ExpectSame(const arrow::Table& got, const arrow::Table& expected) {
    ASSERT_TRUE(got.ValidateFull().ok()) << got.ValidateFull().ToString();
    ASSERT_TRUE(got.schema()->Equals(*expected.schema(), /*check_metadata=*/true))
        << got.schema()->ToString(true) << "\n"
        << expected.schema()->ToString(true);
    ASSERT_EQ(got.num_rows(), expected.num_rows());
    for (int i = 0; i < got.num_columns(); ++i) {
      const auto values = PlainValues(*got.column(i)), due = PlainValues(*expected.column(i));
      ASSERT_TRUE(values->Equals(*due)) << got.field(i)->ToString() << "\n" << values->Diff(*due);
    }
  }

  RandomTables random_;
  std::shared_ptr<storage::Storage> storage_;
  std::shared_ptr<Store> store_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<TablePtr> versions_;
};

unsigned NumberFrom(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::stoul(text));
}

/// CORESHED_SEED, CORESHED_SEEDS: others than the first.
TEST(ArrowTypes, RandomTablesComeBack) {
  const unsigned from = NumberFrom("CORESHED_SEED", 1);
  const unsigned count = NumberFrom("CORESHED_SEEDS", 16);
  for (unsigned seed = from; seed < from + count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    try {
      Rounds(seed).Run();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    if (testing::Test::HasFailure()) break;
  }
}

class NewStore : public testing::Test {
 protected:
  NewStore() {
    OpenOptions options;
    options.create = true;
    store_ = Must(store::OpenOn(storage::MakeMemoryStorage(), "memory", options, false));
  }
  Result<Version> Create(const TablePtr& table) {
    CreateOptions options = By<CreateOptions>("a");
    options.allow_empty = true;
    return store_->CreateRecord("r" + std::to_string(++records_), table, options);
  }
  static TablePtr Empty(const std::string& name, const std::shared_ptr<arrow::DataType>& type) {
    const auto schema = arrow::schema({arrow::field(name, type)});
    return arrow::Table::Make(schema,
                              arrow::ChunkedArrayVector{std::make_shared<arrow::ChunkedArray>(
                                  arrow::ArrayVector(), type)},
                              0);
  }

  std::shared_ptr<Store> store_;
  int records_ = 0;
};

using ArrowTypesOfAStore = NewStore;

TEST_F(ArrowTypesOfAStore, WhatCantBeStoredIsRefusedByName) {
  for (const auto& type :
       {arrow::list_view(arrow::int8()), arrow::large_list_view(arrow::int8()),
        arrow::dense_union({arrow::field("a", arrow::int8())}), arrow::month_interval(),
        arrow::run_end_encoded(arrow::int32(), arrow::utf8()),
        arrow::dictionary(arrow::int8(), arrow::utf8_view()), arrow::struct_(arrow::FieldVector()),
        arrow::fixed_size_binary(0)}) {
    const Error error = MustFail(Create(Empty("a column", type)));
    EXPECT_EQ(error.kind, ErrorKind::kUnsupported) << type->ToString();
    EXPECT_NE(error.message.find("'a column'"), std::string::npos) << error.message;
  }
  const auto nothing =
      arrow::Table::Make(arrow::schema(arrow::FieldVector()), arrow::ArrayVector());
  EXPECT_EQ(MustFail(Create(nothing)).kind, ErrorKind::kValidation);
}

TEST_F(ArrowTypesOfAStore, NestingHasABound) {
  auto type = arrow::int8();
  auto array = arrow::MakeArrayFromScalar(arrow::Int8Scalar(7), 1).ValueOrDie();
  for (int depth = 1; depth <= 21; ++depth) {
    const auto table = arrow::Table::Make(arrow::schema({arrow::field("deep", type)}), {array});
    const auto created = Create(table);
    EXPECT_EQ(created.has_value(), depth <= 20) << depth;
    if (created) {
      EXPECT_TRUE(Must(store_->ReadTable(created->record_id))->Equals(*table)) << depth;
    }
    if (depth % 2 == 0) {
      array = arrow::StructArray::Make({array}, std::vector<std::string>{"s"}).ValueOrDie();
    } else {
      const auto offsets = arrow::Buffer::FromVector(std::vector<int32_t>{0, 1});
      array = std::make_shared<arrow::ListArray>(arrow::list(type), 1, offsets, array);
    }
    type = array->type();
  }
}

TEST_F(ArrowTypesOfAStore, TablesWithoutRows) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    RandomTables random(seed);
    const auto table = random.Table(random.Schema(4), 0);
    const auto created = Must(Create(table));
    const auto read = Must(store_->ReadTable(created.record_id));
    EXPECT_TRUE(read->schema()->Equals(*table->schema(), true)) << read->schema()->ToString();
    EXPECT_EQ(read->num_rows(), 0);
    EXPECT_TRUE(read->ValidateFull().ok());
  }
}

/// Batches without end of the store's own memory: the same few, again and again.
class RepeatedBatches : public arrow::RecordBatchReader {
 public:
  RepeatedBatches(std::vector<std::shared_ptr<arrow::RecordBatch>> batches, int64_t count)
      : batches_(std::move(batches)), left_(count) {}
  std::shared_ptr<arrow::Schema> schema() const override { return batches_[0]->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    *batch = left_ == 0 ? nullptr : batches_[static_cast<size_t>(left_) % batches_.size()];
    left_ -= left_ == 0 ? 0 : 1;
    return arrow::Status::OK();
  }

 private:
  const std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  int64_t left_;
};

/// Whatever the types: a stream is written and read within a bound that the table does not move.
TEST(ArrowTypes, StreamsStayInTheirMemory) {
  constexpr int64_t kBatchRows = 5'000, kBytes = int64_t{48} << 20, kBound = int64_t{32} << 20;
  for (const unsigned seed : {2U, 3U}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomTables random(seed);
    const auto schema = random.Schema(4);
    std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
    int64_t bytes = 0;
    for (int i = 0; i < 3; ++i) {
      const auto table = random.Table(schema, kBatchRows);
      arrow::TableBatchReader reader(*table);
      while (const auto batch = reader.Next().ValueOrDie()) {
        bytes += arrow::util::ReferencedBufferSize(*batch).ValueOrDie();
        batches.push_back(batch);
      }
    }
    const int64_t count = static_cast<int64_t>(batches.size()) * (1 + kBytes / bytes);
    TempFolder folder;
    OpenOptions open;
    open.create = true;
    open.memory_bytes = int64_t{16} << 20;
    open.threads = 2;
    const auto store = Must(Store::Open(folder.path() + "/store", open));
    auto* pool = parts::Pool();
    const int64_t before = pool->bytes_allocated();
    std::atomic<int64_t> most = 0;
    const auto look = [&] { most = std::max(most.load(), pool->bytes_allocated() - before); };
    CreateOptions options = By<CreateOptions>("a");
    options.progress = [&](const auto&, double, const auto&) { look(); };
    const auto rows = std::make_shared<RepeatedBatches>(batches, count);
    Must(store->CreateRecord("r", Data(std::shared_ptr<arrow::RecordBatchReader>(rows)), options));
    EXPECT_LT(most, kBound) << "writing " << schema->ToString();
    most = 0;
    const auto reading = Must(store->Read("r"));
    while (const auto batch = reading.rows->Next().ValueOrDie())
      look();
    EXPECT_LT(most, kBound) << "reading " << schema->ToString();
  }
}

}  // namespace
}  // namespace coreshed
