#include "parts/upload_stream.h"

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::parts {
namespace {

/// The Parquet writer writes in small pieces.
constexpr size_t kFlushBytes = size_t{1} << 20;

}  // namespace

Result<void> UploadStream::Begin(storage::Stage& stage,
                                 const std::pair<std::string, std::string>& names) {
  if (upload_ != nullptr) return {};
  CORESHED_ASSIGN(upload_, stage.NewObject(names.first, names.second));
  return {};
}

Result<void> UploadStream::Drain() {
  if (held_.empty()) return {};
  CORESHED_TRY(upload_->Write(held_.data(), static_cast<int64_t>(held_.size())));
  held_.clear();
  return {};
}

Result<std::string> UploadStream::Finish() {
  CORESHED_TRY(Drain());
  return upload_->Finish();
}

arrow::Status UploadStream::Write(const void* data, int64_t size) {
  held_.append(static_cast<const char*>(data), static_cast<size_t>(size));
  position_ += size;
  if (upload_ == nullptr || held_.size() < kFlushBytes) return arrow::Status::OK();
  const auto flushed = Drain();
  return flushed ? arrow::Status::OK() : ToArrow(flushed.error());
}

arrow::Status UploadStream::Close() {
  closed_ = true;
  return arrow::Status::OK();
}

}  // namespace coreshed::parts
