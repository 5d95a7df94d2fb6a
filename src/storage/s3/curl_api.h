#pragma once

#include <coreshed/error.h>
#include <curl/curl.h>

#include <string>

/// The part of libcurl that we call. The library is loaded when first needed: with all it needs
/// itself it would more than double the time that the command takes to start.
namespace coreshed::storage::s3 {

/// name as curl_<name>, result, arguments.
#define CORESHED_CURL_FUNCTIONS(F)                         \
  F(global_init, CURLcode, (long))                         \
  F(easy_init, CURL*, ())                                  \
  F(easy_cleanup, void, (CURL*))                           \
  F(easy_reset, void, (CURL*))                             \
  F(easy_setopt, CURLcode, (CURL*, CURLoption, ...))       \
  F(easy_getinfo, CURLcode, (CURL*, CURLINFO, ...))        \
  F(easy_perform, CURLcode, (CURL*))                       \
  F(easy_strerror, const char*, (CURLcode))                \
  F(slist_append, curl_slist*, (curl_slist*, const char*)) \
  F(slist_free_all, void, (curl_slist*))

/// The functions, each under its name without `curl_`.
struct CurlApi {
#define CORESHED_CURL_MEMBER(name, result, arguments) result(*name) arguments = nullptr;
  CORESHED_CURL_FUNCTIONS(CORESHED_CURL_MEMBER)
#undef CORESHED_CURL_MEMBER
};

/// Load libcurl, once in a process.
///
/// Errors  kUnsupported   it is not on this machine
Result<const CurlApi*> LoadCurl();

}  // namespace coreshed::storage::s3
