// See power_cut.h; cuts at each place, but few.

#include "faults/power_cut.h"

namespace coreshed {
namespace {

class PowerCutShort : public PowerCut {
 protected:
  PowerCutShort() : PowerCut({1, false, 1}) {}
};

TEST_P(PowerCutShort, OldOrNewAndNothingLost) {
  CutEverywhere();
}

INSTANTIATE_TEST_SUITE_P(AllPaths, PowerCutShort, ::testing::Range<size_t>(0, WritePaths().size()),
                         [](const auto& path) { return WritePaths()[path.param].name; });

}  // namespace
}  // namespace coreshed
