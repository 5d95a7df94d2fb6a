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
  std::string status, created_by, table, text, since, after;
  std::vector<std::string> attributes;
  int64_t limit = -1;
};

ListOptions OptionsOf(const Arguments& arguments) {
  ListOptions options;
  for (const Status status : {Status::kDraft, Status::kApproved, Status::kRejected}) {
    if (arguments.status == StatusName(status)) options.status = status;
  }
  options.attributes = ParsePairs(arguments.attributes, "attribute: write it as key=value");
  options.created_by = arguments.created_by;
  options.table_name = arguments.table;
  options.text = arguments.text;
  options.updated_since = arguments.since;
  options.limit = arguments.limit;
  options.after = arguments.after;
  return options;
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const auto& text : texts)
    joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

void AddRow(const RecordInfo& record, TextTable* table) {
  if (!record.corrupt.empty()) {
    table->AddRow({record.record_id, "", {"corrupt", Style::kRed}, "", "", "", "", record.corrupt});
    return;
  }
  std::string about = record.name == record.record_id ? "" : record.name;
  for (const auto& [name, value] : record.attributes) {
    about += (about.empty() ? "" : ", ") + name + "=" + value;
  }
  table->AddRow({record.record_id,
                 "v" + std::to_string(record.current_version),
                 {StatusName(record.status), StyleOf(record.status)},
                 Grouped(record.rows),
                 Joined(record.tables),
                 ShortTime(record.updated_at),
                 record.updated_by,
                 about});
}

int Run(Invocation& invocation, const Arguments& arguments) {
  const auto records = Take(invocation.store().ListRecords(OptionsOf(arguments)));
  if (invocation.json) {
    invocation.output().PrintJson({{"records", ToJson(records)}});
    return 0;
  }
  if (records.empty()) {
    invocation.output().Print("No records.\n");
    return 0;
  }
  TextTable table;
  table.AddColumn("record");
  table.AddColumn("active");
  table.AddColumn("status");
  table.AddColumn("rows", TextTable::Align::kRight);
  table.AddColumn("tables");
  table.AddColumn("last event (UTC)");
  table.AddColumn("by");
  table.AddColumn("about");
  table.WrapLast();
  for (const auto& record : records)
    AddRow(record, &table);
  invocation.output().Print(table.Render(invocation.output().terminal()));
  return 0;
}

}  // namespace

void AddList(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = AddVerb(app, invocation, "list", "List records, by condition", arguments, Run);
  verb->alias("ls");
  verb->group("Read");
  verb->add_option("-s,--status", arguments->status, "Of the active version")
      ->check(CLI::IsMember({"draft", "approved", "rejected"}))
      ->type_name("draft|approved|rejected");
  verb->add_option("-a,--attribute", arguments->attributes, "With this attribute")
      ->type_name("KEY=VALUE");
  verb->add_option("--created-by", arguments->created_by, "Made by")->type_name("NAME");
  verb->add_option("--table", arguments->table, "With a table of this name")->type_name("TABLE");
  verb->add_option("-t,--text", arguments->text, "With this in id, name or an attribute")
      ->type_name("TEXT");
  verb->add_option("--since", arguments->since, "Changed then or later")->type_name("TIME");
  verb->add_option("-n,--limit", arguments->limit, "At most so many")
      ->type_name("N")
      ->check(UpTo(kCountMax));
  verb->add_option("--after", arguments->after, "Only ids after this one")->type_name("ID");
  verb->footer(
      "Examples:\n"
      "  coreshed list --status draft\n"
      "  coreshed list -a site=HKZ1 --since 2026-01-01");
}

}  // namespace coreshed::cli
