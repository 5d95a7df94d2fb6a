#include "cli/files.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cli/failure.h"

namespace coreshed::cli {
namespace {

Failure FileFailure(ErrorKind kind, const std::string& path, const std::string& message) {
  return Failure(Error{kind, message}.With("file", path));
}

}  // namespace

std::string FileText(const std::string& path, int64_t most) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    throw FileFailure(ErrorKind::kInvalidArgument, path, path + " is a folder. Name a file.");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) {
    throw FileFailure(ErrorKind::kNotFound, path, "There is no file " + path + ".");
  }
  std::string text;
  char block[1 << 16];
  while (file && static_cast<int64_t>(text.size()) < most) {
    file.read(block, static_cast<std::streamsize>(std::min<int64_t>(
                         sizeof block, most - static_cast<int64_t>(text.size()))));
    text.append(block, static_cast<size_t>(file.gcount()));
  }
  if (file || file.eof()) return text;
  throw FileFailure(ErrorKind::kIo, path, path + " can't be read: " + std::strerror(errno) + ".");
}

void CheckNewFile(const std::string& path) {
  std::error_code code;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, code))) {
    throw FileFailure(ErrorKind::kAlreadyExists, path,
                      path + " exists. Choose another name, or remove it.");
  }
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  if (!std::filesystem::is_directory(folder, code)) {
    throw FileFailure(ErrorKind::kNotFound, path,
                      "There is no folder " + folder + " for " + path + ". Make it first.");
  }
  if (access(folder.c_str(), W_OK) != 0) {
    throw FileFailure(ErrorKind::kIo, path,
                      path + " can't be written: " + std::strerror(errno) + ".");
  }
}

std::string FileNameOf(const std::string& name) {
  std::string clean;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    clean += c == '/' || byte < 0x20 || byte == 0x7f ? '_' : c;
  }
  // `-` is standard output.
  return clean == "." || clean == ".." || clean == "-" ? "_" : clean;
}

std::string BaseNameOf(const std::string& path) {
  const auto separator = path.find_last_of("/\\");
  return separator == path.npos ? path : path.substr(separator + 1);
}

}  // namespace coreshed::cli
