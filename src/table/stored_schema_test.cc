#include "table/stored_schema.h"

#include <arrow/extension/uuid.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <coreshed/content.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/canonical_json.h"
#include "table/logical_type.h"
#include "table/schema_examples.h"

namespace coreshed::table {
namespace {

using arrow::field;
using SchemaPtr = std::shared_ptr<arrow::Schema>;

SchemaPtr OneColumn(std::shared_ptr<arrow::DataType> type) {
  return arrow::schema({field("c", std::move(type))});
}

/// Through the text, as metadata.json keeps it.
SchemaPtr RoundTrip(const SchemaPtr& schema) {
  const auto json = ParseJson(CanonicalJson(SchemaToJson(*schema)), "the schema");
  EXPECT_TRUE(json) << schema->ToString();
  auto back = SchemaFromJson(*json);
  EXPECT_TRUE(back) << schema->ToString() << "\n" << (back ? "" : back.error().message);
  return back ? *back : nullptr;
}

void ExpectSame(const SchemaPtr& schema) {
  const auto back = RoundTrip(schema);
  ASSERT_NE(back, nullptr);
  EXPECT_TRUE(back->Equals(*schema, /*check_metadata=*/true))
      << schema->ToString(true) << "\nbecame\n"
      << back->ToString(true);
  EXPECT_EQ(SchemaToJson(*back), SchemaToJson(*schema));
}

/// Not known to this process unless a test registers it.
class CoreType : public arrow::ExtensionType {
 public:
  explicit CoreType(std::string box = "box 7")
      : ExtensionType(arrow::int32()), box_(std::move(box)) {}
  std::string extension_name() const override { return "test.core"; }
  bool ExtensionEquals(const ExtensionType& other) const override {
    return other.extension_name() == extension_name() && other.Serialize() == Serialize();
  }
  std::shared_ptr<arrow::Array> MakeArray(std::shared_ptr<arrow::ArrayData>) const override {
    return nullptr;
  }
  arrow::Result<std::shared_ptr<arrow::DataType>> Deserialize(
      std::shared_ptr<arrow::DataType> storage, const std::string& parameters) const override {
    if (storage->id() != arrow::Type::INT32) return arrow::Status::Invalid("not the storage");
    return std::make_shared<CoreType>(parameters);
  }
  std::string Serialize() const override { return box_; }

