#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct ReviewArguments {
  EventArguments event;
  std::string record_id, version, meaning;

  void AddTo(CLI::App* verb, const std::string& comment_help) {
    verb->add_option("ID", record_id, "The record; its active version is meant")->required();
    event.AddTo(verb, comment_help);
    verb->add_option("--version", version, "The version you looked at: nothing else is reviewed")
        ->type_name("VERSION");
    verb->add_option("--meaning", meaning, "\"reviewed\", \"approved for design\", …")
        ->type_name("TEXT");
  }
};

struct RollbackArguments {
  EventArguments event;
  std::string record_id, version;
  bool allow_rejected = false;
};

ReviewOptions OptionsOf(const ReviewArguments& arguments, Invocation& invocation) {
  ReviewOptions options;
  arguments.event.Fill(&options, invocation);
  options.meaning = arguments.meaning;
  if (!arguments.version.empty()) options.version = ParseVersion(arguments.version);
  return options;
}

int Report(Invocation& invocation, const std::string& verb, const Version& version) {
  if (invocation.json) {
    invocation.output().PrintJson(ToJson(version));
    return 0;
  }
  const auto& terminal = invocation.output().terminal();
  Facts facts;
  if (version.review) {
    facts.Add("by", version.review->by + ", " + ShortTime(version.review->at) + " UTC");
    facts.Add("meaning", version.review->meaning);
    facts.Add(version.status == Status::kRejected ? "reason" : "comment", version.review->reason);
  }
  AddWarnings(version, &facts);
  invocation.output().Print(verb + " " + RecordWords(version, terminal) + "\n" +
                            facts.Render(terminal));
  return 0;
}

int RunApprove(Invocation& invocation, const ReviewArguments& arguments) {
  const auto options = OptionsOf(arguments, invocation);
  Store& store = invocation.store();
  invocation.interrupts().Listen();
  return Report(invocation, "Approved", Take(store.ApproveRecord(arguments.record_id, options)));
}

int RunReject(Invocation& invocation, const ReviewArguments& arguments) {
  const auto options = OptionsOf(arguments, invocation);
  Store& store = invocation.store();
  invocation.interrupts().Listen();
  return Report(invocation, "Rejected", Take(store.RejectRecord(arguments.record_id, options)));
}

int RunRollback(Invocation& invocation, const RollbackArguments& arguments) {
  RollbackOptions options;
  arguments.event.Fill(&options, invocation);
  options.allow_rejected = arguments.allow_rejected;
  const int64_t target = ParseVersion(arguments.version);
  Store& store = invocation.store();
  const auto version = [&] {
    invocation.interrupts().Listen();
    return Take(store.RollbackToVersion(arguments.record_id, target, options));
  }();
  if (invocation.json) {
    invocation.output().PrintJson(ToJson(version));
    return 0;
  }
  const auto& terminal = invocation.output().terminal();
  Facts facts;
  facts.Add("by", options.actor);
  facts.Add("reason", options.comment);
  facts.Add("written", "by " + version.created_by + ", " + ShortTime(version.created_at) + " UTC" +
                           (version.comment.empty() ? "" : ": " + version.comment));
  AddWarnings(version, &facts);
  invocation.output().Print("Rolled back " + Printable(version.record_id) + " to " +
                            VersionWords(version, terminal) + "\n" + facts.Render(terminal));
  return 0;
}

}  // namespace

void AddApprove(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<ReviewArguments>();
  CLI::App* verb = AddVerb(app, invocation, "approve", "Approve the active version of a record",
                           arguments, RunApprove);
  verb->group("Review");
  arguments->AddTo(verb, "A remark");
  verb->footer(
      "Examples:\n"
      "  coreshed approve HKZ1-CPT01 --by k.brandt --version v3 --meaning \"approved for design\"");
}

void AddReject(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<ReviewArguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "reject", "Reject the active version of a record, with a reason",
              arguments, RunReject);
  verb->group("Review");
  arguments->AddTo(verb, "The reason; required");
  verb->footer(
      "Examples:\n"
      "  coreshed reject HKZ1-CPT01 --by k.brandt -m \"pore pressure is negative below 8 m\"");
}

void AddRollback(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<RollbackArguments>();
  CLI::App* verb = AddVerb(app, invocation, "rollback", "Make an older version the active one",
                           arguments, RunRollback);
  verb->group("Review");
  verb->add_option("ID", arguments->record_id, "The record")->required();
  verb->add_option("VERSION", arguments->version, "v3 or 3")->required();
  arguments->event.AddTo(verb, "The reason");
  verb->add_flag("--allow-rejected", arguments->allow_rejected, "Also to a rejected version");
  verb->footer(
      "No version is added and none is lost: the next update gets the next number.\n\n"
      "Examples:\n"
      "  coreshed rollback HKZ1-CPT01 v3 -m \"wrong file uploaded\"");
}

}  // namespace coreshed::cli
