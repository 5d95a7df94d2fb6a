#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/faults.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/long_work.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

constexpr double kHoursMax = 1e6;

struct VerifyArguments {
  std::vector<std::string> records;
  bool deep = false;
  std::string seal, public_key;
};

struct SealArguments {
  std::string key, output;
};

struct VacuumArguments {
  bool dry_run = false;
  double grace_hours = 24;
};

/// Write a file that must not be there yet: whole, and durable, or not at all.
void WriteNewFile(const std::string& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0 && errno == EEXIST) {
    throw Failure(
        Error{ErrorKind::kAlreadyExists, path + " exists already, and a seal is never overwritten."}
            .With("file", path));
  }
  bool done = file >= 0;
  while (done && !text.empty()) {
    const ssize_t wrote = write(file, text.data(), text.size());
    done = wrote >= 0;
    text.remove_prefix(done ? static_cast<size_t>(wrote) : 0);
  }
  done = done && fsync(file) == 0;
  const int reason = errno;
  if (file >= 0) close(file);
  if (done) return;
  if (file >= 0) unlink(path.c_str());
  throw Failure(
      Error{ErrorKind::kIo, path + " can't be written: " + std::strerror(reason) + "."}.With("file",
                                                                                             path));
}

std::string Checked(const VerifyReport& report) {
  return "Checked " + Counted(report.records, "record") + ", " +
         Counted(report.versions, "version") + ", " + Counted(report.events, "event") + ", " +
         Counted(report.files, "file") + " (" + Bytes(report.bytes_read) + " read)";
}

int RunVerify(Invocation& invocation, const VerifyArguments& arguments) {
  VerifyOptions options;
  options.records = arguments.records;
  options.deep = arguments.deep;
  if (!arguments.seal.empty()) options.seal = FileText(arguments.seal);
  if (!arguments.public_key.empty()) options.public_key_pem = FileText(arguments.public_key);
  const auto report =
      DoLongWork(invocation, &options, [&](Store& store) { return store.Verify(options); });
  auto& output = invocation.output();
  if (invocation.json) {
    output.PrintJson(ToJson(report));
    return report.ok() ? 0 : kFaultsFound;
  }
  if (report.ok()) {
    output.Print(Checked(report) + ": " + output.terminal().Styled("no faults", Style::kGreen) +
                 "\n");
  } else {
    const auto count = static_cast<int64_t>(report.faults.size());
    output.Print(Checked(report) + ": " +
                 output.terminal().Styled(Counted(count, "fault"), Style::kRed) + "\n");
    PrintFaults(report.faults, "(store)", true, output);
  }
  for (const auto& note : report.notes)
    output.Print("note: " + Printable(note) + "\n");
  return report.ok() ? 0 : kFaultsFound;
}

int RunSeal(Invocation& invocation, const SealArguments& arguments) {
  const std::string key = arguments.key.empty() ? "" : FileText(arguments.key);
  const std::string seal = Take(invocation.store().Seal(key));
  if (arguments.output.empty()) {
    invocation.output().Print(seal + (seal.ends_with('\n') ? "" : "\n"));
    return 0;
  }
  WriteNewFile(arguments.output, seal);
  if (invocation.json) {
    invocation.output().PrintJson({{"file", arguments.output}});
  } else {
    invocation.output().Print("Sealed into " + arguments.output +
                              ". Keep it where nobody who writes to the store can change it.\n");
  }
  return 0;
}

int RunVacuum(Invocation& invocation, const VacuumArguments& arguments) {
  VacuumOptions options;
  options.dry_run = arguments.dry_run;
  options.grace = std::chrono::seconds(static_cast<int64_t>(arguments.grace_hours * 3600));
  const auto report =
      DoLongWork(invocation, &options, [&](Store& store) { return store.Vacuum(options); });
  auto& output = invocation.output();
  if (invocation.json) {
    output.PrintJson(ToJson(report));
    return 0;
  }
  output.Print((arguments.dry_run ? "Would remove " : "Removed ") + Counted(report.files, "file") +
               " (" + Bytes(report.bytes) + ") that nothing refers to, from " +
               Grouped(report.records_cleaned) + " of " + Counted(report.records, "record") +
               (report.temporary > 0
                    ? " (" + Counted(report.temporary, "temporary file") + " among them)"
                    : "") +
               "\n");
  if (arguments.dry_run) {
    for (const auto& object : report.objects)
      output.Print("  " + Printable(object) + "\n");
  }
  return 0;
}

