#pragma once

/// What libcoreshed_aws.so, which is loaded when AWS's own way to credentials is needed, and the
/// library tell each other. A library of its own, because AWS's takes long to load.
namespace coreshed::storage::s3 {

inline constexpr const char* kAwsPlugin = "libcoreshed_aws.so";
inline constexpr const char* kAwsFunction = "coreshed_aws_credentials";

/// Texts end with a zero; a session token of AWS has some thousand characters.
struct AwsAnswer {
  char access_key[256];
  char secret_key[256];
  char session_token[16384];
  char error[1024];  ///< empty: there are credentials
};

/// Fill the answer; `renew`: forget those found before.
using AwsFunction = void (*)(int renew, AwsAnswer* answer);

}  // namespace coreshed::storage::s3
