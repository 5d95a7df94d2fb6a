#pragma once

#include <arrow/io/type_fwd.h>
#include <coreshed/error.h>
#include <sys/stat.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/sync_group.h"
#include "storage/system_calls.h"

namespace coreshed::storage {

/// The opened folder of a local store, shared by all that works below it.
struct LocalRoot {
  std::shared_ptr<SystemCalls> calls;
  Fd fd;
  std::string path;  ///< absolute, without a slash at the end
  std::chrono::milliseconds lock_timeout;
  std::shared_ptr<SyncGroup> group = nullptr;  ///< null: every commit syncs what is its own
};

/// Temporary names begin with a dot, as no escaped id does.
inline constexpr std::string_view kNewPrefix = ".new-";    // a record being built, in records/
inline constexpr std::string_view kGonePrefix = ".gone-";  // the same, taken away by vacuum
inline constexpr std::string_view kTempPrefix = ".m-";     // a file to be renamed or linked

/// A failed system call for a person: "Writing /s/x failed: the disk is full (…). Free some space".
/// `doing` begins the sentence, e.g. "Writing".
Error IoError(int error_number, const std::string& doing, const std::string& path);

/// Whether a failed open says that there is no such object.
bool IsAbsent(int error_number);

/// The segments of a key. kInvalidArgument where one is empty, "." or "..".
Result<std::vector<std::string>> SplitKey(std::string_view key);

/// Write all of it, at the file's present position.
Result<void> WriteAll(SystemCalls& calls, int fd, const void* data, size_t size,
                      const std::string& path);

/// Open `key` below `folder` for reading. kNotFound where it is absent or a folder.
struct OpenedFile {
  Fd fd;
  int64_t size_bytes = 0;
};
Result<OpenedFile> OpenForReading(const std::shared_ptr<SystemCalls>& calls, int folder,
                                  const std::string& key, const std::string& path);

/// All of an open file. `path` is for messages.
Result<std::string> ReadAll(const OpenedFile& file, const std::string& path);

/// An open file as an Arrow file whose ReadAt may be called from many threads.
std::shared_ptr<arrow::io::RandomAccessFile> MakeArrowFile(OpenedFile file, std::string path);

/// An open folder of the store, and whether its own entry in the parent may still be lost in a
/// power cut. In folders that readers see already this is marked by the sticky bit, which a folder
/// has from its first moment: whoever else finds the folder knows to sync its parent too, until
/// ClearUncertain has removed the mark.
struct OpenedFolder {
  Fd fd;
  bool is_uncertain = false;
};
/// Open the folder `name` in `parent`, made where it is missing (`mark`: with the sticky bit).
Result<OpenedFolder> EnsureFolder(const std::shared_ptr<SystemCalls>& calls, int parent,
                                  const std::string& name, bool mark, const std::string& path);
/// After a sync of the parent.
void ClearUncertain(int folder);

int64_t ToMicros(const timespec& time);
int64_t SystemMicros();

}  // namespace coreshed::storage
