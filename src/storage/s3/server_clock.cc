#include "storage/s3/server_clock.h"

#include <time.h>

namespace coreshed::storage::s3 {
namespace {

constexpr int64_t kSecond = 1'000'000;

int64_t MicrosOf(const std::string& text, const char* format) {
  struct tm parts = {};
  if (::strptime(text.c_str(), format, &parts) == nullptr) return -1;
  return int64_t{::timegm(&parts)} * kSecond;
}

}  // namespace

int64_t Uptime() {
  timespec now = {};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return int64_t{now.tv_sec} * kSecond + now.tv_nsec / 1000;
}

void ServerClock::Hear(int64_t micros, int64_t uptime) {
  const int64_t ahead = micros - uptime;
  const std::lock_guard lock(mutex_);
  // Earlier by less than a second: it was rounded down, or took its time. By more: it was set.
  if (!ahead_ || ahead > *ahead_ || ahead < *ahead_ - 2 * kSecond) ahead_ = ahead;
}

std::optional<int64_t> ServerClock::Now() const {
  const std::lock_guard lock(mutex_);
  if (!ahead_) return std::nullopt;
  return Uptime() + *ahead_;
}

int64_t HttpDateMicros(const std::string& text) {
  return MicrosOf(text, "%a, %d %b %Y %H:%M:%S GMT");
}

int64_t IsoDateMicros(const std::string& text) {
  return MicrosOf(text, "%Y-%m-%dT%H:%M:%S");
}

std::string SignatureTime(int64_t micros) {
  const time_t seconds = micros / kSecond;
  struct tm parts = {};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const size_t size = ::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
  return std::string(text, size);
}

}  // namespace coreshed::storage::s3
