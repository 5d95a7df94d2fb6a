#include "sources/formats.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/text.h"
#include "sources/unpack.h"

namespace coreshed {
namespace sources {

const std::vector<FormatInfo>& Formats() {
  static const std::vector<FormatInfo> formats = {
      {FileFormat::kCsv, "csv", {".csv", ".tsv"}, true, true, false},
      {FileFormat::kJsonLines, "jsonl", {".jsonl", ".ndjson"}, true, false, false},
      {FileFormat::kParquet, "parquet", {".parquet"}, false, true, false, true},
      {FileFormat::kArrow, "arrow", {".arrow", ".ipc", ".feather"}, false, true, false, true},
      {FileFormat::kExcel, "excel", {".xlsx", ".xlsm"}, false, false, true},
      {FileFormat::kAgs, "ags", {".ags"}, true, true, true},
      {FileFormat::kSasXpt, "xpt", {".xpt", ".xport"}, false, false, true, true},
      {FileFormat::kSas7bdat, "sas7bdat", {".sas7bdat"}, false, false, false, true},
      {FileFormat::kZip, "zip", {".zip"}, false, false, true}};
  return formats;
}

const FormatInfo& InfoOf(FileFormat format) {
  return *std::find_if(Formats().begin(), Formats().end(),
                       [&](const FormatInfo& info) { return info.format == format; });
}

std::string EndingOf(const std::string& path) {
  std::string ending = std::filesystem::path(PackedNameOf(path).name).extension().string();
  for (char& c : ending)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

bool HasTabs(const std::string& path) {
  return EndingOf(path) == ".tsv";
}

namespace {

Error NoFormat(const std::string& label, const std::string& ending) {
  if (ending == ".xls" || ending == ".xlsb") {
    return Error{ErrorKind::kInvalidArgument,
                 label + " is an Excel file of a kind that is not read (" + ending +
                     "). Open it in Excel and save it as .xlsx."};
  }
  std::vector<std::string> endings;
  for (const auto& info : Formats())
    endings.insert(endings.end(), info.endings.begin(), info.endings.end());
  const std::string what = ending.empty() ? "has no ending" : "ends in " + ending;
  return Error{ErrorKind::kInvalidArgument,
               label + " " + what + ", which tells no format. Known are: " +
                   Joined(endings, endings.size()) + ". Or say what it is (--format, format)."};
}

}  // namespace

Result<FileFormat> FormatOfNamed(const std::string& name, const std::string& label) {
  const std::string ending = EndingOf(name);
  for (const auto& info : Formats()) {
    if (std::find(info.endings.begin(), info.endings.end(), ending) == info.endings.end()) continue;
    const bool is_packed = PackedNameOf(name).packing != Packing::kNone;
    if (is_packed && !info.is_text) return PacksItself(label);
    return info.format;
  }
  return NoFormat(label, ending).With("file", label);
}

}  // namespace sources

std::string FileFormatName(FileFormat format) {
  return std::string(sources::InfoOf(format).name);
}

std::optional<FileFormat> ParseFileFormat(const std::string& name) {
  for (const auto& info : sources::Formats()) {
    if (info.name == name) return info.format;
  }
  return std::nullopt;
}

std::vector<std::string> FileFormatNames(bool written) {
  std::vector<std::string> names;
  for (const auto& info : sources::Formats()) {
    if (info.is_written || !written) names.emplace_back(info.name);
  }
  return names;
}

Result<FileFormat> FormatOfFile(const std::string& path) {
  return sources::FormatOfNamed(path, path);
}

}  // namespace coreshed
