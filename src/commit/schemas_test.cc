#include "commit/schemas.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/canonical_json.h"
#include "support/result_checks.h"
#include "table/stored_schema.h"

namespace coreshed::commit {
namespace {

using nlohmann::json;
using Schemas = table::StoredSchemas;

json SchemasToJson(const Schemas& schemas) {
  return json::parse(SchemasText(schemas));
}

/// All of them written out.
json WrittenOut(const Schemas& schemas) {
  json stored = json::object();
  for (const auto& [key, schema] : schemas)
    stored[key] = schema.json();
  return stored;
}

/// A schema of some columns with such values among its metadata.
json SchemaWith(const std::string& value, int columns = 20, const std::string& other = "") {
  json fields = json::array();
  for (int i = 0; i < columns; ++i) {
    fields.push_back({{"name", "column " + std::to_string(i)}, {"type", "int64"}});
  }
  const json metadata = {{"pandas", value}, {"z", std::string(500, 'z') + other}};
  return {{"fields", fields}, {"metadata", metadata}};
}

Schemas Keyed(const std::vector<json>& schemas) {
  Schemas keyed;
  for (const auto& schema : schemas)
    keyed.emplace(table::StoredSchema(schema).key(), schema);
  return keyed;
}

/// How many are written out.
int64_t Wholes(const json& stored) {
  return std::count_if(stored.begin(), stored.end(),
                       [](const json& schema) { return schema.contains("fields"); });
}

void ExpectBack(const Schemas& schemas) {
  EXPECT_EQ(Must(SchemasFromJson(SchemasToJson(schemas), "here")), schemas);
}

TEST(Schemas, ThoseThatDifferLittleAreStoredAsDifferences) {
  std::vector<json> schemas;
  for (int rows = 90; rows < 110; ++rows) {
    schemas.push_back(SchemaWith(R"({"stop": )" + std::to_string(rows) + R"(, "step": 1})", 20,
                                 "bounds " + std::to_string(rows)));
  }
  const auto keyed = Keyed(schemas);
  const json stored = SchemasToJson(keyed);
  EXPECT_EQ(stored.size(), 20U);
  EXPECT_EQ(Wholes(stored), 1);
  EXPECT_LT(CanonicalJson(stored).size(), CanonicalJson(schemas[0]).size() + 19 * 100);
  ExpectBack(keyed);
}

TEST(Schemas, AloneOrOfOtherColumnsTheyStandAsTheyAre) {
  ExpectBack({});
  const auto one = Keyed({SchemaWith("a")});
  EXPECT_EQ(SchemasToJson(one), WrittenOut(one));
  const auto others = Keyed({SchemaWith("a", 29), SchemaWith("a", 30)});
  EXPECT_EQ(SchemasToJson(others), WrittenOut(others));
}

TEST(Schemas, EachIsLikeTheNearest) {
  std::vector<json> schemas;
  const std::string far(3000, 'x');
  for (int n = 0; n < 8; ++n) {
    schemas.push_back(SchemaWith(std::to_string(n)));
    schemas.push_back(SchemaWith(std::to_string(n), 20, far + std::to_string(n)));
    schemas.push_back(SchemaWith(std::to_string(n), 40));
  }
  const auto keyed = Keyed(schemas);
  const json stored = SchemasToJson(keyed);
  EXPECT_EQ(Wholes(stored), 3);
  for (const auto& schema : stored) {
    if (schema.contains("like")) {
      EXPECT_LT(schema.dump().size(), 120U);
    }
  }
  ExpectBack(keyed);
}

TEST(Schemas, DamageIsNamed) {
  const auto good = SchemasToJson(Keyed({SchemaWith("1"), SchemaWith("2")}));
  std::string like;
  for (const auto& [key, schema] : good.items())
    like = schema.contains("like") ? key : like;
  ASSERT_NE(like, "");
  const auto refused = [&](const char* name, const json& damage) {
    auto stored = good;
    stored[like][name] = damage;
    const auto parsed = SchemasFromJson(stored, "metadata.json");
    ASSERT_FALSE(parsed.has_value()) << damage;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kCorruption);
    EXPECT_NE(parsed.error().message.find(like), std::string::npos) << parsed.error().message;
  };
  const json at = good[like]["edits"][0][0];
  refused("like", "0000000000000000");
  refused("like", like);
  refused("like", 7);
  refused("edits", json::array());
  refused("edits", 7);
  refused("edits", json::array({7}));
  refused("edits", json::array({json::array({at, 1})}));
  refused("edits", json::array({json::array({at, -1, "2"})}));
  refused("edits", json::array({json::array({int64_t{1} << 62, 1, "2"})}));
  refused("edits", json::array({json::array({at, int64_t{1} << 62, "2"})}));
  refused("edits", json::array({json::array({at, 2, "2"})}));
  refused("edits", json::array({json::array({at, 1, "3"})}));
  refused("edits", json::array({json::array({at, 1, nullptr})}));
}

TEST(Schemas, NoMetadataAskForMemoryWithoutBound) {
  const std::string large(size_t{7} << 19, 'x');
  std::vector<json> schemas;
  for (int i = 0; i < 6; ++i)
    schemas.push_back(SchemaWith(std::to_string(i) + large));
  const auto keyed = Keyed(schemas);
  auto stored = SchemasToJson(keyed);
  EXPECT_EQ(Wholes(stored), 2) << "a writer keeps the bound";
  EXPECT_TRUE(SchemasFromJson(stored, "metadata.json").has_value());
  const auto& [first, whole] = *keyed.begin();
  const size_t at = CanonicalJson(whole.json()).find(large) - 1;
  for (const auto& [key, schema] : keyed) {
    if (key == first) continue;
    const std::string put = CanonicalJson(schema.json()).substr(at, 1);
    stored[key] = {{"like", first}, {"edits", json::array({json::array({at, 1, put})})}};
  }
  const auto parsed = SchemasFromJson(stored, "metadata.json");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_NE(parsed.error().message.find("16 MiB"), std::string::npos) << parsed.error().message;
}

}  // namespace
}  // namespace coreshed::commit
