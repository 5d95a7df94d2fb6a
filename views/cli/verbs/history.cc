#include <algorithm>

#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/text_table.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct Arguments {
  std::string record_id;
  int64_t after = 0, limit = -1, newest = 0;
  bool hashes = false;
};

constexpr size_t kHashShown = 12;
constexpr size_t kRemarkWidthMax = 400;  // whole with --json

std::string V(int64_t version) {
  return "v" + std::to_string(version);
}

std::string TextOf(const Event& event, const char* name) {
  const auto found = event.texts.find(name);
  return found == event.texts.end() ? "" : found->second;
}

/// What happened, as one says it.
std::string Deed(const Event& event) {
  const std::string& type = event.event_type;
  if (type == "create") return "created";
  if (type == "update") return "updated";
  if (type == "append") return "appended rows";
  if (type == "upsert") return "changed rows";
  if (type == "delete_rows") return "deleted rows";
  if (type == "upload") return "uploaded";
  if (type == "overwrite") return "uploaded over it";
  if (type == "approve") return "approved";
  if (type == "reject") return "rejected";
  if (type == "rollback") {
    return "rolled back" + (event.active_before ? " from " + V(*event.active_before) : "");
  }
  if (type == "tag") return "tagged \"" + TextOf(event, "tag") + "\"";
  if (type == "set_attributes") return "set attributes";
  if (type == "set_drift_policy") return "set the drift policy";
  if (type == "bind_schema") return "bound to a schema";
  if (type == "purge") return "purged";
  if (type == "delete") return "deleted the record";
  if (type == "erased") return "erased all of it";
  if (type == "redact") return "redacted";
  if (type.ends_with("_refused")) return "tried to " + type.substr(0, type.size() - 8);
  return type;
}

Style StyleOfDeed(const Event& event) {
  if (event.event_type == "approve") return Style::kGreen;
  if (event.event_type == "reject") return Style::kRed;
  if (event.event_type.ends_with("_refused")) return Style::kDim;
  return Style::kPlain;
}

/// Attributes as the event keeps them, a JSON object: "site=HKZ1, phase removed".
std::string AttributeWords(const std::string& text) {
  const auto attributes = Json::parse(text, nullptr, false);
  if (!attributes.is_object()) return text;
  std::string words;
  for (const auto& [name, value] : attributes.items()) {
    const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    words += (words.empty() ? "" : ", ") + name + (shown.empty() ? " removed" : "=" + shown);
  }
  return words;
}

/// "(3 breaking changes of the schema)"; what they are, info and --json tell.
std::string SchemaChange(const Json& details) {
  if (!details.is_object() || !details.contains("drift") || !details["drift"].is_object())
    return "";
  const Json changes = details["drift"].value("changes", Json::array());
  int64_t breaking = 0;
  for (const auto& change : changes) {
    if (change.is_object() && change.value("class", "") == "breaking") ++breaking;
  }
  const auto count = static_cast<int64_t>(changes.size());
  if (count == 0) return "";
  return "(" + (breaking > 0 ? Counted(breaking, "breaking change") : Counted(count, "change")) +
         " of the schema)";
}

/// The record's own drift policy, if this event sets it.
std::string PolicyWords(const Event& event, const Json& details) {
  if (details.is_object() && details.contains("bound_schema") && !details.contains("exact_hash")) {
    return details["bound_schema"].is_string() ? details["bound_schema"].get<std::string>()
                                               : "none";
  }
  if (!details.is_object() || !details.contains("drift_policy")) return "";
  const Json& policy = details["drift_policy"];
  const std::string name = policy.is_string() ? policy.get<std::string>() : "the store's";
  return event.event_type == "create" ? "drift policy: " + name : name;
}

