#pragma once

#include "cli/invocation.h"

namespace coreshed::cli {

/// Exit codes beside those of ErrorKind: 0, 1 (verify found faults), 2 (the command line is wrong).
inline constexpr int kUsage = 2;

/// Parse the command line, do what it says, print what comes of it. Returns the exit code.
int RunApp(int count, char** words, Invocation& invocation);

}  // namespace coreshed::cli
