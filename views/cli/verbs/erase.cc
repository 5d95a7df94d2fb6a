#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct PurgeArguments {
  EventArguments event;
  std::string record_id, version;
};

struct DeleteArguments {
  EventArguments event;
  std::string record_id;
};

struct RedactArguments {
  EventArguments event;
  std::string record_id;
  std::vector<int64_t> events;
  std::vector<std::string> texts;
};

int Report(Invocation& invocation, const std::string& done, const Erasure& erasure) {
  auto& output = invocation.output();
  if (invocation.json) {
    output.PrintJson(ToJson(erasure));
    return 0;
  }
  Facts facts;
  facts.Add("removed", Counted(erasure.files, "file") + " (" + Bytes(erasure.bytes) + ")");
  if (!erasure.again_after.empty()) {
    facts.Add(
        "not over",
        "a request that is still on its way may bring some of it back; say this again after " +
            ShortTime(erasure.again_after) + " UTC, and the history will say that nothing is left",
        Style::kYellow);
  }
  for (const auto& key : erasure.left) {
    facts.Add("left",
              key +
                  ": of a write that was given up; its name may still be claimed, so it goes with "
                  "a vacuum after the next version",
              Style::kYellow);
  }
  facts.Add("not reached", "backups and copies of the store");
  output.Print(done + "\n" + facts.Render(output.terminal()));
  return 0;
}

int RunPurge(Invocation& invocation, const PurgeArguments& arguments) {
  EventOptions options;
  arguments.event.Fill(&options, invocation);
  const int64_t version = ParseVersion(arguments.version);
  Store& store = invocation.store();
  invocation.interrupts().Listen();
  const auto erasure = Take(store.Purge(arguments.record_id, version, options));
  return Report(invocation,
                "Purged v" + std::to_string(version) + " of " + Printable(arguments.record_id),
                erasure);
}

int RunDelete(Invocation& invocation, const DeleteArguments& arguments) {
  EventOptions options;
  arguments.event.Fill(&options, invocation);
  Store& store = invocation.store();
  invocation.interrupts().Listen();
  const auto erasure = Take(store.DeleteRecord(arguments.record_id, options));
  return Report(invocation, "Deleted " + Printable(arguments.record_id), erasure);
}

int RunRedact(Invocation& invocation, const RedactArguments& arguments) {
  EventOptions options;
  arguments.event.Fill(&options, invocation);
  Store& store = invocation.store();
  invocation.interrupts().Listen();
  const auto erasure =
      Take(store.Redact(arguments.record_id, arguments.events, arguments.texts, options));
  std::string done = "Redacted";
  for (const auto& text : arguments.texts)
    done += (text == arguments.texts.front() ? " " : ", ") + Printable(text);
  done += " of " + Counted(static_cast<int64_t>(arguments.events.size()), "event") + " of " +
          Printable(arguments.record_id);
  return Report(invocation, done, erasure);
}

}  // namespace

void AddPurge(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<PurgeArguments>();
  CLI::App* verb = AddVerb(app, invocation, "purge", "Erase the data of a version for good",
                           arguments, RunPurge);
  verb->group("Erasure");
  verb->add_option("ID", arguments->record_id, "The record")->required();
  verb->add_option("VERSION", arguments->version, "v3 or 3; not the active one")->required();
  arguments->event.AddTo(verb, "The reason; required");
  verb->footer(
      "Its rows go where no other version has them; its line in the history stays. It can't be\n"
      "undone.\n\n"
      "Examples:\n"
      "  coreshed purge trial-7 v2 --by dpo -m \"consent withdrawn by one participant\"");
}

void AddDelete(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<DeleteArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "delete", "Delete a record and erase the data of all its versions",
              arguments, RunDelete);
  verb->group("Erasure");
  verb->add_option("ID", arguments->record_id, "The record")->required();
  arguments->event.AddTo(verb, "The reason; required");
  verb->footer(
      "The store has to allow it (coreshed settings allow_delete=true). Its history stays as a\n"
      "tombstone, and verify checks it; the id can be created again. It can't be undone.\n\n"
      "Examples:\n"
      "  coreshed delete trial-7 --by dpo -m \"retention period is over\"");
}

void AddRedact(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<RedactArguments>();
  CLI::App* verb = AddVerb(app, invocation, "redact", "Take texts out of a record's history",
                           arguments, RunRedact);
  verb->group("Erasure");
  verb->add_option("ID", arguments->record_id, "The record")->required();
  verb->add_option("--event", arguments->events, "Numbers of the events, as log shows them")
      ->required()
      ->type_name("NUMBER");
  verb->add_option("--text", arguments->texts,
                   "Which: actor, comment, name, attributes, tag, meaning, file_name, where, why")
      ->required()
      ->type_name("NAME");
  arguments->event.AddTo(verb, "The reason; required");
  verb->footer(
      "The events stay, and the chain of hashes still holds: it covers digests of the texts. It\n"
      "can't be undone.\n\n"
      "Examples:\n"
      "  coreshed redact trial-7 --event 5 --text comment --by dpo -m \"names a participant\"");
}

}  // namespace coreshed::cli