/// "2 replaced, 1 added"; "3, where depth > 21".
std::string RowWords(const Event& event, const Json& details) {
  if (!details.is_object()) return "";
  if (event.event_type == "upsert") {
    return "(" + std::to_string(details.value("replaced", int64_t{0})) + " replaced, " +
           std::to_string(details.value("added", int64_t{0})) + " added)";
  }
  if (event.event_type != "delete_rows") return "";
  return "(" + Counted(details.value("deleted", int64_t{0}), "row") + " where " +
         TextOf(event, "where") + ")";
}

/// Nobody does anything without saying who: an empty name was redacted.
TextTable::Cell ActorWords(const Event& event) {
  return event.actor.empty() ? TextTable::Cell("(redacted)", Style::kDim) : event.actor;
}

/// "(comment, actor of events 5, 7)"
std::string RedactedWords(const Event& event, const Json& details) {
  if (event.event_type != "redact" || !details.is_object()) return "";
  const auto list = [&](const char* name) {
    std::string words;
    for (const auto& item : details.value(name, Json::array())) {
      words += (words.empty() ? "" : ", ");
      words += item.is_string() ? item.get<std::string>() : item.dump();
    }
    return words;
  };
  const bool one = details.value("events", Json::array()).size() == 1;
  return "(" + list("texts") + " of event" + (one ? " " : "s ") + list("events") + ")";
}

/// Comment, reason and whatever else was said.
std::string Remarks(const Event& event) {
  std::vector<std::string> remarks;
  if (const auto meaning = TextOf(event, "meaning"); !meaning.empty()) remarks.push_back(meaning);
  if (!event.comment.empty()) remarks.push_back(event.comment);
  if (const auto why = TextOf(event, "why"); !why.empty()) remarks.push_back("refused: " + why);
  if (event.event_type == "set_attributes") {
    if (const auto set = TextOf(event, "attributes"); !set.empty()) {
      remarks.push_back(AttributeWords(set));
    }
    if (const auto name = TextOf(event, "name"); !name.empty()) remarks.push_back("name: " + name);
  }
  const auto details = Json::parse(event.details, nullptr, false);
  if (const auto policy = PolicyWords(event, details); !policy.empty()) remarks.push_back(policy);
  if (details.is_object() && details.contains("equals") && details["equals"].is_number_integer()) {
    remarks.push_back("(the same content as " + V(details["equals"].get<int64_t>()) + ")");
  }
  if (const auto rows = RowWords(event, details); !rows.empty()) remarks.push_back(rows);
  if (const auto hidden = RedactedWords(event, details); !hidden.empty()) {
    remarks.push_back(hidden);
  }
  if (const auto by = event.texts.find("imported_by"); by != event.texts.end()) {
    remarks.push_back(by->second.empty() ? "(imported)" : "(imported by " + by->second + ")");
  }
  const bool was_done = !event.event_type.ends_with("_refused");
  if (const auto change = SchemaChange(details); was_done && !change.empty())
    remarks.push_back(change);
  std::string joined;
  for (const auto& remark : remarks)
    joined += (joined.empty() ? "" : "; ") + remark;
  return Cut(joined, kRemarkWidthMax);
}

int RunLog(Invocation& invocation, const Arguments& arguments) {
  auto events =
      Take(invocation.store().History(arguments.record_id, arguments.after, arguments.limit));
  if (const auto newest = static_cast<size_t>(std::max<int64_t>(0, arguments.newest));
      newest > 0 && events.size() > newest) {
    events.erase(events.begin(), events.end() - arguments.newest);
  }
  if (invocation.json) {
    invocation.output().PrintJson({{"record_id", arguments.record_id}, {"events", ToJson(events)}});
    return 0;
  }
  TextTable table;
  table.AddColumn("#", TextTable::Align::kRight);
  table.AddColumn("when (UTC)");
  table.AddColumn("who");
  table.AddColumn("did");
  table.AddColumn("version");
  if (arguments.hashes) table.AddColumn("hash");
  table.AddColumn("and said");
  table.WrapLast();
  for (const auto& event : events) {
    std::vector<TextTable::Cell> cells = {std::to_string(event.seq),
                                          ShortTime(event.time),
                                          ActorWords(event),
                                          {Deed(event), StyleOfDeed(event)},
                                          event.version ? V(*event.version) : ""};
    if (arguments.hashes) cells.emplace_back(event.hash.substr(0, kHashShown), Style::kDim);
    cells.emplace_back(Remarks(event));
    table.AddRow(std::move(cells));
  }
  invocation.output().Print(table.Render(invocation.output().terminal()));
  return 0;
}

