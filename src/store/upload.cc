#include <coreshed/content.h>
#include <coreshed/upload.h>

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <utility>

#include "base/arrow_error.h"
#include "base/missing.h"
#include "base/paths.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/text.h"
#include "commit/annotate.h"
#include "commit/rollback.h"
#include "sources/file_name.h"
#include "sources/opened.h"
#include "store/dataset_name.h"
#include "store/even_progress.h"
#include "store/held.h"
#include "store/kept_file.h"
#include "store/store_impl.h"
#include "store/stored_columns.h"

namespace coreshed {

std::string UploadOutcomeName(UploadOutcome outcome) {
  switch (outcome) {
    case UploadOutcome::kCreated:
      return "created";
    case UploadOutcome::kNewVersion:
      return "new_version";
    case UploadOutcome::kUnchanged:
      return "unchanged";
    case UploadOutcome::kReactivated:
      return "reactivated";
  }
  return "";
}

namespace store {
namespace {

/// How often an upload is begun again because the older version that has its content was purged or
/// rejected meanwhile.
constexpr int kTries = 3;

/// Reading the file is the larger part of the work.
constexpr double kReadShare = 0.5;

std::string StemOfUpload(const FileInput& input) {
  return sources::StemOf(sources::NameOf(input));
}

/// Cells come as they are written, so that what is rejected can be told as it stands there.
Result<void> ReadAsCells(const SchemaDefinition& schema, OpenFileOptions* reading) {
  CORESHED_ASSIGN(auto types, TypesOf(schema));
  for (auto& [name, type] : reading->types)
    types[name] = type;
  reading->types = std::move(types);
  reading->as_cells = true;
  return {};
}

Result<void> ReadFor(const std::optional<NamedSchema>& schema, const UploadOptions& options,
                     OpenFileOptions* reading) {
  if (schema) return ReadAsCells(schema->definition, reading);
  if (options.on_invalid == OnInvalid::kRefuse) return {};
  return Error{ErrorKind::kInvalidArgument,
               "There is no schema to split the rows by: name one (--schema, schema), or leave "
               "splitting out (--split, on_invalid)."};
}

UploadOutcome OutcomeOf(const std::string& event_type) {
  if (event_type == "rollback") return UploadOutcome::kReactivated;
  return event_type == "upload" ? UploadOutcome::kCreated : UploadOutcome::kNewVersion;
}

void WarnOf(const std::vector<ContentMatch>& duplicates, std::vector<std::string>* warnings) {
  for (const auto& match : duplicates) {
    warnings->push_back("the same content is version " + std::to_string(match.version) + " of '" +
                        match.record_id + "'" + (match.active ? ", its active one" : ""));
  }
}

}  // namespace

/// What an upload is read like, where its dataset is there.
Result<StoreImpl::Expected> StoreImpl::ExpectedOf(const std::string& record_id,
                                                  const UploadOptions& options) {
  Expected expected;
  CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
  expected.is_there = base && base->document->state == commit::RecordState::kLive;
  if (!expected.is_there || !options.overwrite) return expected;
  const auto& document = *base->document;
  for (const auto& [name, table] : document.Active()->tables) {
    CORESHED_ASSIGN(const auto schema, SchemaOf(table, document.schemas));
    expected.like[name] = Renamed(*schema, options.renames);
  }
  return expected;
}

Result<UploadResult> StoreImpl::SaveUpload(const FileInput& input, const UploadOptions& options) {
  EvenProgress progress(options.progress);
  auto result = [&]() -> Result<UploadResult> {
    progress.Tell("read", 0, "");
    for (int tries = 1;; ++tries) {
      bool again = false;
      auto done = UploadOnce(input, options, progress, &again);
      if (done || !again || tries == kTries) return done;
    }
  }();
  progress.End(result ? "" : result.error().message);
  return result;
}

Result<UploadResult> StoreImpl::UploadOnce(const FileInput& input, const UploadOptions& options,
                                           EvenProgress& progress, bool* again) {
  CORESHED_ASSIGN(const auto settings, ReadSettings());
  CORESHED_ASSIGN(const std::string name, UploadName(input, options.dataset_name));
  const std::string id = DatasetId(name);
  OpenFileOptions reading = options.reading;
  reading.stop = options.stop;
  reading.limits = settings.limits;
  reading.progress = [&](const std::string& phase, double fraction, const std::string& message) {
    progress.Tell(phase, fraction * kReadShare, message);
  };
  CORESHED_TRY(sources::CheckFormat(input, reading));
  CORESHED_ASSIGN(auto expected, ExpectedOf(id, options));
  reading.like = std::move(expected.like);
  CORESHED_ASSIGN(const auto schema, SchemaFor(id, options.schema));
  CORESHED_TRY(ReadFor(schema, options, &reading));
  CORESHED_ASSIGN(auto opened, sources::OpenKept(input, reading));
  progress.Tell("read", kReadShare, "");

  CreateOptions writing;
  static_cast<WriteOptions&>(writing) = options;
  writing.name = name;
  writing.attributes = options.attributes;
  writing.source = opened.file.source;
  writing.progress = [&](const std::string& phase, double fraction, const std::string& message) {
    progress.Tell(phase, fraction < 0 ? -1 : kReadShare + fraction * (1 - kReadShare), message);
  };
  CORESHED_TRY(commit::CheckAttributes(options.attributes));
  UploadChoice choice{options.overwrite, options.as_new_version, nullptr};
  if (settings.keep_sources) choice.file = opened.input;
  auto context = WriteContextFor(settings);
  std::optional<Held> held;
  if (schema) {
    const bool splits = options.on_invalid == OnInvalid::kSplit;
    CORESHED_ASSIGN(held, HoldToSchema(WriteKind::kUpload, id, *schema, TablesToCheck(&opened),
                                       splits, options));
    context.schema = CheckedBy{schema->name, schema->number};
    if (splits) choice.rejects = [&] { return ReportOf(*held->check, StemOfUpload(input)); };
  }
  const Data data = held ? held->data : Data(opened.file.tables);
  WriteOperation operation(WriteKind::kUpload, data, writing, std::move(context), {},
                           std::move(choice));
  CORESHED_TRY(operation.ReadAhead());
  auto done = commit::Commit(CommitContext(), id, writing, operation);
  if (!done) return std::move(done).error();

  UploadResult result;
  result.upload_id = id;
  std::vector<std::string> warnings = opened.file.warnings;
  warnings.insert(warnings.end(), operation.warnings().begin(), operation.warnings().end());
  if (const int64_t found = operation.found_version(); found > 0) {
    CORESHED_ASSIGN(result, Reuse(id, found, *done, options, again));
  } else {
    CORESHED_ASSIGN(result.version, ResultOf(*done, {}));
    if (done->event) result.outcome = OutcomeOf(done->event->event_type);
  }
  warnings.insert(warnings.end(), result.version.warnings.begin(), result.version.warnings.end());
  if (held) {
    CORESHED_ASSIGN(result.rejects, ReportOf(*held->check, StemOfUpload(input)));
  }
  CORESHED_ASSIGN(result.duplicates, OthersWith(result.version));
  WarnOf(result.duplicates, &warnings);
  result.version.warnings = std::move(warnings);
  return result;
}

/// The content is there already, as version `found`: it becomes the active one, if it isn't.
Result<UploadResult> StoreImpl::Reuse(const std::string& id, int64_t found,
                                      const commit::Committed& seen, const UploadOptions& options,
                                      bool* again) {
  UploadResult result;
  result.upload_id = id;
  if (!options.attributes.empty()) {
    EventOptions annotating = options;
    annotating.event_id.clear();
    CORESHED_TRY(SetAttributes(id, options.attributes, std::nullopt, annotating));
  }
  if (found == seen.document->current_version) {
    result.outcome = UploadOutcome::kUnchanged;
    CORESHED_ASSIGN(result.version, VersionAfter(seen, found));
    return result;
  }
  result.outcome = UploadOutcome::kReactivated;
  RollbackOptions back;
  static_cast<EventOptions&>(back) = options;
  auto version = RollbackToVersion(id, found, back);
  if (!version) {
    // It was purged or rejected meanwhile, or its data are damaged: the file is written anew.
    *again = version.error().kind == ErrorKind::kInvalidState;
    return std::move(version).error();
  }
  result.version = std::move(*version);
  return result;
}

/// Versions of other records with its content; some, where there are many.
Result<std::vector<ContentMatch>> StoreImpl::OthersWith(const Version& version) {
  constexpr int64_t kMost = 20;
  CORESHED_ASSIGN(auto markers, MarkersBelow(paths::ContentPrefix(version.duplicate_hash)));
  std::erase_if(markers, [&](const auto& marker) { return marker.record_id == version.record_id; });
  CORESHED_ASSIGN(auto matches, MatchesOf(markers, kMost));
  std::erase_if(matches, [](const ContentMatch& match) { return !match.corrupt.empty(); });
  return matches;
}

Result<KeptSource> StoreImpl::ReadKept(const std::string& ref, const std::string& what) {
  CORESHED_ASSIGN(const Ref parsed, RefOf(ref));
  return ReadLive(parsed.record_id, [&](const commit::Base& base) -> Result<KeptSource> {
    CORESHED_ASSIGN(const auto selected, SelectIn(base, parsed));
    CORESHED_TRY(RequireData(selected));
    const commit::VersionEntry& entry = selected.found.entry;
    const auto* kept = entry.Kept(what);
    if (kept == nullptr && what == "rejects") {
      return Error{ErrorKind::kNotFound, "'" + parsed.record_id + "' version " +
                                             std::to_string(entry.version) +
                                             " has no rejected rows that were kept."};
    }
    if (kept == nullptr) {
      return Error{ErrorKind::kNotFound,
                   "'" + parsed.record_id + "' version " + std::to_string(entry.version) +
                       " has no file that was kept" +
                       (entry.source ? ": " + entry.source->file_name + " was only read." : ".")};
    }
    const std::string key = paths::RecordFolder(parsed.record_id) + kept->name;
    auto file = storage_->Open(key, kept->size_bytes);
    if (!file && file.error().kind == ErrorKind::kNotFound) return MissingObject("Object", key);
    if (!file) return std::move(file).error();
    CORESHED_ARROW_ASSIGN(auto bytes, (*file)->ReadAt(0, kept->size_bytes), "reading " + key);
    const std::string_view view(reinterpret_cast<const char*>(bytes->data()),
                                static_cast<size_t>(bytes->size()));
    if (Sha256Hex(view) != kept->sha256) {
      return Error{ErrorKind::kCorruption,
                   key +
                       " has another SHA-256 than the file that was uploaded. Restore it from a "
                       "backup."};
    }
    KeptSource answer{entry.source.value_or(Source{}), std::move(bytes)};
    if (what == "rejects") {
      answer.source.file_name = sources::StemOf(answer.source.file_name) + "-rejects" +
                                (view.starts_with("PK\3\4") ? ".zip" : ".csv");
    }
    answer.source.sha256 = kept->sha256;
    answer.source.size_bytes = kept->size_bytes;
    return answer;
  });
}

Result<KeptSource> StoreImpl::ReadSource(const std::string& ref) {
  return ReadKept(ref, "source");
}

Result<KeptSource> StoreImpl::ReadRejects(const std::string& ref) {
  return ReadKept(ref, "rejects");
}

Result<RejectReport> StoreImpl::CheckFile(const FileInput& input, const CheckFileOptions& options) {
  CORESHED_ASSIGN(const auto schema, GetSchema(options.schema, 0));
  CORESHED_ASSIGN(const auto settings, ReadSettings());
  OpenFileOptions reading = options.reading;
  reading.stop = options.stop;
  reading.limits = settings.limits;
  CORESHED_TRY(ReadAsCells(schema.definition, &reading));
  CORESHED_ASSIGN(auto opened, sources::OpenKept(input, reading));
  validate::CheckOptions checking;
  checking.splits = true;
  checking.stop = options.stop;
  CORESHED_ASSIGN(const auto check, validate::UploadCheck::Start(
                                        schema.definition, TablesToCheck(&opened), {}, checking));
  for (const auto& table : check->Tables()) {
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      if (const auto status = table.reader->ReadNext(&batch); !status.ok()) {
        if (check->good_rows() > 0) return FromArrow(status, "reading " + opened.input->label());
        break;  // no row is good: that is what is asked for
      }
    } while (batch != nullptr);
  }
  return ReportOf(*check, StemOfUpload(input));
}

}  // namespace store
}  // namespace coreshed
