#include <arrow/record_batch.h>
#include <arrow/table.h>

#include <cctype>
#include <filesystem>

#include "cli/describe.h"
#include "cli/failure.h"
#include "cli/inputs.h"
#include "cli/json.h"
#include "cli/text_table.h"
#include "cli/verbs.h"

namespace coreshed::cli {
namespace {

constexpr size_t kHashDigits = 32;

struct Arguments {
  std::string what;
  FileArguments reading;
};

bool IsHex(const std::string& text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

std::string HashOf(const Arguments& arguments) {
  std::string hash = arguments.what;
  std::error_code code;
  if (!hash.empty() && IsHex(hash) && !std::filesystem::exists(hash, code)) {
    if (hash.size() != kHashDigits) {
      throw Failure(Error{ErrorKind::kInvalidArgument,
                          "'" + hash + "' is no file, and no content hash, which has " +
                              std::to_string(kHashDigits) + " hex digits."});
    }
    for (char& digit : hash)
      digit = static_cast<char>(std::tolower(static_cast<unsigned char>(digit)));
    return hash;
  }
  FileArguments file = arguments.reading;
  file.files = {arguments.what};
  const Inputs inputs = OpenInputs(file);
  if (const size_t count = inputs.data.tables().size(); count > 1) {
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        arguments.what + " holds " + std::to_string(count) +
                            " tables, and find looks for one. An upload of the file names the "
                            "records that have its content."}
                      .With("file", arguments.what));
  }
  auto table = inputs.data.tables().front().reader->ToTable();
  if (!table.ok()) ThrowStatus(table.status());
  return Take(ContentHash(**table));
}

TextTable TableOf(const std::vector<ContentMatch>& matches) {
  TextTable table;
  table.AddColumn("record");
  table.AddColumn("version");
  table.AddColumn("status");
  table.AddColumn("");
  for (const auto& match : matches) {
    const std::string version = "v" + std::to_string(match.version);
    if (!match.corrupt.empty()) {
      table.AddRow({match.record_id, version, {"corrupt", Style::kRed}, match.corrupt});
      continue;
    }
    table.AddRow({match.record_id,
                  version + (match.active ? " *" : ""),
                  {StatusName(match.status), StyleOf(match.status)},
                  ""});
  }
  return table;
}

int Run(Invocation& invocation, const Arguments& arguments) {
  Store& store = invocation.store();
  const std::string hash = HashOf(arguments);
  const auto matches = Take(store.FindByContentHash(hash));
  if (invocation.json) {
    invocation.output().PrintJson({{"hash", hash}, {"matches", ToJson(matches)}});
    return 0;
  }
  if (matches.empty()) {
    invocation.output().Print("No version has this content (" + hash + ").\n");
    return 0;
  }
  invocation.output().Print(TableOf(matches).Render(invocation.output().terminal()));
  return 0;
}

struct NoArguments {};

int RunDuplicates(Invocation& invocation, const NoArguments&) {
  const auto groups = Take(invocation.store().FindDuplicates());
  if (invocation.json) {
    Json list = Json::array();
    for (const auto& group : groups)
      list.push_back({{"hash", group.hash}, {"matches", ToJson(group.matches)}});
    invocation.output().PrintJson({{"duplicates", std::move(list)}});
    return 0;
  }
  if (groups.empty()) invocation.output().Print("No two records have the same content.\n");
  for (const auto& group : groups) {
    invocation.output().Print("Content " + group.hash + "\n" +
                              TableOf(group.matches).Render(invocation.output().terminal()));
  }
  return 0;
}

}  // namespace

void AddFind(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      AddVerb(app, invocation, "find",
              "Find versions with the content of a file, or by content hash", arguments, Run);
  verb->group("Read");
  verb->add_option("FILE|HASH", arguments->what, "A file, or the 32 hex digits that info shows")
      ->required();
  arguments->reading.AddReadingTo(verb);
  verb->footer(
      "Rows and columns may be in any order.\n\n"
      "Examples:\n"
      "  coreshed find received.csv\n"
      "  coreshed find 5f3a1c0e9b7d4c2a8e6f1d3b5a79c0e2");
}

void AddDuplicates(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = AddVerb(app, invocation, "duplicates",
                           "Show content that versions of two or more records have",
                           std::make_shared<NoArguments>(), RunDuplicates);
  verb->group("Read");
  verb->footer(
      "Rows and columns may be in any order. * is the active version.\n\n"
      "Examples:\n"
      "  coreshed duplicates\n"
      "  coreshed --json duplicates");
}

}  // namespace coreshed::cli
