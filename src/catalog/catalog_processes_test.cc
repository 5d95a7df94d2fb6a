#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "catalog/catalog.h"
#include "catalog/sqlite.h"
#include "catalog/test_catalog_file.h"

/// Several processes, or other users, at one index file.
namespace coreshed::catalog {
namespace {

namespace fs = std::filesystem;

/// The thread sanitizer allows no threads in a forked process, and sees nothing between processes.
#ifdef __SANITIZE_THREAD__
constexpr bool kMayFork = false;
#else
constexpr bool kMayFork = true;
#endif

/// Run `body` in a process of its own. It ends with 0 if `body` gives true.
pid_t Fork(const std::function<bool()>& body) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  bool is_good = false;
  try {
    is_good = body();
  } catch (...) {
    is_good = false;
  }
  ::_exit(is_good && !testing::Test::HasFailure() ? 0 : 1);
}

bool EndsWell(pid_t child) {
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

using CatalogProcessesTest = CatalogFileTest;

TEST_F(CatalogProcessesTest, InAFolderThatIsReadOnly) {
  if (!kMayFork) GTEST_SKIP();
  fs::permissions(folder_.path(), fs::perms::all);  // so that nobody gets here
  fs::permissions(folder_.path() + "/cache", fs::perms(0555));
  fs::permissions(file_, fs::perms(0444));
  // Permissions mean nothing to root: another user tries.
  EXPECT_TRUE(EndsWell(Fork([&] {
    if (::geteuid() == 0 && ::setuid(65'534) != 0) return false;
    const auto catalog = store_.Open(file_);
    ExpectTruth(*catalog);
    const int loads = store_.TakeLoads();
    store_.Put("BH-7");
    ExpectTruth(*catalog);
    return loads == 0 && store_.TakeLoads() == 1;
  })));
  EXPECT_TRUE(EndsWell(Fork([&] {
    if (::geteuid() == 0 && ::setuid(65'534) != 0) return false;
    const auto catalog = store_.Open(folder_.path() + "/cache/another.sqlite");
    ExpectTruth(*catalog);
    return true;
  })));
  fs::permissions(folder_.path() + "/cache", fs::perms(0777));
}

TEST_F(CatalogProcessesTest, LockedByAnotherProcess) {
  std::array<int, 2> locked = {};
  std::array<int, 2> done = {};
  ASSERT_EQ(::pipe(locked.data()) + ::pipe(done.data()), 0);
  const pid_t other = Fork([&] {
    Database database;
    char byte = 0;
    return database.Open(file_, SQLITE_OPEN_READWRITE, 0) == SQLITE_OK &&
           database.Execute("BEGIN EXCLUSIVE") == SQLITE_OK && ::write(locked[1], "x", 1) == 1 &&
           ::read(done[0], &byte, 1) == 1;
  });
  char byte = 0;
  ASSERT_EQ(::read(locked[0], &byte, 1), 1);
  const auto catalog = store_.Open(file_);
  ExpectTruth(*catalog);
  EXPECT_EQ(store_.TakeLoads(), kRecords);
  ASSERT_EQ(::write(done[1], "x", 1), 1);
  EXPECT_TRUE(EndsWell(other));
  store_.Put("BH-7");
  ExpectTruth(*catalog);
  (void)store_.TakeLoads();
  ExpectTruth(*store_.Open(file_));  // what could not be written then was written now
  EXPECT_EQ(store_.TakeLoads(), 0);
}

/// A store in memory that several processes share: each record is but a number that grows.
class SharedStore final {
 public:
  static constexpr int kNumbers = 64;

  SharedStore() {
    void* memory =
        ::mmap(nullptr, sizeof(Numbers), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    numbers_ = new (memory) Numbers();
  }
  ~SharedStore() { ::munmap(numbers_, sizeof(Numbers)); }
  SharedStore(const SharedStore&) = delete;
  SharedStore& operator=(const SharedStore&) = delete;

  std::atomic<int64_t>& number(int i) { return (*numbers_)[static_cast<size_t>(i)]; }

  /// One process's part: changes, lists, and damages the file where `is_rough`.
  bool Work(const std::string& file, unsigned seed, bool is_rough) {
    std::mt19937 random(seed);
    const auto storage = std::make_shared<FakeStorage>();
    const LoadRecord load = [&](const std::string& id) -> Result<std::optional<RecordInfo>> {
      RecordInfo info = PlainRecord(id);
      info.rows = number(std::stoi(id));
      return std::optional(info);
    };
    auto catalog = Catalog::Open(storage, load, file);
    for (int round = 0; round < 150; ++round) {
      ++number(static_cast<int>(random() % kNumbers));
      if (random() % 5 == 0) catalog = Catalog::Open(storage, load, file);
      if (is_rough && random() % 10 == 0) fs::remove(file);
      if (is_rough && random() % 10 == 0) std::ofstream(file) << "garbage";
      for (int i = 0; i < kNumbers; ++i) {
        storage->stamps[std::to_string(i)] = std::to_string(number(i));
      }
      const auto infos = catalog->List({});
      if (!infos || infos->size() != kNumbers) return false;
      for (const RecordInfo& info : *infos) {
        if (info.rows < std::stoll(storage->stamps[info.record_id])) return false;
      }
    }
    return true;
  }

 private:
  using Numbers = std::array<std::atomic<int64_t>, kNumbers>;
  Numbers* numbers_;
};

TEST_F(CatalogProcessesTest, ManyProcessesAtOnce) {
  if (!kMayFork) GTEST_SKIP();
  for (const bool is_rough : {false, true}) {
    SharedStore shared;
    const std::string file = folder_.path() + "/shared.sqlite";
    std::vector<pid_t> children;
    for (unsigned seed = 0; seed < 4; ++seed) {
      children.push_back(Fork([&, seed] { return shared.Work(file, seed, is_rough); }));
    }
    for (const pid_t child : children)
      EXPECT_TRUE(EndsWell(child));
  }
}

}  // namespace
}  // namespace coreshed::catalog
