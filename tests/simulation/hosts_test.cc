// Many hosts at once: see hosts.h. CORESHED_SEED, CORESHED_SEEDS: others than the first.
#include "simulation/hosts.h"

#include "base/environment.h"

namespace coreshed {
namespace {

unsigned NumberFrom(const char* name, unsigned otherwise) {
  const std::string text = EnvironmentVariable(name);
  return text.empty() ? otherwise : static_cast<unsigned>(std::stoul(text));
}

TEST(Hosts, OneOrderOfEventsExplainsEveryAnswer) {
  RunHosts(NumberFrom("CORESHED_SEED", 1), NumberFrom("CORESHED_SEEDS", 1000));
}

}  // namespace
}  // namespace coreshed
