// The histories of histories_test.cc, many more of them.
#include <gtest/gtest.h>

#include "simulation/simulation.h"

namespace coreshed {
namespace {

TEST(HistoriesLong, OnMemory) {
  RunSeeds(100'000, 3000, 150, false);
}
TEST(HistoriesLong, OnALocalFolder) {
  RunSeeds(200'000, 300, 120, true);
}

}  // namespace
}  // namespace coreshed
