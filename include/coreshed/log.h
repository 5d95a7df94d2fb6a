#pragma once

#include <functional>
#include <string>

namespace coreshed {

/// Where the library says what it did, beside its answers: which version an analysis has read
/// (Store::GetCohort). Called by any thread, one at a time.
using Log = std::function<void(const std::string& line)>;

/// Set the process's log; nothing: it is said nowhere, as at the start.
void SetLog(Log log);

}  // namespace coreshed
