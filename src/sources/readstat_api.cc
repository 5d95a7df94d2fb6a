#include "sources/readstat_api.h"

#include <dlfcn.h>

#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr const char* kLibrary = "libreadstat.so.1";

Result<ReadStatApi> Bind() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Error{ErrorKind::kUnsupported, std::string("Files of SAS (.sas7bdat) need ") + kLibrary +
                                              ", which this machine does not have. Install "
                                              "ReadStat (Debian: apt install libreadstat1)."};
  }
  ReadStatApi api;
#define CORESHED_READSTAT_BIND(name, result, arguments)                                      \
  api.name = reinterpret_cast<result(*) arguments>(dlsym(library, "readstat_" #name));       \
  if (api.name == nullptr) {                                                                 \
    return Error{ErrorKind::kUnsupported,                                                    \
                 std::string(kLibrary) + " has no function readstat_" #name ". Update it."}; \
  }
  CORESHED_READSTAT_FUNCTIONS(CORESHED_READSTAT_BIND)
#undef CORESHED_READSTAT_BIND
  return api;
}

}  // namespace

Result<const ReadStatApi*> LoadReadStat() {
  static std::mutex mutex;
  static std::optional<ReadStatApi> loaded;
  const std::lock_guard lock(mutex);
  if (!loaded) {
    CORESHED_ASSIGN(loaded, Bind());
  }
  return &*loaded;
}

}  // namespace coreshed::sources
