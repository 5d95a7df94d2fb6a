// Many processes update the same records at once through the library: no acknowledged version is
// lost or there twice, whoever waits and whoever loses a race.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/result_checks.h"
#include "support/tables.h"
#include "support/temp_folder.h"

namespace coreshed {
namespace {

/// The thread sanitizer allows no threads in a forked process, and sees nothing between processes.
#ifdef __SANITIZE_THREAD__
constexpr bool kMayFork = false;
#else
constexpr bool kMayFork = true;
#endif

constexpr int kProcesses = 8;
constexpr int kUpdatesEach = 200;

/// Run `body` in a process of its own, which ends with 0 if nothing failed there. No store is open
/// here meanwhile: what it holds (threads among it) does not live on in a forked process.
pid_t Fork(const std::function<void()>& body) {
  (void)std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  bool is_good = false;
  try {
    body();
    is_good = !testing::Test::HasFailure();
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "process %d: %s\n", ::getpid(), error.what());
  }
  (void)std::fflush(nullptr);
  ::_exit(is_good ? 0 : 1);
}

bool EndsWell(pid_t child) {
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class ContentionTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!kMayFork) GTEST_SKIP() << "no threads in a forked process under the thread sanitizer";
  }

  std::shared_ptr<Store> Open(bool create = false) const {
    OpenOptions options;
    options.create = create;
    options.threads = 1;
    options.timeout = std::chrono::seconds(100);
    return Must(Store::Open(folder_.path() + "/store", options));
  }

  static std::string RecordId(int64_t number) { return "BH-" + std::to_string(number); }

  /// Each process updates one record after the other, beginning elsewhere than its neighbours do.
  static int64_t RecordOf(int process, int update, int records) {
    return (process * 7 + update) % records;
  }

  /// No two updates have the same mark, and none that of a record's first version, which is 0.
  static int64_t MarkOfUpdate(int process, int update) {
    return 1 + process * kUpdatesEach + update;
  }

  void MakeRecords(int records) {
    ASSERT_TRUE(EndsWell(Fork([&] {
      const auto store = Open(/*create=*/true);
      for (int record = 0; record < records; ++record) {
        Must(store->CreateRecord(RecordId(record), SoilTable(0), By<CreateOptions>("a.meier")));
      }
    })));
  }

  /// All processes at once; every update must be acknowledged, with a version higher than the last
  /// one of this process in that record.
  void UpdateAtOnce(int records) {
    std::vector<pid_t> children;
    for (int process = 0; process < kProcesses; ++process) {
      children.push_back(Fork([&] {
        const auto store = Open();
        std::map<int64_t, int64_t> newest;
        for (int update = 0; update < kUpdatesEach; ++update) {
          const int64_t record = RecordOf(process, update, records);
          const auto version = Must(store->UpdateRecord(
              RecordId(record), SoilTable(MarkOfUpdate(process, update)),
              By<WriteOptions>("process " + std::to_string(process), std::to_string(update))));
          ASSERT_GT(version.version, newest[record]);
          newest[record] = version.version;
        }
      }));
    }
    for (const pid_t child : children)
      EXPECT_TRUE(EndsWell(child));
  }

  /// The marks of a record's versions, which must be dense, with the newest one active.
  std::vector<int64_t> MarksOf(Store& store, const std::string& record_id) {
    std::vector<int64_t> marks;
    for (const auto& version : Must(store.Versions(record_id))) {
      EXPECT_EQ(version.version, static_cast<int64_t>(marks.size()) + 1);
      const std::string ref = record_id + "@v" + std::to_string(version.version);
      const auto table = Must(store.ReadTable(ref));
      marks.push_back(MarkOf(*table));
      EXPECT_TRUE(table->Equals(*SoilTable(marks.back()))) << ref;
    }
    EXPECT_EQ(Must(store.GetRecord(record_id)).current_version, static_cast<int64_t>(marks.size()));
    EXPECT_EQ(Must(store.History(record_id)).size(), marks.size());
    return marks;
  }

  void ExpectAllIsThere(int records) {
    std::map<int64_t, std::vector<int64_t>> wanted;
    for (int record = 0; record < records; ++record)
      wanted[record] = {0};
    for (int process = 0; process < kProcesses; ++process) {
      for (int update = 0; update < kUpdatesEach; ++update) {
        wanted[RecordOf(process, update, records)].push_back(MarkOfUpdate(process, update));
      }
    }
    const auto store = Open();
    for (auto& [record, marks] : wanted) {
      auto found = MarksOf(*store, RecordId(record));
      std::sort(found.begin(), found.end());
      std::sort(marks.begin(), marks.end());
      EXPECT_EQ(found, marks) << RecordId(record);
    }
    EXPECT_EQ(Must(store->ListRecords()).size(), static_cast<size_t>(records));
    VerifyOptions options;
    options.deep = true;
    const auto report = Must(store->Verify(options));
    for (const auto& fault : report.faults)
      ADD_FAILURE() << fault.rule << ": " << fault.message;
  }

  void Run(int records) {
    MakeRecords(records);
    if (HasFatalFailure()) return;
    UpdateAtOnce(records);
    ExpectAllIsThere(records);
  }

  const TempFolder folder_{TempFolder::Where::kMemory};
};

TEST_F(ContentionTest, ManyProcessesUpdateOneRecord) {
  Run(1);
}

TEST_F(ContentionTest, ManyProcessesUpdateFiftyRecords) {
  Run(50);
}

}  // namespace
}  // namespace coreshed
