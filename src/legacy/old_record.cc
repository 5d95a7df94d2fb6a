#include "legacy/old_record.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/paths.h"
#include "base/result.h"
#include "base/text.h"
#include "commit/annotate.h"
#include "legacy/json_fields.h"
#include "legacy/old_folder.h"

namespace coreshed::legacy {
namespace {

using validate::JsonNode;

constexpr size_t kShown = 20;

/// Reads one record's JSON, and keeps the names of what has no place.
class RecordParser {
 public:
  explicit RecordParser(int64_t now_us) { times_.now_us = now_us; }
  Result<OldRecord> Parse(const JsonNode& root, const std::string& stem);

 private:
  Result<OldStatus> ParseStatus(JsonFields& fields);
  Result<OldVersion> ParseVersion(const JsonNode& node, const std::string& where);
  Result<OldEvent> ParseEvent(const JsonNode& node, const std::string& where);
  Result<void> ParseVersions(const JsonNode* list);
  Result<void> ParseHistory(const JsonNode* list);
  Result<void> ParseFiles(JsonFields& fields, OldVersion* version);
  void KeepOthers(const JsonFields& fields);
  void TellOthers(const JsonFields& fields);
  bool KeepAsAttribute(const std::string& name, const JsonNode& value);
  void Note();

  TimeRules times_;
  OldRecord record_;
  std::vector<std::string> left_out_;
};

Result<std::optional<Status>> StatusNamed(const std::string& text, const std::string& where) {
  const std::string folded = FoldCase(text);
  if (text.empty()) return std::optional<Status>();
  if (folded == "draft" || folded == "pending") return std::optional(Status::kDraft);
  if (folded == "approved") return std::optional(Status::kApproved);
  if (folded == "rejected") return std::optional(Status::kRejected);
  return BadRecord("'" + where + "status' is '" + text +
                   "', which is none of draft, pending, approved, rejected.");
}

/// Its present or past tense: "create", "created"; "rollback", "rolled_back".
Result<void> SetKind(OldEvent* event) {
  using Kind = OldEvent::Kind;
  const std::string type = FoldCase(event->type);
  const auto is = [&](const std::string& name) {
    return type == name || type == name + (name.ends_with('e') ? "d" : "ed");
  };
  if (is("upload") || is("overwrite") || type == "overwritten") event->is_upload = true;
  if (event->is_upload || is("create") || is("update")) {
    event->kind = Kind::kWrite;
  } else if (is("approve")) {
    event->kind = Kind::kApprove;
  } else if (is("reject")) {
    event->kind = Kind::kReject;
  } else if (type == "rollback" || type == "rolled_back") {
    event->kind = Kind::kRollback;
  } else if (is("delete")) {
    return BadRecord("'" + event->where + "' says that the record was deleted.");
  }
  return {};
}

Result<OldStatus> RecordParser::ParseStatus(JsonFields& fields) {
  OldStatus status;
  CORESHED_ASSIGN(const auto text, fields.Text({"status"}));
  CORESHED_ASSIGN(status.status, StatusNamed(text, fields.where()));
  CORESHED_ASSIGN(status.approved.by, fields.Text({"approved_by"}));
  CORESHED_ASSIGN(status.approved.at, fields.Time({"approved_at"}, &times_));
  CORESHED_ASSIGN(status.approved.comment, fields.Text({"approval_comment"}));
  CORESHED_ASSIGN(status.rejected.by, fields.Text({"rejected_by"}));
  CORESHED_ASSIGN(status.rejected.at, fields.Time({"rejected_at"}, &times_));
  CORESHED_ASSIGN(status.rejected.comment, fields.Text({"rejection_reason"}));
  const auto said = [](const OldFacts& facts) { return !facts.by.empty() || !facts.at.empty(); };
  if (!status.status && said(status.approved) && said(status.rejected)) {
    return BadRecord("it says who approved and who rejected it, and has no 'status'.");
  }
  if (!status.status && said(status.approved)) status.status = Status::kApproved;
  if (!status.status && said(status.rejected)) status.status = Status::kRejected;
  const auto leave_out = [&](Status verdict, OldFacts* facts, const char* name) {
    if (status.status == verdict) return;
    if (said(*facts) || !facts->comment.empty()) left_out_.push_back(fields.where() + name);
    *facts = {};
  };
  leave_out(Status::kApproved, &status.approved, "approved_by");
  leave_out(Status::kRejected, &status.rejected, "rejected_by");
  return status;
}

/// A name of a file: within the folder, wherever it leads.
Result<std::string> CheckName(const std::string& name, const std::string& where) {
  const bool is_plain = !name.empty() && paths::StaysInside(name) && !HasControl(name) &&
                        name.find_first_of("\\:") == name.npos;
  if (is_plain) return name;
  return BadRecord("'" + where + "' names the file '" + name +
                   "', which is not a plain name within the folder.");
}

/// What a table is called by its file's name: its stem.
std::string StemOfPath(const std::string& path) {
  const std::string name = path.substr(path.find_last_of('/') + 1);
  return name.substr(0, name.find_last_of('.'));
}

Result<void> RecordParser::ParseFiles(JsonFields& fields, OldVersion* version) {
  CORESHED_ASSIGN(const auto file, fields.Text({"file", "path", "data_file"}));
  const JsonNode* tables = fields.Node({"tables", "files"});
  version->names_files = !file.empty() || tables != nullptr;
  if (!file.empty() && tables != nullptr) {
    return BadRecord("'" + fields.where() + "' names a file and tables. Which of them is it?");
  }
  if (!file.empty()) {
    CORESHED_ASSIGN(auto name, CheckName(file, fields.where() + "file"));
    version->files.emplace_back("", std::move(name));
  }
  if (tables == nullptr) return {};
  const bool is_object = tables->kind == JsonNode::Kind::kObject;
  if (!is_object && tables->kind != JsonNode::Kind::kList) {
    return BadRecord("'" + fields.where() + "tables' is neither a list nor an object.");
  }
  for (size_t i = 0; i < tables->items.size(); ++i) {
    const JsonNode& item = tables->items[i];
    if (item.kind != JsonNode::Kind::kText) {
      return BadRecord("'" + fields.where() + "tables' has something in it that is no file name.");
    }
    CORESHED_ASSIGN(auto name, CheckName(item.text, fields.where() + "tables"));
    version->files.emplace_back(is_object ? tables->keys[i] : StemOfPath(name), name);
  }
  return {};
}

Result<OldVersion> RecordParser::ParseVersion(const JsonNode& node, const std::string& where) {
  CORESHED_ASSIGN(auto fields, JsonFields::Of(node, where + "."));
  OldVersion version;
  CORESHED_ASSIGN(const auto number, fields.Version({"version", "version_number", "number"}));
  if (!number) return BadRecord("'" + where + "' does not say which version it is.");
  version.number = *number;
  CORESHED_ASSIGN(version.made.by, fields.Text({"created_by", "uploaded_by", "user_id", "user"}));
  CORESHED_ASSIGN(version.made.at,
                  fields.Time({"created_at", "uploaded_at", "timestamp"}, &times_));
  CORESHED_ASSIGN(version.made.comment, fields.Text({"comment", "message"}));
  CORESHED_ASSIGN(version.review, ParseStatus(fields));
  CORESHED_TRY(ParseFiles(fields, &version));
  TellOthers(fields);
  return version;
}

Result<OldEvent> RecordParser::ParseEvent(const JsonNode& node, const std::string& where) {
  CORESHED_ASSIGN(auto fields, JsonFields::Of(node, where + "."));
  OldEvent event;
  event.where = where;
  CORESHED_ASSIGN(event.type, fields.Text({"event_type", "type", "event", "action"}));
  if (event.type.empty()) return BadRecord("'" + where + "' does not say what happened.");
  CORESHED_TRY(SetKind(&event));
  CORESHED_ASSIGN(event.version,
                  fields.Version({"version", "version_number", "to_version", "target_version"}));
  CORESHED_ASSIGN(event.previous,
                  fields.Version({"previous_version", "from_version", "active_before"}));
  CORESHED_ASSIGN(event.facts.by, fields.Text({"user_id", "user", "actor", "by", "created_by",
                                               "uploaded_by", "username"}));
  CORESHED_ASSIGN(event.facts.at,
                  fields.Time({"timestamp", "time", "at", "created_at", "uploaded_at"}, &times_));
  CORESHED_ASSIGN(event.facts.comment,
                  fields.Text({"comment", "message", "reason", "rejection_reason"}));
  if (event.kind == OldEvent::Kind::kOther) {
    record_.notes.push_back("'" + where + "' is '" + event.type + "'" +
                            (event.facts.by.empty() ? "" : " by " + event.facts.by) +
                            (event.facts.at.empty() ? "" : ", " + event.facts.at) +
                            ", which changes no version, and was left out");
  } else {
    TellOthers(fields);
  }
  return event;
}

Result<void> RecordParser::ParseVersions(const JsonNode* list) {
  if (list == nullptr) return {};
  if (list->kind != JsonNode::Kind::kList) return BadRecord("'versions' is no list.");
  for (size_t i = 0; i < list->items.size(); ++i) {
    CORESHED_ASSIGN(auto version,
                    ParseVersion(list->items[i], "versions[" + std::to_string(i) + "]"));
    const int64_t number = version.number;
    if (!record_.versions.emplace(number, std::move(version)).second) {
      return BadRecord("'versions' has version " + std::to_string(number) + " twice.");
    }
  }
  return {};
}

Result<void> RecordParser::ParseHistory(const JsonNode* list) {
  if (list == nullptr) return {};
  if (list->kind != JsonNode::Kind::kList) return BadRecord("'history' is no list.");
  for (size_t i = 0; i < list->items.size(); ++i) {
    CORESHED_ASSIGN(auto event, ParseEvent(list->items[i], "history[" + std::to_string(i) + "]"));
    if (event.kind != OldEvent::Kind::kOther) record_.history.push_back(std::move(event));
  }
  return {};
}

void RecordParser::TellOthers(const JsonFields& fields) {
  fields.EachOther([&](const std::string& name, const JsonNode&) {
    left_out_.push_back(fields.where() + name);
  });
}

bool RecordParser::KeepAsAttribute(const std::string& name, const JsonNode& value) {
  using Kind = JsonNode::Kind;
  std::string text = value.text;
  if (value.kind == Kind::kBool) text = value.is_true ? "true" : "false";
  if (value.kind == Kind::kList || value.kind == Kind::kObject) return false;
  auto attributes = record_.attributes;
  if (!attributes.emplace(name, text).second) return false;
  if (!commit::CheckAttributes(attributes)) return false;
  record_.attributes = std::move(attributes);
  return true;
}

/// Fields that nobody knows, and those of `attributes`.
void RecordParser::KeepOthers(const JsonFields& fields) {
  fields.EachOther([&](const std::string& name, const JsonNode& value) {
    if (!KeepAsAttribute(name, value)) left_out_.push_back(fields.where() + name);
  });
}

void RecordParser::Note() {
  auto& notes = record_.notes;
  if (times_.some_without_zone) notes.emplace_back("times without a zone were taken as UTC");
  if (times_.some_without_hour) {
    notes.emplace_back("dates without a time were taken as their first moment (UTC)");
  }
  if (!left_out_.empty()) notes.push_back("not kept: " + Joined(left_out_, kShown));
}

Result<OldRecord> RecordParser::Parse(const JsonNode& root, const std::string& stem) {
  CORESHED_ASSIGN(auto fields, JsonFields::Of(root, ""));
  for (const char* name : {"upload_id", "dataset_name", "uploaded_by", "uploaded_at", "filename"}) {
    record_.is_upload = record_.is_upload || fields.Has(name);
  }
  CORESHED_ASSIGN(const auto id, fields.Text({"record_id", "upload_id", "dataset_id", "id"}));
  CORESHED_ASSIGN(record_.id, paths::CheckRecordId(id.empty() ? stem : id));
  CORESHED_ASSIGN(record_.name, fields.Text({"dataset_name", "name"}));
  CORESHED_ASSIGN(record_.made.by, fields.Text({"created_by", "uploaded_by"}));
  CORESHED_ASSIGN(record_.made.at, fields.Time({"created_at", "uploaded_at"}, &times_));
  CORESHED_ASSIGN(record_.made.comment, fields.Text({"comment", "message"}));
  CORESHED_ASSIGN(record_.review, ParseStatus(fields));
  CORESHED_ASSIGN(record_.active, fields.Version({"current_version", "active_version", "version"}));
  CORESHED_ASSIGN(record_.table_name, fields.Text({"table_name"}));
  const JsonNode* versions = fields.Node({"versions"});
  const JsonNode* history = fields.Node({"history", "events"});
  const JsonNode* attributes = fields.Node({"attributes", "metadata"});
  CORESHED_TRY(ParseVersions(versions));
  CORESHED_TRY(ParseHistory(history));
  if (attributes != nullptr) {
    CORESHED_ASSIGN(const auto own, JsonFields::Of(*attributes, "attributes."));
    KeepOthers(own);
  }
  KeepOthers(fields);
  Note();
  return std::move(record_);
}

}  // namespace

Result<OldRecord> ParseRecord(const JsonNode& root, const std::string& stem, int64_t now_us) {
  return RecordParser(now_us).Parse(root, stem);
}

}  // namespace coreshed::legacy
