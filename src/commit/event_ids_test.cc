#include "commit/event_ids.h"

#include <gtest/gtest.h>

namespace coreshed::commit {
namespace {

TEST(EventIds, TwoOfTheSameAreFound) {
  EventIds ids;
  EXPECT_FALSE(ids.FindTwice());
  ids.Add("ffffffffffffffff0000000000000001", 1);
  ids.Add("0000000000000001ffffffffffffffff", 2);
  ids.Add("ffffffffffffffff0000000000000002", 3);
  EXPECT_FALSE(ids.FindTwice());
  ids.Add("ffffffffffffffff0000000000000001", 4);
  EXPECT_EQ(ids.FindTwice(), std::pair(int64_t{1}, int64_t{4}));
}

}  // namespace
}  // namespace coreshed::commit
