#pragma once

#include <coreshed/types.h>

#include <vector>

#include "cli/output.h"

/// What verify, copy and import find wrong.
namespace coreshed::cli {

/// The exit code of a verb that did its work and found faults.
inline constexpr int kFaultsFound = 1;

/// A table of them; those of no record are the `of_none`'s. `with_rules`: which rule was broken,
/// too.
void PrintFaults(const std::vector<Fault>& faults, const std::string& of_none, bool with_rules,
                 Output& output);

}  // namespace coreshed::cli
