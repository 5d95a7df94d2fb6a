#include "sources/file_name.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "base/text.h"

namespace coreshed::sources {
namespace {

constexpr size_t kNameBytesMax = 200;

/// Cut to `size` bytes at most, between two characters.
void CutText(size_t size, std::string* text) {
  if (text->size() <= size) return;
  while (size > 0 && (static_cast<unsigned char>((*text)[size]) & 0xC0) == 0x80)
    --size;
  text->resize(size);
}

/// The ending stays, whatever stands before it.
std::string WithoutDotDot(const std::string& name) {
  const std::filesystem::path path(name);
  const std::string ending = path.extension().string();
  std::string stem = path.stem().string();
  for (size_t at = stem.find(".."); at != stem.npos; at = stem.find(".."))
    stem.replace(at, 2, "_");
  if (!ending.empty() && stem.ends_with('.')) stem.back() = '_';
  return stem + ending == ".." ? "_" : stem + ending;
}

}  // namespace

std::string CleanFileName(const std::string& path) {
  const size_t separator = path.find_last_of("/\\");
  std::string name = separator == path.npos ? path : path.substr(separator + 1);
  const bool utf8 = IsUtf8(name);
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == ':' || (!utf8 && byte >= 0x80)) c = '_';
  }
  name = WithoutDotDot(std::string(TrimBlank(name)));
  if (name.size() > kNameBytesMax) {
    std::string ending = std::filesystem::path(name).extension().string();
    if (ending.size() > kNameBytesMax / 2) ending.clear();
    CutText(kNameBytesMax - ending.size(), &name);
    name += ending;
  }
  return name.empty() || name == "." ? "file" : name;
}

std::string NameOf(const FileInput& input) {
  if (!input.file_name.empty()) return CleanFileName(input.file_name);
  return input.path == "-" ? "standard input" : CleanFileName(input.path);
}

std::string StemOf(const std::string& name) {
  return std::filesystem::path(name).stem().string();
}

std::string TableNameOf(const std::string& name) {
  constexpr size_t kTableNameMax = 100;
  std::string stem = StemOf(name);
  CutText(kTableNameMax, &stem);
  return stem;
}

}  // namespace coreshed::sources
