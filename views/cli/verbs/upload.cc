#include <arrow/buffer.h>

#include <utility>

#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/files.h"
#include "cli/inputs.h"
#include "cli/json.h"
#include "cli/long_work.h"
#include "cli/rejects.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct Arguments {
  EventArguments event;
  std::string file, name, policy, expected;
  FileArguments reading;
  std::vector<std::string> renames, attributes;
  std::string schema, rejects;
  bool overwrite = false, allow_breaking = false, as_new_version = false, allow_empty = false;
  bool splits = false;
};

UploadOptions OptionsOf(const Arguments& arguments, Invocation& invocation) {
  UploadOptions options;
  arguments.event.Fill(&options, invocation);
  options.dataset_name = arguments.name;
  options.overwrite = arguments.overwrite;
  options.as_new_version = arguments.as_new_version;
  options.allow_breaking = arguments.allow_breaking;
  options.allow_empty = arguments.allow_empty;
  if (!arguments.policy.empty()) options.drift_policy = ParseDriftPolicy(arguments.policy);
  if (!arguments.expected.empty()) options.expected_version = ParseVersion(arguments.expected);
  options.renames = ParsePairs(arguments.renames, "renaming: write it as old=new");
  options.attributes = ParsePairs(arguments.attributes, "attribute: write it as key=value");
  options.reading = ReadingOf(arguments.reading);
  options.schema = arguments.schema;
  options.on_invalid = arguments.splits ? OnInvalid::kSplit : OnInvalid::kRefuse;
  return options;
}

std::string OutcomeWords(const UploadResult& result, const Terminal& terminal) {
  const std::string version = RecordWords(result.version, terminal);
  switch (result.outcome) {
    case UploadOutcome::kCreated:
      return "Created " + version;
    case UploadOutcome::kNewVersion:
      return "Uploaded as the next version: " + version;
    case UploadOutcome::kReactivated:
      return "This content is an older version, which is the active one again: " + version;
    case UploadOutcome::kUnchanged:
      break;
  }
  return "Nothing new: this is the content of " + version;
}

Json ToJson(const UploadResult& result) {
  Json document = {{"upload_id", result.upload_id},
                   {"outcome", UploadOutcomeName(result.outcome)},
                   {"version", cli::ToJson(result.version)},
                   {"duplicates", cli::ToJson(result.duplicates)},
                   {"rejects", cli::ToJson(result.rejects)}};
  return document;
}

void Print(Invocation& invocation, const UploadResult& result) {
  auto& output = invocation.output();
  if (invocation.json) {
    output.PrintJson(ToJson(result));
    return;
  }
  Facts facts;
  AddVersionFacts(result.version, &facts);
  AddWarnings(result.version, &facts);
  output.Print(OutcomeWords(result, output.terminal()) + "\n" + facts.Render(output.terminal()));
  if (result.rejects.faults.empty()) return;
  output.Print(RejectWords(result.rejects, output.terminal()));
}

/// How rows that could not be written are to be had all the same.
std::string HowToGetRejects(Store& store, const UploadResult& result, const Arguments& arguments) {
  if (store.ReadRejects(result.upload_id)) {
    return "coreshed source " + result.upload_id + " --rejects gets them again.";
  }
  // The store keeps no files.
  const std::string schema = result.version.checked ? result.version.checked->name : "NAME";
  return "coreshed schema " + schema + " --check " + arguments.file + " --rejects FILE gets them.";
}

int Run(Invocation& invocation, const Arguments& arguments) {
  const bool rejects_to_file = !arguments.rejects.empty() && arguments.rejects != "-";
  if (rejects_to_file) CheckNewFile(arguments.rejects);
  UploadOptions options = OptionsOf(arguments, invocation);
  const auto result = DoLongWork(invocation, &options, [&](Store& store) {
    return store.SaveUpload({arguments.file}, options);
  });
  Print(invocation, result);
  try {
    WriteRejects(result.rejects, arguments.rejects, false);
  } catch (const Failure& failure) {
    Error error = failure.error();
    error.message += " The upload is done; only the rejected rows were not written. " +
                     HowToGetRejects(invocation.store(), result, arguments);
    throw Failure(std::move(error));
  }
  return 0;
}

struct SourceArguments {
  std::string ref, output;
  bool overwrite = false, rejects = false;
};

