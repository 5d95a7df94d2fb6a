#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "simulation/scheduler.h"
#include "storage/memory.h"
#include "store/open_on.h"
#include "support/failing_storage.h"
#include "support/result_checks.h"
#include "support/tables.h"

namespace coreshed {

/// Several hosts, each with a store of its own over one storage with S3's semantics, work on one
/// record: writers, reviewers, readers, vacuum, erasure. Between any two of their requests any
/// other may run. Requests fail, lose their answers, come late or twice; hosts die and come back.
/// In the end there must be one order of events that explains every answer (linearizability).
class HostsSimulation {
 public:
  explicit HostsSimulation(unsigned seed)
      : scheduler_(kHosts, seed), storage_(storage::MakeMemoryStorage()) {
    const auto store = Open(storage_);
    Must(store->SetSettings({{"allow_delete", "true"}}, By<EventOptions>("owner")));
  }

  void Run() {
    std::vector<std::jthread> threads;
    for (size_t me = 0; me < kHosts; ++me)
      threads.emplace_back([this, me] { RunHost(me); });
    threads.clear();
    for (auto& host : hosts_)
      host.storage->DeliverLate();
    Check();
  }

 private:
  static constexpr size_t kHosts = 4;
  static constexpr int kCallsEach = 7;
  static constexpr const char* kId = "BH-7";

  enum class Kind {
    kCreate,
    kUpdate,
    kApprove,
    kReject,
    kRollback,
    kTag,
    kPurge,
    kDelete,
    kRedact
  };
  /// A call that was meant to change the record, and its answer.
  struct Call {
    Kind kind;
    std::string event_id;
    int64_t begin = 0, end = 0;
    std::optional<int64_t> expected = {};  ///< the version that had to be active
    int64_t mark = 0;                      ///< of the rows written
    std::optional<ErrorKind> error = {};
    bool died = false;
  };
  /// A call that looked.
  struct Look {
    int64_t begin = 0, end = 0;
    int64_t version = 0;  ///< 0: the record itself
    std::optional<Error> error = {};
    int64_t mark = 0, active = 0, last = 0;
    Status status = Status::kDraft;
  };
  struct Host {
    std::shared_ptr<storage::FailingStorage> storage;
    std::shared_ptr<Store> store;
    bool died = false;
  };
  /// The record after an event.
  struct State {
    bool is_live = false;
    int64_t active = 0, last = 0, deleted_through = 0;
    std::map<int64_t, Status> status;
    std::set<int64_t> purged;
  };

  static std::shared_ptr<Store> Open(std::shared_ptr<storage::Storage> storage) {
    OpenOptions options;
    options.create = true;
    options.threads = 1;
    return Must(store::OpenOn(std::move(storage), "simulated", options, false));
  }

  // ---- the hosts

  unsigned Below(unsigned bound) { return scheduler_.Below(bound); }

  void RunHost(size_t me) {
    Host& host = hosts_[me];
    host.storage = std::make_shared<storage::FailingStorage>(storage_);
    host.store = Open(host.storage);  // before anything goes wrong
    host.storage->SetBefore([this, me](const auto& call) { Disturb(me, call.number); });
    scheduler_.Begin(me);
    for (int i = 0; i < kCallsEach; ++i) {
      Act(host);
      if (host.died) Revive(me);
    }
    host.storage->SetBefore(nullptr);
    scheduler_.End(me);
  }

  void Revive(size_t me) {
    Host& host = hosts_[me];
    host.died = false;
    host.storage->SetBefore(nullptr);
    host.storage->Restart();
    host.store = Open(host.storage);
    host.storage->SetBefore([this, me](const auto& call) { Disturb(me, call.number); });
  }

