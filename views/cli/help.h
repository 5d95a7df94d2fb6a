#pragma once

#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <string>

namespace coreshed::cli {

/// Lay out the help of `app` and its verbs: usage, arguments, options, examples.
void SetHelp(CLI::App& app);

/// What is wrong with a command line, in one line, and where help is to be had. `words` are those
/// of the command line.
std::string UsageMessage(const CLI::App& app, const CLI::ParseError& error,
                         const std::vector<std::string>& words);

}  // namespace coreshed::cli