 private:
  std::string box_;
};

TEST(StoredSchemaTest, EveryArrowTypeComesBack) {
  for (const auto& type : EveryType())
    ExpectSame(OneColumn(type));
}

TEST(StoredSchemaTest, NamesInsideTypesAndNullabilityComeBack) {
  const auto inner =
      field("inner name", arrow::large_utf8(), false, arrow::key_value_metadata({"unit"}, {"m"}));
  const auto entries =
      field("pairs", arrow::struct_({field("k", arrow::utf8(), false), inner}), false);
  for (const auto& type : std::vector<std::shared_ptr<arrow::DataType>>{
           arrow::list(inner), arrow::fixed_size_list(inner, 0), arrow::large_list_view(inner),
           arrow::struct_({inner}), std::make_shared<arrow::MapType>(entries, true)}) {
    const auto schema = arrow::schema({field("c", type, false)});
    ExpectSame(schema);
    const auto back = RoundTrip(schema);
    EXPECT_EQ(back->field(0)->type()->field(0)->name(), type->field(0)->name());
  }
}

TEST(StoredSchemaTest, MetadataComeBackWhateverTheirBytes) {
  const std::string bytes("\x00\xFF\xC3(\n", 5);
  const auto metadata = arrow::key_value_metadata({"pandas", "empty", bytes, "ARROW:something"},
                                                  {R"({"columns": ["ü"]})", "", bytes, "\t"});
  ExpectSame(arrow::schema({field("c", arrow::int8(), true, metadata)}, metadata));
}

TEST(StoredSchemaTest, KeysThatComeTwiceComeBackTwice) {
  const auto metadata = arrow::key_value_metadata({"k", "k", "a"}, {"2", "1", "x"});
  const auto back = RoundTrip(arrow::schema({field("c", arrow::int8())}, metadata));
  EXPECT_EQ(back->metadata()->size(), 3);
  EXPECT_TRUE(back->metadata()->Equals(*metadata));
}

TEST(StoredSchemaTest, WhatParquetsReaderAddsIsDropped) {
  const auto noise = arrow::key_value_metadata({"PARQUET:field_id", "ARROW:schema"}, {"1", "…"});
  const auto clean = arrow::schema({field("c", arrow::list(field("item", arrow::int8())))});
  const auto noisy = arrow::schema(
      {field("c", arrow::list(field("item", arrow::int8(), true, noise)), true, noise)}, noise);
  EXPECT_EQ(SchemaToJson(*noisy), SchemaToJson(*clean));
}

TEST(StoredSchemaTest, EqualSchemasHaveOneKey) {
  const auto a =
      arrow::schema({field("c", arrow::int8())}, arrow::key_value_metadata({"x", "y"}, {"1", "2"}));
  const auto b =
      arrow::schema({field("c", arrow::int8())}, arrow::key_value_metadata({"y", "x"}, {"2", "1"}));
  ASSERT_TRUE(a->Equals(*b, true));
  EXPECT_EQ(StoredSchema::Of(*a).key(), StoredSchema::Of(*b).key());
  for (const auto& one : EveryType()) {
    for (const auto& other : EveryType()) {
      const bool same =
          StoredSchema::Of(*OneColumn(one)).key() == StoredSchema::Of(*OneColumn(other)).key();
      EXPECT_EQ(same, one->Equals(*other)) << one->ToString() << " " << other->ToString();
    }
  }
}

TEST(StoredSchemaTest, AnUnknownExtensionIsStoredAsAKnownOne) {
  const auto known = OneColumn(std::make_shared<CoreType>());
  const auto unknown = arrow::schema(
      {field("c", arrow::int32(), true,
             arrow::key_value_metadata({"ARROW:extension:name", "ARROW:extension:metadata"},
                                       {"test.core", "box 7"}))});
  EXPECT_EQ(SchemaToJson(*known), SchemaToJson(*unknown));

  EXPECT_TRUE(RoundTrip(known)->Equals(*unknown, true));
  ASSERT_TRUE(arrow::RegisterExtensionType(std::make_shared<CoreType>()).ok());
  EXPECT_TRUE(RoundTrip(unknown)->Equals(*known, true));
  // One whose storage the extension won't have is still readable.
  auto odd = SchemaToJson(*known);
  odd["fields"][0]["type"]["storage"] = "int64";
  const auto back = SchemaFromJson(odd);
  ASSERT_TRUE(back);
  EXPECT_EQ((*back)->field(0)->type()->id(), arrow::Type::INT64);
  ASSERT_TRUE(arrow::UnregisterExtensionType("test.core").ok());

  EXPECT_EQ(*LogicalType(*known->field(0)), *LogicalType(*unknown->field(0)));
}

TEST(StoredSchemaTest, WhatMayBeStoredIsNeverTooDeepToBeRead) {
  for (const bool structs : {true, false}) {
    auto type = arrow::int8();
    for (int depth = 1; depth < kTypeDepthMax; ++depth) {
      type = structs ? arrow::struct_({field("f", type)}) : arrow::list(type);
    }
    ASSERT_TRUE(ColumnsOf(*OneColumn(type)));
    ExpectSame(OneColumn(type));
  }
  auto maps = arrow::int8();
  for (int depth = 1; depth + 2 <= kTypeDepthMax; depth += 2)
    maps = arrow::map(arrow::utf8(), maps);
  ASSERT_TRUE(ColumnsOf(*OneColumn(maps)));
  ExpectSame(OneColumn(maps));
}

TEST(StoredSchemaTest, WhatWouldBeTooDeepIsRefusedByItsColumn) {
  auto maps = arrow::int8();
  for (int depth = 1; depth <= kTypeDepthMax; depth += 2)
    maps = arrow::map(arrow::utf8(), maps);
  const auto columns = ColumnsOf(*OneColumn(maps));
  ASSERT_FALSE(columns);
  EXPECT_EQ(columns.error().kind, ErrorKind::kUnsupported);
  EXPECT_TRUE(columns.error().message.starts_with("Column 'c'"));
}

// The texts and keys are part of the format: a change here needs a new format version.
TEST(StoredSchemaTest, IsAsItEverWas) {
  const auto schema = arrow::schema(
      {field("hole", arrow::dictionary(arrow::int16(), arrow::large_utf8(), true), false),
       field("depth", arrow::float64(), true, arrow::key_value_metadata({"unit"}, {"m"})),
       field("taken", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")),
       field("price", arrow::decimal128(9, 2)),
       field("tags", arrow::map(arrow::utf8(), arrow::list(arrow::int8()))),
       field("id", arrow::extension::uuid())},
      arrow::key_value_metadata({"raw"}, {"\xFF"}));
  const std::string text =
      R"({"fields":[)"
      R"({"name":"hole","nullable":false,)"
      R"("type":{"index":"int16","kind":"dictionary","ordered":true,"values":"large_utf8"}},)"
      R"({"metadata":[["unit","m"]],"name":"depth","type":"float64"},)"
      R"({"name":"taken","type":{"kind":"timestamp","unit":"us","zone":"UTC"}},)"
      R"({"name":"price","type":{"kind":"decimal128","precision":9,"scale":2}},)"
      R"({"name":"tags","type":{"entries":{"name":"entries","nullable":false,)"
      R"("type":{"fields":[{"name":"key","nullable":false,"type":"utf8"},)"
      R"({"name":"value","type":{"item":{"name":"item","type":"int8"},"kind":"list"}}],)"
      R"("kind":"struct"}},"kind":"map"}},)"
      R"({"name":"id","type":{"kind":"extension","name":"arrow.uuid",)"
      R"("storage":{"kind":"fixed_binary","width":16}}}],)"
      R"("metadata":[["raw",{"base64":"/w=="}]]})";
  const auto json = SchemaToJson(*schema);
  EXPECT_EQ(CanonicalJson(json), text);
  EXPECT_EQ(StoredSchema(json).key(), "66a07273119028a5");
  EXPECT_EQ(StoredSchema::Of(*arrow::schema({field("c", arrow::int8())})).key(),
            "ce9024f7384d145b");
  ExpectSame(schema);
}

}  // namespace
}  // namespace coreshed::table
