// Changes of single rows, against a model that holds the whole table.

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <coreshed/coreshed.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "storage/memory.h"
#include "store/open_on.h"
#include "support/result_checks.h"
#include "support/tables.h"

namespace coreshed {
namespace {

struct Row {
  int64_t key;
  std::string soil;
  std::optional<double> depth;
};
using Rows = std::vector<Row>;

std::shared_ptr<arrow::Table> TableOf(const Rows& rows) {
  arrow::Int64Builder keys;
  arrow::StringDictionaryBuilder soils;
  arrow::DoubleBuilder depths;
  for (const auto& row : rows) {
    (void)keys.Append(row.key);
    (void)soils.Append(row.soil);
    (void)(row.depth ? depths.Append(*row.depth) : depths.AppendNull());
  }
  const auto soil = soils.Finish().ValueOrDie();
  return arrow::Table::Make(
      arrow::schema({arrow::field("key", arrow::int64()), arrow::field("soil", soil->type()),
                     arrow::field("depth", arrow::float64())}),
      {keys.Finish().ValueOrDie(), soil, depths.Finish().ValueOrDie()});
}

class RowsTest : public ::testing::Test {
 protected:
  RowsTest() { OpenAnew(); }

  void OpenAnew() {
    storage_ = storage::MakeMemoryStorage();
    OpenOptions options;
    options.create = true;
    options.threads = 2;
    store_ = Must(store::OpenOn(storage_, "memory", options, false));
  }

  Rows Read(const std::string& ref = "BH-7") {
    const auto table = Must(store_->ReadTable(ref, {}))->CombineChunks().ValueOrDie();
    Rows rows(static_cast<size_t>(table->num_rows()));
    const auto text =
        arrow::compute::Cast(table->column(1), arrow::utf8()).ValueOrDie().chunked_array();
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      rows[i].key = static_cast<const arrow::Int64Array&>(*table->column(0)->chunk(0)).Value(at);
      rows[i].soil = static_cast<const arrow::StringArray&>(*text->chunk(0)).GetString(at);
      const auto& depths = static_cast<const arrow::DoubleArray&>(*table->column(2)->chunk(0));
      if (depths.IsValid(at)) rows[i].depth = depths.Value(at);
    }
    return rows;
  }
  void Expect(const Rows& rows) {
    const Rows found = Read();
    ASSERT_EQ(found.size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(found[i].key, rows[i].key) << i;
      ASSERT_EQ(found[i].soil, rows[i].soil) << i;
      ASSERT_EQ(found[i].depth, rows[i].depth) << i;
    }
  }
  Version Upsert(const Rows& rows) {
    return Must(
        store_->UpsertRows("BH-7", Data(TableOf(rows)), {"key"}, By<WriteOptions>("a.meier")));
  }
  Version Delete(const std::string& where) {
    return Must(store_->DeleteRows("BH-7", where, "", By<WriteOptions>("a.meier")));
  }
  Version WriteWhole(const Rows& rows) {
    return Must(store_->UpdateRecord("BH-7", Data(TableOf(rows)), By<WriteOptions>("a.meier")));
  }
  void Create(const Rows& rows) {
    Must(store_->CreateRecord("BH-7", Data(TableOf(rows)), By<CreateOptions>("a.meier")));
  }
  int64_t BytesOf(int64_t version) {
    int64_t bytes = 0;
    const std::string prefix = "records/BH-7/versions/v" + std::to_string(version);
    Must(storage_->List(prefix, [&](const storage::ObjectStat& object) {
      bytes += object.size_bytes;
      return true;
    }));
    return bytes;
  }

