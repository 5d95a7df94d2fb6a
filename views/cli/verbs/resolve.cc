#include "cli/arguments.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct Arguments {
  std::string record_id, event_id;
  int64_t base_seq = 0;
};

int Run(Invocation& invocation, const Arguments& arguments) {
  Store& store = invocation.store();
  invocation.interrupts().Listen();
  const auto event =
      Take(store.ResolveOutcome(arguments.record_id, arguments.event_id, arguments.base_seq));
  if (invocation.json) {
    invocation.output().PrintJson(
        {{"happened", event.has_value()}, {"event", event ? ToJson(*event) : Json(nullptr)}});
    return 0;
  }
  if (!event) {
    invocation.output().Print("It did not happen, and can't any more: do it again.\n");
    return 0;
  }
  invocation.output().Print("It happened: " + event->event_type + " by " + Printable(event->actor) +
                            " at " + ShortTime(event->time) + " UTC" +
                            (event->version ? ", v" + std::to_string(*event->version) : "") + "\n");
  return 0;
}

}  // namespace

void AddResolve(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "resolve",
              "Find out what became of a call that ended with OutcomeUnknown", arguments, Run);
  verb->group("Care");
  verb->add_option("ID", arguments->record_id, "As the error says")->required();
  verb->add_option("EVENT_ID", arguments->event_id, "As the error says")->required();
  verb->add_option("BASE_SEQ", arguments->base_seq, "As the error says")
      ->required()
      ->check(UpTo(kCountMax));
  verb->footer(
      "Examples:\n"
      "  coreshed resolve HKZ1-CPT01 0b6c1f5e4d3a49f8a7e2d1c0b9a8f7e6 12");
}

}  // namespace coreshed::cli
