#pragma once

#include <coreshed/error.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coreshed::storage::s3 {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string url;
  Headers headers;
  std::string_view body;
  /// Where the answer's body goes where the status is 200 or 206; null: into `body` of the
  /// response.
  uint8_t* into = nullptr;
  int64_t into_size = 0;
  bool is_slow = false;  ///< the server may be silent for minutes before it answers
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  int64_t received = 0;      ///< bytes of the body
  int64_t began_uptime = 0;  ///< when the answer began, by Uptime()

  /// The value of a header; empty where there is none.
  std::string Header(const std::string& name) const;
};

/// What became of a request that got no answer.
enum class Sent {
  kNo,     ///< the server can't have seen it
  kMaybe,  ///< it may have been done, or be done later
};

struct HttpFailure {
  Sent sent = Sent::kMaybe;
  std::string why;
};

struct HttpOptions {
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
  /// A transfer slower than 1 kB/s for so long is given up; so is one that gets no answer.
  std::chrono::milliseconds stall_timeout = std::chrono::seconds(20);
  std::string ca_file;  ///< PEM, of the authorities to trust; empty: the system's
};

struct CurlApi;

/// Sends HTTP requests over kept connections. No redirect is followed, and nothing that has a body
/// is repeated. Thread-safe.
class Http {
 public:
  Http(const CurlApi& curl, HttpOptions options);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  /// The response whatever its status, or why there is none.
  std::pair<HttpResponse, std::unique_ptr<HttpFailure>> Send(const HttpRequest& request);

 private:
  class Pool;
  class Exchange;
  const CurlApi& curl_;
  const HttpOptions options_;
  const std::unique_ptr<Pool> pool_;
};

}  // namespace coreshed::storage::s3
