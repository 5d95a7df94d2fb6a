#include <filesystem>

#include "cli/failure.h"
#include "cli/json.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

struct Arguments {
  std::string folder;
};

/// A folder by its full path, so that the answer is of use elsewhere too.
std::string FullPlace(const std::string& asked) {
  if (asked.find(":/") != asked.npos) return asked;  // the library says what is wrong with others
  std::error_code code;
  auto folder = std::filesystem::absolute(asked, code).lexically_normal();
  if (code) {
    throw Failure(Error{ErrorKind::kNotFound, "The current folder is gone. Go to another."});
  }
  if (!folder.has_filename()) folder = folder.parent_path();  // of "here/."
  return folder.string();
}

int Run(Invocation& invocation, const Arguments& arguments) {
  OpenOptions options = invocation.open_options();
  options.create = true;
  const std::string place =
      FullPlace(arguments.folder.empty() ? invocation.PlaceOfNewStore() : arguments.folder);
  invocation.interrupts().Listen();
  const auto store = Take(Store::Open(place, options));
  if (invocation.json) {
    invocation.output().PrintJson({{"location", store->location()},
                                   {"store_id", store->store_id()},
                                   {"created", store->is_new()}});
    return 0;
  }
  const std::string what = store->is_new() ? "Made a store at " : "There is a store already at ";
  invocation.output().Print(what + store->location() + " (" + store->store_id() + ")\n");
  return 0;
}

}  // namespace

void AddInit(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "init", "Make a store in a folder or a bucket", arguments, Run);
  verb->group("Store");
  verb->add_option("PLACE", arguments->folder,
                   "Folder or s3://bucket/prefix (else --store, CORESHED_STORE, or here)")
      ->check([](const std::string& folder) {
        return std::string(folder.empty() ? "an empty value" : "");
      });
  verb->footer(
      "Examples:\n"
      "  coreshed init soundings\n"
      "  coreshed init s3://bucket/soundings\n"
      "  cd soundings && coreshed list");
}

}  // namespace coreshed::cli
