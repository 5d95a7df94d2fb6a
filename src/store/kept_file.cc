#include "store/kept_file.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/io/interfaces.h>

#include <memory>
#include <utility>

#include "base/arrow_error.h"
#include "base/missing.h"
#include "base/paths.h"
#include "base/random.h"
#include "base/result.h"
#include "base/sha256.h"

namespace coreshed::store {
namespace {

constexpr int64_t kPiece = int64_t{4} << 20;

Error OtherBytes(const std::string& key, const std::string& what) {
  return Error{ErrorKind::kCorruption, key + " " + what + ". Restore it from a backup."};
}

Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenObject(storage::Storage& storage,
                                                                const std::string& key,
                                                                int64_t size_bytes) {
  auto file = storage.Open(key, size_bytes);
  if (!file && file.error().kind == ErrorKind::kNotFound) return MissingObject("Object", key);
  return file;
}

}  // namespace

Result<commit::KeptFile> PutKept(const std::string& what, const sources::InputFile& file,
                                 const std::string& sha256, storage::Stage& stage) {
  const std::string wanted = paths::KeptFile(sha256, RandomHex32());
  CORESHED_ASSIGN(const auto upload, stage.NewObject(wanted, wanted));
  for (int64_t at = 0; at < file.size(); at += kPiece) {
    CORESHED_ARROW_ASSIGN(const auto piece, file.file()->ReadAt(at, kPiece),
                          "reading " + file.label());
    CORESHED_TRY(upload->Write(piece->data(), piece->size()));
  }
  CORESHED_TRY(file.CheckUnchanged());
  CORESHED_ASSIGN(std::string name, upload->Finish());
  return commit::KeptFile{what, std::move(name), sha256, file.size()};
}

Result<void> CheckBytes(storage::Storage& storage, const std::string& key, int64_t size_bytes,
                        const std::string& sha256) {
  CORESHED_ASSIGN(const auto file, OpenObject(storage, key, size_bytes));
  Sha256 digest;
  for (int64_t at = 0; at < size_bytes; at += kPiece) {
    CORESHED_ARROW_ASSIGN(const auto piece, file->ReadAt(at, kPiece), "reading " + key);
    if (piece->size() == 0) return OtherBytes(key, "is shorter than it was");
    digest.Update(piece->data(), static_cast<size_t>(piece->size()));
  }
  CORESHED_TRY(CheckSize(storage, key, size_bytes));
  if (digest.Finish() == sha256) return {};
  return OtherBytes(key, "has another SHA-256");
}

Result<void> CheckSize(storage::Storage& storage, const std::string& key, int64_t size_bytes) {
  CORESHED_ASSIGN(const auto file, OpenObject(storage, key, -1));
  CORESHED_ARROW_ASSIGN(const int64_t size, file->GetSize(), "reading " + key);
  if (size == size_bytes) return {};
  return OtherBytes(key, "has " + std::to_string(size) + " bytes, not " +
                             std::to_string(size_bytes) + " as it was written");
}

}  // namespace coreshed::store
