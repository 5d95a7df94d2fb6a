// Random histories of one writer against the model.
#include <gtest/gtest.h>

#include "simulation/simulation.h"

namespace coreshed {
namespace {

TEST(Histories, OnMemory) {
  RunSeeds(1, 60, 120, false);
}
TEST(Histories, OnALocalFolder) {
  RunSeeds(1000, 10, 80, true);
}

}  // namespace
}  // namespace coreshed
