#include <algorithm>
#include <cctype>
#include <filesystem>
#include <thread>

#include "base/canonical_json.h"
#include "base/paths.h"
#include "base/random.h"
#include "base/result.h"
#include "base/text.h"
#include "commit/fields.h"
#include "storage/etag.h"
#include "storage/local.h"
#include "storage/s3/s3.h"
#include "store/open_on.h"
#include "store/store_impl.h"

namespace coreshed::store {
namespace {

constexpr int64_t kFormat = 1;
constexpr int kContentFolders = 256;

constexpr int kThreadsMax = 4096;

Result<void> CheckOptions(const OpenOptions& options) {
  const auto wrong = [](const char* name, int64_t value, const char* rule) {
    return Error{ErrorKind::kInvalidArgument,
                 std::string(name) + " is " + std::to_string(value) + ": " + rule + "."};
  };
  const char* const bytes = "it is a number of bytes, 0 or more";
  if (options.cache_bytes < 0) return wrong("cache_bytes", options.cache_bytes, bytes);
  if (options.memory_bytes < 0) return wrong("memory_bytes", options.memory_bytes, bytes);
  if (options.threads < 0 || options.threads > kThreadsMax)
    return wrong("threads", options.threads, "0 (one for each core) to 4096");
  if (options.timeout.count() < 0)
    return wrong("timeout", options.timeout.count(), "it is a time, 0 or more milliseconds");
  return {};
}

Result<std::string> ParseStoreFile(const storage::Blob& blob, const std::string& location) {
  const std::string where = "coreshed.json of " + location;
  const std::string_view bytes(reinterpret_cast<const char*>(blob.bytes->data()),
                               static_cast<size_t>(blob.bytes->size()));
  CORESHED_ASSIGN(const auto json, ParseJson(bytes, where));
  commit::Fields fields(json, where);
  const int64_t format = fields.Number("format");
  std::string store_id = fields.Hex("store_id", 32);
  if (!fields.ok()) return fields.error();
  if (format != kFormat) {
    return Error{ErrorKind::kUnsupported, where + " says format " + std::to_string(format) +
                                              ": a newer release made this store. Install it."};
  }
  return store_id;
}

/// False: another maker was first, which is as good.
Result<bool> MakeStore(storage::Storage& storage, const std::string& store_id) {
  std::vector<std::string> folders = {"records"};
  for (int i = 0; i < kContentFolders; ++i) {
    constexpr char kDigits[] = "0123456789abcdef";
    folders.push_back(std::string(paths::kContent) + kDigits[i / 16] + kDigits[i % 16]);
  }
  CORESHED_TRY(storage.PrepareNew(folders));
  const nlohmann::json file = {{"format", kFormat}, {"store_id", store_id}};
  // Written last: a folder without it is no store.
  return storage.PutIfAbsent(std::string(paths::kStoreFile), CanonicalJson(file) + "\n");
}

/// A copied folder has the same store id, so the place belongs to the index's name.
std::string IndexName(const std::string& store_id, const std::string& location) {
  if (location.starts_with("s3://")) return store_id + "-" + storage::EtagOf(location);
  std::error_code error;
  const auto place = std::filesystem::weakly_canonical(std::filesystem::absolute(location), error);
  return store_id + "-" + storage::EtagOf(error ? location : place.string());
}

/// A slip of the pen must not make a folder that is called "s3:".
bool LooksLikeUri(const std::string& location) {
  const auto colon = location.find(":/");
  return colon != location.npos && colon > 0 &&
         std::all_of(location.begin(), location.begin() + static_cast<int64_t>(colon), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-';
         });
}

}  // namespace

Result<void> CheckLocation(const std::string& location) {
  if (location.starts_with("s3://") || !LooksLikeUri(location)) return {};
  return Error{ErrorKind::kInvalidArgument,
               "'" + location +
                   "' is no place for a store: those are folders and s3://bucket/prefix. A folder "
                   "that is called so is ./" +
                   location + "."};
}

