#pragma once

#include <gtest/gtest.h>

#include <random>

#include "simulation/model.h"
#include "storage/local.h"
#include "storage/memory.h"
#include "store/open_on.h"
#include "support/result_checks.h"
#include "support/tables.h"
#include "support/temp_folder.h"

namespace coreshed {

/// One writer at random against the model: every answer, and everything that can be seen
/// afterwards.
class Simulation {
 public:
  Simulation(std::shared_ptr<storage::Storage> storage, unsigned seed)
      : storage_(std::move(storage)), random_(seed) {
    Reopen();
    Must(store_->CreateRecord("BH-7", SoilTable(next_mark_), By<CreateOptions>("a.meier")));
    model_.Write(next_mark_++);
  }

  void Step() {
    switch (Below(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return Update();
      case 4:
        return Review(Status::kApproved);
      case 5:
        return Review(Status::kRejected);
      case 6:
      case 7:
        return RollBack();
      case 8:
        return Tag();
      default:
        return Below(4) == 0 ? Reopen() : Vacuum();
    }
  }

  void Compare() {
    const auto info = Must(store_->GetRecord("BH-7"));
    ASSERT_EQ(info.current_version, model_.active());
    ASSERT_EQ(info.versions, model_.last());
    const auto versions = Must(store_->Versions("BH-7"));
    ASSERT_EQ(static_cast<int64_t>(versions.size()), model_.last());
    for (const auto& version : versions) {
      ASSERT_EQ(version.status, model_.version(version.version).status) << version.version;
      const std::string ref = "BH-7@v" + std::to_string(version.version);
      ASSERT_EQ(MarkOf(*Must(store_->ReadTable(ref))), model_.version(version.version).mark);
    }
    ASSERT_EQ(static_cast<int64_t>(Must(store_->History("BH-7")).size()), model_.events());
    for (const auto& [tag, number] : model_.tags()) {
      ASSERT_EQ(Must(store_->Resolve("BH-7@" + tag)).version.version, number);
    }
    if (model_.last_approved() > 0) {
      ASSERT_EQ(Must(store_->Resolve("BH-7@approved")).version.version, model_.last_approved());
    }
    const auto report = Must(store_->Verify());
    for (const auto& fault : report.faults)
      ADD_FAILURE() << fault.rule << ": " << fault.message;
  }

 private:
  unsigned Below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  void Reopen() {
    OpenOptions options;
    options.create = true;
    options.threads = 1;
    store_ = Must(store::OpenOn(storage_, "simulated", options, false));
  }
  void Update() {
    // Now and then the same content again: a new version all the same.
    const int64_t mark = Below(5) == 0 ? model_.version(model_.active()).mark : next_mark_++;
    Must(store_->UpdateRecord("BH-7", SoilTable(mark), By<WriteOptions>("a.meier")));
    model_.Write(mark);
  }
  void Review(Status verdict) {
    const bool approve = verdict == Status::kApproved;
    const auto options = By<ReviewOptions>("c.ito", "because");
    auto answer =
        approve ? store_->ApproveRecord("BH-7", options) : store_->RejectRecord("BH-7", options);
    ASSERT_EQ(answer.has_value(), model_.Review(verdict));
    if (!answer) {
      ASSERT_EQ(answer.error().kind, ErrorKind::kInvalidState);
    }
  }
  void RollBack() {
    const int64_t target = Below(static_cast<unsigned>(model_.last()) + 2);
    auto options = By<RollbackOptions>("c.ito", "mistake");
    options.allow_rejected = Below(2) == 0;
    auto answer = store_->RollbackToVersion("BH-7", target, options);
    ASSERT_EQ(answer.has_value(), model_.RollBack(target, options.allow_rejected));
  }
  void Tag() {
    const int64_t target = 1 + Below(static_cast<unsigned>(model_.last()));
    const std::string tag = "issue-" + std::string(1, static_cast<char>('A' + Below(4)));
    Must(store_->Tag("BH-7@v" + std::to_string(target), tag, By<EventOptions>("c.ito")));
    model_.Tag(tag, target);
  }
  void Vacuum() {
    VacuumOptions all;
    all.grace = std::chrono::seconds(-1);
    Must(store_->Vacuum(all));
  }

  std::shared_ptr<storage::Storage> storage_;
  std::mt19937 random_;
  std::shared_ptr<Store> store_;
  RecordModel model_;
  int64_t next_mark_ = 1;
};

/// Runs a history for each seed; a failing seed is printed and reproduces the failure.
inline void RunSeeds(unsigned first, unsigned count, unsigned steps, bool local) {
  for (unsigned seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TempFolder folder(TempFolder::Where::kMemory);
    Simulation simulation(
        local ? Must(storage::MakeLocal(folder.path() + "/store")) : storage::MakeMemoryStorage(),
        seed);
    for (unsigned step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      simulation.Step();
    }
    simulation.Compare();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace coreshed
