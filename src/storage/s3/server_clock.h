#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace coreshed::storage::s3 {

/// The storage's clock, as its answers tell it. They say whole seconds: the latest that they allow
/// is kept and goes on with this machine's uptime, so that it does not matter what time this
/// machine takes it to be. Thread-safe.
class ServerClock {
 public:
  /// An answer that began at `uptime` says `micros` since 1970.
  void Hear(int64_t micros, int64_t uptime);
  /// Nothing: no answer has come yet.
  std::optional<int64_t> Now() const;

 private:
  mutable std::mutex mutex_;
  std::optional<int64_t> ahead_;  ///< of the uptime
};

/// Microseconds since this machine was started, with the time it slept.
int64_t Uptime();

/// Microseconds since 1970 of an HTTP date; negative: it is none.
int64_t HttpDateMicros(const std::string& text);
/// The same of "2026-11-27T10:20:30.000Z".
int64_t IsoDateMicros(const std::string& text);
/// "20261127T102030Z", as signatures have it.
std::string SignatureTime(int64_t micros);

}  // namespace coreshed::storage::s3
