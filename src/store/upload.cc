#include <coreshed/content.h>
#include <coreshed/upload.h>

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <utility>

#include "base/arrow_error.h"
#include "base/missing.h"
#include "base/paths.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/text.h"
#include "commit/annotate.h"
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

/// How often a file is read again because its dataset changed, or was swept, while it was written.
constexpr int kTries = 5;

/// Reading the file is the larger part of the work.
constexpr double kReadShare = 0.5;

std::string StemOfUpload(const FileInput& input) {
  return sources::StemOf(sources::NameOf(input));
}

/// Cells come as they are written, so that what is rejected can be told as it stands there.
void ReadAsCells(const SchemaDefinition& schema, sources::OpenOptions* reading) {
  reading->schema = std::make_shared<const SchemaDefinition>(schema);
  reading->as_cells = true;
}

Result<void> ReadFor(const std::optional<NamedSchema>& schema, const UploadOptions& options,
                     sources::OpenOptions* reading) {
  if (schema) {
    ReadAsCells(schema->definition, reading);
    return {};
  }
  if (options.on_invalid == OnInvalid::kRefuse) return {};
  return Error{ErrorKind::kInvalidArgument,
               "There is no schema to split the rows by: name one (--schema, schema), or leave "
               "splitting out (--split, on_invalid)."};
}

/// A type for a column that there isn't is a slip of the pen: another column goes without.
Result<void> CheckTyped(const std::map<std::string, std::shared_ptr<arrow::DataType>>& types,
                        const OpenedFile& file) {
  for (const auto& [column, type] : types) {
    const bool is_there = std::any_of(file.tables.begin(), file.tables.end(),
                                      [&, &name = column](const TableInput& table) {
                                        return table.reader->schema()->GetFieldIndex(name) >= 0;
                                      });
    if (is_there) continue;
    return Error{ErrorKind::kInvalidArgument, file.source.file_name + " has no column '" + column +
                                                  "', for which a type is given (--type, types)."}
        .With("column", column);
  }
  return {};
}

UploadOutcome OutcomeOf(const commit::Committed& done) {
  const std::string type = done.event ? done.event->event_type : "";
  if (type == "upload") return UploadOutcome::kCreated;
  if (type == "overwrite") return UploadOutcome::kNewVersion;
  return type == "rollback" ? UploadOutcome::kReactivated : UploadOutcome::kUnchanged;
}

/// Of a call that an earlier one had done, not all rows are read, and so not all rejects known.
Result<void> ReadToEnd(const Data& data) {
  for (const auto& table : data.tables()) {
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      CORESHED_ARROW_TRY(table.reader->ReadNext(&batch), "reading what was rejected");
    } while (batch != nullptr);
  }
  return {};
}

/// A table that has no rows left, where there were others of other tables.
Error WithRejects(Error error, const validate::UploadCheck& check) {
  const bool tells_them = check.rejects().empty() || check.good_rows() == 0;
  if (error.kind != ErrorKind::kValidation || tells_them) return error;
  error.message += " " + check.rejects().Refusal().message;
  return error;
}

void WarnOf(const std::vector<ContentMatch>& duplicates, std::vector<std::string>* warnings) {
  for (const auto& match : duplicates) {
    warnings->push_back("the same content is version " + std::to_string(match.version) + " of '" +
                        match.record_id + "'" + (match.active ? ", its active one" : ""));
  }
}

}  // namespace

/// What there is to know of the dataset before its file is read.
Result<StoreImpl::Expected> StoreImpl::ExpectedOf(const std::string& record_id,
                                                  const std::string& name,
                                                  const UploadOptions& options) {
  Expected expected;
  CORESHED_ASSIGN(const auto base, documents_.Read(record_id));
  if (!base || base->document->state != commit::RecordState::kLive) return expected;
  const auto& document = *base->document;
  // A repeated call may have made it itself.
  if (!options.overwrite && options.event_id.empty()) return NameInUse(document, name);
  expected.bound_schema = document.bound_schema;
  if (!options.overwrite) return expected;
  for (const auto& [table, entry] : document.Active()->tables) {
    CORESHED_ASSIGN(const auto schema, SchemaOf(entry, document.schemas));
    expected.like[table] = Renamed(*schema, table, options.renames);
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
      if (done || !again || tries == kTries || input.path == "-") return done;
    }
  }();
  progress.End(result ? "" : result.error().message);
  return result;
}

/// What the file is to be, and the file as it is to be read for that.
Result<StoreImpl::ToUpload> StoreImpl::OpenUpload(const FileInput& input,
                                                  const UploadOptions& options,
                                                  const store::Settings& settings,
                                                  EvenProgress& progress) {
  ToUpload upload;
  CORESHED_ASSIGN(upload.name, UploadName(input, options.dataset_name));
  upload.id = DatasetId(upload.name);
  CORESHED_TRY(commit::CheckAttributes(options.attributes));
  sources::OpenOptions reading{options.reading};
  reading.stop = options.stop;
  reading.limits = settings.limits;
  reading.progress = [&](const std::string& phase, double fraction, const std::string& message) {
    progress.Tell(phase, fraction * kReadShare, message);
  };
  CORESHED_TRY(sources::CheckFormat(input, reading));
  CORESHED_ASSIGN(auto expected, ExpectedOf(upload.id, upload.name, options));
  reading.like = std::move(expected.like);
  const std::string& bound = options.schema.empty() ? expected.bound_schema : options.schema;
  CORESHED_ASSIGN(upload.schema, SchemaFor(upload.id, bound));
  CORESHED_TRY(ReadFor(upload.schema, options, &reading));
  CORESHED_ASSIGN(upload.opened, sources::OpenKept(input, reading));
  CORESHED_TRY(CheckTyped(options.reading.types, upload.opened.file));
  progress.Tell("read", kReadShare, "");
  return upload;
}

