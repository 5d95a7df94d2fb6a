// Some of the works from C++, one a process, as bench/README.md ("The protocol") says: beside the
// same from Python they show what that costs.
//
//   bench_coreshed WORK FOLDER --data DIR [--OPTION VALUE …]

#include <arrow/api.h>
#include <coreshed/coreshed.h>

#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>

#include "bench_support.h"

namespace bench {
namespace {

using coreshed::CreateOptions;
using coreshed::OpenOptions;
using coreshed::Store;
using coreshed::WriteOptions;

constexpr const char* kRecord = "BH-7";

std::shared_ptr<Store> Open(const Options& options, bool create, bool keep_tables = false) {
  OpenOptions open;
  open.create = create;
  if (!keep_tables) open.cache_bytes = 0;
  return Value(Store::Open(options.folder, open));
}

void Create(Store& store, const std::string& id, const Table& table) {
  CreateOptions options;
  options.actor = "bench";
  (void)Value(store.CreateRecord(id, table, options));
}

void Update(Store& store, const std::string& id, const Table& table) {
  WriteOptions options;
  options.actor = "bench";
  (void)Value(store.UpdateRecord(id, table, options));
}

double TimedRead(Store& store, const std::string& ref, int64_t mark) {
  Table table;
  const double seconds = Timed([&] { table = Value(store.ReadTable(ref)); });
  Require(mark < 0 || MarkOf(*table) == mark, "read another version than " + ref);
  return seconds;
}

Answer SmallUpdate(const Options& options) {
  const auto store = Open(options, true);
  const SmallTable small(options.data);
  Answer answer;
  answer.number["create_s"] = Timed([&] { Create(*store, kRecord, small.Version(1)); });
  for (int64_t v = 2; v <= options.Number("versions"); ++v) {
    const Table table = small.Version(v);
    answer.list["update_s"].push_back(Timed([&] { Update(*store, kRecord, table); }));
  }
  return answer;
}

Answer Prepare(const Options& options) {
  const auto store = Open(options, true);
  const SmallTable small(options.data);
  const int64_t versions = options.Number("versions");
  Create(*store, kRecord, small.Version(1));
  for (int64_t v = 2; v <= versions; ++v)
    Update(*store, kRecord, small.Version(v));
  Answer answer;
  answer.number["record_versions"] = static_cast<double>(versions);
  return answer;
}

Answer SmallRead(const Options& options) {
  const auto store = Open(options, false);
  const auto keeping = Open(options, false, true);
  const int64_t latest = options.Number("versions");
  const std::string id = kRecord;
  (void)TimedRead(*keeping, id + "@v50", 50);
  Answer answer;
  for (int64_t round = 0; round < options.Number("rounds"); ++round) {
    answer.list["latest_s"].push_back(TimedRead(*store, id, latest));
    answer.list["v50_s"].push_back(TimedRead(*store, id + "@v50", 50));
    answer.list["again_s"].push_back(TimedRead(*keeping, id + "@v50", 50));
  }
  return answer;
}

Answer ColdRead(const Options& options) {
  Answer answer;
  Table table;
  answer.number["open_read_s"] = Timed([&] {
    const auto store = Open(options, false);
    table = Value(store->ReadTable(kRecord));
  });
  Require(MarkOf(*table) == options.Number("versions"), "read another version than the latest");
  return answer;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
  const std::map<std::string, std::function<bench::Answer(const bench::Options&)>> works = {
      {"small_update", bench::SmallUpdate},
      {"prepare", bench::Prepare},
      {"small_read", bench::SmallRead},
      {"cold_read", bench::ColdRead}};
  const bench::Options options = bench::ParseOptions(argc, argv);
  const auto work = works.find(options.work);
  bench::Require(work != works.end(), "there is no work '" + options.work + "'");
  bench::Print(options.work, work->second(options));
  return 0;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
