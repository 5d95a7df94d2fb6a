#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/text_table.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct TagArguments {
  EventArguments event;
  std::string ref, name;
};

struct AttributesArguments {
  EventArguments event;
  std::string record_id, name;
  std::vector<std::string> pairs;
};

struct SettingsArguments {
  EventArguments event;
  std::vector<std::string> pairs;
};

int RunTag(Invocation& invocation, const TagArguments& arguments) {
  EventOptions options;
  arguments.event.Fill(&options, invocation);
  Store& store = invocation.store();
  invocation.interrupts().Listen();
  const auto version = Take(store.Tag(arguments.ref, arguments.name, options));
  if (invocation.json) {
    invocation.output().PrintJson(ToJson(version));
    return 0;
  }
  Facts facts;
  facts.Add("by", options.actor);
  AddWarnings(version, &facts);
  const auto& terminal = invocation.output().terminal();
  invocation.output().Print("Tagged " + RecordWords(version, terminal) + " as " +
                            Printable(arguments.name) + "\n" + facts.Render(terminal));
  return 0;
}

void PrintPairs(const std::map<std::string, std::string>& pairs, const std::string& title,
                Output& output) {
  TextTable table;
  table.AddColumn(title);
  table.AddColumn("value");
  table.WrapLast();
  for (const auto& [name, value] : pairs)
    table.AddRow({name, value});
  output.Print(table.Render(output.terminal()));
}

/// The record with its new attributes, and whether anything changed.
std::pair<RecordInfo, bool> SetAttributes(Invocation& invocation, Store& store,
                                          const AttributesArguments& arguments) {
  EventOptions options;
  arguments.event.Fill(&options, invocation);
  const auto pairs = ParsePairs(arguments.pairs, "attribute: write it as key=value");
  const auto name = arguments.name.empty() ? std::nullopt : std::optional(arguments.name);
  const auto before = Take(store.GetRecord(arguments.record_id));
  invocation.interrupts().Listen();
  auto after = Take(store.SetAttributes(arguments.record_id, pairs, name, options));
  const bool changed = after.attributes != before.attributes || after.name != before.name;
  return {std::move(after), changed};
}

int RunAttributes(Invocation& invocation, const AttributesArguments& arguments) {
  Store& store = invocation.store();
  const bool sets = !arguments.pairs.empty() || !arguments.name.empty();
  const auto [record, changed] = sets
                                     ? SetAttributes(invocation, store, arguments)
                                     : std::pair(Take(store.GetRecord(arguments.record_id)), false);
  if (invocation.json) {
    invocation.output().PrintJson(ToJson(record));
    return 0;
  }
  const std::string id = Printable(record.record_id);
  if (changed) {
    invocation.output().Print("Changed " + id + ", by " + Printable(record.updated_by) + "\n");
  } else if (sets) {
    invocation.output().Print("Nothing to change: " + id + " has these already.\n");
  }
  if (record.name != record.record_id) {
    Facts facts;
    facts.Add("name", record.name);
    invocation.output().Print(facts.Render(invocation.output().terminal()));
  }
  if (record.attributes.empty()) {
    invocation.output().Print(id + " has no attributes.\n");
  } else {
    PrintPairs(record.attributes, "attribute", invocation.output());
  }
  return 0;
}

int RunSettings(Invocation& invocation, const SettingsArguments& arguments) {
  Store& store = invocation.store();
  if (!arguments.pairs.empty()) {
    EventOptions options;
    arguments.event.Fill(&options, invocation);
    const auto pairs = ParsePairs(arguments.pairs, "setting: write it as key=value");
    invocation.interrupts().Listen();
    Take(store.SetSettings(pairs, options));
  }
  const auto settings = Take(store.Settings());
  if (invocation.json) {
    invocation.output().PrintJson({{"settings", settings}});
  } else {
    PrintPairs(settings, "setting", invocation.output());
  }
  return 0;
}

}  // namespace

void AddTag(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<TagArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "tag", "Give a version a name, or move it there", arguments, RunTag);
  verb->group("Review");
  verb->add_option("REF", arguments->ref, "The version: ID, ID@v3, …")->required();
  verb->add_option("NAME", arguments->name, "The tag")->required();
  arguments->event.AddTo(verb, "Why");
  verb->footer(
      "Examples:\n"
      "  coreshed tag HKZ1-CPT01@v3 design-freeze\n"
      "  coreshed read HKZ1-CPT01@design-freeze");
}

void AddAttributes(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<AttributesArguments>();
  CLI::App* verb = AddVerb(app, invocation, "attributes", "Show or set a record's attributes",
                           arguments, RunAttributes);
  verb->group("Review");
  verb->add_option("ID", arguments->record_id, "The record")->required();
  verb->add_option("KEY=VALUE", arguments->pairs, "Set these; without a value: remove");
  verb->add_option("--name", arguments->name, "The record's name to show")->type_name("TEXT");
  arguments->event.AddTo(verb, "Why");
  verb->footer(
      "Examples:\n"
      "  coreshed attributes HKZ1-CPT01\n"
      "  coreshed attributes HKZ1-CPT01 site=HKZ1 phase=");
}

void AddSettings(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<SettingsArguments>();
  CLI::App* verb = AddVerb(app, invocation, "settings", "Show or change the store's settings",
                           arguments, RunSettings);
  verb->group("Store");
  verb->add_option("KEY=VALUE", arguments->pairs, "Change these; without a value: the default");
  arguments->event.AddTo(verb, "Why");
  verb->footer(
      "Examples:\n"
      "  coreshed settings\n"
      "  coreshed settings drift_policy=warn forbid_self_approval=true -m \"four eyes\"");
}

}  // namespace coreshed::cli
