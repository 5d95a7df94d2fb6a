#include "table/check.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <gtest/gtest.h>

#include <vector>

#include "table/logical_type.h"

namespace coreshed::table {
namespace {

std::shared_ptr<arrow::Schema> Named(const std::vector<std::string>& names) {
  arrow::FieldVector fields;
  for (const auto& name : names)
    fields.push_back(arrow::field(name, arrow::int8()));
  return arrow::schema(std::move(fields));
}

std::string MessageOf(const std::shared_ptr<arrow::Schema>& schema) {
  const auto checked = CheckNames(*schema);
  if (checked) return "";
  EXPECT_EQ(checked.error().kind, ErrorKind::kValidation);
  return checked.error().message;
}

TEST(CheckNamesTest, TakesAnyProperName) {
  EXPECT_EQ(MessageOf(Named(
                {"a", "A", "Tiefe (m)", "深さ", " ", "a.b#c@d%", "'; --", std::string(1000, 'x')})),
            "");
}

TEST(CheckNamesTest, RefusesImproperNames) {
  EXPECT_EQ(MessageOf(Named({"a", "b", "a"})), "The table has two columns called 'a'.");
  EXPECT_EQ(MessageOf(Named({"a", ""})), "The table: column 2 has an empty name.");
  EXPECT_EQ(MessageOf(Named({"a\nb"})), "The table: column 1 has control characters in its name.");
  EXPECT_EQ(MessageOf(Named({std::string("a\0b", 3)})),
            "The table: column 1 has control characters in its name.");
  EXPECT_EQ(MessageOf(Named({"\xFF"})), "The table: column 1 has a name that isn't UTF-8.");
  EXPECT_EQ(MessageOf(Named({std::string(1001, 'x')})),
            "The table: column 1 has a name of 1001 bytes; at most 1000 are possible.");
}

TEST(CheckNamesTest, NamesTheColumnForPrograms) {
  const auto checked = CheckNames(*Named({"a", "a"}));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().fields.at("column"), "a");
}

TEST(CheckNamesTest, RefusesTablesWithoutColumns) {
  EXPECT_EQ(MessageOf(arrow::schema(arrow::FieldVector{})), "The table has no columns.");
}

TEST(CheckNamesTest, RefusesTooManyColumns) {
  std::vector<std::string> names;
  names.reserve(kColumnsMax);
  for (int i = 0; i < kColumnsMax; ++i)
    names.push_back(std::to_string(i));
  EXPECT_EQ(MessageOf(Named(names)), "");
  names.emplace_back("one more");
  EXPECT_EQ(MessageOf(Named(names)), "The table has 20001 columns; at most 20000 are possible.");
}

TEST(CheckNamesTest, LooksIntoStructsWhereverTheyAre) {
  const auto twice =
      arrow::struct_({arrow::field("a", arrow::int8()), arrow::field("a", arrow::int8())});
  const std::string message = "Column 'c' has two fields called 'a'.";
  EXPECT_EQ(MessageOf(arrow::schema({arrow::field("c", twice)})), message);
  EXPECT_EQ(MessageOf(arrow::schema({arrow::field("c", arrow::list(twice))})), message);
  EXPECT_EQ(MessageOf(arrow::schema({arrow::field("c", arrow::map(arrow::utf8(), twice))})),
            message);
  const auto empty = arrow::struct_({arrow::field("", arrow::int8())});
  EXPECT_EQ(MessageOf(arrow::schema({arrow::field("c", empty)})),
            "Column 'c': field 1 has an empty name.");
}

TEST(CheckNamesTest, NamesInsideListsNeedOnlyBeText) {
  const auto unnamed = arrow::list(arrow::field("", arrow::int8()));
  EXPECT_EQ(MessageOf(arrow::schema({arrow::field("c", unnamed)})), "");
  const auto bytes = arrow::list(arrow::field("\xFF", arrow::int8()));
  EXPECT_EQ(MessageOf(arrow::schema({arrow::field("c", bytes)})),
            "Column 'c' has an inner name that isn't UTF-8.");
}

TEST(CheckNamesTest, NestingIsBounded) {
  auto type = arrow::int8();
  for (int depth = 1; depth < kTypeDepthMax; ++depth)
    type = arrow::list(type);
  EXPECT_TRUE(CheckNames(*arrow::schema({arrow::field("c", type)})));
  const auto deeper = CheckNames(*arrow::schema({arrow::field("c", arrow::list(type))}));
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().kind, ErrorKind::kUnsupported);
}

TEST(CheckNamesTest, MetadataAreBounded) {
  const std::string large(static_cast<size_t>(kMetadataBytesMax), 'x');
  const auto metadata = arrow::key_value_metadata({"k"}, {large});
  EXPECT_NE(MessageOf(arrow::schema({arrow::field("c", arrow::int8())}, metadata)), "");
  EXPECT_NE(MessageOf(arrow::schema({arrow::field("c", arrow::int8(), true, metadata)})), "");
}

TEST(CheckTableNameTest, Rules) {
  for (const std::string name : {"data", "Sheet 1", "GEOL", "a/b", "..a", "表"}) {
    EXPECT_TRUE(CheckTableName(name)) << name;
  }
  EXPECT_TRUE(CheckTableName(std::string(100, 'x')));
  for (const std::string name : {"", ".", "..", "a\tb", "\xC3", "\x7F"}) {
    const auto checked = CheckTableName(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().kind, ErrorKind::kInvalidArgument);
  }
  EXPECT_EQ(CheckTableName("..").error().message, "A table can't be called '..'.");
  EXPECT_EQ(CheckTableName(std::string(101, 'x')).error().message,
            "A table has a name of 101 bytes; at most 100 are possible.");
}

}  // namespace
}  // namespace coreshed::table
