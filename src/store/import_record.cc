#include <arrow/record_batch.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/paths.h"
#include "base/result.h"
#include "commit/review.h"
#include "commit/rollback.h"
#include "legacy/old_tables.h"
#include "legacy/plan.h"
#include "store/import_run.h"
#include "store/imported_operation.h"
#include "store/same_rows.h"
#include "store/store_impl.h"
#include "store/stored_columns.h"

/// Import of one record of an older store (spec/import.md).
namespace coreshed::store {
namespace {

OpenFileOptions ReadingOf(const ImportRun& run) {
  OpenFileOptions reading;
  reading.limits = run.settings.limits;
  reading.stop = run.options.stop;
  return reading;
}

/// All files once, to their end: a record is not begun that can't be finished.
Result<void> CheckFiles(const ImportRun& run, const legacy::Plan& plan, OneImport* one) {
  std::map<int64_t, legacy::Schemas> schemas;
  for (const auto& step : plan.steps) {
    if (step.kind != legacy::Step::Kind::kWrite) continue;
    CORESHED_ASSIGN(auto tables, legacy::OpenTables(*run.folder, plan.tables.at(step.version),
                                                    schemas[step.active_before], ReadingOf(run)));
    std::move(tables.warnings.begin(), tables.warnings.end(), std::back_inserter(one->notes));
    CORESHED_ASSIGN(schemas[step.version], legacy::CheckTables(std::move(tables)));
  }
  return {};
}

Error AnotherRecord(const legacy::Plan& plan, size_t same, bool is_deleted) {
  std::string message = "There is a record '" + plan.record_id + "' already, ";
  if (is_deleted) message = "There was a record '" + plan.record_id + "', which was deleted, ";
  if (same == 0) {
    message += "which did not come from this import. Choose another store for one of them.";
  } else {
    message += "of which " + std::to_string(same) +
               " events came from this import; after them it went its own way, and so did the "
               "older one. Nothing was changed.";
  }
  return Error{ErrorKind::kAlreadyExists, std::move(message)};
}

}  // namespace

/// How many of the steps the record has already: it must have come from this import, or not be
/// there.
Result<size_t> StoreImpl::StepsDone(const legacy::Plan& plan) {
  return commit::ReadAgain([&](std::string* commit_id) -> Result<size_t> {
    CORESHED_ASSIGN(const auto base, documents_.Read(plan.record_id));
    if (!base) return size_t{0};
    const auto& document = *base->document;
    *commit_id = document.commit_id;
    size_t same = 0;
    CORESHED_TRY(commit::EachEvent(
        document, 0, pages_, [&](const commit::StoredEvent& event) -> Result<bool> {
          const bool is_same =
              same < plan.steps.size() && event.event_id == plan.steps[same].event_id;
          same += is_same ? 1 : 0;
          return is_same;
        }));
    const bool is_deleted = document.state == commit::RecordState::kDeleted;
    if (same == plan.steps.size()) return same;
    if (static_cast<int64_t>(same) == document.head_seq && !is_deleted) return same;
    return AnotherRecord(plan, same, is_deleted);
  });
}

/// The columns of a version here; nothing where there is none.
Result<legacy::Schemas> StoreImpl::SchemasHere(const commit::RecordDocument& document,
                                               int64_t version) {
  legacy::Schemas schemas;
  if (version == 0) return schemas;
  CORESHED_ASSIGN(const auto found, commit::FindVersion(document, version, pages_));
  if (!found || found->entry->purged) return schemas;
  for (const auto& [name, table] : found->entry->tables) {
    CORESHED_ASSIGN(schemas[name], SchemaOf(table, found->schemas));
  }
  return schemas;
}

Result<void> StoreImpl::CommitStep(const ImportRun& run, const legacy::Plan& plan, size_t index,
                                   const EventOptions& by, commit::Operation& operation) {
  const auto& step = plan.steps[index];
  ImportedOperation imported(operation, step, static_cast<int64_t>(index) + 1, run.options.actor);
  auto context = CommitContext();
  if (!step.as_of.empty()) context.as_of = step.as_of;
  CORESHED_TRY(commit::Commit(context, plan.record_id, by, imported));
  return {};
}

/// A version: whatever changed in its columns, and whether it has rows, it has happened.
Result<void> StoreImpl::WriteStep(const ImportRun& run, const legacy::Plan& plan, size_t index,
                                  const EventOptions& by) {
  const auto& step = plan.steps[index];
  CORESHED_ASSIGN(const auto base, documents_.Read(plan.record_id));
  legacy::Schemas like;
  if (base) {
    CORESHED_ASSIGN(like, SchemasHere(*base->document, step.active_before));
  }
  CORESHED_ASSIGN(auto tables, legacy::OpenTables(*run.folder, plan.tables.at(step.version), like,
                                                  ReadingOf(run)));
  CreateOptions writing;
  static_cast<EventOptions&>(writing) = by;
  writing.name = plan.name;
  if (step.active_before == 0) writing.attributes = plan.attributes;
  writing.source = tables.source;
  writing.drift_policy = DriftPolicy::kAllow;
  writing.allow_empty = true;
  UploadChoice choice{/*overwrite=*/true, /*as_new_version=*/true};
  if (run.settings.keep_sources) choice.file = tables.file;
  auto kind = step.active_before == 0 ? WriteKind::kCreate : WriteKind::kUpdate;
  if (step.is_upload) kind = WriteKind::kUpload;
  auto context = WriteContextFor(run.settings);
  context.threads = 1;  // others have the other processors
  const Data data(std::move(tables.tables));
  WriteOperation operation(kind, data, writing, std::move(context), {}, std::move(choice));
  CORESHED_TRY(operation.ReadAhead());
  return CommitStep(run, plan, index, writing, operation);
}

Result<void> StoreImpl::RunStep(const ImportRun& run, const legacy::Plan& plan, size_t index) {
  const auto& step = plan.steps[index];
  EventOptions by;
  by.actor = step.actor.empty() ? run.options.actor : step.actor;
  by.comment = step.comment;
  by.event_id = step.event_id;
  by.stop = run.options.stop;
  if (step.kind == legacy::Step::Kind::kWrite) return WriteStep(run, plan, index, by);
  if (step.kind == legacy::Step::Kind::kRollback) {
    RollbackOptions back;
    static_cast<EventOptions&>(back) = by;
    back.allow_rejected = true;
    // Its data were written by this import, and will be read and compared.
    commit::RollbackOperation operation(step.version, back, pages_,
                                        [](const auto&) { return Result<void>(); });
    return CommitStep(run, plan, index, back, operation);
  }
  ReviewOptions review;
  static_cast<EventOptions&>(review) = by;
  review.version = step.version;
  const bool approves = step.kind == legacy::Step::Kind::kApprove;
  commit::ReviewOperation operation(approves ? Status::kApproved : Status::kRejected, review,
                                    commit::ReviewRules{}, pages_);
  return CommitStep(run, plan, index, review, operation);
}

/// Whether a version here is what the older files hold.
Result<void> StoreImpl::CompareStep(const ImportRun& run, const legacy::Plan& plan,
                                    const legacy::Step& step, const commit::Base& base) {
  const auto& document = *base.document;
  CORESHED_ASSIGN(const auto found, commit::FindVersion(document, step.version, pages_));
  const bool is_there = found && !found->entry->purged && step.version > document.deleted_through;
  if (!is_there) return {};
  CORESHED_ASSIGN(auto like, SchemasHere(document, step.active_before));
  if (like.empty() && step.active_before != 0) {  // it was purged since
    CORESHED_ASSIGN(like, SchemasHere(document, step.version));
  }
  CORESHED_ASSIGN(const auto old, legacy::OpenTables(*run.folder, plan.tables.at(step.version),
                                                     like, ReadingOf(run)));
  const auto& tables = found->entry->tables;
  const auto differs = [&](const std::string& how) {
    return Error{ErrorKind::kCorruption, "Version " + std::to_string(step.version) + " of '" +
                                             plan.record_id +
                                             "' is not what the older files hold: " + how + "."};
  };
  if (tables.size() != old.tables.size()) return differs("it has other tables");
  for (const auto& table : old.tables) {
    // The only table of an upload is called as the one before it was.
    const auto here = tables.size() == 1 ? tables.begin() : tables.find(table.name);
    if (here == tables.end()) return differs("there is no table '" + table.name + "'");
    parts::ReadRequest request;
    request.parts = &here->second.parts;
    request.record_prefix = paths::RecordFolder(plan.record_id);
    CORESHED_ASSIGN(request.schema, SchemaOf(here->second, found->schemas));
    request.memory_bytes = options_.memory_bytes;
    CORESHED_ASSIGN(const auto rows, parts::ReadStream(request, storage_));
    CORESHED_ASSIGN(const auto how, FindDifference(*rows, *table.reader, run.options.stop));
    if (!how.empty()) return differs("table '" + here->first + "': " + how);
  }
  return {};
}

Result<void> StoreImpl::ImportRecord(const ImportRun& run, const legacy::FoundRecord& found,
                                     OneImport* one) {
  CORESHED_ASSIGN(const auto plan, legacy::MakePlan(*run.folder, found, run.now_us));
  one->record_id = plan.record_id;
  one->notes = plan.notes;
  if (run.ids_twice.contains(plan.record_id)) {
    return legacy::BadRecord("Two records of the folder have the id '" + plan.record_id + "'.");
  }
  CORESHED_ASSIGN(size_t index, StepsDone(plan));
  if (index < plan.steps.size()) CORESHED_TRY(CheckFiles(run, plan, one));
  for (; index < plan.steps.size(); ++index) {
    CORESHED_TRY(RunStep(run, plan, index));
    ++one->events;
    if (plan.steps[index].kind == legacy::Step::Kind::kWrite) ++one->versions;
  }
  return commit::ReadAgain([&](std::string* commit_id) -> Result<void> {
    CORESHED_ASSIGN(const auto base, documents_.Read(plan.record_id));
    if (!base) return commit::NoSuchRecord(plan.record_id);
    *commit_id = base->document->commit_id;
    for (const auto& step : plan.steps) {
      if (step.kind != legacy::Step::Kind::kWrite) continue;
      CORESHED_TRY(CompareStep(run, plan, step, *base));
    }
    return {};
  });
}

}  // namespace coreshed::store
