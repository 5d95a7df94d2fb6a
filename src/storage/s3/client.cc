#include "storage/s3/client.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>
#include <utility>

#include "base/random.h"
#include "base/result.h"
#include "base/sha256.h"
#include "storage/s3/curl_api.h"

namespace coreshed::storage::s3 {
namespace {

using Clock = std::chrono::steady_clock;

int64_t SystemMicros() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

bool SaysAgain(const HttpResponse& response) {
  const int status = response.status;
  if (status == 429 || (status >= 500 && status != 501)) return true;
  // The server waited for more of the request than came in time.
  return status == 400 && XmlText(response.body, "Code") == "RequestTimeout";
}

std::string HostOf(const std::string& endpoint) {
  return endpoint.substr(endpoint.find("://") + 3);
}

/// What to do about it, for the mistakes that are made most.
std::string Remedy(const std::string& code, const HttpResponse& response, const Address& address) {
  if (code == "NoSuchBucket") {
    return "There is no such bucket at " + address.endpoint +
           ". Check the name and the endpoint, or make the bucket first.";
  }
  if (code == "InvalidAccessKeyId" || code == "SignatureDoesNotMatch" ||
      code == "XAdminUserNotFound") {  // the last one: versitygw
    return "The server does not know this access key, or its secret is another one. Check "
           "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile.";
  }
  if (code == "ExpiredToken" || code == "InvalidToken" || code == "TokenRefreshRequired") {
    return "The session token has expired. Log in again.";
  }
  if (code == "RequestTimeTooSkewed") {
    return "The clocks of this machine and of the server differ by more than the server takes.";
  }
  if (code == "AuthorizationHeaderMalformed" || code == "PermanentRedirect" ||
      code == "TemporaryRedirect" || code == "IllegalLocationConstraintException" ||
      response.status == 301 || response.status == 307) {
    const std::string region = response.Header("x-amz-bucket-region");
    return "The bucket is in " + (region.empty() ? "another region" : "the region " + region) +
           ", not in " + address.region + ". Set AWS_REGION.";
  }
  if (response.status == 403) {
    return "The credentials do not allow it. Coreshed needs to get, put, list and delete objects "
           "below its prefix.";
  }
  if (code == "SlowDown" || response.status == 503) {
    return "The server is overloaded, and was to the end of the time allowed. Try again later.";
  }
  return "";
}

}  // namespace

bool Attempt::is_unclear() const {
  if (failure != nullptr) return failure->sent == Sent::kMaybe;
  return SaysAgain(response) || response.status == 409 || response.status == 501;
}

bool SaysNoSuchKey(const HttpResponse& response) {
  return response.status == 404 && XmlText(response.body, "Code") == "NoSuchKey";
}

Result<std::shared_ptr<Client>> Client::Make(Address address,
                                             std::shared_ptr<CredentialSource> credentials) {
  CORESHED_ASSIGN(const CurlApi* curl, LoadCurl());
  return std::shared_ptr<Client>(new Client(std::move(address), *curl, std::move(credentials)));
}

Client::Client(Address address, const CurlApi& curl, std::shared_ptr<CredentialSource> credentials)
    : address_(std::move(address)),
      credentials_(std::move(credentials)),
      http_(curl, HttpOptions{.ca_file = address_.ca_file}) {}

std::string Client::Describe(const std::string& key) const {
  std::string whole = "s3://" + address_.bucket + "/" + address_.prefix + key;
  while (whole.ends_with('/'))
    whole.pop_back();
  return whole;
}

Result<HttpRequest> Client::Prepare(const Call& call) {
  CORESHED_ASSIGN(const auto credentials, credentials_->Get());
  ToSign to_sign;
  to_sign.method = call.method;
  to_sign.query = call.query;
  to_sign.headers = call.headers;
  to_sign.payload_sha256 = Sha256Hex(call.body);
  to_sign.host = HostOf(address_.endpoint);
  std::string path = call.key.empty() ? "" : address_.prefix + call.key;
  if (address_.path_style) {
    path = address_.bucket + (path.empty() ? "" : "/" + path);
  } else {
    to_sign.host = address_.bucket + "." + to_sign.host;
  }
  to_sign.path = "/" + UriEncoded(path, true);
  HttpRequest request;
  request.method = call.method;
  request.headers = Sign(to_sign, credentials, address_.region,
                         SignatureTime(clock_.Now().value_or(SystemMicros())));
  const std::string query = QueryText(call.query);
  request.url = address_.endpoint.substr(0, address_.endpoint.find("://") + 3) + to_sign.host +
                to_sign.path + (query.empty() ? "" : "?" + query);
  request.body = call.body;
  request.into = call.into;
  request.into_size = call.into_size;
  request.is_slow = call.is_slow;
  return request;
}

/// Whether a refusal had a reason that is gone now: this machine's clock was wrong, and the answer
/// has told the time; or there are newer credentials.
bool Client::MayBeMended(const HttpResponse& response, int64_t signed_at) {
  if (response.status != 403 && response.status != 400 && response.status != 401) return false;
  constexpr int64_t kSkew = 60'000'000;
  const auto now = clock_.Now();
  if (now && std::abs(*now - signed_at) > kSkew) return true;
  const std::string code = XmlText(response.body, "Code");
  const bool is_old = code == "ExpiredToken" || code == "InvalidToken" ||
                      code == "TokenRefreshRequired" || code == "InvalidAccessKeyId";
  return is_old && credentials_->Renew();
}

Result<Attempt> Client::Once(const Call& call) {
  for (bool again = false;; again = true) {
    const int64_t signed_at = clock_.Now().value_or(SystemMicros());
    CORESHED_ASSIGN(const auto request, Prepare(call));
    auto [response, failure] = http_.Send(request);
    if (const int64_t date = HttpDateMicros(response.Header("date")); date >= 0) {
      clock_.Hear(date, response.began_uptime);
    }
    if (failure == nullptr && !again && MayBeMended(response, signed_at)) continue;
    return Attempt{std::move(response), std::move(failure)};
  }
}

Result<HttpResponse> Client::Repeat(const Call& call, bool* was_unclear) {
  std::optional<Clock::time_point> deadline;  // from the first failure on: sending takes its time
  std::chrono::milliseconds pause(50);
  constexpr std::chrono::milliseconds kLongestPause(5000);
  while (true) {
    CORESHED_ASSIGN(auto attempt, Once(call));
    const bool is_answer = attempt.failure == nullptr && !SaysAgain(attempt.response);
    if (is_answer) return std::move(attempt.response);
    if (was_unclear != nullptr && attempt.is_unclear()) *was_unclear = true;
    const auto jitter = RandomBelow(static_cast<unsigned>(pause.count()));
    const auto wait = pause / 2 + std::chrono::milliseconds(jitter);
    if (!deadline) deadline = Clock::now() + address_.timeout;
    if (Clock::now() + wait >= *deadline) {
      if (attempt.failure != nullptr) return NoAnswer(call, *attempt.failure);
      return Refused(call, attempt.response);
    }
    std::this_thread::sleep_for(wait);
    pause = std::min(pause * 2, kLongestPause);
  }
}

Result<void> Client::List(const std::string& prefix,
                          const std::function<bool(ListedObject)>& visit) {
  Call call{"GET", ""};
  call.query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", address_.prefix + prefix}};
  while (true) {
    CORESHED_ASSIGN(const auto response, Repeat(call));
    if (response.status != 200) return Refused(call, response);
    auto next = ReadListPage(response.body, [&](ListedObject object) {
      if (!object.key.starts_with(address_.prefix + prefix)) return true;
      object.key.erase(0, address_.prefix.size());
      return visit(std::move(object));
    });
    if (!next) {
      return Error{ErrorKind::kIo,
                   "Listing " + Describe(prefix) + ": " + next.error().message + "."};
    }
    if (next->empty()) return {};
    call.query["continuation-token"] = *next;
  }
}

Result<void> Client::ListUploads(const std::string& prefix,
                                 const std::function<void(OpenUpload)>& visit) {
  Call call{"GET", ""};
  call.query = {{"uploads", ""}, {"encoding-type", "url"}, {"prefix", address_.prefix + prefix}};
  while (true) {
    CORESHED_ASSIGN(const auto response, Repeat(call));
    // Not every server has such uploads, and not all credentials may list them.
    if (response.status == 403 || response.status == 405 || response.status == 501) return {};
    if (response.status != 200) return Refused(call, response);
    auto page = ReadUploadsPage(response.body, [&](OpenUpload upload) {
      if (!upload.key.starts_with(address_.prefix + prefix)) return;
      upload.key.erase(0, address_.prefix.size());
      visit(std::move(upload));
    });
    if (!page) {
      return Error{ErrorKind::kIo,
                   "Listing the uploads of " + Describe("") + ": " + page.error().message + "."};
    }
    if (!page->is_truncated) return {};
    const bool goes_on =
        !page->next_key.empty() && (call.query["key-marker"] != page->next_key ||
                                    call.query["upload-id-marker"] != page->next_upload_id);
    if (!goes_on) {
      return Error{ErrorKind::kIo, "Listing the uploads of " + Describe("") +
                                       ": the list is cut off and does not say how to go on."};
    }
    call.query["key-marker"] = page->next_key;
    call.query["upload-id-marker"] = page->next_upload_id;
  }
}

Result<void> Client::ListOldVersions(const std::string& prefix,
                                     const std::function<void(OldVersion)>& visit) {
  Call call{"GET", ""};
  call.query = {{"versions", ""}, {"encoding-type", "url"}, {"prefix", address_.prefix + prefix}};
  while (true) {
    CORESHED_ASSIGN(const auto response, Repeat(call));
    if (response.status == 405 || response.status == 501) return {};
    if (response.status == 403) {
      Error error = Refused(call, response);
      error.message +=
          " Whether the bucket keeps old versions of what was erased can't be seen without the "
          "right to list them (s3:ListBucketVersions).";
      return error;
    }
    if (response.status != 200) return Refused(call, response);
    auto page = ReadVersionsPage(response.body, [&](OldVersion old) {
      if (!old.key.starts_with(address_.prefix + prefix)) return;
      old.key.erase(0, address_.prefix.size());
      visit(std::move(old));
    });
    const std::string what = "Listing the old versions of " + Describe(prefix) + ": ";
    if (!page) return Error{ErrorKind::kIo, what + page.error().message + "."};
    if (!page->is_truncated) return {};
    const bool goes_on =
        !page->next_key.empty() && (call.query["key-marker"] != page->next_key ||
                                    call.query["version-id-marker"] != page->next_version_id);
    if (!goes_on) {
      return Error{ErrorKind::kIo, what + "the list is cut off and does not say how to go on."};
    }
    call.query["key-marker"] = page->next_key;
    call.query.erase("version-id-marker");
    if (!page->next_version_id.empty()) call.query["version-id-marker"] = page->next_version_id;
  }
}

Result<int64_t> Client::NowMicros() {
  if (const auto now = clock_.Now()) return *now;
  const Call call{"HEAD", "coreshed.json"};  // there or not, the answer has a date
  CORESHED_TRY(Repeat(call));
  if (const auto now = clock_.Now()) return *now;
  return Error{ErrorKind::kIo, "The answers of " + address_.endpoint +
                                   " have no date. Is that a server of S3's kind?"};
}

Error Client::Refused(const Call& call, const HttpResponse& response) const {
  const std::string code = XmlText(response.body, "Code");
  const std::string said = XmlText(response.body, "Message");
  std::string message = call.method + " " + Describe(call.key) +
                        " was refused: " + std::to_string(response.status) +
                        (code.empty() ? "" : " " + code);
  const std::string remedy = Remedy(code, response, address_);
  if (!remedy.empty()) {
    message += ". " + remedy;
  } else {
    message += said.empty() ? "." : " (" + said + ").";
  }
  Error error{SaysNoSuchKey(response) ? ErrorKind::kNotFound : ErrorKind::kIo, message};
  if (!code.empty()) error.fields["s3_code"] = code;
  return error;
}

Error Client::NoAnswer(const Call& call, const HttpFailure& failure) const {
  return Error{ErrorKind::kIo, call.method + " " + Describe(call.key) + " got no answer: " +
                                   failure.why + ". Is " + address_.endpoint + " right, and up?"};
}

}  // namespace coreshed::storage::s3