/// What author and reviewer said, and the tags.
std::string VersionRemarks(const Version& version) {
  std::string words = version.comment;
  if (version.review) {
    for (const auto& text : {version.review->meaning, version.review->reason}) {
      if (!text.empty()) words += (words.empty() ? "" : "; ") + version.review->by + ": " + text;
    }
  }
  for (const auto& tag : version.tags)
    words += (words.empty() ? "[" : " [") + tag + "]";
  return words;
}

int RunVersions(Invocation& invocation, const Arguments& arguments) {
  const auto versions =
      Take(invocation.store().Versions(arguments.record_id, arguments.after, arguments.limit));
  if (invocation.json) {
    invocation.output().PrintJson(
        {{"record_id", arguments.record_id}, {"versions", ToJson(versions)}});
    return 0;
  }
  TextTable table;
  table.AddColumn("version");
  table.AddColumn("status");
  table.AddColumn("rows", TextTable::Align::kRight);
  table.AddColumn("written (UTC)");
  table.AddColumn("by");
  table.AddColumn("reviewed by");
  table.AddColumn("comment");
  table.WrapLast();
  for (const auto& version : versions) {
    int64_t rows = 0;
    for (const auto& info : version.tables)
      rows += info.rows;
    table.AddRow(
        {{V(version.version) + (version.active ? " *" : ""),
          version.active ? Style::kBold : Style::kPlain},
         {StatusName(version.status) + (version.purged ? ", purged" : ""), StyleOf(version.status)},
         Grouped(rows),
         ShortTime(version.created_at),
         version.created_by,
         version.review ? version.review->by : "",
         VersionRemarks(version)});
  }
  invocation.output().Print(table.Render(invocation.output().terminal()));
  return 0;
}

}  // namespace

void AddLog(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "log", "Tell a record's history: who did what, when and why",
              arguments, RunLog);
  verb->alias("history");
  verb->group("Read");
  verb->add_option("ID", arguments->record_id, "The record")->required();
  verb->add_option("-n,--newest", arguments->newest, "Only the newest so many")
      ->type_name("N")
      ->check(UpTo(kCountMax));
  verb->add_option("--after", arguments->after, "Only what came after this number")
      ->type_name("SEQ")
      ->check(UpTo(kCountMax));
  verb->add_option("--limit", arguments->limit, "At most so many, from the oldest on")
      ->type_name("N")
      ->check(UpTo(kCountMax));
  verb->add_flag("--hashes", arguments->hashes, "Show the chain's hashes");
  verb->footer(
      "Examples:\n"
      "  coreshed log HKZ1-CPT01\n"
      "  coreshed log HKZ1-CPT01 --json | jq '.events[].actor'");
}

void AddVersions(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "versions", "List a record's versions; the active one is marked *",
              arguments, RunVersions);
  verb->group("Read");
  verb->add_option("ID", arguments->record_id, "The record")->required();
  verb->add_option("--after", arguments->after, "Only higher numbers")
      ->type_name("N")
      ->check(UpTo(kCountMax));
  verb->add_option("--limit", arguments->limit, "At most so many")
      ->type_name("N")
      ->check(UpTo(kCountMax));
  verb->footer(
      "Examples:\n"
      "  coreshed versions HKZ1-CPT01");
}

}  // namespace coreshed::cli
