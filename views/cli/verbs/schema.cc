#include <arrow/buffer.h>

#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/files.h"
#include "cli/inputs.h"
#include "cli/json.h"
#include "cli/rejects.h"
#include "cli/text.h"
#include "cli/text_table.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct Arguments {
  EventArguments event;
  std::string name, file, from, check, rejects;
  int64_t number = 0;
  FileArguments reading;
  bool overwrite = false;
};

constexpr int64_t kSchemaBytes = 17 << 20;  // more than a schema may have

SchemaDefinition InferFrom(const Arguments& arguments) {
  FileArguments files = arguments.reading;
  files.files = {arguments.from};
  const Inputs inputs = OpenInputs(files);
  return Take(InferSchema(inputs.data.tables()));
}

Json ToJson(const NamedSchema& schema) {
  return {{"name", schema.name},
          {"number", schema.number},
          {"schema", Json::parse(SchemaToJson(schema.definition))}};
}

int List(Invocation& invocation) {
  const auto schemas = Take(invocation.store().ListSchemas());
  if (invocation.json) {
    Json list = Json::array();
    for (const auto& schema : schemas)
      list.push_back(ToJson(schema));
    invocation.output().PrintJson({{"schemas", std::move(list)}});
    return 0;
  }
  if (schemas.empty()) {
    invocation.output().Print("No schemas. Save one: coreshed schema NAME --file FILE\n");
    return 0;
  }
  TextTable table;
  table.AddColumn("schema");
  table.AddColumn("number");
  table.AddColumn("tables");
  table.AddColumn("about");
  for (const auto& schema : schemas) {
    std::string tables;
    for (const auto& one : schema.definition.tables) {
      tables += (tables.empty() ? "" : ", ") + (one.name.empty() ? "any" : one.name) + " (" +
                std::to_string(one.columns.size()) + ")";
    }
    table.AddRow(
        {schema.name, std::to_string(schema.number), tables, schema.definition.description});
  }
  invocation.output().Print(table.Render(invocation.output().terminal()));
  return 0;
}

int Save(Invocation& invocation, const Arguments& arguments, const SchemaDefinition& definition) {
  EventOptions options;
  arguments.event.Fill(&options, invocation);
  invocation.interrupts().Listen();
  const auto saved = Take(invocation.store().SaveSchema(arguments.name, definition, options));
  if (invocation.json) {
    invocation.output().PrintJson(ToJson(saved));
    return 0;
  }
  invocation.output().Print("Schema " + Printable(saved.name) + " is number " +
                            std::to_string(saved.number) + "\n");
  return 0;
}

int Check(Invocation& invocation, const Arguments& arguments) {
  CheckFileOptions options;
  options.schema = arguments.name;
  options.reading = ReadingOf(arguments.reading);
  options.stop = invocation.interrupts().token();
  const auto report = [&] {
    invocation.interrupts().Listen();
    return Take(invocation.store().CheckFile({arguments.check}, options));
  }();
  WriteRejects(report, arguments.rejects, arguments.overwrite);
  if (invocation.json) {
    invocation.output().PrintJson(cli::ToJson(report));
  } else {
    invocation.output().Print(RejectWords(report, invocation.output().terminal()));
  }
  return report.faults.empty() ? 0 : 1;
}

int Run(Invocation& invocation, const Arguments& arguments) {
  if (arguments.name.empty() && arguments.from.empty()) return List(invocation);
  if (!arguments.check.empty()) return Check(invocation, arguments);
  if (!arguments.from.empty()) {
    const auto inferred = InferFrom(arguments);
    if (!arguments.name.empty()) return Save(invocation, arguments, inferred);
    invocation.output().Print(SchemaToJson(inferred));
    return 0;
  }
  if (!arguments.file.empty()) {
    auto parsed = ParseSchema(FileText(arguments.file, kSchemaBytes));
    if (!parsed) {
      Error error = std::move(parsed).error();
      error.message = arguments.file + ": " + error.message;
      throw Failure(std::move(error));
    }
    return Save(invocation, arguments, *parsed);
  }
  const auto schema = Take(invocation.store().GetSchema(arguments.name, arguments.number));
  if (invocation.json) {
    invocation.output().PrintJson(ToJson(schema));
  } else {
    invocation.output().Print(SchemaToJson(schema.definition));
  }
  return 0;
}

struct BindArguments {
  EventArguments event;
  std::string record_id, schema;
};

int RunBind(Invocation& invocation, const BindArguments& arguments) {
  EventOptions options;
  arguments.event.Fill(&options, invocation);
  invocation.interrupts().Listen();
  const bool frees = arguments.schema == "none";
  const auto record = Take(
      invocation.store().BindSchema(arguments.record_id, frees ? "" : arguments.schema, options));
  if (invocation.json) {
    invocation.output().PrintJson(cli::ToJson(record));
    return 0;
  }
  invocation.output().Print(Printable(record.record_id) +
                            (frees ? " keeps no schema any more\n"
                                   : " keeps the schema " + Printable(record.bound_schema) + "\n"));
  return 0;
}

}  // namespace

void AddSchema(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "schema",
              "List, show, save and try the schemas that tables can be held to", arguments, Run);
  verb->group("Review");
  CLI::Option* name =
      verb->add_option("NAME", arguments->name, "The schema; without it all are listed");
  CLI::Option* number = verb->add_option("--number", arguments->number, "An older one of this name")
                            ->type_name("NUMBER")
                            ->check(UpTo(kCountMax))
                            ->needs(name);
  CLI::Option* file = verb->add_option("--file", arguments->file, "Save what this JSON file says")
                          ->type_name("FILE")
                          ->needs(name)
                          ->excludes(number);
  CLI::Option* from = verb->add_option("--from", arguments->from,
                                       "Infer it from a file of data; with NAME: save it")
                          ->type_name("FILE")
                          ->excludes(number)
                          ->excludes(file);
  CLI::Option* check =
      verb->add_option("--check", arguments->check, "What of a file of data it would reject")
          ->type_name("FILE")
          ->needs(name)
          ->excludes(number)
          ->excludes(file)
          ->excludes(from);
  CLI::Option* rejects =
      verb->add_option("--rejects", arguments->rejects, "Where to write rows that --check rejects")
          ->type_name("FILE")
          ->needs(check);
  verb->add_flag("--overwrite", arguments->overwrite, "Replace that file if it is there")
      ->needs(rejects);
  arguments->event.AddTo(verb, "Why it is saved");
  arguments->reading.AddReadingTo(verb);
  verb->footer(
      "The form of the JSON file: spec/validation.md. --check ends with 1 where rows are "
      "rejected.\n\n"
      "Examples:\n"
      "  coreshed schema\n"
      "  coreshed schema --from dm.csv > dm.json\n"
      "  coreshed schema dm --file dm.json --by k.brandt\n"
      "  coreshed schema dm --check new.csv --rejects mend.csv");
}

void AddBind(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<BindArguments>();
  CLI::App* verb = AddVerb(app, invocation, "bind", "Hold a record's next versions to a schema",
                           arguments, RunBind);
  verb->group("Review");
  verb->add_option("ID", arguments->record_id, "The record")->required();
  verb->add_option("SCHEMA", arguments->schema, "The schema, or none")->required();
  arguments->event.AddTo(verb, "Why");
  verb->footer(
      "Examples:\n"
      "  coreshed bind PILOT sdtm --by k.brandt\n"
      "  coreshed bind PILOT none");
}

}  // namespace coreshed::cli
