#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/result.h"
#include "commit/annotate.h"
#include "legacy/find_records.h"
#include "legacy/plan.h"
#include "store/even_progress.h"
#include "store/import_run.h"
#include "store/side_by_side.h"
#include "store/store_impl.h"

/// Import of older stores (spec/import.md): all records of a folder. One record: import_record.cc.
namespace coreshed::store {
namespace {

/// Half of the time they read, half of it they wait for a disk or a server.
constexpr size_t kWorkers = 8;

/// The ids that two records of the folder have: which of them is right, nobody knows.
Result<std::set<std::string>> IdsTwice(const ImportRun& run,
                                       const std::vector<legacy::FoundRecord>& records) {
  std::set<std::string> once, twice;
  for (const auto& found : records) {
    if (run.options.stop.stop_requested()) break;
    const auto record = legacy::ReadRecord(*run.folder, found, run.now_us);
    if (record && !once.insert(record->id).second) twice.insert(record->id);
  }
  return twice;
}

Error Stopped() {
  return Error{ErrorKind::kCancelled,
               "Stopped: not every record was imported. The same import, made again, goes on."};
}

/// The disk is full, or nobody answers: that is not asked again for each of the others.
bool IsOfStore(const Error& error) {
  return error.kind == ErrorKind::kIo || error.kind == ErrorKind::kCancelled;
}

void Add(OneImport& one, const legacy::FoundRecord& found, ImportReport* report) {
  ++report->records;
  report->versions += one.versions;
  report->events += one.events;
  if (one.fault) {
    const std::string id = one.record_id.empty() ? found.stem : one.record_id;
    report->faults.push_back({id, found.json, "import", one.fault->message});
  } else if (one.events > 0) {
    ++report->imported;
  } else {
    ++report->unchanged;
  }
  for (const auto& note : one.notes)
    report->notes.push_back("'" + one.record_id + "': " + note);
}

}  // namespace

Result<ImportReport> StoreImpl::Import(const std::string& folder, const ImportOptions& options) {
  if (options.actor.empty()) {
    return Error{ErrorKind::kInvalidArgument, "Who imports this? The actor is empty."};
  }
  CORESHED_TRY(commit::CheckText("The actor", options.actor, commit::kActorBytesMax));
  ImportRun run{options};
  CORESHED_ASSIGN(run.folder, legacy::OldFolder::Open(folder));
  CORESHED_ASSIGN(run.settings, ReadSettings());
  CORESHED_ASSIGN(run.now_us, storage_->NowMicros());
  CORESHED_ASSIGN(const auto found, legacy::FindRecords(*run.folder));
  CORESHED_ASSIGN(run.ids_twice, IdsTwice(run, found.records));

  std::vector<OneImport> results(found.records.size());
  std::optional<Error> failed;
  size_t done = 0;
  std::mutex mutex;  // guards the two
  EvenProgress progress(options.progress);
  SideBySide(nullptr, kWorkers, found.records.size(), [&](size_t i) {
    if (options.stop.stop_requested()) return false;
    OneImport& one = results[i];
    try {
      if (auto imported = ImportRecord(run, found.records[i], &one); !imported)
        one.fault = std::move(imported).error();
    } catch (const std::exception& error) {
      one.fault = Error{ErrorKind::kIo, std::string("out of memory or worse: ") + error.what()};
    }
    const std::lock_guard lock(mutex);
    if (one.fault && IsOfStore(*one.fault)) failed = *one.fault;
    ++done;
    const auto share = static_cast<double>(done) / static_cast<double>(found.records.size());
    progress.Tell("import", share, one.record_id);
    return !failed;
  });
  if (!failed && done < found.records.size()) failed = Stopped();
  if (failed && failed->kind == ErrorKind::kCancelled) failed = Stopped();
  progress.End(failed ? failed->message : "");
  if (failed) return std::move(*failed);
  ImportReport report;
  report.faults = found.faults;
  report.notes = found.notes;
  for (size_t i = 0; i < results.size(); ++i)
    Add(results[i], found.records[i], &report);
  return report;
}

}  // namespace coreshed::store
