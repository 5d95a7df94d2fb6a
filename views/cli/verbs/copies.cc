#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/faults.h"
#include "cli/json.h"
#include "cli/long_work.h"
#include "cli/text.h"
#include "cli/text_table.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct CopyArguments {
  std::string place;
  std::vector<std::string> records;
};

struct ChangesArguments {
  std::string since;
};

int RunCopy(Invocation& invocation, const CopyArguments& arguments) {
  CopyOptions options;
  options.records = arguments.records;
  const auto report = DoLongWork(
      invocation, &options, [&](Store& store) { return store.Copy(arguments.place, options); });
  auto& output = invocation.output();
  if (invocation.json) {
    output.PrintJson(ToJson(report));
    return report.ok() ? 0 : kFaultsFound;
  }
  if (!report.again_after.empty()) {
    output.Print(
        "What was erased is gone there, too. Requests from before may bring it back until " +
        report.again_after + ": copy once more after that\n");
  }
  for (const auto& key : report.left) {
    output.Print("Left there: " + key +
                 " of a write that was given up; its name may still be claimed, so it goes with a "
                 "copy after the next version\n");
  }
  if (report.ok() && report.copied == 0) {
    output.Print("Nothing to copy: what is there is up to date\n");
    return 0;
  }
  output.Print("Copied " + Grouped(report.copied) + " of " + Counted(report.records, "record") +
               ", " + Counted(report.files, "file") + " (" + Bytes(report.bytes) + ")" +
               (report.ok() ? "; all was read back\n" : "\n"));
  if (report.ok()) return 0;
  PrintFaults(report.faults, "", false, output);
  return kFaultsFound;
}

int RunRepair(Invocation& invocation, const std::string&) {
  RepairOptions options;
  const auto report =
      DoLongWork(invocation, &options, [&](Store& store) { return store.Repair(options); });
  if (invocation.json) {
    invocation.output().PrintJson(ToJson(report));
    return 0;
  }
  invocation.output().Print("Looked at " + Counted(report.records, "record") + " and " +
                            Counted(report.versions, "version") + ": put " +
                            Counted(report.markers, "missing marker") +
                            " back, and made the index anew\n");
  return 0;
}

int RunChanges(Invocation& invocation, const ChangesArguments& arguments) {
  const auto changes = Take(invocation.store().Changes(arguments.since));
  auto& output = invocation.output();
  if (invocation.json) {
    output.PrintJson(ToJson(changes));
    return 0;
  }
  TextTable table;
  table.AddColumn("record");
  table.AddColumn("active");
  table.AddColumn("status");
  table.AddColumn("last event (UTC)");
  table.AddColumn("by");
  for (const auto& [record, is_gone] : changes.records) {
    if (is_gone || !record.corrupt.empty()) {
      table.AddRow({record.record_id, "", {is_gone ? "deleted" : "corrupt", Style::kRed}, "", ""});
      continue;
    }
    table.AddRow({record.record_id,
                  "v" + std::to_string(record.current_version),
                  {StatusName(record.status), StyleOf(record.status)},
                  ShortTime(record.updated_at),
                  record.updated_by});
  }
  output.Print(changes.records.empty() ? "No changes.\n" : table.Render(output.terminal()));
  if (changes.token.empty()) return 0;
  output.Print("next: coreshed changes --since " + Printable(changes.token) + "\n");
  return 0;
}

}  // namespace

void AddCopy(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<CopyArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "copy",
              "Make a copy of the store elsewhere, or bring one up to date", arguments, RunCopy);
  verb->group("Care");
  verb->add_option("PLACE", arguments->place, "A folder, or s3://bucket/prefix")->required();
  verb->add_option("ID", arguments->records, "Only these records");
  verb->footer(
      "Backup, and restore the other way round. Only what is not there yet is copied; a copy that\n"
      "was interrupted goes on. What is copied is read back and checked.\n\n"
      "Examples:\n"
      "  coreshed copy ../backup\n"
      "  coreshed --store soundings copy s3://archive/soundings\n"
      "  coreshed --store ../backup copy restored");
}

void AddRepair(CLI::App& app, Invocation& invocation) {
  const auto nothing = std::make_shared<std::string>();
  CLI::App* verb = AddVerb(app, invocation, "repair",
                           "Make anew what can be derived from the records", nothing, RunRepair);
  verb->group("Care");
  verb->footer(
      "That is the markers by which content is found, and the index. Records are not changed.\n\n"
      "Examples:\n"
      "  coreshed repair");
}

void AddChanges(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<ChangesArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "changes", "List records that have changed since the last time",
              arguments, RunChanges);
  verb->group("Read");
  verb->add_option("--since", arguments->since, "What the last call printed; else all records")
      ->type_name("TOKEN");
  verb->footer(
      "Each change is told at least once, whatever clocks say. A token is one of this user's on\n"
      "this machine: with another one, all records come.\n\n"
      "Examples:\n"
      "  coreshed changes --json");
}

}  // namespace coreshed::cli