Result<std::shared_ptr<storage::Storage>> StorageAt(const std::string& location, bool create,
                                                    std::chrono::milliseconds timeout,
                                                    const S3Options& s3) {
  CORESHED_TRY(CheckLocation(location));
  if (location.starts_with("s3://")) return storage::s3::OpenS3(location, s3, timeout);
  return create ? storage::MakeLocal(location, timeout) : storage::OpenLocal(location, timeout);
}

Result<void> EnsureStore(storage::Storage& storage, const std::string& location,
                         const std::string& store_id) {
  const std::string file(paths::kStoreFile);
  auto blob = storage.Get(file);
  if (!blob && blob.error().kind == ErrorKind::kNotFound) {
    CORESHED_TRY(MakeStore(storage, store_id));
    blob = storage.Get(file);
  }
  if (!blob) return std::move(blob).error();
  CORESHED_ASSIGN(const auto found, ParseStoreFile(*blob, location));
  if (found == store_id) return {};
  return Error{ErrorKind::kInvalidArgument,
               "At " + location + " lies another store (" + found +
                   "), not a copy of this one. Nothing was changed: copy to an empty place."};
}

Result<std::shared_ptr<Store>> OpenOn(std::shared_ptr<storage::Storage> storage,
                                      const std::string& location, const OpenOptions& options,
                                      bool keep_index) {
  const std::string file(paths::kStoreFile);
  auto blob = storage->Get(file);
  bool is_new = false;
  if (!blob && blob.error().kind == ErrorKind::kNotFound) {
    if (!options.create) {
      return Error{ErrorKind::kNotFound,
                   "There is no store at " + location + ". To make one there: coreshed init " +
                       ShellQuoted(location) + " (in programs: the option create)."};
    }
    CORESHED_ASSIGN(is_new, MakeStore(*storage, RandomHex32()));
    blob = storage->Get(file);
  }
  if (!blob) return std::move(blob).error();
  CORESHED_ASSIGN(auto store_id, ParseStoreFile(*blob, location));
  return std::shared_ptr<Store>(std::make_shared<StoreImpl>(
      std::move(storage), location, std::move(store_id), options, keep_index, is_new));
}

StoreImpl::StoreImpl(std::shared_ptr<storage::Storage> storage, std::string location,
                     std::string store_id, const OpenOptions& options, bool keep_index, bool is_new)
    : storage_(std::move(storage)),
      location_(std::move(location)),
      store_id_(std::move(store_id)),
      options_(options),
      keep_index_(keep_index),
      is_new_(is_new),
      threads_(options.threads > 0
                   ? options.threads
                   : std::max(1, static_cast<int>(std::thread::hardware_concurrency()))),
      documents_(storage_),
      pages_(storage_),
      tables_(options.cache_bytes) {}

catalog::Catalog& StoreImpl::Index() {
  // Made when first asked: most programs that open a store never list it.
  std::call_once(catalog_made_, [this] {
    catalog_ = catalog::Catalog::Open(
        storage_, [this](const std::string& record_id) { return LoadInfo(record_id); },
        keep_index_ ? catalog::DefaultIndexFile(IndexName(store_id_, location_)) : "");
  });
  return *catalog_;
}

commit::Context StoreImpl::CommitContext() {
  return {storage_, &documents_, &pages_, options_.timeout};
}

}  // namespace coreshed::store

namespace coreshed {

Result<std::shared_ptr<Store>> Store::Open(const std::string& location,
                                           const OpenOptions& options) {
  CORESHED_TRY(store::CheckOptions(options));
  CORESHED_ASSIGN(auto storage,
                  store::StorageAt(location, options.create, options.timeout, options.s3));
  // A bucket's place is said in full; a folder's as the caller calls it.
  const std::string place = storage->is_remote() ? storage->Describe() : location;
  return store::OpenOn(std::move(storage), place, options, true);
}

}  // namespace coreshed
