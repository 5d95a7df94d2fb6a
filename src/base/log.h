#pragma once

#include <coreshed/log.h>

#include <string>

namespace coreshed {

/// Say a line in the process's log, if there is one. What the log throws ends no call.
void WriteLog(const std::string& line);

}  // namespace coreshed
