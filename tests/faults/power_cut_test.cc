// See power_cut.h; cuts at each place, but few.

#include "faults/power_cut.h"
#include "commit/commit.h"
#include "store/copy_operation.h"

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

/// A copy into a store; by how many versions it is behind, an odd number where it shares its syncs
/// with others. Afterwards it can be gone on with.
class CopyCut : public PowerCut {
 protected:
  static constexpr bool kIsGrouped[] = {false, true};

  CopyCut() : PowerCut({1, false, 2}) {}

  void CopyTo(const std::string& place, std::shared_ptr<RecordingCalls> calls) {
    const auto from = Must(storage::OpenLocal(Root("source")));
    const auto to = Must(storage::MakeLocal(place, std::chrono::seconds(1), std::move(calls)));
    const auto group = kIsGrouped[GetParam() % 2] ? to->MakeGroup() : nullptr;
    const auto member = group ? group->Join() : decltype(group->Join())();
    const auto target = group ? group->storage() : to;
    commit::DocumentReader documents(from), documents_there(to);
    commit::PageReader pages(from), pages_there(to);
    const store::CopySource source{from, &pages, Must(documents.Read("BH-7"))->document};
    const commit::Context context{target, &documents_there, &pages_there, std::chrono::seconds(5)};
    store::BeginCopyOperation begin(source);
    Must(commit::Commit(context, "BH-7", By<EventOptions>("copy"), begin));
    if (!Must(documents_there.Read("BH-7"))->document->copying) return;  // it is there
    store::CopyOperation copy(source, {target, &documents_there, &pages_there, group != nullptr},
                              begin.is_new(), {});
    Must(commit::Commit(context, "BH-7", By<EventOptions>("copy"), copy));
  }

  void GoOn(const std::string& place) override {
    CopyTo(place, std::make_shared<RecordingCalls>(place));
    EXPECT_EQ(Look(place), after_);
  }
};

TEST_P(CopyCut, OldOrNewAndItGoesOn) {
  const auto prepare = [&](Store& store) {
    Must(store.CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
    std::filesystem::copy(Root("before"), Root("source"), std::filesystem::copy_options::recursive);
    const auto ahead = Open(Root("source"), std::make_shared<RecordingCalls>(Root("source")));
    for (size_t v = 0; v < GetParam(); ++v)
      Must(ahead->UpdateRecord("BH-7", SoilTable(2), By<WriteOptions>("a.meier")));
  };
  ASSERT_NO_FATAL_FAILURE(
      Prepare(prepare, [&](const auto& place, const auto& calls) { CopyTo(place, calls); }));
  CutPrepared();
}

INSTANTIATE_TEST_SUITE_P(Versions, CopyCut, ::testing::Values(1, 2, 18, 19));

}  // namespace
}  // namespace coreshed
