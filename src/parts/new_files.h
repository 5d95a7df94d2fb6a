#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "parts/encoding.h"
#include "parts/file_writer.h"
#include "parts/footer.h"
#include "parts/table_source.h"
#include "parts/worker_pool.h"
#include "parts/write.h"
#include "storage/storage.h"

namespace coreshed::parts {

/// A part that has to be written.
struct NewPart {
  std::shared_ptr<arrow::RecordBatch> rows;
  PartEntry entry;
  int64_t bytes = 0;  ///< held of the pool's memory until the part is written
};

/// Lays new parts, in order, into new files: consecutive ones into one file as long as one thread
/// encodes what comes in, else block by block into a few, each encoded by a thread of its own.
class NewFiles {
 public:
  struct Options {
    int64_t block_bytes = 0;  ///< canonical bytes that go to one file before the next has its turn
    int64_t block_bytes_max = 0;  ///< blocks double up to this
    bool only_part = false;       ///< there will be one part and no more
  };
  /// `on_written` is called with the rows of each part written, one call at a time.
  NewFiles(const WriteRequest& request, std::shared_ptr<arrow::Schema> schema,
           storage::Stage& stage, WorkerPool& pool, Options options,
           std::function<void(int64_t)> on_written);

  /// Where the part will be: number of the new file, and of the part in it. One call at a time.
  PartPlace Add(NewPart part);
  /// Complete the files, after the pool's tasks have ended.
  Result<std::vector<PartFile>> Finish();

 private:
  struct File {
    std::unique_ptr<PartFileWriter> writer;
    std::optional<std::pair<std::string, std::string>> names;
    std::deque<NewPart> queue;
    int64_t parts = 0;
    int64_t queued_bytes = 0;
    int64_t written_bytes = 0;
    bool is_busy = false;
  };

  File& ChooseFile(int64_t bytes);
  Result<void> Drain(File& file);
  Result<void> WritePart(File& file, NewPart& part,
                         const std::optional<std::pair<std::string, std::string>>& names);
  Result<void> OpenWriter(File& file, const arrow::RecordBatch& stored);

  const WriteRequest& request_;
  const std::shared_ptr<arrow::Schema> schema_;
  storage::Stage& stage_;
  WorkerPool& pool_;
  const Options options_;
  const std::function<void(int64_t)> on_written_;

  std::mutex mutex_;  ///< guards what follows, and the writers' idle fields
  std::vector<std::unique_ptr<File>> files_;
  File* current_ = nullptr;
  int64_t block_left_ = 0;
  int64_t block_bytes_ = 0;
  std::mutex encodings_mutex_;
  std::optional<Encodings> encodings_;  ///< chosen from the first part, for all files
};

}  // namespace coreshed::parts
