#include "base/environment.h"

#include <cstdlib>

namespace coreshed {

std::string EnvironmentVariable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace coreshed
