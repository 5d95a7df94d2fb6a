#include "cli/help.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace coreshed::cli {
namespace {

constexpr size_t kColumnWidth = 30;

/// CLI11's layout without what it says twice (the kinds of values) and with the usage of each verb.
class Layout : public CLI::Formatter {
 public:
  Layout() {
    column_width(kColumnWidth);
    label("Positionals", "Arguments");
  }

  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string usage = "\nUsage: " + name;
    for (const CLI::Option* option :
         app->get_options([](const CLI::Option* option) { return option->get_positional(); })) {
      const std::string word = Word(*option);
      usage += option->get_required() ? " " + word : " [" + word + "]";
    }
    const bool is_verb = app->get_parent() != nullptr;
    return usage + (is_verb ? " [OPTIONS]\n" : " VERB … [OPTIONS]\n");
  }

  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    if (is_positional) return Word(*option);
    return CLI::Formatter::make_option_name(option, false);
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_positional() || option->get_type_size() == 0) return "";
    // A set of choices adds itself to the type's name after a colon.
    std::string type = option->get_type_name();
    type = type.substr(0, type.find(':'));
    return type.empty() ? "" : " " + type;
  }

  std::string make_footer(const CLI::App* app) const override {
    const bool is_verb = app->get_parent() != nullptr;
    const std::string common = is_verb ? "And of every verb: --store PLACE, --json, --timeout "
                                         "SECONDS.\n\n"
                                       : "";
    return common + app->get_footer() + "\n";
  }

 private:
  static std::string Word(const CLI::Option& option) {
    return option.get_name(true) + (option.get_expected_max() > 1 ? " …" : "");
  }
};

/// How many letters to put in, take out or change to make `b` of `a`.
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

/// The first word that must be a verb; empty if there is none.
std::string VerbIn(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 2> kWithValue = {"--store", "--timeout"};
  for (size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with('-')) return words[i];
    if (std::find(kWithValue.begin(), kWithValue.end(), words[i]) != kWithValue.end()) ++i;
  }
  return "";
}

std::string NoSuchVerb(const CLI::App& app, const std::string& word) {
  std::string nearest;
  size_t least = 3;  // further off is something else
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    const size_t distance = Distance(word, verb->get_name());
    if (distance < least) {
      least = distance;
      nearest = verb->get_name();
    }
  }
  return "There is no verb '" + word + "'" +
         (nearest.empty() ? "." : ": did you mean " + nearest + "?");
}

}  // namespace

void SetHelp(CLI::App& app) {
  const auto layout = std::make_shared<Layout>();
  app.formatter(layout);
  for (CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    verb->formatter(layout);
  }
}

std::string UsageMessage(const CLI::App& app, const CLI::ParseError& error,
                         const std::vector<std::string>& words) {
  const auto verbs = app.get_subcommands();
  const std::string verb = VerbIn(words);
  if (verbs.empty() && !verb.empty()) {
    return NoSuchVerb(app, verb) + " See coreshed --help.";
  }
  const std::string help = verbs.empty() ? "" : verbs.front()->get_name() + " ";
  const std::string what = error.what();
  return what + (what.ends_with('.') ? "" : ".") + " See coreshed " + help + "--help.";
}

}  // namespace coreshed::cli
