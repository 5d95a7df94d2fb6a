#include "base/log.h"

#include <exception>
#include <mutex>
#include <utility>

namespace coreshed {
namespace {

struct ProcessLog {
  std::mutex mutex;
  Log log;
};

ProcessLog& TheLog() {
  static ProcessLog& log = *new ProcessLog();  // outlives every thread
  return log;
}

}  // namespace

void SetLog(Log log) {
  auto& process = TheLog();
  const std::lock_guard lock(process.mutex);
  process.log = std::move(log);
}

void WriteLog(const std::string& line) {
  auto& process = TheLog();
  const std::lock_guard lock(process.mutex);
  if (!process.log) return;
  try {
    process.log(line);
  } catch (const std::exception&) {
    // A log that is broken must not break what it tells of.
  }
}

}  // namespace coreshed
