#include "storage/s3/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cctype>

#include "base/hex.h"
#include "base/sha256.h"

namespace coreshed::storage::s3 {
namespace {

constexpr char kAlgorithm[] = "AWS4-HMAC-SHA256";

std::string Hmac(std::string_view key, std::string_view text) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest, &size);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

std::string LowerCase(std::string text) {
  for (char& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

std::string UriEncoded(std::string_view text, bool keep_slashes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '.' ||
                       c == '_' || c == '~' || (keep_slashes && c == '/');
    if (plain) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

std::string QueryText(const std::map<std::string, std::string>& query) {
  std::map<std::string, std::string> encoded;  // sorted as encoded
  for (const auto& [name, value] : query)
    encoded[UriEncoded(name, false)] = UriEncoded(value, false);
  std::string text;
  for (const auto& [name, value] : encoded)
    text += (text.empty() ? "" : "&") + name + "=" + value;
  return text;
}

Headers Sign(const ToSign& request, const Credentials& credentials, const std::string& region,
             const std::string& time) {
  Headers headers = request.headers;
  headers.emplace_back("host", request.host);
  headers.emplace_back("x-amz-content-sha256", request.payload_sha256);
  headers.emplace_back("x-amz-date", time);
  if (!credentials.session_token.empty()) {
    headers.emplace_back("x-amz-security-token", credentials.session_token);
  }
  std::map<std::string, std::string> sorted;
  for (const auto& [name, value] : headers)
    sorted[LowerCase(name)] = value;
  std::string names,
      canonical = request.method + "\n" + request.path + "\n" + QueryText(request.query) + "\n";
  for (const auto& [name, value] : sorted) {
    canonical += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  canonical += "\n" + names + "\n" + request.payload_sha256;

  const std::string day = time.substr(0, 8);
  const std::string scope = day + "/" + region + "/s3/aws4_request";
  const std::string to_sign =
      std::string(kAlgorithm) + "\n" + time + "\n" + scope + "\n" + Sha256Hex(canonical);
  std::string key = Hmac("AWS4" + credentials.secret_key, day);
  for (const std::string& step : {region, std::string("s3"), std::string("aws4_request")})
    key = Hmac(key, step);
  const std::string signature = Hmac(key, to_sign);
  headers.emplace_back(
      "authorization",
      std::string(kAlgorithm) + " Credential=" + credentials.access_key + "/" + scope +
          ", SignedHeaders=" + names + ", Signature=" +
          ToHex(reinterpret_cast<const uint8_t*>(signature.data()), signature.size()));
  return headers;
}

}  // namespace coreshed::storage::s3
