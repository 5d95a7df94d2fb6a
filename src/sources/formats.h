#pragma once

#include <coreshed/sources.h>

#include <string>
#include <string_view>
#include <vector>

/// The formats that tables come in and go out as: the one list of them.
namespace coreshed::sources {

struct FormatInfo {
  FileFormat format;
  std::string_view name;                  ///< as people write it: csv, excel, …
  std::vector<std::string_view> endings;  ///< in small letters
  bool is_text = false;                   ///< may be packed as a whole (.gz, .zst)
  bool is_written = false;                ///< else it comes in only
  bool holds_several = false;             ///< tables
  bool has_types = false;                 ///< its columns say their types themselves
};

const std::vector<FormatInfo>& Formats();
const FormatInfo& InfoOf(FileFormat format);

/// The format that the ending of `name` tells, as FormatOfFile; `label`: how messages call the
/// file.
Result<FileFormat> FormatOfNamed(const std::string& name, const std::string& label);

/// In small letters; of a packed file the one before that of its packing.
std::string EndingOf(const std::string& path);

/// Whether a file of text has tabs between its fields, which its ending tells.
bool HasTabs(const std::string& path);

}  // namespace coreshed::sources
