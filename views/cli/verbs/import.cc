#include <algorithm>

#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/faults.h"
#include "cli/json.h"
#include "cli/long_work.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

constexpr size_t kNotesShown = 50;

struct Arguments {
  std::string folder, by;
};

std::string SummaryOf(const ImportReport& report) {
  if (report.records == 0 && report.ok()) return "Found no record there\n";
  if (report.unchanged == report.records) {
    return "Nothing to import: " + Counted(report.records, "record") + " had been imported before" +
           (report.ok() ? "; all was read back\n" : "\n");
  }
  std::string text = "Imported " + Counted(report.imported, "record") + " of " +
                     Grouped(report.records) + ", with " + Counted(report.versions, "version") +
                     " and " + Counted(report.events, "event");
  if (report.unchanged > 0) {
    text += "; " + Counted(report.unchanged, "record") + " had been imported before";
  }
  return text + (report.ok() ? "; all was read back\n" : "\n");
}

void PrintNotes(const ImportReport& report, Output& output) {
  const size_t shown = std::min(report.notes.size(), kNotesShown);
  for (size_t i = 0; i < shown; ++i)
    output.Print("  note: " + Printable(report.notes[i]) + "\n");
  if (shown < report.notes.size()) {
    output.Print("  and " +
                 Counted(static_cast<int64_t>(report.notes.size() - shown), "more note") +
                 " (--json has all)\n");
  }
}

int Run(Invocation& invocation, const Arguments& arguments) {
  ImportOptions options;
  options.actor = ActorOr(arguments.by);
  const auto report = DoLongWork(
      invocation, &options, [&](Store& store) { return store.Import(arguments.folder, options); });
  auto& output = invocation.output();
  if (invocation.json) {
    output.PrintJson(ToJson(report));
    return report.ok() ? 0 : kFaultsFound;
  }
  output.Print(SummaryOf(report));
  PrintNotes(report, output);
  if (report.ok()) return 0;
  PrintFaults(report.faults, "", false, output);
  return kFaultsFound;
}

}  // namespace

void AddImport(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = AddVerb(app, invocation, "import",
                           "Take in an older store: JSON beside CSV or Parquet, with its history",
                           arguments, Run);
  verb->group("Write");
  verb->add_option("FOLDER", arguments->folder, "The older store; it is only read")->required();
  verb->add_option("--by", arguments->by, "Who imports (else CORESHED_USER, else your login name)")
      ->type_name("NAME");
  verb->footer(
      "Read are ID.json beside ID.csv or ID.parquet (versions: ID_v2.csv, several tables: a "
      "folder\n"
      "ID), and records/ID/metadata.json beside versions/v2.parquet. People, times and comments\n"
      "stay; every event says that it was told. Imported twice, nothing changes.\n\n"
      "Examples:\n"
      "  coreshed import ../old-store --by k.brandt");
}

}  // namespace coreshed::cli
