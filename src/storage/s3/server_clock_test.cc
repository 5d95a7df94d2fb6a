#include "storage/s3/server_clock.h"

#include <gtest/gtest.h>

namespace coreshed::storage::s3 {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST(ServerClockTest, ReadsAndWritesDates) {
  EXPECT_EQ(HttpDateMicros("Fri, 27 Nov 2026 10:20:30 GMT"), 1'795'774'830 * kSecond);
  EXPECT_EQ(IsoDateMicros("2026-11-27T10:20:30.000Z"), 1'795'774'830 * kSecond);
  EXPECT_EQ(SignatureTime(1'795'774'830 * kSecond), "20261127T102030Z");
  for (const std::string text : {"", "yesterday", "27 Nov 2026"}) {
    EXPECT_LT(HttpDateMicros(text), 0) << text;
    EXPECT_LT(IsoDateMicros(text), 0) << text;
  }
}

TEST(ServerClockTest, KeepsTheLatestThatAnswersAllow) {
  ServerClock clock;
  EXPECT_FALSE(clock.Now().has_value());
  const int64_t far = 4'000'000'000 * kSecond;  // whatever this machine takes the time to be
  clock.Hear(far, Uptime());
  const int64_t first = clock.Now().value();
  EXPECT_GE(first, far);
  EXPECT_LT(first, far + 60 * kSecond);
  clock.Hear(far - kSecond, Uptime());  // rounded down: not earlier for that
  EXPECT_GE(clock.Now().value(), first);
  clock.Hear(far + 100 * kSecond, Uptime());
  EXPECT_GE(clock.Now().value(), far + 100 * kSecond);
  clock.Hear(far - 7200 * kSecond, Uptime());  // the server's clock was set
  EXPECT_LT(clock.Now().value(), far);
}

}  // namespace
}  // namespace coreshed::storage::s3
