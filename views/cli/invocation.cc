#include "cli/invocation.h"

#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "cli/failure.h"

namespace coreshed::cli {
namespace {

constexpr const char* kStoreFile = "coreshed.json";

/// The nearest folder upward from here that is a store.
std::string FindStore() {
  std::error_code code;
  const auto here = std::filesystem::current_path(code);
  if (code) {
    throw Failure(
        Error{ErrorKind::kNotFound,
              "The current folder is gone. Go to another, or name a store with --store."});
  }
  for (auto folder = here; !folder.empty(); folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / kStoreFile, code)) return folder.string();
    if (folder == folder.root_path()) break;
  }
  throw Failure(Error{ErrorKind::kNotFound,
                      "There is no store in " + here.string() +
                          " or above it. Make one with coreshed init, or name one with --store or "
                          "CORESHED_STORE."});
}

}  // namespace

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

OpenOptions Invocation::open_options() const {
  OpenOptions options;
  options.timeout = std::chrono::milliseconds(static_cast<int64_t>(timeout_seconds * 1000));
  return options;
}

std::string Invocation::PlaceOfNewStore() const {
  if (!store_option.empty()) return store_option;
  const std::string place = Environment("CORESHED_STORE");
  return place.empty() ? "." : place;
}

Store& Invocation::store() {
  if (store_ == nullptr) {
    std::string place = store_option;
    if (place.empty()) place = Environment("CORESHED_STORE");
    if (place.empty()) place = FindStore();
    store_ = Take(Store::Open(place, open_options()));
  }
  return *store_;
}

std::string ActorOr(const std::string& by) {
  if (!by.empty()) return by;
  if (std::string user = Environment("CORESHED_USER"); !user.empty()) return user;
  if (const passwd* entry = getpwuid(geteuid()); entry != nullptr && *entry->pw_name != '\0') {
    return entry->pw_name;
  }
  throw Failure(
      Error{ErrorKind::kInvalidArgument, "Who does this? Say so with --by or CORESHED_USER."});
}

}  // namespace coreshed::cli
