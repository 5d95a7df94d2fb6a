#include "storage/s3/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "support/result_checks.h"

namespace coreshed::storage::s3 {
namespace {

/// Byte i of the object is i mod 251.
Result<std::shared_ptr<arrow::Buffer>> Pattern(int64_t begin, int64_t size) {
  std::string bytes;
  for (int64_t i = begin; i < begin + size; ++i)
    bytes += static_cast<char>(i % 251);
  return arrow::Buffer::FromString(std::move(bytes));
}

void ExpectPattern(const std::shared_ptr<arrow::Buffer>& buffer, int64_t begin, int64_t size) {
  ASSERT_NE(buffer, nullptr);
  EXPECT_TRUE(buffer->Equals(*Must(Pattern(begin, size)))) << begin;
}

TEST(ReadAheadTest, GivesWhatWasAnnouncedOnce) {
  std::atomic<int> requests = 0;
  ReadAhead ahead([&](int64_t begin, int64_t size) {
    ++requests;
    return Pattern(begin, size);
  });
  EXPECT_EQ(Must(ahead.Take(0, 10)), nullptr);
  ahead.Announce({{100, 50}, {150, 50}, {300, 10}});  // near each other: one request
  ExpectPattern(Must(ahead.Take(150, 50)), 150, 50);
  ExpectPattern(Must(ahead.Take(300, 10)), 300, 10);
  ExpectPattern(Must(ahead.Take(100, 50)), 100, 50);
  EXPECT_EQ(requests, 1);
  EXPECT_EQ(Must(ahead.Take(100, 50)), nullptr);  // taken
  EXPECT_EQ(Must(ahead.Take(0, 10)), nullptr);
}

TEST(ReadAheadTest, LargeRangesComeInManyRequests) {
  std::atomic<int> requests = 0;
  ReadAhead ahead([&](int64_t begin, int64_t size) {
    ++requests;
    return Pattern(begin, size);
  });
  constexpr int64_t kChunk = 300'000;
  std::vector<arrow::io::ReadRange> ranges;
  for (int64_t i = 0; i < 60; ++i)
    ranges.push_back({i * kChunk, kChunk});
  ahead.Announce(ranges);
  for (int64_t i = 59; i >= 0; --i)
    ExpectPattern(Must(ahead.Take(i * kChunk, kChunk)), i * kChunk, kChunk);
  EXPECT_GE(requests, 8);
  EXPECT_LE(requests, 20);
}

TEST(ReadAheadTest, AFailureIsToldToWhoReads) {
  ReadAhead ahead([](int64_t, int64_t) -> Result<std::shared_ptr<arrow::Buffer>> {
    return Error{ErrorKind::kIo, "no answer"};
  });
  ahead.Announce({{0, 10}});
  EXPECT_EQ(MustFail(ahead.Take(0, 10)).message, "no answer");
}

TEST(ReadAheadTest, MayEndBeforeAnythingWasTaken) {
  ReadAhead ahead(Pattern);
  ahead.Announce({{0, 10}, {50'000'000, 10}});
}

}  // namespace
}  // namespace coreshed::storage::s3
