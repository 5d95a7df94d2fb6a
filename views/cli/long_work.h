#pragma once

#include "cli/failure.h"
#include "cli/invocation.h"
#include "cli/progress.h"

namespace coreshed::cli {

/// Do what may take a while: under a bar, and ended by Ctrl-C. `call` is a call of the store with
/// `options`, which get their `stop` and `progress` here. Throws Failure.
template <typename Options, typename Call>
auto DoLongWork(Invocation& invocation, Options* options, Call call) {
  invocation.store();  // where there is none, that is said before there is a bar
  ProgressBar bar(invocation.output().error_terminal());
  options->stop = invocation.interrupts().token();
  options->progress = bar.callback();
  invocation.interrupts().Listen();
  return Take(call(invocation.store()));
}

}  // namespace coreshed::cli