/// The file's own name, in this folder; of one that was redacted the record's id.
std::string NameHere(const KeptSource& kept, const SourceArguments& arguments) {
  std::string name = BaseNameOf(kept.source.file_name);
  const bool is_redacted = name.empty() || (arguments.rejects && name.starts_with("-rejects"));
  if (is_redacted) name = RecordIdOf(arguments.ref) + name;
  return FileNameOf(name);
}

int RunSource(Invocation& invocation, const SourceArguments& arguments) {
  Store& store = invocation.store();
  const auto kept =
      Take(arguments.rejects ? store.ReadRejects(arguments.ref) : store.ReadSource(arguments.ref));
  const std::string path = arguments.output.empty() ? NameHere(kept, arguments) : arguments.output;
  Take(WriteFileBytes(*kept.bytes, path, arguments.overwrite));
  if (path == "-") return 0;
  if (invocation.json) {
    invocation.output().PrintJson({{"path", path},
                                   {"file_name", kept.source.file_name},
                                   {"sha256", kept.source.sha256},
                                   {"size_bytes", kept.source.size_bytes}});
    return 0;
  }
  invocation.output().Print("Wrote " + Printable(path) + ": " + SourceWords(kept.source) + "\n");
  return 0;
}

}  // namespace

void AddUpload(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "upload",
              "Take a file in as a dataset, or as the next version of one", arguments, Run);
  verb->group("Write");
  verb->add_option("FILE", arguments->file, "The file; - is standard input")->required();
  arguments->event.AddTo(verb, "What this file is");
  verb->add_option("--name", arguments->name, "Name of the dataset (else the file's)")
      ->type_name("TEXT");
  verb->add_flag("--overwrite", arguments->overwrite,
                 "A dataset of this name gets its next version");
  verb->add_flag("--as-new-version", arguments->as_new_version,
                 "Also if a version has this content already");
  verb->add_option("--expect", arguments->expected, "Only if this version is still the active one")
      ->type_name("VERSION");
  verb->add_option("--policy", arguments->policy, "For changed columns, this time")
      ->check(CLI::IsMember({"reject", "warn", "allow"}))
      ->type_name("reject|warn|allow");
  verb->add_flag("--allow-breaking", arguments->allow_breaking,
                 "Take one breaking change of the columns");
  verb->add_flag("--allow-empty", arguments->allow_empty, "Take tables without rows");
  verb->add_option("--rename", arguments->renames, "A column that was renamed")
      ->type_name("OLD=NEW");
  verb->add_option("-a,--attribute", arguments->attributes, "To find the dataset by")
      ->type_name("KEY=VALUE");
  verb->add_option("--schema", arguments->schema,
                   "The schema that the tables must keep, from now on")
      ->type_name("NAME");
  CLI::Option* split =
      verb->add_flag("--split", arguments->splits, "Take the good rows of a file with others");
  verb->add_option("--rejects", arguments->rejects, "Where to write the others, to be mended")
      ->type_name("FILE")
      ->needs(split);
  arguments->reading.AddReadingTo(verb);
  verb->footer(
      "The file's bytes are kept with the version: coreshed source gives them back.\n\n"
      "Examples:\n"
      "  coreshed upload ae.csv --by k.brandt -m \"first cut\"\n"
      "  coreshed upload ae-mended.csv --name ae --overwrite -m \"two dates corrected\"\n"
      "  coreshed upload ae.csv --overwrite --rename AEDECOD=AETERM\n"
      "  coreshed upload ae-late.csv --schema sdtm-ae --split --rejects mend.csv");
}

void AddSource(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<SourceArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "source",
              "Write the file that a version was uploaded as, byte for byte", arguments, RunSource);
  verb->group("Read");
  verb->add_option("REF", arguments->ref, "The dataset, or a version of it")->required();
  verb->add_option("OUT", arguments->output,
                   "Where to (else the file's own name, here); - is standard output");
  verb->add_flag("--rejects", arguments->rejects, "The rows that were rejected of it instead");
  verb->add_flag("--overwrite", arguments->overwrite, "Replace a file that is there");
  verb->footer(
      "Examples:\n"
      "  coreshed source ae-4f1c09a3b2d7\n"
      "  coreshed source ae-4f1c09a3b2d7@v1 first.csv");
}

}  // namespace coreshed::cli
