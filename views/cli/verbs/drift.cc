#include <arrow/record_batch.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/inputs.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/text_table.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct Arguments {
  std::string ref;
  FileArguments files;
  std::vector<std::string> renames;
  std::string schema;
};

/// Without a selector the active version is meant, as by an update, whatever the store's default.
std::string WithSelector(std::string ref) {
  const size_t at = ref.find_first_of("@#");
  if (at == ref.npos || ref[at] == '#') ref.insert(std::min(at, ref.size()), "@active");
  return ref;
}

bool IsFile(const std::string& name) {
  std::error_code code;
  return std::filesystem::exists(name, code);
}

/// A single file may be named first as well: `drift FILE RECORD`.
Arguments InOrder(Arguments arguments) {
  if (arguments.files.files.size() == 1 && IsFile(arguments.ref) &&
      !IsFile(arguments.files.files.front())) {
    std::swap(arguments.ref, arguments.files.files.front());
  }
  return arguments;
}

/// What a ref stands for. One that stands for nothing may have been meant for a file, which is not
/// there either.
Resolved ResolveOrFile(Store& store, const std::string& ref, const Arguments& arguments) {
  auto resolved = store.Resolve(ref);
  const bool looks_like_file =
      arguments.ref.find('/') != arguments.ref.npos || FormatOfFile(arguments.ref).has_value();
  if (!resolved && resolved.error().kind == ErrorKind::kNotFound && looks_like_file &&
      arguments.files.files.size() == 1 && !IsFile(arguments.files.files.front())) {
    throw Failure(Error{ErrorKind::kNotFound,
                        "There is no file " + arguments.ref + ", and no record that is called so."}
                      .With("file", arguments.ref));
  }
  return Take(std::move(resolved));
}

int Run(Invocation& invocation, const Arguments& given) {
  const Arguments arguments = InOrder(given);
  Store& store = invocation.store();
  const std::string ref = WithSelector(arguments.ref);
  const auto resolved = ResolveOrFile(store, ref, arguments);
  const auto renames = ParsePairs(arguments.renames, "renaming: write it as old=new");
  const Inputs inputs =
      OpenInputs(arguments.files, ForRecord{&store, ref, renames, arguments.schema});
  const Drift drift = Take(store.FindDrift(ref, inputs.data, {renames, arguments.schema}));
  if (invocation.json) {
    Json document = {{"record_id", resolved.record_id},
                     {"version", resolved.version.version},
                     {"status", StatusName(resolved.version.status)}};
    document["drift"] = ToJson(drift);
    document["warnings"] = inputs.warnings;
    invocation.output().PrintJson(document);
    return 0;
  }
  const auto& terminal = invocation.output().terminal();
  for (const auto& warning : inputs.warnings)
    invocation.output().Print("warning  " + Printable(warning) + "\n");
  const std::string against = RecordWords(resolved.version, terminal);
  if (drift.changes.empty()) {
    invocation.output().Print("No difference from the columns of " + against + ".\n");
    return 0;
  }
  invocation.output().Print("Against " + against +
                            " the columns differ: " + DriftClassName(drift.drift_class) + "\n");
  for (const auto& change : drift.changes) {
    const bool breaking = change.drift_class == DriftClass::kBreaking;
    invocation.output().Print(
        "  " +
        terminal.Styled(Printable(change.Describe()), breaking ? Style::kYellow : Style::kPlain) +
        "\n");
  }
  return 0;
}

}  // namespace

void AddDrift(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = AddVerb(app, invocation, "drift",
                           "Show how the columns of files differ from a record's; writes nothing",
                           arguments, Run);
  verb->group("Write");
  verb->add_option("REF", arguments->ref, "The record, or a version of it")->required();
  arguments->files.AddTo(verb, "As for update");
  verb->add_option("--rename", arguments->renames, "A column that was renamed")
      ->type_name("OLD=NEW");
  verb->add_option("--schema", arguments->schema, "As it would be under this one")
      ->type_name("NAME");
  verb->footer(
      "Of one file the order does not count.\n\n"
      "Examples:\n"
      "  coreshed drift corrected.csv HKZ1-CPT01\n"
      "  coreshed drift HKZ1-CPT01@approved corrected.csv");
}

}  // namespace coreshed::cli
