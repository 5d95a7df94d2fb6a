#pragma once

#include <coreshed/error.h>
#include <coreshed/options.h>

#include <chrono>
#include <string>
#include <string_view>

namespace coreshed::storage::s3 {

/// Where a store on S3 is, and how to speak to its server.
struct Address {
  std::string endpoint;  ///< "https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:7070"
  std::string region;
  std::string bucket;
  std::string prefix;  ///< of all keys; ends in '/' unless empty
  /// The bucket stands in the path, not in the host's name.
  bool path_style = true;
  std::string ca_file;                                           ///< see HttpOptions
  std::chrono::milliseconds timeout = std::chrono::seconds(30);  ///< of a call with its repetitions
};

/// The address that `location`, "s3://bucket/prefix", stands for. What `options` leave open is
/// found as AWS's tools find it: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL; AWS_REGION,
/// AWS_DEFAULT_REGION; AWS_CA_BUNDLE; then the profile AWS_PROFILE, or "default", of
/// AWS_CONFIG_FILE (~/.aws/config).
///
/// Errors  kInvalidArgument   no bucket; a bucket, prefix or endpoint that can't be one
Result<Address> ParseAddress(const std::string& location, const S3Options& options);

/// Whether `key` is a path of plain segments.
bool IsKey(std::string_view key);

}  // namespace coreshed::storage::s3
