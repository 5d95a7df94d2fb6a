#include <arrow/api.h>

#include "base/paths.h"
#include "base/result.h"
#include "store/store_impl.h"

/// The store's own record `_store`, whose tables are its settings and its schemas.
namespace coreshed::store {
namespace {

constexpr const char* kSettings = "settings";

/// How often a change is decided anew because somebody else had changed the record.
constexpr int kTries = 50;

const std::string& OwnId() {
  static const std::string id(paths::kSettingsRecord);
  return id;
}

bool IsLive(const std::optional<commit::Base>& base) {
  return base && base->document->state == commit::RecordState::kLive;
}

bool HasMoved(const Error& error) {
  return error.kind == ErrorKind::kConflict || error.kind == ErrorKind::kAlreadyExists;
}

/// Settings by key, as a table of them holds them; null: there are none.
Result<std::map<std::string, std::string>> TextsIn(const OwnRows& table) {
  std::map<std::string, std::string> texts;
  if (table == nullptr) return texts;
  const auto keys = table->GetColumnByName("key");
  const auto values = table->GetColumnByName("value");
  if (keys == nullptr || values == nullptr || keys->type()->id() != arrow::Type::STRING ||
      values->type()->id() != arrow::Type::STRING) {
    return Error{ErrorKind::kCorruption, "The store's settings have no text columns key, value."};
  }
  for (int64_t row = 0; row < table->num_rows(); ++row) {
    const auto key = keys->GetScalar(row).ValueOr(nullptr);
    const auto value = values->GetScalar(row).ValueOr(nullptr);
    if (key != nullptr && value != nullptr) texts[key->ToString()] = value->ToString();
  }
  return texts;
}

OwnRows TableOf(const store::Settings& settings) {
  arrow::StringBuilder keys, values;
  for (const auto& [key, value] : settings.ToTexts()) {
    (void)keys.Append(key);
    (void)values.Append(value);
  }
  const auto schema = arrow::schema(
      {arrow::field("key", arrow::utf8(), false), arrow::field("value", arrow::utf8(), false)});
  return arrow::Table::Make(schema, {keys.Finish().ValueOrDie(), values.Finish().ValueOrDie()});
}

}  // namespace

Result<OwnRows> StoreImpl::OwnTable(const commit::Base& base, int64_t version,
                                    const std::string& table) {
  Ref ref;
  ref.record_id = OwnId();
  ref.selector = Ref::Selector::kVersion;
  ref.version = version;
  ref.table = table;
  CORESHED_ASSIGN(const auto selected, SelectIn(base, ref));
  if (!selected.found.entry->tables.contains(table)) return OwnRows();
  CORESHED_ASSIGN(const auto found, SelectTable(base, ref, ref.record_id));
  return ReadWhole(found, {});
}

Result<OwnRows> StoreImpl::ReadOwn(const std::string& table) {
  return commit::ReadAgain([&](std::string* commit_id) -> Result<OwnRows> {
    CORESHED_ASSIGN(const auto base, documents_.Read(OwnId()));
    if (!IsLive(base)) return OwnRows();
    *commit_id = base->document->commit_id;
    return OwnTable(*base, base->document->current_version, table);
  });
}

Result<commit::Committed> StoreImpl::WriteOwn(const std::optional<commit::Base>& base,
                                              const std::string& table, OwnRows rows,
                                              const EventOptions& options) {
  std::vector<TableInput> tables = {{table, std::move(rows), nullptr}};
  CreateOptions all;
  static_cast<EventOptions&>(all) = options;
  all.drift_policy = DriftPolicy::kAllow;
  all.allow_empty = true;
  if (IsLive(base)) {
    all.expected_version = base->document->current_version;
    for (const auto& [name, entry] : base->document->Active()->tables) {
      if (name == table) continue;
      CORESHED_ASSIGN(auto other, OwnTable(*base, *all.expected_version, name));
      tables.push_back({name, std::move(other), nullptr});
    }
  }
  const Data data(std::move(tables));
  auto context = WriteContextFor(store::Settings{});
  context.of_settings = true;
  WriteOperation operation(IsLive(base) ? WriteKind::kUpdate : WriteKind::kCreate, data, all,
                           std::move(context));
  return commit::Commit(CommitContext(), OwnId(), options, operation);
}

/// Decided against the record as it is, and again where somebody else was first: changes of
/// different settings and schemas never undo each other.
Result<std::optional<Version>> StoreImpl::ChangeOwn(const std::string& table,
                                                    const OwnChange& change,
                                                    const EventOptions& options) {
  for (int tries = 1;; ++tries) {
    CORESHED_ASSIGN(const auto base, documents_.Read(OwnId()));
    OwnRows before;
    if (IsLive(base)) {
      CORESHED_ASSIGN(before, OwnTable(*base, base->document->current_version, table));
    }
    CORESHED_ASSIGN(auto rows, change(before));
    if (rows == nullptr) return std::optional<Version>();
    auto done = WriteOwn(base, table, std::move(rows), options);
    if (!done && HasMoved(done.error()) && tries < kTries) continue;
    if (!done) return std::move(done).error();
    {
      std::lock_guard lock(settings_mutex_);
      settings_.reset();
    }
    if (done->repeated) CORESHED_TRY(CheckRepeated(*done, table, change));
    CORESHED_ASSIGN(auto version, ResultOf(*done, {}));
    return std::optional(std::move(version));
  }
}

/// The version that the earlier call with this event id made has what this one asks for.
Result<void> StoreImpl::CheckRepeated(const commit::Committed& done, const std::string& table,
                                      const OwnChange& change) {
  CORESHED_ASSIGN(const auto made, OwnTable({done.document, "", 0}, *done.event->version, table));
  CORESHED_ASSIGN(const auto rows, change(made));
  if (rows == nullptr || (made != nullptr && rows->Equals(*made))) return {};
  return Error{
      ErrorKind::kInvalidArgument,
      "The event id " + done.event->event_id +
          " was given to another change of the store's settings or schemas before. Nothing "
          "was changed: each call needs an id of its own."};
}

Result<store::Settings> StoreImpl::LoadSettings() {
  CORESHED_ASSIGN(const auto table, ReadOwn(kSettings));
  CORESHED_ASSIGN(const auto texts, TextsIn(table));
  return ParseSettings(texts, true);
}

Result<store::Settings> StoreImpl::ReadSettings() {
  constexpr auto kLife = std::chrono::minutes(1);
  std::lock_guard lock(settings_mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (settings_ && now - settings_read_ < kLife) return *settings_;
  CORESHED_ASSIGN(settings_, LoadSettings());
  settings_read_ = now;
  return *settings_;
}

Result<std::map<std::string, std::string>> StoreImpl::Settings() {
  CORESHED_ASSIGN(auto settings, LoadSettings());
  return settings.ToTexts();
}

Result<Version> StoreImpl::SetSettings(const std::map<std::string, std::string>& changes,
                                       const EventOptions& options) {
  const auto change = [&](const OwnRows& before) -> Result<OwnRows> {
    CORESHED_ASSIGN(const auto stored, TextsIn(before));
    CORESHED_ASSIGN(const auto known, ParseSettings(stored, true));
    auto texts = known.ToTexts();
    const auto defaults = store::Settings{}.ToTexts();
    for (const auto& [key, value] : changes) {
      const auto standard = defaults.find(key);
      const bool restore = value.empty() && standard != defaults.end();
      texts[key] = restore ? standard->second : value;
    }
    CORESHED_ASSIGN(const auto settings, ParseSettings(texts, false));
    return TableOf(settings);
  };
  CORESHED_ASSIGN(auto version, ChangeOwn(kSettings, change, options));
  return std::move(*version);
}

}  // namespace coreshed::store
