#include "storage/s3/file.h"

#include <arrow/buffer.h>
#include <arrow/result.h>
#include <arrow/status.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::storage::s3 {
namespace {

/// A file of at most so much is fetched whole: the time of a request is that of a megabyte.
constexpr int64_t kSmallBytes = int64_t{1} << 20;
/// Of others the end: nearly all footers fit.
constexpr int64_t kEndBytes = int64_t{128} << 10;

/// The size of the object, from "bytes 100-199/1000"; negative: it does not say.
int64_t TotalOf(const HttpResponse& response) {
  const std::string text = response.Header("content-range");
  if (text.empty()) return static_cast<int64_t>(response.body.size());
  int64_t total = -1;
  const char* first = text.data() + text.rfind('/') + 1;
  const auto parsed = std::from_chars(first, text.data() + text.size(), total);
  return parsed.ec == std::errc() ? total : -1;
}

Error WrongSize(const std::string& name, int64_t found, int64_t committed) {
  return Error{ErrorKind::kCorruption, name + " has " + std::to_string(found) + " bytes, but " +
                                           std::to_string(committed) +
                                           " were committed. Restore it from a backup."};
}

}  // namespace

Result<std::shared_ptr<File>> File::Open(std::shared_ptr<Client> client, const std::string& key,
                                         int64_t size_bytes) {
  Call call{"GET", key};
  const bool is_large = size_bytes > kSmallBytes;
  call.headers = {{"range", "bytes=-" + std::to_string(is_large ? kEndBytes : kSmallBytes)}};
  CORESHED_ASSIGN(auto response, client->Repeat(call));
  int64_t size = 0;
  if (response.status == 416) {  // it is empty
    response.body.clear();
  } else if (response.status == 200 || response.status == 206) {
    size = TotalOf(response);
  } else {
    return client->Refused(call, response);
  }
  if (size_bytes >= 0 && size != size_bytes) {
    return WrongSize(client->Describe(key), size, size_bytes);
  }
  return std::shared_ptr<File>(new File(std::move(client), key, size, std::move(response.body)));
}

File::File(std::shared_ptr<Client> client, std::string key, int64_t size, std::string end)
    : client_(std::move(client)),
      key_(std::move(key)),
      size_(size),
      end_(arrow::Buffer::FromString(std::move(end))),
      ahead_([this](int64_t begin, int64_t bytes) -> Result<std::shared_ptr<arrow::Buffer>> {
        CORESHED_ARROW_ASSIGN(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(bytes),
                              "reading " + client_->Describe(key_));
        CORESHED_TRY(Fetch(begin, bytes, buffer->mutable_data()));
        return buffer;
      }) {}

arrow::Status File::Close() {
  is_closed_ = true;
  return arrow::Status::OK();
}

arrow::Status File::Seek(int64_t position) {
  if (position < 0 || position > size_) return arrow::Status::Invalid("outside the object");
  position_ = position;
  return arrow::Status::OK();
}

Result<void> File::Fetch(int64_t position, int64_t size, void* out) const {
  Call call{"GET", key_};
  call.headers = {
      {"range", "bytes=" + std::to_string(position) + "-" + std::to_string(position + size - 1)}};
  call.into = static_cast<uint8_t*>(out);
  call.into_size = size;
  CORESHED_ASSIGN(const auto response, client_->Repeat(call));
  if (response.status != 206) return client_->Refused(call, response);
  if (response.received != size) {
    return Error{ErrorKind::kIo, client_->Describe(key_) + ": other bytes came than asked for."};
  }
  return {};
}

Result<std::shared_ptr<arrow::Buffer>> File::AtHand(int64_t position, int64_t size) {
  const int64_t end_begins = size_ - end_->size();
  if (position >= end_begins) return arrow::SliceBuffer(end_, position - end_begins, size);
  return ahead_.Take(position, size);
}

arrow::Result<int64_t> File::ReadAt(int64_t position, int64_t size, void* out) {
  if (is_closed_) return arrow::Status::Invalid("the object is closed");
  if (position < 0 || size < 0 || position > size_) {
    return arrow::Status::Invalid("outside the object");
  }
  size = std::min(size, size_ - position);
  if (size == 0) return 0;
  auto at_hand = AtHand(position, size);
  if (!at_hand) return ToArrow(at_hand.error());
  if (*at_hand != nullptr) {
    std::memcpy(out, (*at_hand)->data(), static_cast<size_t>(size));
    return size;
  }
  if (auto fetched = Fetch(position, size, out); !fetched) return ToArrow(fetched.error());
  return size;
}

arrow::Result<std::shared_ptr<arrow::Buffer>> File::ReadAt(int64_t position, int64_t size) {
  if (is_closed_) return arrow::Status::Invalid("the object is closed");
  const int64_t there = std::clamp(size_ - position, int64_t{0}, std::max(size, int64_t{0}));
  if (position >= 0 && there > 0) {
    auto at_hand = AtHand(position, there);
    if (!at_hand) return ToArrow(at_hand.error());
    if (*at_hand != nullptr) return *std::move(at_hand);
  }
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(there));
  ARROW_RETURN_NOT_OK(ReadAt(position, there, buffer->mutable_data()));
  return buffer;
}

arrow::Status File::WillNeed(const std::vector<arrow::io::ReadRange>& ranges) {
  std::vector<arrow::io::ReadRange> there;
  for (const auto& range : ranges) {
    const bool is_inside = range.offset >= 0 && range.length <= size_ - range.offset;
    if (!is_inside) return arrow::Status::Invalid("outside the object");
    if (range.offset < size_ - end_->size()) there.push_back(range);
  }
  ahead_.Announce(std::move(there));
  return arrow::Status::OK();
}

arrow::Result<int64_t> File::Read(int64_t size, void* out) {
  ARROW_ASSIGN_OR_RAISE(const int64_t bytes, ReadAt(position_, size, out));
  position_ += bytes;
  return bytes;
}

arrow::Result<std::shared_ptr<arrow::Buffer>> File::Read(int64_t size) {
  ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, size));
  position_ += buffer->size();
  return buffer;
}

}  // namespace coreshed::storage::s3
