#include "cli/arguments.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

constexpr const char* kOfStore = "store";

struct Arguments {
  EventArguments event;
  std::string record_id, policy;
};

RecordInfo SetOrGet(Invocation& invocation, const Arguments& arguments) {
  Store& store = invocation.store();
  if (arguments.policy.empty()) return Take(store.GetRecord(arguments.record_id));
  EventOptions options;
  arguments.event.Fill(&options, invocation);
  const auto policy =
      arguments.policy == kOfStore ? std::nullopt : ParseDriftPolicy(arguments.policy);
  invocation.interrupts().Listen();
  return Take(store.SetDriftPolicy(arguments.record_id, policy, options));
}

int Run(Invocation& invocation, const Arguments& arguments) {
  const RecordInfo record = SetOrGet(invocation, arguments);
  const auto settings = Take(invocation.store().Settings());
  const std::string of_store = settings.at("drift_policy");
  const std::string in_force =
      record.drift_policy ? DriftPolicyName(*record.drift_policy) : of_store;
  if (invocation.json) {
    Json document = {{"record_id", record.record_id}, {"drift_policy", nullptr}};
    if (record.drift_policy) document["drift_policy"] = in_force;
    document["in_force"] = in_force;
    invocation.output().PrintJson(document);
    return 0;
  }
  invocation.output().Print(
      Printable(record.record_id) + ": " + in_force +
      (record.drift_policy ? ", its own (the store's is " + of_store + ")" : ", the store's") +
      "\n");
  return 0;
}

}  // namespace

void AddPolicy(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "policy",
              "Show or set what becomes of breaking changes of a record's columns", arguments, Run);
  verb->group("Review");
  verb->add_option("ID", arguments->record_id, "The record")->required();
  verb->add_option("POLICY", arguments->policy,
                   "reject, warn (take them, with warnings), allow, or store: what the store's "
                   "setting drift_policy says")
      ->check(CLI::IsMember({"reject", "warn", "allow", kOfStore}));
  arguments->event.AddTo(verb, "Why");
  verb->footer(
      "Examples:\n"
      "  coreshed policy HKZ1-CPT01\n"
      "  coreshed policy HKZ1-CPT01 warn -m \"columns of the new rig\"");
}

}  // namespace coreshed::cli
