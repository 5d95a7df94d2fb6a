#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/inputs.h"
#include "cli/json.h"
#include "cli/long_work.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

/// What create, update and append share.
struct WriteArguments {
  EventArguments event;
  std::string record_id;
  FileArguments files;
  std::string policy, expected;
  std::vector<std::string> renames;
  std::string schema;
  bool allow_empty = false, allow_breaking = false;

  void AddTo(CLI::App* verb) {
    verb->add_option("ID", record_id, "The record")->required();
    event.AddTo(verb, "What this version is");
    files.AddTo(verb,
                "CSV, TSV, Parquet or Arrow; - is standard input; several tables: TABLE=FILE …");
    verb->add_flag("--allow-empty", allow_empty, "Take tables without rows");
    verb->add_option("--schema", schema, "The schema that the tables must keep, from now on")
        ->type_name("NAME");
  }
  void AddChangeOptions(CLI::App* verb) {
    verb->add_option("--expect", expected, "Only if this version is still the active one")
        ->type_name("VERSION");
    verb->add_option("--policy", policy, "For changed columns, this time")
        ->check(CLI::IsMember({"reject", "warn", "allow"}))
        ->type_name("reject|warn|allow");
    verb->add_flag("--allow-breaking", allow_breaking, "Take one breaking change of the columns");
  }
  void Fill(WriteOptions* options, Invocation& invocation) const {
    event.Fill(options, invocation);
    if (!policy.empty()) options->drift_policy = ParseDriftPolicy(policy);
    if (!expected.empty()) options->expected_version = ParseVersion(expected);
    options->allow_breaking = allow_breaking;
    options->allow_empty = allow_empty;
    options->schema = schema;
    options->renames = ParsePairs(renames, "renaming: write it as old=new");
  }
};

struct CreateArguments : WriteArguments {
  std::string name, record_policy;
  std::vector<std::string> attributes;
};

struct UpsertArguments : WriteArguments {
  std::vector<std::string> keys;
};

struct DeleteRowsArguments : WriteArguments {
  std::string where, table;
};

void Report(Invocation& invocation, const std::string& verb, const Version& version) {
  if (invocation.json) {
    invocation.output().PrintJson(ToJson(version));
    return;
  }
  const auto& terminal = invocation.output().terminal();
  Facts facts;
  AddVersionFacts(version, &facts);
  AddWarnings(version, &facts);
  invocation.output().Print(verb + " " + RecordWords(version, terminal) + "\n" +
                            facts.Render(terminal));
}

/// Open the files, call `write(data, options)` under a progress bar, report.
template <typename Options, typename Write>
int RunWrite(Invocation& invocation, const WriteArguments& arguments, Options options,
             const std::string& verb, const Write& write) {
  Store& store = invocation.store();  // before the files: no store, no work
  arguments.Fill(&options, invocation);
  ForRecord record{&store, "", options.renames, arguments.schema};
  if constexpr (!std::is_same_v<Options, CreateOptions>) {
    record.ref = RefPart(arguments.record_id) + "@active";
  }
  Inputs inputs = OpenInputs(arguments.files, record);
  options.source = std::move(inputs.source);
  auto version =
      DoLongWork(invocation, &options, [&](Store&) { return write(store, inputs.data, options); });
  version.warnings.insert(version.warnings.begin(), inputs.warnings.begin(), inputs.warnings.end());
  Report(invocation, verb, version);
  return 0;
}

int RunCreate(Invocation& invocation, const CreateArguments& arguments) {
  CreateOptions options;
  options.name = arguments.name;
  options.attributes = ParsePairs(arguments.attributes, "attribute: write it as key=value");
  if (!arguments.record_policy.empty()) {
    options.record_drift_policy = ParseDriftPolicy(arguments.record_policy);
  }
  return RunWrite(invocation, arguments, options, "Created",
                  [&](Store& store, const Data& data, const CreateOptions& filled) {
                    return store.CreateRecord(arguments.record_id, data, filled);
                  });
}

int RunUpdate(Invocation& invocation, const WriteArguments& arguments) {
  return RunWrite(invocation, arguments, WriteOptions(), "Updated",
                  [&](Store& store, const Data& data, const WriteOptions& filled) {
                    return store.UpdateRecord(arguments.record_id, data, filled);
                  });
}

int RunAppend(Invocation& invocation, const WriteArguments& arguments) {
  return RunWrite(invocation, arguments, WriteOptions(), "Appended to",
                  [&](Store& store, const Data& data, const WriteOptions& filled) {
                    return store.AppendRows(arguments.record_id, data, filled);
                  });
}

int RunUpsert(Invocation& invocation, const UpsertArguments& arguments) {
  return RunWrite(invocation, arguments, WriteOptions(), "Changed rows of",
                  [&](Store& store, const Data& data, const WriteOptions& filled) {
                    return store.UpsertRows(arguments.record_id, data, arguments.keys, filled);
                  });
}

