#include "base/text.h"

#include <gtest/gtest.h>

namespace coreshed {
namespace {

TEST(Text, ListsForSentencesStayShort) {
  EXPECT_EQ(Joined({}, 3), "");
  EXPECT_EQ(Joined({"a", "b", "c"}, 3), "a, b, c");
  EXPECT_EQ(Joined({"a", "b", "c", "d", "e"}, 3, "; "), "a; b; c; and 2 more");
}

TEST(Text, AWordOfACommandLine) {
  EXPECT_EQ(ShellQuoted("BH-7"), "'BH-7'");
  EXPECT_EQ(ShellQuoted("O'Brien $HOME"), "'O'\\''Brien $HOME'");
}

}  // namespace
}  // namespace coreshed