  std::shared_ptr<storage::Storage> storage_;
  std::shared_ptr<Store> store_;
};

Rows Sounding(int64_t count) {
  Rows rows;
  for (int64_t i = 0; i < count; ++i) {
    rows.push_back({i, i % 3 == 0 ? "CLAY" : "SAND", 0.02 * static_cast<double>(i)});
  }
  return rows;
}

TEST_F(RowsTest, UpsertPutsRowsInTheirPlacesAndAddsTheOthers) {
  Create(Sounding(5));
  const auto version = Upsert({{7, "PEAT", 9.5}, {3, "SILT", std::nullopt}, {0, "CLAY", 0.5}});
  EXPECT_EQ(version.version, 2);
  EXPECT_EQ(version.event_type, "upsert");
  auto rows = Sounding(5);
  rows[0].depth = 0.5;
  rows[3] = {3, "SILT", std::nullopt};
  rows.push_back({7, "PEAT", 9.5});
  Expect(rows);
  EXPECT_EQ(Read("BH-7@v1").size(), 5U);
  const auto event = Must(store_->History("BH-7")).back();
  EXPECT_NE(event.details.find("\"added\":1"), std::string::npos) << event.details;
  EXPECT_NE(event.details.find("\"replaced\":2"), std::string::npos) << event.details;
}

TEST_F(RowsTest, DeleteLeavesTheRowsOut) {
  Create(Sounding(5));
  Delete("soil = 'CLAY'");
  Expect({{1, "SAND", 0.02}, {2, "SAND", 0.04}, {4, "SAND", 0.08}});
  const auto event = Must(store_->History("BH-7")).back();
  EXPECT_EQ(event.event_type, "delete_rows");
  EXPECT_EQ(event.texts.at("where"), "soil = 'CLAY'");
  const auto nothing = Delete("key > 100");
  EXPECT_EQ(nothing.version, 2);
  ASSERT_EQ(nothing.warnings.size(), 1U);
  EXPECT_EQ(Must(store_->History("BH-7")).size(), 2U);
  auto none_left = By<WriteOptions>("a.meier");
  EXPECT_EQ(MustFail(store_->DeleteRows("BH-7", "true", "", none_left)).kind,
            ErrorKind::kValidation);
  none_left.allow_empty = true;
  EXPECT_EQ(Must(store_->DeleteRows("BH-7", "true", "", none_left)).tables[0].rows, 0);
}

TEST_F(RowsTest, KeysThatSayNothingAreRefused) {
  Create({{1, "CLAY", 0.1}, {1, "SAND", 0.2}, {2, "PEAT", 0.3}});
  const auto options = By<WriteOptions>("a.meier");
  const auto upsert = [&](const Rows& rows, const std::vector<std::string>& keys) {
    return MustFail(store_->UpsertRows("BH-7", Data(TableOf(rows)), keys, options));
  };
  EXPECT_EQ(upsert({{2, "SILT", 0.3}}, {}).kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(upsert({{2, "SILT", 0.3}}, {"sool"}).kind, ErrorKind::kNotFound);
  EXPECT_EQ(upsert({{2, "SILT", std::nullopt}}, {"key", "depth"}).kind, ErrorKind::kValidation);
  const auto twice = upsert({{2, "SILT", 0.3}, {3, "CLAY", 1}, {2, "PEAT", 0.4}}, {"key"});
  EXPECT_EQ(twice.kind, ErrorKind::kValidation);
  EXPECT_NE(twice.message.find("Rows 1 and 3"), std::string::npos) << twice.message;
  EXPECT_EQ(upsert({{1, "SILT", 0.3}}, {"key"}).kind, ErrorKind::kValidation);
  EXPECT_EQ(Must(store_->History("BH-7")).size(), 1U);
  Must(store_->UpsertRows("BH-7", Data(TableOf({{1, "SAND", 0.7}})), {"key", "soil"}, options));
  Expect({{1, "CLAY", 0.1}, {1, "SAND", 0.7}, {2, "PEAT", 0.3}});
}

TEST_F(RowsTest, DeleteNamesWhatThereIsNot) {
  Create(Sounding(5));
  const auto options = By<WriteOptions>("a.meier");
  EXPECT_EQ(MustFail(store_->DeleteRows("BH-7", "key = 1", "lab", options)).kind,
            ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(store_->DeleteRows("BH-7", "sool = 1", "", options)).kind,
            ErrorKind::kNotFound);
  EXPECT_EQ(MustFail(store_->DeleteRows("BH-8", "key = 1", "", options)).kind,
            ErrorKind::kNotFound);
  for (const std::string where : {"", "key", "key = (SELECT 1)", "key = 1; DROP TABLE x"}) {
    EXPECT_EQ(MustFail(store_->DeleteRows("BH-7", where, "", options)).kind,
              ErrorKind::kInvalidArgument)
        << where;
  }
}

TEST_F(RowsTest, OtherTablesStay) {
  const auto options = By<CreateOptions>("a.meier");
  Must(store_->CreateRecord(
      "BH-7",
      Data({{"cpt", TableOf(Sounding(5)), nullptr}, {"lab", TableOf(Sounding(3)), nullptr}}),
      options));
  EXPECT_EQ(MustFail(store_->DeleteRows("BH-7", "key = 1", "", options)).kind,
            ErrorKind::kInvalidArgument);
  Must(store_->DeleteRows("BH-7", "key = 1", "lab", options));
  Must(store_->UpsertRows("BH-7", Data({{"cpt", TableOf({{9, "PEAT", 1.0}}), nullptr}}), {"key"},
                          options));
  EXPECT_EQ(Read("BH-7#cpt").size(), 6U);
  EXPECT_EQ(Read("BH-7#lab").size(), 2U);
}

TEST_F(RowsTest, OnlyWhatChangesIsWritten) {
  Create(Sounding(200'000));
  auto rows = Sounding(200'000);
  rows[123'456].soil = "PEAT";
  Upsert({rows[123'456]});
  Expect(rows);
  EXPECT_GT(BytesOf(2), 0);
  EXPECT_LT(BytesOf(2), BytesOf(1) / 4);
  EXPECT_EQ(WriteWhole(rows).equals_version, 2);
}

/// An ordered dictionary with these entries, and a row for each number.
std::shared_ptr<arrow::Table> Graded(const std::vector<std::string>& grades,
                                     const std::vector<std::pair<int64_t, int8_t>>& rows) {
  arrow::StringBuilder entries;
  (void)entries.AppendValues(grades);
  arrow::Int64Builder keys;
  arrow::Int8Builder numbers;
  for (const auto& [key, number] : rows) {
    (void)keys.Append(key);
    (void)numbers.Append(number);
  }
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8(), /*ordered=*/true);
  const auto encoded = arrow::DictionaryArray::FromArrays(type, numbers.Finish().ValueOrDie(),
                                                          entries.Finish().ValueOrDie())
                           .ValueOrDie();
  return arrow::Table::Make(
      arrow::schema({arrow::field("key", arrow::int64()), arrow::field("grade", type)}),
      {keys.Finish().ValueOrDie(), encoded});
}

TEST_F(RowsTest, OrderedDictionariesKeepTheirOrder) {
  const auto options = By<CreateOptions>("a.meier");
  const auto order = [&] {
    const auto table = Must(store_->ReadTable("BH-7", {}));
    return static_cast<const arrow::DictionaryArray&>(*table->column(1)->chunk(0))
        .dictionary()
        ->ToString();
  };
  Must(store_->CreateRecord("BH-7", Data(Graded({"low", "high"}, {{1, 1}, {2, 0}, {3, 1}})),
                            options));
  const std::string before = order();
  Must(store_->DeleteRows("BH-7", "key = 3", "", options));
  EXPECT_EQ(order(), before);
  Must(
      store_->UpsertRows("BH-7", Data(Graded({"low", "mid", "high"}, {{2, 1}})), {"key"}, options));
  EXPECT_LT(order().find("low"), order().find("mid"));
  EXPECT_LT(order().find("mid"), order().find("high"));
}

TEST_F(RowsTest, TypesThatNoSingleValuesAreTakenOf) {
  arrow::StringViewBuilder views;
  arrow::Int64Builder keys;
  for (int64_t i = 0; i < 4; ++i) {
    (void)keys.Append(i);
    (void)views.Append("a text that is too long to lie in place " + std::to_string(i));
  }
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("key", arrow::int64()),
                                                       arrow::field("note", arrow::utf8_view())}),
                                        {keys.Finish().ValueOrDie(), views.Finish().ValueOrDie()});
  const auto options = By<CreateOptions>("a.meier");
  Must(store_->CreateRecord("BH-7", Data(table), options));
  Must(store_->DeleteRows("BH-7", "key = 2", "", options));
  Must(store_->UpsertRows("BH-7", Data(table->Slice(2)), {"key"}, options));
  const auto read = Must(store_->ReadTable("BH-7", {}))->CombineChunks().ValueOrDie();
  EXPECT_EQ(read->num_rows(), 4);
  EXPECT_EQ(read->column(0)->chunk(0)->ToString(), "[\n  0,\n  1,\n  3,\n  2\n]");
  EXPECT_TRUE(read->schema()->field(1)->type()->Equals(*arrow::utf8_view()));
}

TEST_F(RowsTest, DeletingNothingOfAnEmptyTableChangesNothing) {
  auto options = By<CreateOptions>("a.meier");
  options.allow_empty = true;
  Must(store_->CreateRecord("BH-7", Data(TableOf({})), options));
  EXPECT_EQ(Delete("key = 1").version, 1);
}

TEST_F(RowsTest, SomeTablesNeverPassForAll) {
  const auto options = By<CreateOptions>("a.meier");
  Must(store_->CreateRecord(
      "BH-7",
      Data({{"cpt", TableOf(Sounding(5)), nullptr}, {"lab", TableOf(Sounding(3)), nullptr}}),
      options));
  Must(storage_->Delete("records/BH-7/tables/lab/versions/v1.parquet"));
  const Data changed({{"cpt", TableOf({{9, "PEAT", 1.0}}), nullptr},
                      {"lab", TableOf({{1, "PEAT", 1.0}}), nullptr}});
  EXPECT_EQ(MustFail(store_->UpsertRows("BH-7", changed, {"key"}, options)).kind,
            ErrorKind::kCorruption);
  EXPECT_EQ(MustFail(store_->AppendRows("BH-7", changed, options)).kind, ErrorKind::kCorruption);
  EXPECT_EQ(Must(store_->History("BH-7")).size(), 1U);
}

/// Whatever is done to single rows, the parts are those that writing the whole table makes.
TEST_F(RowsTest, RandomChangesAgreeWithWholeTables) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
    OpenAnew();
    Rows rows = Sounding(static_cast<int64_t>(10'000 + below(60'000)));
    if (seed % 2 == 0) std::shuffle(rows.begin(), rows.end(), random);
    Create(rows);
    int64_t next_key = static_cast<int64_t>(rows.size());
    for (int step = 0; step < 6; ++step) {
      int64_t version = 0;
      if (below(2) == 0) {
        Rows changed;
        std::map<size_t, bool> taken;
        const size_t count = 1 + below(step % 2 == 0 ? 5 : 3'000);
        const size_t around = below(rows.size());
        for (size_t i = 0; i < count; ++i) {
          const size_t at = step % 3 == 0 ? (around + i) % rows.size() : below(rows.size());
          if (!taken.emplace(at, true).second) continue;
          rows[at].soil = "PEAT" + std::to_string(step);
          rows[at].depth =
              below(10) == 0 ? std::nullopt : std::optional(0.5 * static_cast<double>(below(100)));
          changed.push_back(rows[at]);
        }
        for (size_t i = below(3) * below(2'000); i > 0; --i) {
          rows.push_back({next_key++, "GRAVEL", 1.0});
          changed.push_back(rows.back());
        }
        version = Upsert(changed).version;
      } else {
        const auto from = static_cast<int64_t>(below(static_cast<size_t>(next_key)));
        const auto to = from + static_cast<int64_t>(below(step % 2 == 0 ? 50 : 30'000));
        const auto is_meant = [&](const Row& row) { return row.key >= from && row.key < to; };
        const auto meant = std::count_if(rows.begin(), rows.end(), is_meant);
        if (meant == 0 || meant == static_cast<int64_t>(rows.size())) continue;
        std::erase_if(rows, is_meant);
        version =
            Delete("key >= " + std::to_string(from) + " AND key < " + std::to_string(to)).version;
      }
      ASSERT_NO_FATAL_FAILURE(Expect(rows));
      ASSERT_EQ(WriteWhole(rows).equals_version, version);
    }
    VerifyOptions deep;
    deep.deep = true;
    EXPECT_TRUE(Must(store_->Verify(deep)).faults.empty());
  }
}

}  // namespace
}  // namespace coreshed
