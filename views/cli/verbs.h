#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "cli/invocation.h"

/// One function a verb, which adds it to the command line: its arguments, its help with examples,
/// and what it does.
namespace coreshed::cli {

void AddInit(CLI::App& app, Invocation& invocation);
void AddCreate(CLI::App& app, Invocation& invocation);
void AddUpdate(CLI::App& app, Invocation& invocation);
void AddAppend(CLI::App& app, Invocation& invocation);
void AddUpsert(CLI::App& app, Invocation& invocation);
void AddUpload(CLI::App& app, Invocation& invocation);
void AddDeleteRows(CLI::App& app, Invocation& invocation);
void AddDrift(CLI::App& app, Invocation& invocation);
void AddRead(CLI::App& app, Invocation& invocation);
void AddCohort(CLI::App& app, Invocation& invocation);
void AddExport(CLI::App& app, Invocation& invocation);
void AddDuplicates(CLI::App& app, Invocation& invocation);
void AddSource(CLI::App& app, Invocation& invocation);
void AddApprove(CLI::App& app, Invocation& invocation);
void AddReject(CLI::App& app, Invocation& invocation);
void AddRollback(CLI::App& app, Invocation& invocation);
void AddPurge(CLI::App& app, Invocation& invocation);
void AddDelete(CLI::App& app, Invocation& invocation);
void AddRedact(CLI::App& app, Invocation& invocation);
void AddSchema(CLI::App& app, Invocation& invocation);
void AddBind(CLI::App& app, Invocation& invocation);
void AddTag(CLI::App& app, Invocation& invocation);
void AddAttributes(CLI::App& app, Invocation& invocation);
void AddPolicy(CLI::App& app, Invocation& invocation);
void AddSettings(CLI::App& app, Invocation& invocation);
void AddLog(CLI::App& app, Invocation& invocation);
void AddVersions(CLI::App& app, Invocation& invocation);
void AddInfo(CLI::App& app, Invocation& invocation);
void AddList(CLI::App& app, Invocation& invocation);
void AddFind(CLI::App& app, Invocation& invocation);
void AddVerify(CLI::App& app, Invocation& invocation);
void AddSeal(CLI::App& app, Invocation& invocation);
void AddVacuum(CLI::App& app, Invocation& invocation);
void AddCopy(CLI::App& app, Invocation& invocation);
void AddImport(CLI::App& app, Invocation& invocation);
void AddRepair(CLI::App& app, Invocation& invocation);
void AddChanges(CLI::App& app, Invocation& invocation);
void AddStats(CLI::App& app, Invocation& invocation);
void AddResolve(CLI::App& app, Invocation& invocation);

/// Add a verb whose options are kept in an `Arguments` while it runs; `run` is a function
/// int(Invocation&, const Arguments&).
template <typename Arguments, typename Run>
CLI::App* AddVerb(CLI::App& app, Invocation& invocation, const std::string& name,
                  const std::string& description, const std::shared_ptr<Arguments>& arguments,
                  Run run) {
  CLI::App* verb = app.add_subcommand(name, description);
  verb->callback([&invocation, arguments, run] {
    invocation.verb = [arguments, run](Invocation& asked) { return run(asked, *arguments); };
  });
  return verb;
}

}  // namespace coreshed::cli
