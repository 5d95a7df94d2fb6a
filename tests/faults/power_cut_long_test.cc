// See power_cut.h; many cuts at each place.

#include "faults/power_cut.h"

namespace coreshed {
namespace {

class PowerCutLong : public PowerCut {
 protected:
  PowerCutLong() : PowerCut({4, true, 6}) {}
};

TEST_P(PowerCutLong, OldOrNewAndNothingLost) {
  CutEverywhere();
}

INSTANTIATE_TEST_SUITE_P(AllPaths, PowerCutLong, ::testing::Range<size_t>(0, WritePaths().size()),
                         [](const auto& path) { return WritePaths()[path.param].name; });

}  // namespace
}  // namespace coreshed