int RunDeleteRows(Invocation& invocation, const DeleteRowsArguments& arguments) {
  WriteOptions options;
  arguments.Fill(&options, invocation);
  const auto version = DoLongWork(invocation, &options, [&](Store& store) {
    return store.DeleteRows(arguments.record_id, arguments.where, arguments.table, options);
  });
  // A warning: no row is meant, or an earlier call has done it.
  Report(invocation, version.warnings.empty() ? "Deleted rows of" : "Left as it is:", version);
  return 0;
}

}  // namespace

void AddCreate(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<CreateArguments>();
  CLI::App* verb = AddVerb(app, invocation, "create", "Make a record; the files become version 1",
                           arguments, RunCreate);
  verb->group("Write");
  arguments->AddTo(verb);
  verb->add_option("--name", arguments->name, "Name to show (else the id)")->type_name("TEXT");
  verb->add_option("-a,--attribute", arguments->attributes, "To find the record by")
      ->type_name("KEY=VALUE");
  verb->add_option("--policy", arguments->record_policy, "For changed columns in later versions")
      ->check(CLI::IsMember({"reject", "warn", "allow"}))
      ->type_name("reject|warn|allow");
  verb->footer(
      "Examples:\n"
      "  coreshed create HKZ1-CPT01 readings.csv --by a.meier -m \"first readings\" -a site=HKZ1\n"
      "  coreshed create PILOT dm=dm.csv ae=ae.csv ex=ex.csv\n"
      "  ./readings.sh | coreshed create HKZ1-CPT02 -");
}

void AddUpdate(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<WriteArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "update", "Write the files as the next version: a draft, and active",
              arguments, RunUpdate);
  verb->group("Write");
  arguments->AddTo(verb);
  arguments->AddChangeOptions(verb);
  verb->add_option("--rename", arguments->renames, "A column that was renamed")
      ->type_name("OLD=NEW");
  verb->footer(
      "Tables that are not given are removed; that is a breaking change.\n\n"
      "Examples:\n"
      "  coreshed update HKZ1-CPT01 corrected.csv -m \"depths corrected for inclination\"\n"
      "  coreshed update HKZ1-CPT01 corrected.csv --expect v2\n"
      "  coreshed update HKZ1-CPT01 corrected.csv --rename SCPT_RES=cone_resistance");
}

void AddAppend(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<WriteArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "append", "Add rows to the active version, as the next version",
              arguments, RunAppend);
  verb->group("Write");
  arguments->AddTo(verb);
  arguments->AddChangeOptions(verb);
  verb->footer(
      "Columns are matched by name. Tables that are not given stay as they are.\n\n"
      "Examples:\n"
      "  coreshed append HKZ1-CPT01 deeper.csv -m \"second push, 21 to 30 m\"\n"
      "  coreshed append PILOT ae=late-events.csv");
}

void AddUpsert(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<UpsertArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "upsert",
              "Replace rows by key, and add new ones, as the next version", arguments, RunUpsert);
  verb->group("Write");
  arguments->AddTo(verb);
  arguments->AddChangeOptions(verb);
  verb->add_option("-k,--key", arguments->keys, "A column that rows are found by; several together")
      ->type_name("COLUMN")
      ->required();
  verb->footer(
      "A row of the files takes the place of the one with the same key; one with a new key comes "
      "after the\nothers. Tables that are not given stay as they are.\n\n"
      "Examples:\n"
      "  coreshed upsert HKZ1-CPT01 corrected-rows.csv --key SCPT_DPTH -m \"sensor drift\"\n"
      "  coreshed upsert PILOT ae=mended.csv -k USUBJID -k AESEQ");
}

void AddDeleteRows(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<DeleteRowsArguments>();
  CLI::App* verb = AddVerb(app, invocation, "delete-rows", "Leave rows out, as the next version",
                           arguments, RunDeleteRows);
  verb->group("Write");
  verb->add_option("ID", arguments->record_id, "The record")->required();
  verb->add_option("--where", arguments->where, "A condition that is true for them")
      ->type_name("SQL")
      ->required();
  verb->add_option("--table", arguments->table, "Of this table, where there are several")
      ->type_name("TABLE");
  arguments->event.AddTo(verb, "Why they go");
  arguments->AddChangeOptions(verb);
  verb->add_flag("--allow-empty", arguments->allow_empty, "Even if none is left");
  verb->footer(
      "The rows stay in the versions before.\n\n"
      "Examples:\n"
      "  coreshed delete-rows HKZ1-CPT01 --where \"SCPT_DPTH > 21\" -m \"below the refusal\"\n"
      "  coreshed delete-rows PILOT --table ae --where \"USUBJID = '01-701-1015'\"");
}

}  // namespace coreshed::cli