Result<UploadResult> StoreImpl::UploadOnce(const FileInput& input, const UploadOptions& options,
                                           EvenProgress& progress, bool* again) {
  CORESHED_ASSIGN(const auto settings, ReadSettings());
  CORESHED_ASSIGN(auto upload, OpenUpload(input, options, settings, progress));
  const std::string& id = upload.id;
  CreateOptions writing;
  static_cast<WriteOptions&>(writing) = options;
  writing.name = upload.name;
  writing.attributes = options.attributes;
  writing.source = upload.opened.file.source;
  writing.progress = [&](const std::string& phase, double fraction, const std::string& message) {
    progress.Tell(phase, fraction < 0 ? -1 : kReadShare + fraction * (1 - kReadShare), message);
  };
  auto context = WriteContextFor(settings);
  UploadChoice choice{options.overwrite, options.as_new_version};
  if (settings.keep_sources) choice.file = upload.opened.input;
  choice.is_whole = [&](const commit::FoundEntry& found) { return IsWhole(id, found); };
  std::optional<Held> held;
  std::optional<RejectReport> rejects;
  const auto report = [&]() -> Result<RejectReport> {
    if (!rejects) {
      CORESHED_ASSIGN(rejects, ReportOf(*held->check, StemOfUpload(input)));
    }
    return *rejects;
  };
  if (upload.schema) {
    const bool splits = options.on_invalid == OnInvalid::kSplit;
    CORESHED_ASSIGN(held, HoldToSchema(WriteKind::kUpload, id, *upload.schema,
                                       TablesToCheck(&upload.opened), splits, options));
    context.schema = CheckedBy{upload.schema->name, upload.schema->number};
    if (splits) choice.rejects = report;
  }
  const Data data = held ? held->data : Data(upload.opened.file.tables);
  WriteOperation operation(WriteKind::kUpload, data, writing, std::move(context), {},
                           std::move(choice));
  CORESHED_TRY(operation.ReadAhead());
  auto done = commit::Commit(CommitContext(), id, writing, operation);
  *again = !done && operation.is_spent();
  if (!done) return held ? WithRejects(std::move(done).error(), *held->check) : done.error();

  UploadResult result{id, OutcomeOf(*done), {}, {}, {}};
  CORESHED_ASSIGN(result.version, ResultOf(*done, operation.warnings()));
  if (held && done->repeated) CORESHED_TRY(ReadToEnd(held->data));
  if (held) {
    CORESHED_ASSIGN(result.rejects, report());
  }
  TellOthers(upload.opened.file.warnings, &result);
  return result;
}

/// Say first how the file was read, and last which other records have its content.
void StoreImpl::TellOthers(const std::vector<std::string>& of_reading, UploadResult* result) {
  auto& warnings = result->version.warnings;
  warnings.insert(warnings.begin(), of_reading.begin(), of_reading.end());
  if (auto duplicates = OthersWith(result->version)) {
    result->duplicates = std::move(*duplicates);
    WarnOf(result->duplicates, &warnings);
  } else {  // it is stored all the same
    warnings.push_back("whether other records have the same content is not known: " +
                       duplicates.error().message);
  }
}

/// Whether the data of a version can be gone back to.
Result<bool> StoreImpl::IsWhole(const std::string& record_id, const commit::FoundEntry& found) {
  VerifyReport report;
  Doubt doubt;
  CORESHED_TRY(CheckData(record_id, found, true, &report, &doubt));
  if (doubt.unread) return *doubt.unread;
  return report.faults.empty();
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
  sources::OpenOptions reading{options.reading};
  reading.stop = options.stop;
  reading.limits = settings.limits;
  ReadAsCells(schema.definition, &reading);
  CORESHED_ASSIGN(auto opened, sources::OpenKept(input, reading));
  CORESHED_TRY(CheckTyped(options.reading.types, opened.file));
  validate::CheckOptions checking;
  checking.splits = true;
  checking.stop = options.stop;
  CORESHED_ASSIGN(const auto check, validate::UploadCheck::Start(
                                        schema.definition, TablesToCheck(&opened), {}, checking));
  for (const auto& table : check->Tables()) {
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      const auto status = table.reader->ReadNext(&batch);
      if (check->is_all_bad()) break;  // that is what is asked for
      CORESHED_ARROW_TRY(status, "reading " + opened.input->label());
    } while (batch != nullptr);
  }
  return ReportOf(*check, StemOfUpload(input));
}

}  // namespace store
}  // namespace coreshed
