#include "storage/s3/upload.h"

#include <future>
#include <utility>

#include "base/result.h"

namespace coreshed::storage::s3 {
namespace {

/// Of a multipart upload; S3 takes 5 MiB to 5 GiB, and 10,000 of them.
constexpr size_t kPartBytes = size_t{8} << 20;

Call PutNew(const std::string& key, std::string_view body) {
  Call call{"PUT", key};
  call.headers = {{"if-none-match", "*"}};
  call.body = body;
  return call;
}

/// Put an object under one of two names and give that name (spec/commit.md, section 7).
Result<std::string> PutUnder(Client& client, const std::string& folder, const std::string& wanted,
                             const std::string& fallback, std::string_view bytes) {
  if (wanted != fallback) {
    const Call first = PutNew(folder + wanted, bytes);
    CORESHED_ASSIGN(const auto attempt, client.Once(first));
    if (attempt.status() == 200) return wanted;
    // Taken, or not known whether by us, which makes it a remain; or nothing was sent.
    const bool refused =
        attempt.failure == nullptr && attempt.status() != 412 && !attempt.is_unclear();
    if (refused) return client.Refused(first, attempt.response);
  }
  const Call second = PutNew(folder + fallback, bytes);
  bool was_unclear = false;
  constexpr int kTries = 3;
  for (int i = 1;; ++i) {
    CORESHED_ASSIGN(const auto response, client.Repeat(second, &was_unclear));
    // Nobody else knows this name: who took it were we, when no answer came.
    if (response.status == 200 || (response.status == 412 && was_unclear)) return fallback;
    if (response.status != 409 || i == kTries) return client.Refused(second, response);
    was_unclear = true;  // an earlier one is still being done
  }
}

}  // namespace

/// A multipart upload. Its name is one that nobody else knows, so that its end may be repeated.
class S3Upload::Parts {
 public:
  static Result<std::shared_ptr<Parts>> Begin(std::shared_ptr<Client> client,
                                              std::shared_ptr<InFlight> in_flight,
                                              std::string key) {
    Call call{"POST", key};
    call.query = {{"uploads", ""}};
    CORESHED_ASSIGN(const auto response, client->Repeat(call));
    if (response.status != 200) return client->Refused(call, response);
    std::string id = XmlText(response.body, "UploadId");
    if (id.empty()) {
      return Error{ErrorKind::kIo, client->Describe(key) + ": the server began no upload."};
    }
    return std::make_shared<Parts>(std::move(client), std::move(in_flight), std::move(key),
                                   std::move(id));
  }

  Parts(std::shared_ptr<Client> client, std::shared_ptr<InFlight> in_flight, std::string key,
        std::string id)
      : client_(std::move(client)),
        in_flight_(std::move(in_flight)),
        key_(std::move(key)),
        id_(std::move(id)) {}

  void Send(std::string bytes) {
    const auto size = static_cast<int64_t>(bytes.size());
    size_bytes_ += size;
    const auto number = etags_.size() + 1;
    etags_.push_back(in_flight_->gate().Run<std::string>(
        size, [client = client_, key = key_, id = id_, number, bytes = std::move(bytes)] {
          return Put(*client, key, id, number, bytes);
        }));
  }

  Result<void> Complete() {
    CORESHED_ASSIGN(const auto etags, Etags());
    const std::string body = CompletionXml(etags);
    Call call{"POST", key_};
    call.query = {{"uploadId", id_}};
    call.headers = {{"content-type", "application/xml"}, {"if-none-match", "*"}};
    call.body = body;
    call.is_slow = true;
    bool was_unclear = false;
    constexpr int kTries = 3;
    for (int i = 1;; ++i) {
      auto response = client_->Repeat(call, &was_unclear);
      const int status = response ? response->status : 0;
      // A 200 may begin before the end is known, and then tell of a failure, or be cut off.
      if (status == 200 && !XmlText(response->body, "ETag").empty()) return {};
      was_unclear = was_unclear || status == 200;
      if (was_unclear && IsThere()) return {};
      if (!response) return std::move(response).error();
      const bool again = (status == 200 || status == 409) && i < kTries;
      if (!again) return client_->Refused(call, *response);
    }
  }

