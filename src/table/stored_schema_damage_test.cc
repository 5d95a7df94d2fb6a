#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <coreshed/content.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/canonical_json.h"
#include "table/schema_examples.h"
#include "table/stored_schema.h"

namespace coreshed::table {
namespace {

using nlohmann::json;

std::string FaultOf(const json& value) {
  const auto schema = SchemaFromJson(value);
  if (schema) return "";
  EXPECT_EQ(schema.error().kind, ErrorKind::kCorruption);
  EXPECT_TRUE(schema.error().message.starts_with("A stored schema is damaged: "));
  EXPECT_TRUE(schema.error().message.ends_with('.'));
  return schema.error().message;
}

/// A schema whose only column has this type.
json Typed(const std::string& type) {
  return {{"fields", {{{"name", "c"}, {"type", json::parse(type)}}}}};
}

TEST(StoredSchemaDamageTest, TheSentenceSaysWhereAndWhat) {
  EXPECT_EQ(FaultOf(Typed("\"int31\"")),
            "A stored schema is damaged: column 1: type 'int31' is unknown.");
  auto two = Typed("\"int8\"");
  two["fields"].push_back({{"type", "int8"}});
  EXPECT_EQ(FaultOf(two), "A stored schema is damaged: column 2: a field has no name.");
  two["fields"][1]["name"] = "c";
  EXPECT_EQ(FaultOf(two), "A stored schema is damaged: The table has two columns called 'c'.");
}

TEST(StoredSchemaDamageTest, WhatIsNoSchemaIsRefused) {
  for (const char* text :
       {"null", "1", "\"x\"", "[]", "{}", R"({"fields":{}})", R"({"fields":[]})",
        R"({"fields":[1]})", R"({"fields":[{"name":"c"}]})",
        R"({"fields":[{"name":1,"type":"int8"}]})", R"({"fields":[{"name":"","type":"int8"}]})",
        R"({"fields":[{"name":"a\u0007","type":"int8"}]})",
        R"({"fields":[{"name":"c","type":"int8","nullable":1}]})",
        R"({"fields":[{"name":"c","type":"int8","metadata":{}}]})",
        R"({"fields":[{"name":"c","type":"int8","metadata":[["k"]]}]})",
        R"({"fields":[{"name":"c","type":"int8","metadata":[["k",1]]}]})",
        R"({"fields":[{"name":"c","type":"int8"}],"metadata":[["k",{"base64":"!"}]]})",
        R"({"fields":[{"name":"c","type":"int8"}],"metadata":[["k",{"base64":1}]]})"}) {
    EXPECT_NE(FaultOf(json::parse(text)), "") << text;
  }
}

TEST(StoredSchemaDamageTest, TypesThatCannotBeAreRefused) {
  const std::string item = R"("item":{"name":"i","type":"int8"})";
  const std::string fields = R"("fields":[{"name":"a","type":"int8"},{"name":"b","type":"int8"}])";
  for (const std::string& type : std::vector<std::string>{
           "null",
           "{}",
           "[]",
           R"("list")",
           R"({"kind":"int8"})",
           R"({"kind":1})",
           R"({"kind":"list"})",
           R"({"kind":"list","item":"int8"})",
           R"({"kind":"fixed_binary"})",
           R"({"kind":"fixed_binary","width":-1})",
           R"({"kind":"fixed_binary","width":2147483648})",
           R"({"kind":"fixed_binary","width":18446744073709551615})",
           R"({"kind":"fixed_binary","width":1.5})",
           R"({"kind":"fixed_list","size":-1,)" + item + "}",
           R"({"kind":"fixed_list",)" + item + "}",
           R"({"kind":"decimal32","precision":10,"scale":2})",
           R"({"kind":"decimal128","precision":0,"scale":0})",
           R"({"kind":"decimal128","precision":39,"scale":0})",
           R"({"kind":"decimal256","precision":77,"scale":0})",
           R"({"kind":"decimal128","precision":9,"scale":1000})",
           R"({"kind":"time32","unit":"us"})",
           R"({"kind":"time64","unit":"s"})",
           R"({"kind":"timestamp"})",
           R"({"kind":"timestamp","unit":"min"})",
           R"({"kind":"timestamp","unit":{"base64":"/w=="}})",
           R"({"kind":"timestamp","unit":"us","zone":1})",
           R"({"kind":"dictionary","index":"utf8","values":"utf8"})",
           R"({"kind":"dictionary","index":"int8"})",
           R"({"kind":"dictionary","index":"int8","values":"utf8","ordered":"no"})",
           R"({"kind":"run_end_encoded","index":"int8","values":"utf8"})",
           R"({"kind":"map","entries":{"name":"e","nullable":false,"type":"int8"}})",
           R"({"kind":"map","entries":{"name":"e","nullable":true,"type":{"kind":"struct",)" +
               fields + "}}}",
           R"({"kind":"map","entries":{"name":"e","nullable":false,"type":{"kind":"struct",)" +
               fields + "}}}",
           R"({"kind":"struct","fields":[{"name":"a","type":"int8"},{"name":"a","type":"int8"}]})",
           R"({"kind":"sparse_union","codes":[1],)" + fields + "}",
           R"({"kind":"dense_union","codes":[1,128],)" + fields + "}",
           R"({"kind":"dense_union","codes":[1,-1],)" + fields + "}",
           R"({"kind":"dense_union",)" + fields + "}",
           R"({"kind":"extension","storage":"int8"})",
           R"({"kind":"extension","name":"x"})",
           R"({"kind":"extension","name":"x","storage":"int8","parameters":1})"}) {
    EXPECT_NE(FaultOf(Typed(type)), "") << type;
  }
}

/// `inner` in one more type of this kind.
json Wrap(const std::string& kind, json inner) {
  json outer{{"kind", kind}};
  if (kind == "list" || kind == "struct") {
    json child{{"name", "x"}};
    child["type"] = std::move(inner);
    if (kind == "list") {
      outer["item"] = std::move(child);
    } else {
      outer["fields"].push_back(std::move(child));
    }
  } else {
    outer["name"] = "x";
    outer["index"] = "int8";
    outer[kind == "extension" ? "storage" : "values"] = std::move(inner);
  }
  return outer;
}

TEST(StoredSchemaDamageTest, NestingWithoutEndIsRefused) {
  for (const char* kind : {"list", "struct", "dictionary", "run_end_encoded", "extension"}) {
    json type = "int8";
    for (int depth = 0; depth < 5'000; ++depth)
      type = Wrap(kind, std::move(type));
    json schema{{"fields", {{{"name", "c"}}}}};
    schema["fields"][0]["type"] = std::move(type);
    EXPECT_NE(FaultOf(schema).find("nested too deeply"), std::string::npos) << kind;
  }
}

TEST(StoredSchemaDamageTest, WordsThatCannotBeShownAreNot) {
  EXPECT_EQ(FaultOf(Typed(R"("\u001b[31m")")),
            "A stored schema is damaged: column 1: type … is unknown.");
  EXPECT_LT(FaultOf(Typed("\"" + std::string(10'000, 'x') + "\"")).size(), 200U);
}

TEST(StoredSchemaDamageTest, WhatALaterReleaseAddsIsPassedOver) {
  auto later = Typed(R"({"kind":"timestamp","unit":"us","calendar":"julian"})");
  later["since"] = 2;
  later["fields"][0]["comment"] = "x";
  EXPECT_EQ(FaultOf(later), "");
}

/// Any place in a JSON value.
json* Pick(json* value, std::mt19937& random) {
  while (value->is_structured() && !value->empty() && random() % 8 != 0) {
    auto at = value->begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random() % value->size()));
    value = &*at;
  }
  return value;
}

void Damage(json* schema, const std::vector<json>& junk, std::mt19937& random) {
  json* place = Pick(schema, random);
  switch (random() % 4) {
    case 0:
      *place = junk[random() % junk.size()];
      return;
    case 1: {  // something from elsewhere in it
      json copy = *Pick(schema, random);
      *place = std::move(copy);
      return;
    }
    case 2:
      if (place->is_structured() && !place->empty()) {
        auto at = place->begin();
        std::advance(at, static_cast<std::ptrdiff_t>(random() % place->size()));
        place->erase(at);
      }
      return;
    default:
      if (place->is_array() && !place->empty()) place->push_back((*place)[0]);
      if (place->is_string()) place->get_ref<std::string&>() += "x";
      if (place->is_number()) *place = place->get<int64_t>() % 1000 * 1000 - 1;
  }
}

// Whatever is done to it, it is refused with a sentence or is a schema that can be stored again.
TEST(StoredSchemaDamageTest, RandomDamageNeverCrashes) {
  arrow::FieldVector fields;
  for (const auto& type : EveryType()) {
    fields.push_back(arrow::field("c" + std::to_string(fields.size()), type, fields.size() % 2 == 0,
                                  arrow::key_value_metadata({"k", "\xFF"}, {"v", "\xFE"})));
  }
  const json whole = SchemaToJson(*arrow::schema(fields, arrow::key_value_metadata({"p"}, {"{}"})));
  std::vector<json> junk = {nullptr,
                            true,
                            0,
                            -1,
                            128,
                            1e300,
                            UINT64_MAX,
                            INT64_MIN,
                            "",
                            "utf8",
                            "extension",
                            "struct",
                            json::array(),
                            json::object(),
                            "\x1B[2J",
                            json{{"base64", "AAAA"}},
                            json{{"kind", "list"}}};
  for (const auto& field : whole["fields"])
    junk.push_back(field["type"]);
  std::mt19937 random(20260127);
  int refused = 0;
  constexpr int kRounds = 20'000;
  for (int round = 0; round < kRounds; ++round) {
    json damaged{{"fields", json::array()}, {"metadata", whole["metadata"]}};
    for (int i = 0; i < 3; ++i) {
      damaged["fields"].push_back(whole["fields"][random() % whole["fields"].size()]);
    }
    for (unsigned i = 0; i <= random() % 3; ++i)
      Damage(&damaged, junk, random);
    if (!FaultOf(damaged).empty()) {
      ++refused;
      continue;
    }
    const auto schema = *SchemaFromJson(damaged);
    (void)ColumnsOf(*schema);
    const auto again = SchemaFromJson(SchemaToJson(*schema));
    ASSERT_TRUE(again) << damaged.dump();
    EXPECT_TRUE((*again)->Equals(*schema, true)) << damaged.dump();
  }
  EXPECT_GT(refused, kRounds / 4);
  EXPECT_LT(refused, kRounds);
}

TEST(StoredSchemaDamageTest, RandomBytesNeverCrash) {
  const std::string whole =
      CanonicalJson(SchemaToJson(*arrow::schema({arrow::field("c", EveryType().back())})));
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = whole;
    for (unsigned i = 0; i <= random() % 3; ++i) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    if (const auto value = ParseJson(text, "the schema")) (void)FaultOf(*value);
  }
}

}  // namespace
}  // namespace coreshed::table
