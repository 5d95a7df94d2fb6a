#include "storage/s3/http.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <mutex>

#include "storage/s3/curl_api.h"
#include "storage/s3/server_clock.h"

namespace coreshed::storage::s3 {
namespace {

constexpr size_t kBodyBytesMax = size_t{128} << 20;
constexpr size_t kHeaderBytesMax = size_t{64} << 10;

std::string_view Trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

}  // namespace

std::string HttpResponse::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

/// Handles that are not in use: each keeps its connections.
class Http::Pool {
 public:
  explicit Pool(const CurlApi& curl) : curl_(curl) {}
  ~Pool() {
    for (CURL* handle : handles_)
      curl_.easy_cleanup(handle);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  CURL* Take() {
    const std::lock_guard lock(mutex_);
    if (handles_.empty()) return curl_.easy_init();
    CURL* handle = handles_.back();
    handles_.pop_back();
    return handle;
  }
  void Give(CURL* handle) {
    curl_.easy_reset(handle);
    const std::lock_guard lock(mutex_);
    handles_.push_back(handle);
  }

 private:
  const CurlApi& curl_;
  std::mutex mutex_;
  std::vector<CURL*> handles_;
};

/// One request and what comes back.
class Http::Exchange {
 public:
  Exchange(const CurlApi& curl, CURL* handle, const HttpRequest& request)
      : curl_(curl), handle_(handle), request_(request) {}
  ~Exchange() { curl_.slist_free_all(headers_); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void SetUp(const HttpOptions& options);
  std::unique_ptr<HttpFailure> Run();
  HttpResponse& response() { return response_; }

 private:
  static size_t OnSend(char* to, size_t size, size_t count, void* exchange);
  static size_t OnHeader(const char* from, size_t size, size_t count, void* exchange);
  static size_t OnReceive(const char* from, size_t size, size_t count, void* exchange);
  void SetMethod();
  bool CantHaveBeenSent(CURLcode code) const;
  int Status() const;

  template <typename T>
  void Set(CURLoption option, T value) {
    curl_.easy_setopt(handle_, option, value);
  }

  const CurlApi& curl_;
  CURL* const handle_;
  const HttpRequest& request_;
  curl_slist* headers_ = nullptr;
  char why_[CURL_ERROR_SIZE] = "";
  HttpResponse response_;
  size_t sent_ = 0;
  size_t header_bytes_ = 0;
  bool is_too_long_ = false;
};

size_t Http::Exchange::OnSend(char* to, size_t size, size_t count, void* exchange) {
  auto& self = *static_cast<Exchange*>(exchange);
  const size_t bytes = std::min(size * count, self.request_.body.size() - self.sent_);
  std::memcpy(to, self.request_.body.data() + self.sent_, bytes);
  self.sent_ += bytes;
  return bytes;
}

size_t Http::Exchange::OnHeader(const char* from, size_t size, size_t count, void* exchange) {
  auto& self = *static_cast<Exchange*>(exchange);
  const std::string_view line(from, size * count);
  if (line.starts_with("HTTP/")) self.response_.began_uptime = Uptime();
  if (line.starts_with("HTTP/")) self.response_.headers.clear();  // after a 100, or begun again
  self.header_bytes_ += line.size();
  if (self.header_bytes_ > kHeaderBytesMax) return 0;
  if (const auto colon = line.find(':'); colon != line.npos) {
    std::string name(line.substr(0, colon));
    for (char& c : name)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    self.response_.headers[std::move(name)] = Trimmed(line.substr(colon + 1));
  }
  return line.size();
}

size_t Http::Exchange::OnReceive(const char* from, size_t size, size_t count, void* exchange) {
  auto& self = *static_cast<Exchange*>(exchange);
  const size_t bytes = size * count;
  const int status = self.Status();
  const bool in_place = self.request_.into != nullptr && (status == 200 || status == 206);
  const int64_t most = in_place ? self.request_.into_size : static_cast<int64_t>(kBodyBytesMax);
  int64_t& received = self.response_.received;
  if (static_cast<int64_t>(bytes) > most - received) {
    self.is_too_long_ = true;
    return 0;
  }
  if (in_place) {
    std::memcpy(self.request_.into + received, from, bytes);
  } else {
    self.response_.body.append(from, bytes);
  }
  received += static_cast<int64_t>(bytes);
  return bytes;
}

int Http::Exchange::Status() const {
  long status = 0;
  curl_.easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

void Http::Exchange::SetMethod() {
  if (request_.method == "HEAD") {
    Set(CURLOPT_NOBODY, 1L);
  } else if (request_.method == "PUT" || request_.method == "POST") {
    Set(CURLOPT_UPLOAD, 1L);
    Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    Set(CURLOPT_READFUNCTION, &OnSend);
    Set(CURLOPT_READDATA, this);
    // No CURLOPT_SEEKFUNCTION: curl would send a body again where a kept connection turns out to be
    // closed, though the server may have taken the first.
    if (request_.method == "POST") Set(CURLOPT_CUSTOMREQUEST, "POST");
  } else if (request_.method != "GET") {
    Set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
}

void Http::Exchange::SetUp(const HttpOptions& options) {
  headers_ = curl_.slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request_.headers)
    headers_ = curl_.slist_append(headers_, (name + ": " + value).c_str());
  Set(CURLOPT_URL, request_.url.c_str());
  Set(CURLOPT_PATH_AS_IS, 1L);  // it is signed as it is
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_TCP_NODELAY, 1L);
  Set(CURLOPT_BUFFERSIZE, 256L << 10);
  Set(CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
  Set(CURLOPT_ERRORBUFFER, why_);
  Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  Set(CURLOPT_LOW_SPEED_LIMIT, 1024L);
  constexpr long kSlowSeconds = 600;
  const long stall_seconds = static_cast<long>(options.stall_timeout.count() / 1000);
  Set(CURLOPT_LOW_SPEED_TIME, request_.is_slow ? kSlowSeconds : std::max(1L, stall_seconds));
  if (!options.ca_file.empty()) Set(CURLOPT_CAINFO, options.ca_file.c_str());
  Set(CURLOPT_HTTPHEADER, headers_);
  Set(CURLOPT_HEADERFUNCTION, &OnHeader);
  Set(CURLOPT_HEADERDATA, this);
  Set(CURLOPT_WRITEFUNCTION, &OnReceive);
  Set(CURLOPT_WRITEDATA, this);
  SetMethod();
}

bool Http::Exchange::CantHaveBeenSent(CURLcode code) const {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return true;
    default:
      break;
  }
  long bytes = 0;
  curl_.easy_getinfo(handle_, CURLINFO_REQUEST_SIZE, &bytes);
  return bytes == 0;
}

std::unique_ptr<HttpFailure> Http::Exchange::Run() {
  const CURLcode code = curl_.easy_perform(handle_);
  response_.status = Status();
  if (code == CURLE_OK) return nullptr;
  std::string why = why_[0] != '\0' ? why_ : curl_.easy_strerror(code);
  if (is_too_long_) why = "the answer is longer than what was asked for";
  return std::make_unique<HttpFailure>(
      HttpFailure{CantHaveBeenSent(code) ? Sent::kNo : Sent::kMaybe, std::move(why)});
}

Http::Http(const CurlApi& curl, HttpOptions options)
    : curl_(curl), options_(std::move(options)), pool_(std::make_unique<Pool>(curl)) {}

Http::~Http() = default;

std::pair<HttpResponse, std::unique_ptr<HttpFailure>> Http::Send(const HttpRequest& request) {
  CURL* handle = pool_->Take();
  if (handle == nullptr) {
    return {HttpResponse(), std::make_unique<HttpFailure>(HttpFailure{Sent::kNo, "out of memory"})};
  }
  Exchange exchange(curl_, handle, request);
  exchange.SetUp(options_);
  auto failure = exchange.Run();
  pool_->Give(handle);
  return {std::move(exchange.response()), std::move(failure)};
}

}  // namespace coreshed::storage::s3
