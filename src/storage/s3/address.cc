#include "storage/s3/address.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <initializer_list>
#include <map>
#include <string_view>

#include "base/environment.h"
#include "base/result.h"

namespace coreshed::storage::s3 {
namespace {

Error Invalid(std::string message) {
  return Error{ErrorKind::kInvalidArgument, std::move(message)};
}

std::string FirstSet(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string value = EnvironmentVariable(name); !value.empty()) return value;
  }
  return "";
}

std::string Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

/// The settings of the profile in AWS's configuration file; none where there is no such file.
std::map<std::string, std::string> ReadProfile() {
  std::string path = EnvironmentVariable("AWS_CONFIG_FILE");
  if (path.empty()) path = EnvironmentVariable("HOME") + "/.aws/config";
  std::string profile = FirstSet({"AWS_PROFILE", "AWS_DEFAULT_PROFILE"});
  if (profile.empty()) profile = "default";
  std::map<std::string, std::string> settings;
  std::ifstream file(path);
  bool is_ours = false;
  for (std::string line; std::getline(file, line);) {
    const std::string text = Trimmed(line);
    if (text.starts_with('[')) {
      is_ours = text == "[profile " + profile + "]" || text == "[" + profile + "]";
    } else if (const auto equals = text.find('='); is_ours && equals != text.npos) {
      settings[Trimmed(text.substr(0, equals))] = Trimmed(text.substr(equals + 1));
    }
  }
  return settings;
}

/// What AWS allows since 2018, which is a part of a host's name.
bool IsBucketName(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return name.size() >= 3 && name.size() <= 63 && std::all_of(name.begin(), name.end(), is_plain) &&
         std::isalnum(static_cast<unsigned char>(name.front())) != 0 &&
         std::isalnum(static_cast<unsigned char>(name.back())) != 0;
}

Result<void> SetEndpoint(const S3Options& options, std::string found, Address* address) {
  address->endpoint = options.endpoint.empty() ? std::move(found) : options.endpoint;
  while (address->endpoint.ends_with('/'))
    address->endpoint.pop_back();
  const bool is_aws = address->endpoint.empty();
  if (is_aws) {
    address->endpoint = "https://s3." + address->region + ".amazonaws.com";
  } else if (!address->endpoint.starts_with("http://") &&
             !address->endpoint.starts_with("https://")) {
    return Invalid("The endpoint '" + address->endpoint +
                   "' begins with neither http:// nor https://.");
  }
  const auto host = address->endpoint.find("://") + 3;
  if (!is_aws && (address->endpoint.size() == host ||
                  address->endpoint.find_first_of("/?#@ ", host) != std::string::npos)) {
    return Invalid(
        "The endpoint must be http(s)://host or http(s)://host:port, without a path and "
        "without a user.");
  }
  if (is_aws && address->region.starts_with("cn-")) address->endpoint += ".cn";
  // A certificate for *.s3.… covers one label.
  const bool has_dot = address->bucket.find('.') != address->bucket.npos;
  address->path_style = options.path_style.value_or(!is_aws || has_dot);
  return {};
}

}  // namespace

bool IsKey(std::string_view key) {
  const std::string padded = "/" + std::string(key) + "/";
  return padded.find("//") == padded.npos && padded.find("/./") == padded.npos &&
         padded.find("/../") == padded.npos;
}

Result<Address> ParseAddress(const std::string& location, const S3Options& options) {
  constexpr std::string_view kScheme = "s3://";
  if (!location.starts_with(kScheme)) return Invalid("'" + location + "' is no s3:// address.");
  const std::string rest = location.substr(kScheme.size());
  Address address;
  address.bucket = rest.substr(0, rest.find('/'));
  if (address.bucket.empty()) {
    return Invalid("'" + location + "' names no bucket. Write s3://bucket or s3://bucket/prefix.");
  }
  if (!IsBucketName(address.bucket)) {
    return Invalid("'" + address.bucket +
                   "' can't be a bucket: those have 3 to 63 small letters, digits, '-' and '.'.");
  }
  if (rest.size() > address.bucket.size()) address.prefix = rest.substr(address.bucket.size() + 1);
  while (address.prefix.ends_with('/'))
    address.prefix.pop_back();
  if (!address.prefix.empty()) {
    constexpr size_t kPrefixBytesMax = 300;  // a key of S3 has 1024 bytes at most
    if (!IsKey(address.prefix) || address.prefix.size() > kPrefixBytesMax) {
      return Invalid("'" + address.prefix +
                     "' can't be a prefix: it has empty or dotted parts, or is too long.");
    }
    address.prefix += '/';
  }
  const auto profile = ReadProfile();
  const auto of_profile = [&](const char* name) {
    const auto found = profile.find(name);
    return found == profile.end() ? "" : found->second;
  };
  const auto first = [](std::initializer_list<std::string> values) {
    const auto* set = std::find_if(values.begin(), values.end(),
                                   [](const std::string& value) { return !value.empty(); });
    return set == values.end() ? "" : *set;
  };
  address.region = first({options.region, FirstSet({"AWS_REGION", "AWS_DEFAULT_REGION"}),
                          of_profile("region"), "us-east-1"});
  address.ca_file =
      first({options.ca_file, EnvironmentVariable("AWS_CA_BUNDLE"), of_profile("ca_bundle")});
  const std::string endpoint =
      first({FirstSet({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}), of_profile("endpoint_url")});
  CORESHED_TRY(SetEndpoint(options, endpoint, &address));
  return address;
}

}  // namespace coreshed::storage::s3
