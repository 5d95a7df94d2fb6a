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
  std::string ref;
  bool raw = false;
};

std::string AttributeWords(const RecordInfo& record) {
  std::string words;
  for (const auto& [name, value] : record.attributes) {
    words += (words.empty() ? "" : ", ") + name + "=" + value;
  }
  return words;
}

void AddReviewFacts(const Version& version, Facts* facts) {
  if (!version.review) return;
  const auto& review = *version.review;
  facts->Add("reviewed", StatusName(version.status) + " by " + review.by + ", " +
                             ShortTime(review.at) + " UTC");
  facts->Add("meaning", review.meaning);
  facts->Add("reason", review.reason);
}

void PrintColumns(const TableInfo& info, bool with_name, Output& output) {
  TextTable table;
  table.AddColumn(with_name ? "column of " + info.name : "column");
  table.AddColumn("type");
  table.AddColumn("null");
  for (const auto& column : info.columns) {
    table.AddRow({column.name, column.type, column.nullable ? "yes" : "no"});
  }
  output.Print("\n" + table.Render(output.terminal()));
}

int Run(Invocation& invocation, const Arguments& arguments) {
  Store& store = invocation.store();
  auto& output = invocation.output();
  if (arguments.raw) {
    output.Print(Take(store.GetMetadata(RecordIdOf(arguments.ref))));
    return 0;
  }
  const auto resolved = Take(store.Resolve(arguments.ref));
  const auto record = Take(store.GetRecord(resolved.record_id));
  if (invocation.json) {
    output.PrintJson({{"record", ToJson(record)}, {"version", ToJson(resolved.version)}});
    return 0;
  }
  const auto& version = resolved.version;
  Facts facts;
  if (record.name != record.record_id) facts.Add("name", record.name);
  facts.Add("attributes", AttributeWords(record));
  std::string tags;
  for (const auto& tag : version.tags)
    tags += (tags.empty() ? "" : ", ") + tag;
  facts.Add("tags", tags);
  AddVersionFacts(version, &facts);
  AddReviewFacts(version, &facts);
  facts.Add("versions", Counted(record.versions, "version") + ", v" +
                            std::to_string(record.current_version) + " active, last event " +
                            ShortTime(record.updated_at) + " UTC by " + record.updated_by);
  if (record.drift_policy) {
    facts.Add("policy", DriftPolicyName(*record.drift_policy) + " (coreshed policy)");
  }
  if (!record.bound_schema.empty()) facts.Add("bound to", "schema " + record.bound_schema);
  facts.Add("hash", version.exact_hash);
  facts.Add("content", version.duplicate_hash);
  output.Print(RecordWords(version, output.terminal()) + "\n" + facts.Render(output.terminal()));
  for (const auto& table : version.tables) {
    const bool wanted =
        arguments.ref.find('#') == std::string::npos || resolved.table == table.name;
    if (wanted && !version.purged) PrintColumns(table, version.tables.size() > 1, output);
  }
  return 0;
}

}  // namespace

void AddInfo(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "info", "Tell all about a version: status, review, source, columns",
              arguments, Run);
  verb->group("Read");
  verb->add_option("REF", arguments->ref, "ID, ID@v3, ID@approved, …")->required();
  verb->add_flag("--raw", arguments->raw, "Print the record's metadata.json as it is stored");
  verb->footer(
      "Examples:\n"
      "  coreshed info HKZ1-CPT01\n"
      "  coreshed info HKZ1-CPT01@approved --json");
}

}  // namespace coreshed::cli
