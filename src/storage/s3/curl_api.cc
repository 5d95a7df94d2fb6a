#include "storage/s3/curl_api.h"

#include <dlfcn.h>

#include <mutex>
#include <optional>

#include "base/result.h"

namespace coreshed::storage::s3 {
namespace {

/// Its interface has not changed since 2006, which the number says.
constexpr const char* kLibrary = "libcurl.so.4";

Result<CurlApi> Bind() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Error{ErrorKind::kUnsupported, std::string("Stores on S3 need ") + kLibrary +
                                              ", which this machine does not have. Install "
                                              "libcurl (Debian: apt install libcurl4)."};
  }
  CurlApi api;
#define CORESHED_CURL_BIND(name, result, arguments)                                      \
  api.name = reinterpret_cast<result(*) arguments>(dlsym(library, "curl_" #name));       \
  if (api.name == nullptr) {                                                             \
    return Error{ErrorKind::kUnsupported,                                                \
                 std::string(kLibrary) + " has no function curl_" #name ". Update it."}; \
  }
  CORESHED_CURL_FUNCTIONS(CORESHED_CURL_BIND)
#undef CORESHED_CURL_BIND
  if (api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return Error{ErrorKind::kIo, std::string(kLibrary) + " could not be made ready."};
  }
  return api;
}

}  // namespace

Result<const CurlApi*> LoadCurl() {
  static std::mutex mutex;
  static std::optional<CurlApi> loaded;
  const std::lock_guard lock(mutex);
  if (!loaded) {
    CORESHED_ASSIGN(loaded, Bind());
  }
  return &*loaded;
}

}  // namespace coreshed::storage::s3
