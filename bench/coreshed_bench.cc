// Coreshed's side of the benchmarks: one work a process, as bench/README.md ("The protocol") says.
//
//   bench_coreshed WORK FOLDER --data DIR [--OPTION VALUE …]

#include <arrow/api.h>
#include <coreshed/coreshed.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

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

void Create(Store& store, const std::string& id, const Table& table,
            std::map<std::string, std::string> attributes = {}) {
  CreateOptions options;
  options.actor = "bench";
  options.attributes = std::move(attributes);
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

Answer CommitSome(const Options& options) {
  const auto store = Open(options, false);
  const SmallTable small(options.data);
  Answer answer;
  for (int64_t i = 0; i < options.Number("commits"); ++i) {
    const Table table = small.Version(1'000'000 + i);
    answer.list["update_s"].push_back(Timed([&] { Update(*store, kRecord, table); }));
  }
  return answer;
}

Answer BigWrite(const Options& options) {
  const Table big = LoadIpc(options.data + "/big.arrow").table;
  const auto store = Open(options, true);
  Answer answer;
  answer.number["write_s"] = Timed([&] { Create(*store, kRecord, big); });
  answer.number["memory_bytes"] = static_cast<double>(MemoryBytes(*big));
  answer.number["disk_bytes"] = static_cast<double>(FolderBytes(options.folder));
  return answer;
}

Answer BigRead(const Options& options) {
  const auto store = Open(options, false);
  Answer answer;
  for (int64_t round = 0; round < options.Number("rounds"); ++round) {
    Table table;
    answer.list["read_s"].push_back(Timed([&] { table = Value(store->ReadTable(kRecord)); }));
    answer.number["rows"] = static_cast<double>(table->num_rows());
    answer.number["memory_bytes"] = static_cast<double>(MemoryBytes(*table));
  }
  return answer;
}

Answer BigUpdate(const Options& options) {
  Table big = LoadIpc(options.data + "/big.arrow").table;
  const auto store = Open(options, true);
  Answer answer;
  answer.number["create_s"] = Timed([&] { Create(*store, kRecord, big); });
  answer.number["first_bytes"] = static_cast<double>(FolderBytes(options.folder));
  const double begin = Now();
  for (const auto& edit : FilesLike(options.data, "big_edit_")) {
    if (Now() - begin > static_cast<double>(options.Number("seconds"))) break;
    big = ApplyEdit(big, LoadIpc(edit));
    answer.list["update_s"].push_back(Timed([&] { Update(*store, kRecord, big); }));
  }
  answer.number["disk_bytes"] = static_cast<double>(FolderBytes(options.folder));
  return answer;
}

Answer PartialUpdate(const Options& options) {
  const Table big = LoadIpc(options.data + "/big.arrow").table;
  const auto store = Open(options, true);
  Create(*store, kRecord, big);
  Answer answer;
  for (int64_t round = 0; round < options.Number("rounds"); ++round) {
    answer.list["fresh_read_s"].push_back(TimedRead(*store, kRecord, -1));
  }
  int64_t rows = big->num_rows();
  const double begin = Now();
  for (const auto& path : FilesLike(options.data, "big_edit_")) {
    if (Now() - begin > static_cast<double>(options.Number("seconds"))) break;
    const Table handed_in = LoadIpc(path).table->ReplaceSchemaMetadata(nullptr);
    WriteOptions write;
    write.actor = "bench";
    answer.list["update_s"].push_back(
        Timed([&] { (void)Value(store->UpsertRows(kRecord, handed_in, {"id"}, write)); }));
    rows += handed_in->num_rows() / 2;  // the other half was there
  }
  for (int64_t round = 0; round < options.Number("rounds"); ++round) {
    Table table;
    answer.list["read_s"].push_back(Timed([&] { table = Value(store->ReadTable(kRecord)); }));
    Require(table->num_rows() == rows, "rows are missing");
  }
  answer.number["disk_bytes"] = static_cast<double>(FolderBytes(options.folder));
  return answer;
}

/// Ten reads of the latest version and of version 5, in turn.
void SampleReads(Store& store, const std::string& id, int64_t latest, const std::string& age,
                 Answer* answer) {
  for (int i = 0; i < 10; ++i) {
    answer->list[age + "_latest_s"].push_back(TimedRead(store, id, latest));
    answer->list[age + "_v5_s"].push_back(TimedRead(store, id + "@v5", 5));
  }
}

Answer ManyVersions(const Options& options) {
  const auto store = Open(options, true);
  const SmallTable small(options.data);
  Create(*store, "old", small.Version(1));
  int64_t old = 1;
  const double begin = Now();
  while (old < options.Number("versions") &&
         Now() - begin < static_cast<double>(options.Number("seconds"))) {
    Update(*store, "old", small.Version(++old));
  }
  Answer answer;
  for (int round = 0; round < 5; ++round) {
    const std::string young = "young-" + std::to_string(round);
    Create(*store, young, small.Version(1));
    for (int64_t v = 2; v <= 15; ++v) {
      const Table table = small.Version(v);
      const double seconds = Timed([&] { Update(*store, young, table); });
      if (v > 5) answer.list["young_commit_s"].push_back(seconds);
    }
    SampleReads(*store, young, 15, "young", &answer);
    for (int i = 0; i < 10; ++i) {
      const Table table = small.Version(++old);
      answer.list["old_commit_s"].push_back(Timed([&] { Update(*store, "old", table); }));
    }
    SampleReads(*store, "old", old, "old", &answer);
  }
  answer.number["old_versions"] = static_cast<double>(old);
  return answer;
}

Answer Contend(const Options& options) {
  const auto store = Open(options, false);
  const SmallTable small(options.data);
  std::printf("ready\n");
  std::fflush(stdout);
  (void)std::getchar();
  Answer answer;
  answer.number["begin_unix_s"] = WallClock();
  answer.list["acknowledged"] = {};
  const double begin = Now();
  double conflicts = 0;
  for (int64_t i = 1; i <= options.Number("updates"); ++i) {
    const int64_t mark = options.Number("worker") * 1'000'000 + i;
    const Table table = small.Version(mark);
    bool done = false;
    while (!done && Now() - begin < static_cast<double>(options.Number("seconds"))) {
      WriteOptions write;
      write.actor = "bench";
      auto updated = store->UpdateRecord(kRecord, table, write);
      done = updated.has_value();
      if (!done && updated.error().kind != coreshed::ErrorKind::kConflict) Value(updated);
      conflicts += done ? 0 : 1;
    }
    if (done) answer.list["acknowledged"].push_back(static_cast<double>(mark));
  }
  answer.number["conflicts"] = conflicts;
  answer.number["end_unix_s"] = WallClock();
  return answer;
}

Answer ContendCheck(const Options& options) {
  const auto store = Open(options, false);
  Answer answer;
  answer.list["marks"] = {};
  double unreadable = 0;
  const int64_t last = Value(store->GetRecord(kRecord)).versions;
  for (int64_t v = 1; v <= last; ++v) {
    auto table = store->ReadTable(std::string(kRecord) + "@v" + std::to_string(v));
    unreadable += table ? 0 : 1;
    if (table) answer.list["marks"].push_back(static_cast<double>(MarkOf(**table)));
  }
  answer.number["unreadable"] = unreadable;
  return answer;
}

std::string RecordId(int64_t n) {
  char text[16];
  std::snprintf(text, sizeof text, "BH-%06d", static_cast<int>(n));
  return text;
}

std::string ProjectId(int64_t n) {
  char text[16];
  std::snprintf(text, sizeof text, "P%03d", static_cast<int>(n % 100));
  return text;
}

Answer ManyRecords(const Options& options) {
  const auto store = Open(options, true);
  const SmallTable small(options.data);
  double seconds = 0;
  for (int64_t n = 0; n < options.Number("records"); ++n) {
    const Table table = small.Version(n + 1);
    seconds += Timed([&] { Create(*store, RecordId(n), table, {{"project_id", ProjectId(n)}}); });
  }
  Answer answer;
  answer.number["create_s"] = seconds;
  answer.number["records"] = static_cast<double>(options.Number("records"));
  return answer;
}

/// In bulk: a thousand at a time.
Answer CreateMany(const Options& options) {
  const auto store = Open(options, true);
  const SmallTable small(options.data);
  const int64_t records = options.Number("records");
  Answer answer;
  double seconds = 0;
  for (int64_t first = 0; first < records; first += 1000) {
    std::vector<coreshed::RecordData> items;
    for (int64_t n = first; n < std::min(records, first + 1000); ++n) {
      CreateOptions create;
      create.actor = "bench";
      items.push_back({RecordId(n), small.Version(n + 1), create});
    }
    seconds += Timed([&] {
      for (auto& result : store->CreateMany(items))
        (void)Value(std::move(result));
    });
  }
  answer.number["create_s"] = seconds;
  answer.number["records"] = static_cast<double>(records);
  return answer;
}

Answer ManyRecordsRead(const Options& options) {
  const auto store = Open(options, false);
  const int64_t records = options.Number("records");
  const int64_t rounds = options.Number("rounds");
  coreshed::ListOptions list;
  list.attributes = {{"project_id", "P042"}};
  int64_t expected = 0;
  for (int64_t n = 0; n < records; ++n)
    expected += n % 100 == 42 ? 1 : 0;
  Answer answer;
  for (int64_t k = 0; k < rounds; ++k) {
    const int64_t n = records * k / rounds;
    answer.list["open_s"].push_back(TimedRead(*store, RecordId(n), n + 1));
    if (k < 3) {
      std::vector<coreshed::RecordInfo> found;
      answer.list["list_s"].push_back(Timed([&] { found = Value(store->ListRecords(list)); }));
      Require(static_cast<int64_t>(found.size()) == expected, "the list is not complete");
    }
    const auto version = Value(store->Versions(RecordId(n))).front();
    std::vector<coreshed::ContentMatch> matches;
    answer.list["find_s"].push_back(
        Timed([&] { matches = Value(store->FindByContentHash(version.duplicate_hash)); }));
    Require(matches.size() == 1 && matches[0].record_id == RecordId(n), "found another record");
  }
  return answer;
}

/// Many workers at once, each with records of its own, on one open store.
Answer ManyWriters(const Options& options) {
  const auto store = Open(options, true);
  const SmallTable small(options.data);
  const int64_t workers = options.Number("workers");
  const int64_t records = options.Number("records");
  std::mutex mutex;
  std::string failure;
  Answer answer;
  answer.number["create_s"] = Timed([&] {
    std::vector<std::jthread> threads;
    for (int64_t worker = 0; worker < workers; ++worker) {
      threads.emplace_back([&, worker] {
        try {
          for (int64_t i = 0; i < records; ++i) {
            const int64_t n = worker * records + i;
            Create(*store, RecordId(n), small.Version(n + 1));
          }
        } catch (const std::exception& reason) {
          const std::lock_guard lock(mutex);
          failure = reason.what();
        }
      });
    }
  });
  Require(failure.empty(), failure);
  std::vector<coreshed::RecordInfo> found;
  answer.number["list_s"] = Timed([&] { found = Value(store->ListRecords({})); });
  answer.number["records_there"] = static_cast<double>(found.size());
  return answer;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
  const std::map<std::string, std::function<bench::Answer(const bench::Options&)>> works = {
      {"small_update", bench::SmallUpdate},
      {"prepare", bench::Prepare},
      {"small_read", bench::SmallRead},
      {"cold_read", bench::ColdRead},
      {"commit", bench::CommitSome},
      {"big_write", bench::BigWrite},
      {"big_read", bench::BigRead},
      {"big_update", bench::BigUpdate},
      {"partial_update", bench::PartialUpdate},
      {"many_versions", bench::ManyVersions},
      {"contend", bench::Contend},
      {"contend_check", bench::ContendCheck},
      {"many_records", bench::ManyRecords},
      {"many_writers", bench::ManyWriters},
      {"create_many", bench::CreateMany},
      {"many_records_read", bench::ManyRecordsRead}};
  const bench::Options options = bench::ParseOptions(argc, argv);
  const auto work = works.find(options.work);
  bench::Require(work != works.end(), "there is no work '" + options.work + "'");
  bench::Print(options.work, work->second(options));
  return 0;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
