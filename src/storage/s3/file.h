#pragma once

#include <arrow/io/interfaces.h>
#include <arrow/result.h>

#include <memory>
#include <mutex>
#include <string>

#include "storage/s3/client.h"
#include "storage/s3/read_ahead.h"

namespace coreshed::storage::s3 {

/// An object that never changes, read by ranges. Its end, where Parquet files have their footer, is
/// fetched when it is opened; a small object is fetched whole. What WillNeed announces is fetched
/// ahead. Thread-safe but for Seek and Read.
class File final : public arrow::io::RandomAccessFile {
 public:
  /// `size_bytes`: as it was committed; negative: not known.
  ///
  /// Errors  kNotFound, kIo; kCorruption: it has another size
  static Result<std::shared_ptr<File>> Open(std::shared_ptr<Client> client, const std::string& key,
                                            int64_t size_bytes);
  ~File() override { (void)Close(); }

  arrow::Status Close() override;
  bool closed() const override { return is_closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Seek(int64_t position) override;
  arrow::Result<int64_t> GetSize() override { return size_; }
  arrow::Result<int64_t> Read(int64_t size, void* out) override;
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t size) override;
  arrow::Result<int64_t> ReadAt(int64_t position, int64_t size, void* out) override;
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position, int64_t size) override;
  arrow::Status WillNeed(const std::vector<arrow::io::ReadRange>& ranges) override;

 private:
  File(std::shared_ptr<Client> client, std::string key, int64_t size, std::string end);
  /// Nothing: neither fetched ahead nor at the end.
  Result<std::shared_ptr<arrow::Buffer>> AtHand(int64_t position, int64_t size);
  Result<void> Fetch(int64_t position, int64_t size, void* out) const;

  const std::shared_ptr<Client> client_;
  const std::string key_;
  const int64_t size_;
  const std::shared_ptr<arrow::Buffer> end_;  ///< the object's last bytes
  int64_t position_ = 0;
  bool is_closed_ = false;
  ReadAhead ahead_;  ///< last: it ends first
};

}  // namespace coreshed::storage::s3
