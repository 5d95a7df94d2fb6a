#include <filesystem>

#include "cli/failure.h"
#include "cli/json.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct Arguments {
  std::string folder;
};

int Run(Invocation& invocation, const Arguments& arguments) {
  OpenOptions options = invocation.open_options();
  options.create = true;
  const std::string asked =
      arguments.folder.empty() ? invocation.PlaceOfNewStore() : arguments.folder;
  auto folder = std::filesystem::absolute(asked).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // of "here/."
  const std::string place = folder.string();
  auto before = Store::Open(place, invocation.open_options());
  const auto store = before ? *before : Take(Store::Open(place, options));
  if (invocation.json) {
    invocation.output().PrintJson({{"location", store->location()},
                                   {"store_id", store->store_id()},
                                   {"created", !before.has_value()}});
    return 0;
  }
  const std::string what = before ? "There is a store already at " : "Made a store at ";
  invocation.output().Print(what + store->location() + " (" + store->store_id() + ")\n");
  return 0;
}

}  // namespace

void AddInit(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = AddVerb(app, invocation, "init", "Make a store in a folder", arguments, Run);
  verb->group("Store");
  verb->add_option("FOLDER", arguments->folder, "Where (else --store, CORESHED_STORE, or here)");
  verb->footer(
      "Examples:\n"
      "  coreshed init soundings\n"
      "  cd soundings && coreshed list");
}

}  // namespace coreshed::cli
