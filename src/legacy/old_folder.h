#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/system_calls.h"

namespace coreshed::legacy {

/// The folder of an older store. Only read, and no link in it is ever followed. Thread-safe.
class OldFolder {
 public:
  /// The folder itself may be named by a link.
  static Result<std::shared_ptr<const OldFolder>> Open(const std::string& path);

  enum class Kind { kFile, kFolder, kOther };  ///< other: a link, a device, a pipe
  struct Entry {
    std::string name;
    Kind kind = Kind::kOther;
  };
  /// What lies in a folder ("": the older store itself), by name; nothing if there is no such
  /// folder. Hidden files are left out, and what Python leaves behind.
  Result<std::vector<Entry>> List(const std::string& folder) const;
  bool HasFile(const std::string& path) const;

  /// An open file, and a name by which this process can open the same one again.
  struct File {
    storage::Fd fd;
    int64_t size_bytes = 0;
    std::string descriptor_path() const { return "/proc/self/fd/" + std::to_string(fd.get()); }
  };
  Result<File> OpenFile(const std::string& path) const;
  /// All bytes of a file that has at most `bytes_max`.
  Result<std::string> ReadText(const std::string& path, int64_t bytes_max) const;
  /// SHA-256 of a file's bytes.
  Result<std::string> Digest(const std::string& path) const;

 private:
  OldFolder() = default;
  Error SystemFault(const std::string& path) const;

  std::string path_;
  std::shared_ptr<storage::SystemCalls> calls_;
  storage::Fd root_;
};

/// A sentence with what somebody else's program wrote in it, cut to a length that a person reads.
std::string Sentence(const std::string& text);
/// A fault of what lies there, in a Sentence.
Error BadRecord(const std::string& sentence);

}  // namespace coreshed::legacy
