#include "cli/app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/error_text.h"
#include "cli/failure.h"
#include "cli/help.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

constexpr const char* kDescription =
    "Coreshed keeps tables as versions that are reviewed, never altered, and always there to be\n"
    "pulled out again.";
constexpr const char* kFooter =
    "A REF is ID[@SELECTOR][#TABLE]: BH-7, BH-7@v3, BH-7@approved, BH-7@head,\n"
    "BH-7@2026-01-27T10:00:00Z, BH-7@design-freeze#lab. Without a selector: the active version.\n"
    "\n"
    "Examples:\n"
    "  coreshed init soundings && cd soundings\n"
    "  coreshed create BH-7 bh7.csv --by a.meier -m \"first readings\"\n"
    "  coreshed approve BH-7 --by k.brandt\n"
    "  coreshed log BH-7\n"
    "\n"
    "Exit codes: 0 done, 1 verify or copy found faults, 2 wrong command line, 3 not found, 4 "
    "exists "
    "already,\n"
    "5 conflict, 6 lock timeout, 7 wrong status, 8 schema drift, 9 bad data, 10 damaged store,\n"
    "11 wrong argument, 12 disk or network, 13 unsupported, 14 cancelled, 15 outcome unknown,\n"
    "130 Ctrl-C.";

constexpr double kTimeoutMax = 1e6;

void AddGlobalOptions(CLI::App& app, Invocation& invocation) {
  app.add_option("--store", invocation.store_option,
                 "The store (else CORESHED_STORE, else the nearest one upward from here)")
      ->type_name("PLACE");
  app.add_flag("--json", invocation.json, "Answer (and fail) in JSON");
  app.add_option("--timeout", invocation.timeout_seconds, "How long to wait for others")
      ->type_name("SECONDS")
      ->check(UpTo(kTimeoutMax))
      ->capture_default_str();
  app.set_version_flag("--version", std::string("coreshed ") + CORESHED_VERSION);
}

void AddVerbs(CLI::App& app, Invocation& invocation) {
  for (const auto add :
       {AddInit,       AddUpload,  AddImport,     AddCreate,     AddUpdate, AddAppend,  AddUpsert,
        AddDeleteRows, AddDrift,   AddRead,       AddCohort,     AddExport, AddInfo,    AddLog,
        AddVersions,   AddList,    AddFind,       AddDuplicates, AddSource, AddApprove, AddReject,
        AddRollback,   AddTag,     AddAttributes, AddPolicy,     AddSchema, AddBind,    AddPurge,
        AddDelete,     AddRedact,  AddVerify,     AddSeal,       AddVacuum, AddCopy,    AddRepair,
        AddStats,      AddChanges, AddResolve,    AddSettings}) {
    add(app, invocation);
  }
  for (CLI::App* verb : app.get_subcommands({}))
    verb->fallthrough();
}

int PrintError(const Error& error, Invocation& invocation) {
  invocation.interrupts().EndWith();
  auto& output = invocation.output();
  const auto& terminal = output.error_terminal();
  const std::string text = ErrorText(error, invocation.json);
  if (invocation.json || !terminal.is_terminal) {
    output.Remark(text);
  } else {
    std::string lines;
    constexpr size_t kLeastWidth = 30;  // the head stays in one line
    for (const auto& line : Wrapped(text, std::max(terminal.width, kLeastWidth)))
      lines += (lines.empty() ? "" : "\n") + line;
    const std::string head = ErrorHead(error.kind);
    lines.replace(0, head.size(), terminal.Styled(head, Style::kRed));
    output.Remark(lines);
  }
  if (error.kind == ErrorKind::kCancelled && invocation.interrupts().requested()) {
    return invocation.interrupts().exit_code();
  }
  return static_cast<int>(error.kind);
}

int RunVerb(Invocation& invocation) {
  try {
    const int code = invocation.verb(invocation);
    invocation.output().Flush();
    return code;
  } catch (const Failure& failure) {
    Error error = failure.error();
    if (error.fields.contains(kOutputField) && invocation.interrupts().is_listening()) {
      error.message += " What was asked for is done: only its answer is lost.";
    }
    return PrintError(error, invocation);
  } catch (const std::bad_alloc&) {
    return PrintError(Error{ErrorKind::kIo, "There is not enough memory."}, invocation);
  } catch (const std::exception& fault) {
    return PrintError(Error{ErrorKind::kIo, std::string("Something unforeseen: ") + fault.what()},
                      invocation);
  }
}

/// An option with an empty value: mostly a variable of a script that is not set. Taken for not
/// given it would mean something else (--version "": approve whatever is there). Empty: there is
/// none.
std::string EmptyOption(const CLI::App& app) {
  std::vector<const CLI::Option*> options = app.get_options();
  for (const CLI::App* verb : app.get_subcommands()) {
    const auto own = verb->get_options();
    options.insert(options.end(), own.begin(), own.end());
  }
  for (const CLI::Option* option : options) {
    const auto& values = option->results();
    const bool may_be_empty = option->get_positional() || option->check_lname("comment");
    if (!may_be_empty && std::find(values.begin(), values.end(), "") != values.end()) {
      return option->get_name();
    }
  }
  return "";
}

/// The command line is wrong: there is no Invocation to ask whether JSON is wanted.
int PrintUsageError(const std::string& message, const std::vector<std::string>& words,
                    Invocation& invocation) {
  auto& output = invocation.output();
  if (std::find(words.begin(), words.end(), "--json") != words.end()) {
    const Json document = {{"error", {{"kind", "Usage"}, {"message", message}}}};
    output.Remark(document.dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    output.Remark(output.error_terminal().Styled("error:", Style::kRed) + " " + Printable(message));
  }
  return kUsage;
}

}  // namespace

int RunApp(int count, char** words, Invocation& invocation) {
  CLI::App app(kDescription, "coreshed");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Print this and exit; coreshed VERB --help has examples");
  AddGlobalOptions(app, invocation);
  AddVerbs(app, invocation);
  SetHelp(app);
  const std::vector<std::string> all(words + 1, words + count);
  if (all.empty()) {
    invocation.output().Remark(app.help());
    return kUsage;
  }
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help or version
    return PrintUsageError(UsageMessage(app, error, all), all, invocation);
  }
  if (const std::string option = EmptyOption(app); !option.empty()) {
    return PrintUsageError(option + " has an empty value. Give it one, or leave it out.", all,
                           invocation);
  }
  return RunVerb(invocation);
}

}  // namespace coreshed::cli
