// The histories of hosts_test.cc, many more of them.
#include "simulation/hosts.h"

namespace coreshed {
namespace {

TEST(HostsLong, OneOrderOfEventsExplainsEveryAnswer) {
  RunHosts(1'000'000, 100'000);
}

}  // namespace
}  // namespace coreshed
