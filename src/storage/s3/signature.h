#pragma once

#include <map>
#include <string>
#include <string_view>

#include "storage/s3/credentials.h"
#include "storage/s3/http.h"

namespace coreshed::storage::s3 {

/// Percent-encoded as AWS wants it (RFC 3986: all but letters, digits, -._~); '/' too unless
/// `keep_slashes`.
std::string UriEncoded(std::string_view text, bool keep_slashes);

/// A request's parts that a signature covers.
struct ToSign {
  std::string method;
  std::string host;                          ///< with the port, unless that is the scheme's own
  std::string path;                          ///< encoded
  std::map<std::string, std::string> query;  ///< not encoded
  Headers headers;                           ///< all of them are signed
  std::string payload_sha256;                ///< hex
};

/// The query as it goes into the URL: encoded, sorted.
std::string QueryText(const std::map<std::string, std::string>& query);

/// The headers to send: those given, host, x-amz-date, x-amz-content-sha256, a session token, and
/// the signature over them (AWS Signature Version 4). `time`: "20130524T000000Z".
Headers Sign(const ToSign& request, const Credentials& credentials, const std::string& region,
             const std::string& time);

}  // namespace coreshed::storage::s3
