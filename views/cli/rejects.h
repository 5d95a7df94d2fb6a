#pragma once

#include <coreshed/store.h>

#include <string>

#include "cli/output.h"
#include "cli/terminal.h"

/// Rows that broke a schema, in words and as a file.
namespace coreshed::cli {

/// "3 of 306 rows rejected: min 2, type 1", and the first of them.
std::string RejectWords(const RejectReport& report, const Terminal& terminal);

/// Write the rejected rows to `path`; empty: nowhere. Throws Failure.
void WriteRejects(const RejectReport& report, const std::string& path, bool overwrite);

Json ToJson(const RejectReport& report);

}  // namespace coreshed::cli
