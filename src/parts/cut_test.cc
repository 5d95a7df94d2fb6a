#include "parts/cut.h"

#include <arrow/json/from_string.h>

#include <random>

#include "parts/hash.h"
#include "parts/row_bytes.h"
#include "parts/test_store.h"

namespace coreshed::parts {
namespace {

using BatchPtr = std::shared_ptr<arrow::RecordBatch>;

/// Small enough that tests see many parts.
CutRule SmallRule() {
  CutRule rule;
  rule.columns = {"id"};
  rule.mask_bits = 6;
  rule.rows_min = 64;
  rule.rows_max = 256;
  return rule;
}

BatchPtr Rows(int64_t rows, int64_t first = 0) {
  return Get(ManyRows(rows, first)->CombineChunksToBatch());
}

std::vector<BatchPtr> Cut(const CutRule& rule, const std::vector<BatchPtr>& batches) {
  Cutter cutter(rule, batches.at(0)->schema());
  std::vector<BatchPtr> parts;
  for (const auto& batch : batches)
    EXPECT_TRUE(cutter.Add(batch, &parts).has_value());
  if (auto last = Get(cutter.Finish())) parts.push_back(std::move(last));
  return parts;
}

std::vector<int64_t> Sizes(const std::vector<BatchPtr>& parts) {
  std::vector<int64_t> sizes;
  for (const auto& part : parts)
    sizes.push_back(part->num_rows());
  return sizes;
}

std::vector<std::string> Hashes(const std::vector<BatchPtr>& parts) {
  std::vector<std::string> hashes;
  for (const auto& part : parts)
    hashes.push_back(ToHex(Get(ExactHash(*part))));
  return hashes;
}

size_t CountNew(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  const std::set<std::string> known(before.begin(), before.end());
  size_t count = 0;
  for (const auto& hash : after)
    count += known.contains(hash) ? 0 : 1;
  return count;
}

TEST(Cutter, KeepsBoundsAndAllRows) {
  const auto rows = Rows(20'000);
  const auto parts = Cut(SmallRule(), {rows});
  EXPECT_GT(parts.size(), 100U);
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    EXPECT_GE(parts[i]->num_rows(), 64);
    EXPECT_LE(parts[i]->num_rows(), 256);
  }
  EXPECT_TRUE(Get(arrow::Table::FromRecordBatches(parts))
                  ->Equals(*Get(arrow::Table::FromRecordBatches({rows}))));
}

TEST(Cutter, DoesNotSeeBatches) {
  const auto rows = Rows(10'000);
  const auto expected = Sizes(Cut(SmallRule(), {rows}));
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<BatchPtr> batches;
    const int most = round < 10 ? 5 : 2'000;
    for (int64_t at = 0; at < rows->num_rows();) {
      const int64_t count = std::uniform_int_distribution<int64_t>(1, most)(random);
      batches.push_back(rows->Slice(at, count));
      at += batches.back()->num_rows();
    }
    EXPECT_EQ(Sizes(Cut(SmallRule(), batches)), expected);
  }
}

TEST(Cutter, DoesNotSeeBatchesWhereBytesBound) {
  auto rule = SmallRule();
  rule.bytes_max = 1'500;
  const auto rows = Rows(3'000);
  const auto expected = Sizes(Cut(rule, {rows}));
  EXPECT_GT(expected.size(), 40U);
  for (const int64_t size : {1, 7, 63, 100}) {
    std::vector<BatchPtr> batches;
    for (int64_t at = 0; at < rows->num_rows(); at += size)
      batches.push_back(rows->Slice(at, size));
    EXPECT_EQ(Sizes(Cut(rule, batches)), expected) << size;
  }
}

TEST(Cutter, AnEditChangesItsNeighboursOnly) {
  const auto rows = Rows(50'000);
  const auto before = Hashes(Cut(SmallRule(), {rows}));
  const auto inserted =
      Hashes(Cut(SmallRule(), {rows->Slice(0, 20'000), Rows(3, 1'000'000), rows->Slice(20'000)}));
  EXPECT_LE(CountNew(before, inserted), 8U);
  const auto deleted = Hashes(Cut(SmallRule(), {rows->Slice(0, 30'000), rows->Slice(30'010)}));
  EXPECT_LE(CountNew(before, deleted), 8U);
  const auto replaced =
      Hashes(Cut(SmallRule(), {rows->Slice(0, 100), Rows(1, 5'000'000), rows->Slice(101)}));
  EXPECT_LE(CountNew(before, replaced), 8U);
  // Behind the edit all is as it was.
  EXPECT_EQ(before.back(), replaced.back());
  EXPECT_EQ(before.back(), inserted.back());
}

TEST(Cutter, EqualRowsAreBounded) {
  arrow::Int64Builder ids;
  for (int i = 0; i < 1'000; ++i)
    ASSERT_TRUE(ids.Append(5).ok());
  const auto rows = arrow::RecordBatch::Make(arrow::schema({arrow::field("id", arrow::int64())}),
                                             1'000, {Get(ids.Finish())});
  for (const int64_t size : Sizes(Cut(SmallRule(), {rows})))
    EXPECT_LE(size, 256);
}

TEST(Cutter, OneRowMayBeLargerThanAllBytes) {
  arrow::StringBuilder texts;
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(texts.Append(std::string(3'000, 'x')).ok());
  const auto rows = arrow::RecordBatch::Make(arrow::schema({arrow::field("t", arrow::utf8())}), 5,
                                             {Get(texts.Finish())});
  auto rule = SmallRule();
  rule.bytes_max = 1'000;
  EXPECT_EQ(Sizes(Cut(rule, {rows})), (std::vector<int64_t>{1, 1, 1, 1, 1}));
  rule.bytes_max = 6'000;
  EXPECT_EQ(Sizes(Cut(rule, {rows})), (std::vector<int64_t>{2, 2, 1}));
}

TEST(Cutter, ColumnsThatAreGoneAreLeftOut) {
  auto rule = SmallRule();
  rule.columns = {"gone", "id"};
  const auto rows = Rows(5'000);
  EXPECT_EQ(Sizes(Cut(rule, {rows})), Sizes(Cut(SmallRule(), {rows})));
  rule.columns = {"gone"};
  auto all = SmallRule();
  all.columns = {};
  EXPECT_EQ(Sizes(Cut(rule, {rows})), Sizes(Cut(all, {rows})));
}

TEST(ChooseCutRule, TakesAKeyBeforeANumber) {
  const auto rows = Rows(20'000);
  const auto rule = Get(ChooseCutRule({rows}, *rows->schema()));
  EXPECT_EQ(rule.columns, std::vector<std::string>{"id"});
  EXPECT_EQ(rule.mask_bits, 13);
  EXPECT_EQ(rule.rows_min, 8'192);
  EXPECT_EQ(rule.rows_max, 32'768);
  const auto without = Get(rows->RemoveColumn(0));
  const auto second = Get(ChooseCutRule({without}, *without->schema()));
  EXPECT_EQ(second.columns[0], "number");
}

TEST(ChooseCutRule, DoesNotSeeBatches) {
  const auto rows = Rows(70'000);
  const auto expected = Get(ChooseCutRule({rows->Slice(0, 65'536)}, *rows->schema()));
  std::vector<BatchPtr> batches;
  for (int64_t at = 0; at < 65'536; at += 4'096)
    batches.push_back(rows->Slice(at, 4'096));
  EXPECT_EQ(Get(ChooseCutRule(batches, *rows->schema())), expected);
}

TEST(ChooseCutRule, MakesSmallerPartsOfWideRows) {
  arrow::StringBuilder texts;
  for (int i = 0; i < 1'000; ++i)
    ASSERT_TRUE(texts.Append(std::to_string(i) + std::string(4'000, 'x')).ok());
  const auto rows = arrow::RecordBatch::Make(arrow::schema({arrow::field("t", arrow::utf8())}),
                                             1'000, {Get(texts.Finish())});
  const auto rule = Get(ChooseCutRule({rows}, *rows->schema()));
  EXPECT_EQ(rule.mask_bits, 9);
  EXPECT_EQ(rule.rows_min, 512);
  EXPECT_EQ(rule.rows_max, 2'048);
}

TEST(ChooseCutRule, CountsPlacesOfNulls) {
  for (const auto& type : {arrow::utf8(), arrow::int64()}) {
    const auto nulls = Get(arrow::MakeArrayOfNull(type, 100));
    const arrow::ArrayVector columns(20'000, nulls);
    arrow::FieldVector fields;
    for (size_t i = 0; i < columns.size(); ++i)
      fields.push_back(arrow::field(std::to_string(i), type));
    const auto rows = arrow::RecordBatch::Make(arrow::schema(fields), 100, columns);
    EXPECT_EQ(Get(ChooseCutRule({rows}, *rows->schema())).rows_max, 2'048);
    EXPECT_GT(MemoryBytes(*rows), 20'000'000) << "nothing but nulls, but 20,000 arrays";
  }
}

TEST(ChooseCutRule, CopesWithNothing) {
  const auto rows = Rows(0);
  EXPECT_TRUE(CheckCutRule(Get(ChooseCutRule({rows}, *rows->schema()))).has_value());
  EXPECT_TRUE(CheckCutRule(Get(ChooseCutRule({}, *rows->schema()))).has_value());
}

TEST(CheckCutRule, RefusesNonsense) {
  auto rule = SmallRule();
  rule.rows_max = 10;
  EXPECT_EQ(CheckCutRule(rule).error().kind, ErrorKind::kCorruption);
  rule = SmallRule();
  rule.mask_bits = 64;
  EXPECT_FALSE(CheckCutRule(rule).has_value());
}

}  // namespace
}  // namespace coreshed::parts