  void Disturb(size_t me, int64_t number) {
    scheduler_.Yield(me);
    Host& host = hosts_[me];
    if (Below(60) == 0) hosts_[Below(kHosts)].storage->DeliverLate();
    using storage::Fault;
    static constexpr Fault kFaults[] = {Fault::kFail, Fault::kLoseAnswer, Fault::kDelay,
                                        Fault::kRepeat};
    if (Below(25) == 0) host.storage->SetFault(number, kFaults[Below(4)]);
    if (Below(400) == 0) {
      host.storage->SetFault(number, Fault::kStop);
      host.died = true;
    }
  }

  void Act(Host& host) {
    switch (Below(14)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return Write(host);
      case 4:
        return Review(host, Kind::kApprove);
      case 5:
        return Review(host, Kind::kReject);
      case 6:
        return RollBack(host);
      case 7:
        return Vacuum(host);
      case 8:
        return Erase(host);
      case 9:
        return Change(host, {Kind::kTag, RandomUuid4()}, [&](Call& call) {
          EventOptions options = Options<EventOptions>(call);
          return Drop(host.store->Tag(kId, "tag-" + call.event_id.substr(0, 8), options));
        });
      default:
        return LookAt(host);
    }
  }

  template <typename O>
  static O Options(const Call& call) {
    O options = By<O>("a.meier", "because");
    options.event_id = call.event_id;
    return options;
  }
  template <typename T>
  static Result<void> Drop(Result<T> result) {
    if (!result) return std::move(result).error();
    return {};
  }
  int64_t SomeVersion() { return 1 + Below(6); }

  void Change(Host& host, Call call, const std::function<Result<void>(Call&)>& act) {
    call.begin = scheduler_.now();
    const auto done = act(call);
    call.end = scheduler_.now();
    call.died = host.died;
    if (!done) call.error = done.error().kind;
    calls_.push_back(std::move(call));
  }

  void Write(Host& host) {
    Call call{Below(4) == 0 ? Kind::kCreate : Kind::kUpdate, RandomUuid4()};
    call.mark = ++marks_;
    if (Below(3) == 0) call.mark = 1 + Below(3);  // content that is there already
    if (call.kind == Kind::kUpdate && Below(4) == 0) call.expected = SomeVersion();
    Change(host, std::move(call), [&](Call& made) {
      auto options = Options<CreateOptions>(made);
      options.expected_version = made.expected;
      const auto table = SoilTable(made.mark);
      return Drop(made.kind == Kind::kCreate ? host.store->CreateRecord(kId, table, options)
                                             : host.store->UpdateRecord(kId, table, options));
    });
  }
  void Review(Host& host, Kind kind) {
    Call call{kind, RandomUuid4()};
    if (Below(2) == 0) call.expected = SomeVersion();
    Change(host, std::move(call), [&](Call& made) {
      auto options = Options<ReviewOptions>(made);
      options.version = made.expected;
      return Drop(kind == Kind::kApprove ? host.store->ApproveRecord(kId, options)
                                         : host.store->RejectRecord(kId, options));
    });
  }
  void RollBack(Host& host) {
    Change(host, {Kind::kRollback, RandomUuid4()}, [&](Call& call) {
      return Drop(
          host.store->RollbackToVersion(kId, SomeVersion(), Options<RollbackOptions>(call)));
    });
  }
  void Erase(Host& host) {
    const Kind kind =
        std::vector{Kind::kPurge, Kind::kPurge, Kind::kRedact, Kind::kDelete}[Below(4)];
    Change(host, {kind, RandomUuid4()}, [&](Call& call) {
      const auto options = Options<EventOptions>(call);
      if (kind == Kind::kPurge) return Drop(host.store->Purge(kId, SomeVersion(), options));
      if (kind == Kind::kDelete) return Drop(host.store->DeleteRecord(kId, options));
      return Drop(host.store->Redact(kId, {SomeVersion()}, {"comment"}, options));
    });
  }
  void Vacuum(Host& host) {
    VacuumOptions all;
    all.grace = std::chrono::seconds(-1);
    (void)host.store->Vacuum(all);
  }
  void LookAt(Host& host) {
    Look look;
    look.begin = scheduler_.now();
    if (Below(2) == 0) look.version = SomeVersion();
    if (look.version > 0) {
      const auto table =
          host.store->ReadTable(std::string(kId) + "@v" + std::to_string(look.version));
      if (table) look.mark = MarkOf(**table);
      if (!table) look.error = table.error();
    } else {
      const auto record = host.store->GetRecord(kId);
      if (record) {
        look.active = record->current_version;
        look.last = record->versions;
        look.status = record->status;
      } else {
        look.error = record.error();
      }
    }
    look.end = scheduler_.now();
    if (!host.died) looks_.push_back(std::move(look));
  }

