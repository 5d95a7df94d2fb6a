#include "base/time.h"

#include <gtest/gtest.h>

#include <string>

namespace coreshed {
namespace {

TEST(Time, IsAlwaysTheSameWidthAndSorts) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatTime(1'769'508'000'000'001), "2026-01-27T10:00:00.000001Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_LT(FormatTime(999'999), FormatTime(1'000'000));
}

TEST(Time, IsParsedBack) {
  for (const int64_t micros : {int64_t{0}, int64_t{-1}, int64_t{1'769'508'000'000'001}}) {
    EXPECT_EQ(ParseTime(FormatTime(micros)), micros);
  }
  EXPECT_EQ(ParseTime("2026-01-27T10:00:00Z"), 1'769'508'000'000'000);
  EXPECT_EQ(ParseTime("2026-01-27T11:30:00.5+01:30"), 1'769'508'000'500'000);
}

TEST(Time, RefusesWhatIsNone) {
  for (const char* text : {"", "2026-01-27", "2026-02-30T10:00:00Z", "2026-01-27T24:00:00Z",
                           "2026-01-27T10:00:00", "2026-01-27 10:00:00Z", "v3", "head"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

TEST(Time, IsStoredInOneWayOnly) {
  EXPECT_TRUE(IsStoredTime(FormatTime(0)));
  for (const char* text :
       {"", "2026-01-27T10:00:00Z", "2026-01-27T10:00:00.00000Z", "2026-01-27T10:00:00.0000000Z",
        "2026-01-27T10:00:00.0+00:00", "2026-02-30T10:00:00.000000Z"}) {
    EXPECT_FALSE(IsStoredTime(text)) << text;
  }
}

}  // namespace
}  // namespace coreshed
