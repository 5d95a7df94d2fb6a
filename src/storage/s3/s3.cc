#include "storage/s3/s3.h"

#include <arrow/buffer.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "storage/copy_in.h"
#include "storage/s3/file.h"
#include "storage/s3/in_flight.h"
#include "storage/s3/probe.h"
#include "storage/s3/stage.h"
#include "storage/s3/upload.h"

namespace coreshed::storage::s3 {
namespace {

constexpr char kMetadata[] = "metadata.json";
constexpr char kStoreFile[] = "coreshed.json";
constexpr int64_t kAnyAge = INT64_MAX;

Result<void> CheckKey(const std::string& key) {
  if (IsKey(key)) return {};
  return Error{ErrorKind::kInvalidArgument, "'" + key + "' is no key of a store."};
}

/// Whether Coreshed makes objects of this name in parts: nobody else's uploads are ended.
bool IsOurs(std::string_view key) {
  if (key.starts_with("probe-")) return true;
  return key.starts_with("records/") &&
         ((key.find("/versions/v") != key.npos && key.ends_with(".parquet")) ||
          (key.find("/pages/") != key.npos && key.ends_with(".json")));
}

class S3Storage final : public Storage {
 public:
  explicit S3Storage(std::shared_ptr<Client> client) : client_(std::move(client)) {}

  std::string Describe() const override { return client_->Describe(""); }
  bool is_remote() const override { return true; }

  Result<Blob> Get(const std::string& key) override {
    CORESHED_TRY(CheckKey(key));
    const Call call{"GET", key};
    CORESHED_ASSIGN(auto response, client_->Repeat(call));
    if (response.status != 200) return client_->Refused(call, response);
    CORESHED_ASSIGN(const int64_t now_us, client_->NowMicros());
    if (key == kStoreFile) RememberStoreFile(response.body);
    return Blob{arrow::Buffer::FromString(std::move(response.body)), response.Header("etag"),
                now_us};
  }

  Result<std::shared_ptr<arrow::io::RandomAccessFile>> Open(const std::string& key,
                                                            int64_t size_bytes) override {
    CORESHED_TRY(CheckKey(key));
    CORESHED_ASSIGN(auto file, File::Open(client_, key, size_bytes));
    return std::shared_ptr<arrow::io::RandomAccessFile>(std::move(file));
  }

  Result<bool> PutIfAbsent(const std::string& key, std::string_view bytes) override {
    CORESHED_TRY(CheckKey(key));
    Call call{"PUT", key};
    call.headers = {{"if-none-match", "*"}};
    call.body = bytes;
    CORESHED_ASSIGN(auto attempt, client_->Once(call));
    constexpr int kTries = 3;  // 409: another one is being done at this moment
    for (int i = 1; attempt.status() == 409 && i < kTries; ++i) {
      CORESHED_ASSIGN(attempt, client_->Once(call));
    }
    if (attempt.status() == 200) return true;
    if (attempt.status() == 412) return false;
    if (attempt.failure != nullptr) return client_->NoAnswer(call, *attempt.failure);
    return client_->Refused(call, attempt.response);
  }

  Result<CopyOutcome> CopyIn(const CopyPlace& to, arrow::io::RandomAccessFile& from,
                             int64_t size_bytes) override {
    const std::string key = "records/" + to.segment + "/" + to.name;
    CORESHED_TRY(CheckKey(key));
    CORESHED_TRY(ProbeOnce());
    const auto in_flight = std::make_shared<InFlight>();
    const size_t name = key.rfind('/') + 1;
    S3Upload upload(client_, in_flight, key.substr(0, name), key.substr(name), key.substr(name));
    constexpr int64_t kPieceBytes = int64_t{4} << 20;
    for (int64_t at = 0; at < size_bytes; at += kPieceBytes) {
      const int64_t wanted = std::min(kPieceBytes, size_bytes - at);
      CORESHED_ARROW_ASSIGN(const auto piece, from.ReadAt(at, wanted),
                            "copying to " + client_->Describe(key));
      if (piece->size() != wanted) return CutShort(client_->Describe(key));
      CORESHED_TRY(upload.Write(piece->data(), wanted));
    }
    CORESHED_TRY(upload.Finish());
    const auto sent = in_flight->Settle();
    if (sent) return CopyOutcome::kPut;
    // Others may know the name: whatever has it, the caller looks at it.
    if (const auto taken = File::Open(client_, key, -1)) return CopyOutcome::kTaken;
    return sent.error();
  }
  Result<bool> HoldsCopy(const CopyPlace& to, int64_t /*size_bytes*/) override {
    const auto found = File::Open(client_, "records/" + to.segment + "/" + to.name, -1);
    if (!found && found.error().kind != ErrorKind::kNotFound) return found.error();
    return found.has_value();
  }

  Result<void> PrepareNew(const std::vector<std::string>& /*folders*/) override {
    return ProbePlace(*client_);
  }

  Result<void> List(const std::string& prefix,
                    const std::function<bool(const ObjectStat&)>& visit) override {
    return client_->List(prefix, [&](const ListedObject& object) {
      return visit({object.key, object.size_bytes, object.modified_us});
    });
  }

