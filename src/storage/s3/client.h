#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/s3/address.h"
#include "storage/s3/credentials.h"
#include "storage/s3/http.h"
#include "storage/s3/server_clock.h"
#include "storage/s3/signature.h"
#include "storage/s3/xml.h"

namespace coreshed::storage::s3 {

/// One request of S3. Its key is relative to the address's prefix.
struct Call {
  std::string method;
  std::string key;  ///< empty: the bucket itself
  std::map<std::string, std::string> query = {};
  Headers headers = {};
  std::string_view body = {};
  uint8_t* into = nullptr;  ///< see HttpRequest
  int64_t into_size = 0;
  bool is_slow = false;  ///< see HttpRequest
};

/// What a request that is sent once came to.
struct Attempt {
  HttpResponse response;
  std::unique_ptr<HttpFailure> failure;  ///< null: there is a response
  /// Whether it may take effect, or have taken it, though nothing says so.
  bool is_unclear() const;
  int status() const { return failure == nullptr ? response.status : 0; }
};

/// Speaks S3's REST protocol. Thread-safe.
class Client {
 public:
  /// Errors  kUnsupported   libcurl can't be loaded
  static Result<std::shared_ptr<Client>> Make(Address address,
                                              std::shared_ptr<CredentialSource> credentials);

  const Address& address() const { return address_; }
  std::string Describe(const std::string& key) const;

  /// Send once, and again only where the server has refused it for its date or its credentials; an
  /// Error only where there are no credentials.
  Result<Attempt> Once(const Call& call);
  /// Send until there is an answer that is not "try again", up to the timeout: for what may be done
  /// twice. A response of any other status is an answer. `was_unclear`, if given: whether an
  /// earlier one may have taken effect.
  Result<HttpResponse> Repeat(const Call& call, bool* was_unclear = nullptr);
  /// Visit the objects whose keys begin with `prefix`; ends early when `visit` returns false.
  Result<void> List(const std::string& prefix, const std::function<bool(ListedObject)>& visit);
  /// Visit the multipart uploads to keys that begin with `prefix` that are not completed.
  Result<void> ListUploads(const std::string& prefix, const std::function<void(OpenUpload)>& visit);

  /// Visit what a versioned bucket keeps of objects whose keys begin with `prefix` and that can't
  /// be seen any more. Nothing where the server has no versions.
  Result<void> ListOldVersions(const std::string& prefix,
                               const std::function<void(OldVersion)>& visit);

  /// The storage's clock.
  Result<int64_t> NowMicros();

  /// What the server said no to, in a sentence: kNotFound only where it said NoSuchKey.
  Error Refused(const Call& call, const HttpResponse& response) const;
  Error NoAnswer(const Call& call, const HttpFailure& failure) const;

 private:
  Client(Address address, const CurlApi& curl, std::shared_ptr<CredentialSource> credentials);
  Result<HttpRequest> Prepare(const Call& call);
  bool MayBeMended(const HttpResponse& response, int64_t signed_at);

  const Address address_;
  const std::shared_ptr<CredentialSource> credentials_;
  Http http_;
  ServerClock clock_;
};

/// Whether the answer says that the object, and not the bucket, is missing.
bool SaysNoSuchKey(const HttpResponse& response);

}  // namespace coreshed::storage::s3
