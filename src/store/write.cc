#include <arrow/api.h>

#include "base/paths.h"
#include "base/result.h"
#include "commit/annotate.h"
#include "store/held.h"
#include "store/store_impl.h"

namespace coreshed::store {
namespace {

constexpr size_t kNameBytesMax = 200;

}  // namespace

WriteContext StoreImpl::WriteContextFor(store::Settings settings) {
  WriteContext context;
  context.storage = storage_;
  context.pages = &pages_;
  context.settings = std::move(settings);
  context.threads = threads_;
  context.memory_bytes = options_.memory_bytes;
  return context;
}

Result<Version> StoreImpl::ResultOf(const commit::Committed& done,
                                    std::vector<std::string> warnings) {
  int64_t number = done.document->current_version;
  if (done.event && done.event->version) number = *done.event->version;
  CORESHED_ASSIGN(Version version, VersionAfter(done, number));
  if (done.event) version.event_id = done.event->event_id;
  version.warnings = std::move(warnings);
  if (done.repeated) {
    version.warnings.push_back("an earlier call with this event id had done it already");
  }
  return version;
}

Result<Version> StoreImpl::VersionAfter(const commit::Committed& done, int64_t version) {
  const auto read = [&](const commit::RecordDocument& document) -> Result<Version> {
    CORESHED_ASSIGN(const auto found, commit::FindVersion(document, version, pages_));
    if (found) return ToVersion(document, *found);
    return Error{ErrorKind::kCorruption, "Version " + std::to_string(version) + " of '" +
                                             document.record_id + "' has no entry."};
  };
  // An older version's page may be gone already, and is then asked for in newer metadata.
  if (done.document->Find(version) != nullptr) return read(*done.document);
  return ReadLive(done.document->record_id,
                  [&](const commit::Base& base) { return read(*base.document); });
}

Result<Version> StoreImpl::Write(WriteKind kind, const std::string& record_id, const Data& data,
                                 const CreateOptions& options, const RowChoice& choice,
                                 std::shared_ptr<storage::Storage> on) {
  CORESHED_TRY(commit::CheckText("The name", options.name, kNameBytesMax));
  CORESHED_TRY(commit::CheckAttributes(options.attributes));
  CORESHED_ASSIGN(const std::string id, paths::CheckRecordId(record_id));
  CORESHED_ASSIGN(auto settings, ReadSettings());
  auto write_context = WriteContextFor(std::move(settings));
  auto commit_context = CommitContext();
  write_context.hold = [&](const std::string& name, const Data& tables) -> Result<HeldData> {
    CORESHED_ASSIGN(const auto schema, GetSchema(name, 0));
    HeldData held{tables, {schema.name, schema.number}};
    if (kind == WriteKind::kUpsert) CORESHED_TRY(CheckUpsert(schema.definition, choice.keys));
    if (kind == WriteKind::kDeleteRows) {
      CORESHED_TRY(CheckDeletion(schema.definition));
      return held;
    }
    CORESHED_ASSIGN(auto checked,
                    HoldToSchema(kind, id, schema, TablesToCheck(tables), false, options));
    held.data = std::move(checked.data);
    return held;
  };
  if (on != nullptr) {  // one of many: others have the other processors
    write_context.storage = commit_context.storage = std::move(on);
    write_context.threads = 1;
  }
  WriteOperation operation(kind, data, options, std::move(write_context), choice);
  if (kind == WriteKind::kCreate) CORESHED_TRY(operation.ReadAhead());
  auto done = commit::Commit(commit_context, id, options, operation);
  if (!done) return WithNearest(std::move(done).error(), id);
  return ResultOf(*done, operation.warnings());
}

Result<void> StoreImpl::CheckWrite(WriteKind kind, const RecordData& item) {
  CORESHED_TRY(commit::CheckText("The name", item.options.name, kNameBytesMax));
  CORESHED_TRY(commit::CheckAttributes(item.options.attributes));
  if (item.options.actor.empty()) {
    return Error{ErrorKind::kInvalidArgument, "Who does this? The actor is empty."};
  }
  return WriteOperation(kind, item.data, item.options, WriteContextFor({})).CheckTables();
}

Result<Version> StoreImpl::CreateRecord(const std::string& record_id, const Data& data,
                                        const CreateOptions& options) {
  return Write(WriteKind::kCreate, record_id, data, options);
}

Result<Version> StoreImpl::UpdateRecord(const std::string& record_id, const Data& data,
                                        const WriteOptions& options) {
  CreateOptions all;
  static_cast<WriteOptions&>(all) = options;
  return Write(WriteKind::kUpdate, record_id, data, all);
}

Result<Version> StoreImpl::AppendRows(const std::string& record_id, const Data& data,
                                      const WriteOptions& options) {
  CreateOptions all;
  static_cast<WriteOptions&>(all) = options;
  return Write(WriteKind::kAppend, record_id, data, all);
}

Result<Version> StoreImpl::UpsertRows(const std::string& record_id, const Data& data,
                                      const std::vector<std::string>& keys,
                                      const WriteOptions& options) {
  CreateOptions all;
  static_cast<WriteOptions&>(all) = options;
  return Write(WriteKind::kUpsert, record_id, data, all, {keys, ""});
}

Result<Version> StoreImpl::DeleteRows(const std::string& record_id, const std::string& where,
                                      const std::string& table, const WriteOptions& options) {
  CreateOptions all;
  static_cast<WriteOptions&>(all) = options;
  const Data nothing({TableInput{table, nullptr, nullptr}});
  return Write(WriteKind::kDeleteRows, record_id, nothing, all, {{}, where});
}

}  // namespace coreshed::store