  Result<std::vector<RecordStamp>> SweepRecords() override {
    constexpr std::string_view kFolder = "records/";
    const std::string name = std::string("/") + kMetadata;
    std::vector<RecordStamp> stamps;
    CORESHED_TRY(client_->List(std::string(kFolder), [&](ListedObject object) {
      if (!object.key.ends_with(name) || object.key.size() <= kFolder.size() + name.size()) {
        return true;
      }
      std::string segment =
          object.key.substr(kFolder.size(), object.key.size() - kFolder.size() - name.size());
      if (segment.find('/') == segment.npos) {
        stamps.push_back({std::move(segment), std::move(object.etag)});
      }
      return true;
    }));
    return stamps;
  }

  Result<void> MakeDurable(const std::string& /*segment*/) override { return {}; }

  Result<void> Delete(const std::string& key) override {
    CORESHED_TRY(CheckKey(key));
    const Call call{"DELETE", key};
    CORESHED_ASSIGN(const auto response, client_->Repeat(call));
    const bool is_gone =
        response.status == 204 || response.status == 200 || SaysNoSuchKey(response);
    if (is_gone) return {};
    return client_->Refused(call, response);
  }

  /// The marks of deletions last: without them, what lies below one could be seen again.
  Result<void> DeleteOldVersions(const std::string& prefix) override {
    std::vector<OldVersion> versions, marks;
    CORESHED_TRY(client_->ListOldVersions(prefix, [&](OldVersion old) {
      (old.is_marker ? marks : versions).push_back(std::move(old));
    }));
    versions.insert(versions.end(), std::make_move_iterator(marks.begin()),
                    std::make_move_iterator(marks.end()));
    for (const auto& old : versions) {
      Call call{"DELETE", old.key};
      call.query = {{"versionId", old.version_id}};
      CORESHED_ASSIGN(const auto response, client_->Repeat(call));
      const bool is_gone =
          response.status == 204 || response.status == 200 || response.status == 404;
      if (!is_gone) return client_->Refused(call, response);
    }
    return {};
  }

  Result<std::unique_ptr<Stage>> OpenStage(const std::string& segment, bool /*fresh*/) override {
    CORESHED_TRY(CheckKey(segment));
    if (segment.find('/') != segment.npos || segment.front() == '.') {
      return Error{ErrorKind::kInvalidArgument, "'" + segment + "' is no record's folder."};
    }
    CORESHED_TRY(ProbeOnce());
    return std::unique_ptr<Stage>(std::make_unique<S3Stage>(client_, segment));
  }

  /// Uploads in parts that were begun and never completed.
  Result<void> SweepTemporaryOf(const std::string& segment,
                                const std::function<void(const ObjectStat&)>& visit) override {
    return SweepUploads("records/" + segment + "/", kAnyAge, false, visit);
  }
  Result<void> SweepTemporary(int64_t before_us, bool dry_run,
                              const std::function<void(const ObjectStat&)>& visit) override {
    return SweepUploads("", before_us, dry_run, visit);
  }

  Result<int64_t> NowMicros() override { return client_->NowMicros(); }

 private:
  Result<void> SweepUploads(const std::string& prefix, int64_t before_us, bool dry_run,
                            const std::function<void(const ObjectStat&)>& visit) {
    std::vector<OpenUpload> old;
    CORESHED_TRY(client_->ListUploads(prefix, [&](OpenUpload upload) {
      const bool is_old =
          before_us == kAnyAge || (upload.begun_us >= 0 && upload.begun_us < before_us);
      if (is_old && IsOurs(upload.key)) old.push_back(std::move(upload));
    }));
    for (const auto& upload : old) {
      visit({upload.key, 0, upload.begun_us});
      if (dry_run) continue;
      Call call{"DELETE", upload.key};
      call.query = {{"uploadId", upload.upload_id}};
      CORESHED_ASSIGN(const auto response, client_->Repeat(call));
      if (response.status != 204 && response.status != 404) return client_->Refused(call, response);
    }
    return {};
  }

  void RememberStoreFile(const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    store_file_ = bytes;
  }

  /// Servers differ, and so does what stands between: before this process's first write.
  Result<void> ProbeOnce() {
    const std::lock_guard lock(mutex_);
    if (is_probed_ || store_file_.empty()) return {};
    CORESHED_TRY(ProbeConditions(*client_, store_file_));
    is_probed_ = true;
    return {};
  }

  const std::shared_ptr<Client> client_;
  std::mutex mutex_;
  std::string store_file_;  ///< the bytes of coreshed.json; empty: not read yet
  bool is_probed_ = false;
};

}  // namespace

std::shared_ptr<Storage> MakeStorage(std::shared_ptr<Client> client) {
  return std::make_shared<S3Storage>(std::move(client));
}

Result<std::shared_ptr<Storage>> OpenS3(const std::string& location, const S3Options& options,
                                        std::chrono::milliseconds timeout) {
  CORESHED_ASSIGN(auto address, ParseAddress(location, options));
  address.timeout = timeout;
  CORESHED_ASSIGN(auto client, Client::Make(std::move(address), FindCredentials()));
  return MakeStorage(std::move(client));
}

}  // namespace coreshed::storage::s3