  /// Best effort: what is left over, vacuum takes away.
  void Abort() {
    for (auto& etag : std::exchange(etags_, {}))
      etag.wait();
    Call call{"DELETE", key_};
    call.query = {{"uploadId", id_}};
    (void)client_->Once(call);
  }

 private:
  static Result<std::string> Put(Client& client, const std::string& key, const std::string& id,
                                 size_t number, std::string_view bytes) {
    Call call{"PUT", key};
    call.query = {{"partNumber", std::to_string(number)}, {"uploadId", id}};
    call.body = bytes;
    CORESHED_ASSIGN(const auto response, client.Repeat(call));
    if (response.status == 200) return response.Header("etag");
    return client.Refused(call, response);
  }

  Result<std::vector<std::string>> Etags() {
    std::vector<std::string> etags;
    for (auto& etag : std::exchange(etags_, {})) {
      CORESHED_ASSIGN(auto known, etag.get());
      etags.push_back(std::move(known));
    }
    return etags;
  }

  bool IsThere() const {
    Call call{"HEAD", key_};
    const auto response = client_->Repeat(call);
    return response && response->status == 200 &&
           response->Header("content-length") == std::to_string(size_bytes_);
  }

  const std::shared_ptr<Client> client_;
  const std::shared_ptr<InFlight> in_flight_;
  const std::string key_, id_;
  int64_t size_bytes_ = 0;
  std::vector<std::future<Result<std::string>>> etags_;
};

S3Upload::S3Upload(std::shared_ptr<Client> client, std::shared_ptr<InFlight> in_flight,
                   std::string folder, std::string wanted, std::string fallback)
    : client_(std::move(client)),
      in_flight_(std::move(in_flight)),
      folder_(std::move(folder)),
      wanted_(std::move(wanted)),
      fallback_(std::move(fallback)) {}

S3Upload::~S3Upload() {
  if (parts_ != nullptr && !is_finished_) parts_->Abort();
}

Error S3Upload::Ended() const {
  return Error{ErrorKind::kIo,
               "Writing " + client_->Describe(folder_ + wanted_) + " has ended already."};
}

Result<void> S3Upload::Write(const void* data, int64_t size) {
  if (is_finished_) return Ended();
  held_.append(static_cast<const char*>(data), static_cast<size_t>(size));
  while (held_.size() > kPartBytes) {
    if (parts_ == nullptr) {
      CORESHED_ASSIGN(parts_, Parts::Begin(client_, in_flight_, folder_ + fallback_));
    }
    std::string rest = held_.substr(kPartBytes);
    held_.resize(kPartBytes);
    parts_->Send(std::exchange(held_, std::move(rest)));
  }
  return {};
}

Result<std::string> S3Upload::Finish() {
  if (is_finished_) return Ended();
  is_finished_ = true;
  const auto size = static_cast<int64_t>(held_.size());
  if (parts_ == nullptr) {
    in_flight_->AddObject(
        wanted_, size,
        [client = client_, folder = folder_, wanted = wanted_, fallback = fallback_,
         bytes = std::move(held_)] { return PutUnder(*client, folder, wanted, fallback, bytes); });
    return wanted_;
  }
  parts_->Send(std::move(held_));
  in_flight_->AddObject(fallback_, 0,
                        [parts = parts_, fallback = fallback_]() -> Result<std::string> {
                          if (auto done = parts->Complete(); !done) {
                            parts->Abort();
                            return std::move(done).error();
                          }
                          return fallback;
                        });
  return fallback_;
}

}  // namespace coreshed::storage::s3
