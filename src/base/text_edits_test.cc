#include "base/text_edits.h"

#include <gtest/gtest.h>

#include <random>

#include "base/text.h"

namespace coreshed {
namespace {

std::vector<TextEdit> ExpectBack(const std::string& from, const std::string& to) {
  const auto edits = EditsBetween(from, to);
  EXPECT_EQ(ApplyEdits(from, edits), to) << from << " → " << to;
  for (const auto& edit : edits)
    EXPECT_TRUE(IsUtf8(edit.put) && IsUtf8(from.substr(0, edit.at))) << from << " → " << to;
  return edits;
}

TEST(TextEdits, ReplaceTheValuesThatDiffer) {
  EXPECT_TRUE(ExpectBack(R"({"a":[1,"x"]})", R"({"a":[1,"x"]})").empty());
  const auto edits = ExpectBack(R"({"a":9,"b":"yes","c":[7,"same"]})",
                                R"({"a":10,"b":"yesterday","c":[7,"same"]})");
  ASSERT_EQ(edits.size(), 2U);
  EXPECT_EQ(edits[0].at, 5U);
  EXPECT_EQ(edits[0].drop, 1U);
  EXPECT_EQ(edits[0].put, "10");
  EXPECT_EQ(edits[1].drop, 0U);
  EXPECT_EQ(edits[1].put, "terday");
}

TEST(TextEdits, AreOneWhereTheFormDiffers) {
  const auto edits = ExpectBack(R"({"a":1,"c":3})", R"({"a":1,"b":2,"c":3})");
  ASSERT_EQ(edits.size(), 1U);
  EXPECT_EQ(edits[0].drop, 0U);
  EXPECT_EQ(edits[0].put.size(), 6U);
}

TEST(TextEdits, OfAnyTexts) {
  const std::vector<std::string> texts{"",  "a",  "ab",   "abab", "ä",
                                       "ö", "ä̈",  "€",    "₭",    "😀",
                                       "😁", "\"", "\\\"", "\n",   std::string(1000, 'x')};
  for (const auto& from : texts) {
    for (const auto& to : texts) {
      ExpectBack(from, to);
      ExpectBack("before " + from + " after", "before " + to + " after");
    }
  }
}

TEST(TextEdits, OfRandomTexts) {
  std::mt19937 random(20260127);
  const std::vector<std::string> pieces{"a", "b", "ä", "😀", "0123456789abcdef", "\""};
  const auto text = [&](size_t size) {
    std::string made;
    for (size_t i = 0; i < size; ++i)
      made += pieces[random() % pieces.size()];
    return made;
  };
  for (int round = 0; round < 2000; ++round) {
    std::string from = text(random() % 60), to = from;
    for (unsigned n = random() % 4; n > 0; --n)
      to = text(random() % 3) + to + text(random() % 3);
    ExpectBack(from, to);
    ExpectBack(from, text(random() % 60));
    ExpectBack(from + to, to + from);
  }
}

TEST(TextEdits, OutOfPlaceAreNone) {
  const std::vector<std::vector<TextEdit>> wrong{{{4, 0, ""}},
                                                 {{2, 2, ""}},
                                                 {{0, SIZE_MAX, ""}},
                                                 {{SIZE_MAX, 1, ""}},
                                                 {{1, 1, "x"}, {1, 0, "y"}},
                                                 {{2, 0, "x"}, {1, 0, "y"}}};
  for (const auto& edits : wrong)
    EXPECT_EQ(ApplyEdits("abc", edits), std::nullopt);
  EXPECT_EQ(ApplyEdits("abc", std::vector<TextEdit>{{0, 1, "x"}, {1, 0, "y"}, {3, 0, "z"}}),
            "xybcz");
}

}  // namespace
}  // namespace coreshed
