#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temp_folder.h"

namespace coreshed::legacy {

/// An older store that a test writes down.
class OldStore {
 public:
  const std::string& path() const { return folder_.path(); }
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  void Write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(Path(name)).parent_path());
    std::ofstream(Path(name), std::ios::binary) << text;
  }
  void Link(const std::string& name, const std::string& target) const {
    std::filesystem::create_symlink(target, Path(name));
  }
  void Remove(const std::string& name) const { std::filesystem::remove_all(Path(name)); }

 private:
  TempFolder folder_{TempFolder::Where::kMemory};
};

}  // namespace coreshed::legacy
