#include "storage/s3/stage.h"

#include <utility>

#include "base/result.h"
#include "storage/s3/upload.h"

namespace coreshed::storage::s3 {
namespace {

Error NoKey(const std::string& key) {
  return Error{ErrorKind::kInvalidArgument, "'" + key + "' is no key of a store."};
}

Result<void> PutMarkerNow(Client& client, const std::string& key) {
  const Call call{"PUT", key};
  CORESHED_ASSIGN(const auto response, client.Repeat(call));
  if (response.status == 200) return {};
  return client.Refused(call, response);
}

}  // namespace

S3Stage::S3Stage(std::shared_ptr<Client> client, const std::string& segment)
    : client_(std::move(client)), folder_("records/" + segment + "/") {}

S3Stage::~S3Stage() {
  (void)in_flight_->Settle();
  for (const auto& name : own_) {
    if (is_swapped_ && !withdrawn_.contains(name)) continue;
    // Best effort: what is left over, vacuum takes away.
    (void)client_->Once({"DELETE", folder_ + name});
  }
}

Result<std::unique_ptr<Upload>> S3Stage::NewObject(const std::string& wanted,
                                                   const std::string& fallback) {
  for (const std::string& name : {wanted, fallback}) {
    if (!IsKey(name)) return NoKey(name);
  }
  {
    const std::scoped_lock lock(mutex_);
    own_.insert(fallback);
  }
  return std::unique_ptr<Upload>(
      std::make_unique<S3Upload>(client_, in_flight_, folder_, wanted, fallback));
}

Result<void> S3Stage::PutMarker(const std::string& key) {
  if (!IsKey(key)) return NoKey(key);
  if (key.starts_with("records/") && !key.starts_with(folder_)) {
    return Error{ErrorKind::kInvalidArgument, "'" + key + "' is in another record's folder."};
  }
  in_flight_->AddMarker([client = client_, key] { return PutMarkerNow(*client, key); });
  return {};
}

void S3Stage::Withdraw(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  withdrawn_.insert(name);
}

/// An upload in parts that was ended by somebody else.
bool S3Stage::IsSwept(const Error& error) const {
  const auto code = error.fields.find("s3_code");
  return code != error.fields.end() && code->second == "NoSuchUpload";
}

Result<std::map<std::string, std::string>> S3Stage::Settle() {
  auto renamed = in_flight_->Settle();
  if (!renamed) is_failed_ = true;
  return renamed;
}

Result<SwapOutcome> S3Stage::Swap(const std::string& expected_etag, std::string_view bytes,
                                  bool /*base_is_first*/) {
  CORESHED_ASSIGN(const auto renamed, Settle());
  if (is_failed_ || !renamed.empty()) {
    return Error{ErrorKind::kIo, "What " + client_->Describe(folder_) +
                                     " would refer to was not all written. Begin it anew."};
  }
  is_swapped_ = true;
  Call call{"PUT", folder_ + "metadata.json"};
  call.headers = {{expected_etag.empty() ? "if-none-match" : "if-match",
                   expected_etag.empty() ? "*" : expected_etag}};
  call.body = bytes;
  CORESHED_ASSIGN(const auto attempt, client_->Once(call));
  if (attempt.is_unclear()) return SwapOutcome::kUnclear;
  if (attempt.failure != nullptr) return client_->NoAnswer(call, *attempt.failure);
  const int status = attempt.response.status;
  if (status == 200) return SwapOutcome::kSwapped;
  if (status == 412) return SwapOutcome::kMoved;
  if (!expected_etag.empty() && SaysNoSuchKey(attempt.response)) return SwapOutcome::kMoved;
  return client_->Refused(call, attempt.response);
}

}  // namespace coreshed::storage::s3
