#include "sources/where.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gtest/gtest.h>

#include "base/arrow_error.h"
#include "support/result_checks.h"

namespace coreshed::sources {
namespace {

std::shared_ptr<arrow::Array> ArrayOf(std::shared_ptr<arrow::DataType> type,
                                      const std::string& json) {
  return arrow::json::ArrayFromJSONString(std::move(type), json).ValueOrDie();
}

std::shared_ptr<arrow::Table> Soil() {
  const auto classes = arrow::dictionary(arrow::int32(), arrow::utf8());
  const auto moments = arrow::timestamp(arrow::TimeUnit::NANO, "Europe/Oslo");
  return arrow::Table::Make(
      arrow::schema({arrow::field("depth", arrow::float64()), arrow::field("soil", arrow::utf8()),
                     arrow::field("Class", classes), arrow::field("half", arrow::float16()),
                     arrow::field("seen", moments)}),
      {ArrayOf(arrow::float64(), "[1.5, 2.5, null, 4.5]"),
       ArrayOf(arrow::utf8(), R"(["clay", "sand", "clay", null])"),
       ArrayOf(classes, R"(["a", "b", "a", null])"), ArrayOf(arrow::float16(), "[1, 2, 3, 4]"),
       ArrayOf(moments, "[0, 1000000000, 2000000000, null]")});
}

Result<std::shared_ptr<arrow::Table>> Try(const std::shared_ptr<arrow::Table>& table,
                                          const std::string& expression, int64_t batch_rows = 3) {
  auto batches = std::make_shared<arrow::TableBatchReader>(table);
  batches->set_chunksize(batch_rows);
  auto reader = FilterWhere(std::move(batches), expression);
  if (!reader) return reader.error();
  auto filtered = (*reader)->ToTable();
  if (!filtered.ok()) return FromArrow(filtered.status(), "reading");
  EXPECT_TRUE((*filtered)->ValidateFull().ok());
  EXPECT_TRUE((*filtered)->schema()->Equals(*table->schema(), true));
  return *filtered;
}

int64_t Rows(const std::string& expression) {
  return Must(Try(Soil(), expression))->num_rows();
}
Error Fails(const std::string& expression) {
  return MustFail(Try(Soil(), expression));
}

TEST(Where, KeepsTheRowsForWhichItIsTrue) {
  EXPECT_EQ(Rows("depth > 2"), 2);
  EXPECT_EQ(Rows("soil = 'clay'"), 2);
  EXPECT_EQ(Rows("soil = 'clay' AND depth IS NULL"), 1);
  EXPECT_EQ(Rows("NOT (depth > 2)"), 1) << "null is not true";
  EXPECT_EQ(Rows("lower(soil) LIKE 's%' OR depth BETWEEN 1 AND 2"), 2);
  EXPECT_EQ(Rows("CASE WHEN soil IS NULL THEN true ELSE depth < 2 END"), 2);
  EXPECT_EQ(Rows("depth IN (1.5, 4.5) -- a remark"), 2);
  EXPECT_EQ(Rows("true"), 4);
  EXPECT_EQ(Rows("1 = 2"), 0);
}

TEST(Where, RowsAndTypesStayAsTheyAre) {
  const auto table = Soil();
  const auto filtered = Must(Try(table, "depth > 2 AND depth < 4"));
  EXPECT_TRUE(filtered->Equals(*table->Slice(1, 1)));
  EXPECT_TRUE(Must(Try(table, "true"))->Equals(*table));
}

TEST(Where, ColumnsAreFoundInAnyCaseAndOfManyTypes) {
  EXPECT_EQ(Rows("DEPTH > 2"), 2);
  EXPECT_EQ(Rows("class = 'a'"), 2) << "a dictionary";
  EXPECT_EQ(Rows("\"Class\" = 'b'"), 1);
  EXPECT_EQ(Rows("seen >= '1970-01-01 00:00:01+00'"), 2);
  EXPECT_EQ(Rows("seen >= '1970-01-01 00:00:01'"), 2) << "without a zone it is UTC";
}

TEST(Where, ColumnsThatItDoesNotNameDoNotMatter) {
  EXPECT_EQ(Rows("depth > 2"), 2) << "though DuckDB has no half floats";
  EXPECT_EQ(Fails("half > 1").kind, ErrorKind::kUnsupported);
}

TEST(Where, ManyRowsInAnyBatches) {
  arrow::Int64Builder numbers;
  for (int64_t number = 0; number < 20'000; ++number)
    ASSERT_TRUE(numbers.Append(number).ok());
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("n", arrow::int64())}),
                                        {numbers.Finish().ValueOrDie()});
  for (const int64_t batch_rows : {int64_t{1000}, int64_t{2048}, int64_t{2049}, int64_t{20'000}}) {
    const auto filtered = Must(Try(table, "n % 7 = 3", batch_rows));
    EXPECT_EQ(filtered->num_rows(), 2857) << batch_rows;
    const auto combined = filtered->CombineChunks().ValueOrDie();
    const auto& values = static_cast<const arrow::Int64Array&>(*combined->column(0)->chunk(0));
    for (int64_t row = 0; row < values.length(); ++row)
      ASSERT_EQ(values.Value(row), row * 7 + 3);
  }
}

TEST(Where, UnknownColumnNamesThoseThereAre) {
  const Error error = Fails("dept > 2");
  EXPECT_EQ(error.kind, ErrorKind::kNotFound);
  EXPECT_NE(error.message.find("'dept'"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("depth, soil, Class"), std::string::npos) << error.message;
}

TEST(Where, OneScalarExpressionAndNothingMore) {
  for (const char* expression : {"",
                                 "  ",
                                 "depth >",
                                 "depth > 2; DROP TABLE t",
                                 "depth, soil",
                                 "1) FROM t; SELECT (1",
                                 "true) FROM range(3), (SELECT 1",
                                 "depth IN (SELECT 1)",
                                 "EXISTS (SELECT 1)",
                                 "depth > ALL (SELECT 1)",
                                 "sum(depth) > 1",
                                 "count(*) > 0",
                                 "row_number() OVER () > 1",
                                 "depth > ?",
                                 "depth > $1",
                                 "COLUMNS(*) > 1",
                                 "#1 > 1",
                                 "unnest([true])",
                                 "DEFAULT",
                                 "read_text('x') IS NULL",
                                 "depth AS x",
                                 "depth",
                                 "soil",
                                 "NULL",
                                 "nosuch(depth)"}) {
    const Error error = Fails(expression);
    EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument) << expression << ": " << error.message;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
    EXPECT_TRUE(error.message.starts_with("where: ")) << error.message;
  }
}

TEST(Where, FaultsWhileReading) {
  const Error error = Fails("CAST(soil AS INTEGER) = 1");
  EXPECT_EQ(error.kind, ErrorKind::kInvalidArgument) << error.message;
  EXPECT_EQ(Fails("error('no')::BOOLEAN").kind, ErrorKind::kInvalidArgument);
}

TEST(Where, NamesThatDifferInCase) {
  const auto numbers = ArrayOf(arrow::int64(), "[1, 2]");
  const auto table = arrow::Table::Make(
      arrow::schema({arrow::field("a", arrow::int64()), arrow::field("A", arrow::int64()),
                     arrow::field("b", arrow::int64())}),
      {numbers, numbers, numbers});
  EXPECT_EQ(MustFail(Try(table, "a > 1")).kind, ErrorKind::kUnsupported);
  EXPECT_EQ(Must(Try(table, "b > 1"))->num_rows(), 1);
}

TEST(Where, Columns) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(Must(WhereColumns(*Soil()->schema(), "SOIL = 'x' AND depth > 1")),
            (Names{"depth", "soil"}));
  EXPECT_EQ(Must(WhereColumns(*Soil()->schema(), "true")), Names{});
  EXPECT_EQ(MustFail(WhereColumns(*Soil()->schema(), "a >")).kind, ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace coreshed::sources