  // ---- what must be true in the end

  static const char* TypeOf(Kind kind) {
    switch (kind) {
      case Kind::kCreate:
        return "create";
      case Kind::kUpdate:
        return "update";
      case Kind::kApprove:
        return "approve";
      case Kind::kReject:
        return "reject";
      case Kind::kRollback:
        return "rollback";
      case Kind::kTag:
        return "tag";
      case Kind::kPurge:
        return "purge";
      case Kind::kDelete:
        return "delete";
      case Kind::kRedact:
        return "redact";
    }
    return "";
  }
  /// These do more after their commit, which can fail by itself.
  static bool Erases(Kind kind) {
    return kind == Kind::kPurge || kind == Kind::kDelete || kind == Kind::kRedact;
  }

  void Check() {
    const auto store = Open(storage_);
    VerifyOptions deep;
    deep.deep = true;
    for (const auto& fault : Must(store->Verify(deep)).faults) {
      ADD_FAILURE() << fault.record_id << " " << fault.object << " " << fault.rule << ": "
                    << fault.message;
    }
    // A deleted record tells its history when it is created again.
    if (!store->GetRecord(kId)) {
      Must(store->CreateRecord(kId, SoilTable(1), By<CreateOptions>("the end")));
    }
    events_ = Must(store->History(kId));
    for (const auto& event : events_)
      by_id_[event.event_id] = event;
    for (const auto& call : calls_)
      mark_of_[call.event_id] = call.mark;
    Replay();
    for (const auto& call : calls_)
      CheckCall(call);
    CheckOrder();
    for (const auto& look : looks_)
      CheckLook(look);
  }

  void Replay() {
    State state;
    states_.push_back(state);
    for (const auto& event : events_) {
      const int64_t version = event.version.value_or(0);
      if (event.event_type == "create" || event.event_type == "update") {
        state.is_live = true;
        state.active = state.last = version;
        state.status[version] = Status::kDraft;
      }
      if (event.event_type == "approve") state.status[version] = Status::kApproved;
      if (event.event_type == "reject") state.status[version] = Status::kRejected;
      if (event.event_type == "rollback") state.active = version;
      if (event.event_type == "purge") state.purged.insert(version);
      if (event.event_type == "delete") {
        state.is_live = false;
        state.active = 0;
        state.deleted_through = state.last;
      }
      states_.push_back(state);
    }
  }

  void CheckCall(const Call& call) {
    const std::string type = TypeOf(call.kind);
    const auto found = by_id_.find(call.event_id);
    const bool is_there = found != by_id_.end();
    const std::string what = type + " " + call.event_id + " from step " +
                             std::to_string(call.begin) + " to " + std::to_string(call.end);
    if (is_there) {
      const bool is_refusal = found->second.event_type == type + "_refused";
      ASSERT_TRUE(found->second.event_type == type || is_refusal) << what;
      if (is_refusal) {
        ASSERT_TRUE(call.error) << what << " was refused, but is said to be done";
      }
    }
    if (call.died) return;
    if (!call.error) {
      const bool may_be_nothing =  // it was so already
          call.kind == Kind::kRollback || Erases(call.kind);
      ASSERT_TRUE(is_there || may_be_nothing) << what << " was acknowledged, and is lost";
      if (is_there && call.expected) {
        ASSERT_EQ(found->second.active_before, call.expected) << what;
      }
      return;
    }
    ASSERT_NE(*call.error, ErrorKind::kCorruption) << what;
    if (*call.error == ErrorKind::kOutcomeUnknown || !is_there) return;
    const bool may_be_there = found->second.event_type != type ||
                              (Erases(call.kind) && (*call.error == ErrorKind::kIo ||
                                                     *call.error == ErrorKind::kNotFound ||
                                                     *call.error == ErrorKind::kConflict));
    ASSERT_TRUE(may_be_there) << what << " is said to have failed (" << ErrorKindName(*call.error)
                              << "), but is there";
  }

