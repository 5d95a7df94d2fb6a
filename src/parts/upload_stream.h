#pragma once

#include <arrow/io/interfaces.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "storage/storage.h"

namespace coreshed::parts {

/// What a Parquet writer writes to: a new object of the storage, which may get its name later than
/// its first bytes; until then, they are held here.
class UploadStream : public arrow::io::OutputStream {
 public:
  /// Begin the object under one of two names (storage::Stage::NewObject), if not done yet.
  Result<void> Begin(storage::Stage& stage, const std::pair<std::string, std::string>& names);
  /// Complete the object; Begin was called. Returns the name it has.
  Result<std::string> Finish();
  int64_t size_bytes() const { return position_; }

  arrow::Status Write(const void* data, int64_t size) override;
  using OutputStream::Write;
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Close() override;
  bool closed() const override { return closed_; }

 private:
  Result<void> Drain();

  std::string held_;
  std::unique_ptr<storage::Upload> upload_;
  int64_t position_ = 0;
  bool closed_ = false;
};

}  // namespace coreshed::parts
