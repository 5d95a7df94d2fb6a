#pragma once

#include <coreshed/options.h>
#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <map>
#include <string>
#include <vector>

#include "cli/invocation.h"

/// Options that several verbs have.
namespace coreshed::cli {

/// Who does something, why, and under which event id.
struct EventArguments {
  std::string by, comment, event_id;

  void AddTo(CLI::App* verb, const std::string& comment_help);
  void Fill(EventOptions* options, Invocation& invocation) const;
};

/// A check of an option: a number from 0 to `most`.
CLI::Validator UpTo(double most);
/// For what is counted.
inline constexpr double kCountMax = 1e15;

/// "v3" or "3". Throws Failure.
int64_t ParseVersion(const std::string& text);

/// An id or table name as it stands in a ref.
std::string RefPart(const std::string& name);
/// The record's id in a ref.
std::string RecordIdOf(const std::string& ref);

/// `key=value` each. Throws Failure; `what` is how the message calls one.
std::map<std::string, std::string> ParsePairs(const std::vector<std::string>& texts,
                                              const std::string& what);

}  // namespace coreshed::cli