  /// Whoever was answered before another one began comes before it.
  void CheckOrder() {
    for (const auto& one : calls_) {
      for (const auto& other : calls_) {
        if (one.error || one.died || one.end >= other.begin) continue;
        const auto first = by_id_.find(one.event_id);
        const auto second = by_id_.find(other.event_id);
        if (first == by_id_.end() || second == by_id_.end()) continue;
        ASSERT_LT(first->second.seq, second->second.seq);
      }
    }
  }

  /// It must be what the record was at some moment between its begin and its end.
  void CheckLook(const Look& look) {
    size_t from = 0, to = 0;
    for (const auto& call : calls_) {
      const auto found = by_id_.find(call.event_id);
      if (found == by_id_.end()) continue;
      const auto seq = static_cast<size_t>(found->second.seq);
      const bool is_acknowledged = !call.error && !call.died;
      if (is_acknowledged && call.end < look.begin) from = std::max(from, seq);
      if (call.begin < look.end) to = std::max(to, seq);
    }
    // `erased` events are nobody's call, but change nothing that is looked at here.
    to = std::max(to, from);
    if (look.error && look.error->kind != ErrorKind::kNotFound) {
      ASSERT_NE(look.error->kind, ErrorKind::kCorruption) << look.error->message;
      return;
    }
    for (size_t seq = from; seq <= to; ++seq)
      if (Explains(states_[seq], look)) return;
    ADD_FAILURE() << "nothing explains what was seen from step " << look.begin << " to " << look.end
                  << ": version " << look.version << ", mark " << look.mark << ", active "
                  << look.active << " of " << look.last << " "
                  << (look.error ? look.error->message : "") << " between events " << from
                  << " and " << to;
  }
  bool Explains(const State& state, const Look& look) {
    if (look.version == 0) {
      if (look.error) return !state.is_live;
      return state.is_live && state.active == look.active && state.last == look.last &&
             state.status.at(state.active) == look.status;
    }
    const bool is_there = state.is_live && look.version > state.deleted_through &&
                          look.version <= state.last && !state.purged.contains(look.version);
    if (look.error) return !is_there;
    return is_there && MarkAt(look.version) == look.mark;
  }
  int64_t MarkAt(int64_t version) {
    for (const auto& event : events_) {
      const bool makes = event.event_type == "create" || event.event_type == "update";
      if (makes && event.version == version) return mark_of_[event.event_id];
    }
    return -1;
  }

  Scheduler scheduler_;
  const std::shared_ptr<storage::Storage> storage_;
  std::vector<Host> hosts_ = std::vector<Host>(kHosts);
  // Written by the one thread that runs.
  std::vector<Call> calls_;
  std::vector<Look> looks_;
  int64_t marks_ = 10;
  std::vector<Event> events_;
  std::map<std::string, Event> by_id_;
  std::map<std::string, int64_t> mark_of_;
  std::vector<State> states_;  ///< by event; 0: before the first
};

/// Runs a simulation for each seed; a failing seed is printed and reproduces the failure.
inline void RunHosts(unsigned first, unsigned count) {
  for (unsigned seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    HostsSimulation(seed).Run();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace coreshed
