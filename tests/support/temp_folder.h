#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace coreshed {

/// A folder of its own that is removed with all that is in it. In memory where the machine has a
/// file system there: the tests make and remove thousands of files, which makes some disks slow.
class TempFolder {
 public:
  enum class Where {
    kDisk,    ///< where temporary files go ($TMPDIR)
    kMemory,  ///< in memory if this machine has such a place: quicker for thousands of stores
  };

  explicit TempFolder(Where where = Where::kDisk) {
    const std::filesystem::path memory = "/dev/shm";
    const bool in_memory = where == Where::kMemory && ::access(memory.c_str(), W_OK) == 0;
    const auto parent = in_memory ? memory : std::filesystem::temp_directory_path();
    path_ = (parent / "coreshed-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  }
  ~TempFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace coreshed
