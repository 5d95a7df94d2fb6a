#include "base/canonical_json.h"

#include <gtest/gtest.h>

#include <string>

#include "support/result_checks.h"

namespace coreshed {
namespace {

std::string Nested(size_t depth, const std::string& inside) {
  return std::string(depth, '[') + inside + std::string(depth, ']');
}

TEST(ParseJson, NestsEightyDeepAndNoDeeper) {
  EXPECT_TRUE(ParseJson(Nested(80, "1"), "this").has_value());
  EXPECT_EQ(MustFail(ParseJson(Nested(81, "1"), "this")).message, "this is not readable JSON");
  EXPECT_FALSE(ParseJson(Nested(1'000'000, ""), "this").has_value());
  EXPECT_FALSE(ParseJson(std::string(1'000'000, '['), "this").has_value());
  EXPECT_FALSE(ParseJson(std::string(100, ']') + Nested(1'000'000, ""), "this").has_value());
}

TEST(ParseJson, BracketsInTextsDoNotNest) {
  const std::string text = '"' + std::string(100, '[') + R"(\\\"{{{")";
  EXPECT_EQ(CanonicalJson(Must(ParseJson(Nested(80, text + "," + text), "this"))),
            Nested(80, text + "," + text));
}

TEST(ParseJson, ManySiblingsAreNotDeep) {
  std::string list = "[";
  for (int i = 0; i < 10'000; ++i)
    list += R"({"a":[]},)";
  EXPECT_EQ(Must(ParseJson(list + "0]", "this")).size(), 10'001U);
}

}  // namespace
}  // namespace coreshed