int RunStats(Invocation& invocation, const std::string&) {
  Store& store = invocation.store();
  const auto stats = Take(store.Stats());
  if (invocation.json) {
    invocation.output().PrintJson(ToJson(stats));
    return 0;
  }
  std::string by_status;
  for (const auto& [status, count] : stats.by_status) {
    by_status += (by_status.empty() ? "" : ", ") + Grouped(count) + " " + status;
  }
  if (stats.corrupt > 0) by_status += ", " + Grouped(stats.corrupt) + " corrupt";
  Facts facts;
  facts.Add("records", Grouped(stats.records) + (by_status.empty() ? "" : " (" + by_status + ")"),
            stats.corrupt > 0 ? Style::kRed : Style::kPlain);
  facts.Add("versions", Grouped(stats.versions));
  facts.Add("events", Grouped(stats.events));
  facts.Add("data", Bytes(stats.data_bytes) + " in " + Counted(stats.data_files, "file"));
  facts.Add("metadata", Bytes(stats.metadata_bytes));
  facts.Add("id", store.store_id());
  const auto& terminal = invocation.output().terminal();
  invocation.output().Print(store.location() + "\n" + facts.Render(terminal));
  return 0;
}

}  // namespace

void AddVerify(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "verify", "Check everything and name every fault (exit code 1)",
              arguments, RunVerify);
  verb->group("Care");
  verb->add_option("ID", arguments->records, "Only these records");
  verb->add_flag("--deep", arguments->deep, "Read and hash all data, not only sizes");
  CLI::Option* seal =
      verb->add_option("--seal", arguments->seal, "Compare with a seal made earlier")
          ->type_name("FILE");
  verb->add_option("--public-key", arguments->public_key, "Who must have signed the seal (PEM)")
      ->type_name("FILE")
      ->needs(seal);
  verb->footer(
      "Examples:\n"
      "  coreshed verify --deep\n"
      "  coreshed verify --seal 2026-01.seal --public-key owner.pem");
}

void AddSeal(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<SealArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "seal", "Make a digest of the whole store, to be kept elsewhere",
              arguments, RunSeal);
  verb->group("Care");
  verb->add_option("--key", arguments->key, "Sign with this Ed25519 private key (PEM)")
      ->type_name("FILE");
  verb->add_option("-o,--output", arguments->output, "Into a file")->type_name("FILE");
  verb->footer(
      "Examples:\n"
      "  coreshed seal --key owner-private.pem -o 2026-01.seal");
}

void AddVacuum(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<VacuumArguments>();
  CLI::App* verb = AddVerb(app, invocation, "vacuum",
                           "Remove what crashes and lost races left behind", arguments, RunVacuum);
  verb->group("Care");
  verb->add_flag("--dry-run", arguments->dry_run, "Only say what would go");
  verb->add_option("--grace", arguments->grace_hours, "Leave what is younger alone")
      ->type_name("HOURS")
      ->check(UpTo(kHoursMax))
      ->capture_default_str();
  verb->footer(
      "It never removes anything that a version refers to.\n\n"
      "Examples:\n"
      "  coreshed vacuum --dry-run");
}

void AddStats(CLI::App& app, Invocation& invocation) {
  const auto nothing = std::make_shared<std::string>();
  CLI::App* verb =
      AddVerb(app, invocation, "stats", "Count records, versions and bytes", nothing, RunStats);
  verb->group("Care");
  verb->footer(
      "Examples:\n"
      "  coreshed stats --json");
}

}  // namespace coreshed::cli
