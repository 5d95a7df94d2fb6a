#include "sources/excel_package.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/result.h"
#include "sources/zip_format.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kPartsMax = 100'000;
constexpr int64_t kRatioFrom = int64_t{64} << 20;
/// Packed bytes at a time, which may unpack to a thousand times as many.
constexpr int64_t kPiece = int64_t{4} << 10;

/// What a file that is no ZIP archive is, and what to do; empty: it is one.
Result<std::string> OtherKind(const InputFile& input) {
  constexpr int64_t kHead = int64_t{1} << 20;
  constexpr std::string_view kOle = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
  // The name of what holds the workbook, in UTF-16.
  constexpr std::string_view kEncrypted("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e", 31);
  CORESHED_ASSIGN(const std::string head, input.Head(kHead));
  if (head.empty()) return std::string("is empty.");
  if (head.starts_with("PK\3\4") || head.starts_with("PK\5\6")) return std::string();
  if (head.starts_with(kOle)) {
    if (head.find(kEncrypted) != head.npos) {
      return std::string("is protected by a password. Save it without one (Save As, Tools).");
    }
    return std::string("is an old Excel file (.xls). Open it and save it as .xlsx.");
  }
  const auto text = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (text != head.npos && head[text] == '<') {
    return std::string(
        "is a web page or XML called an Excel file. Open it in Excel and save it as .xlsx.");
  }
  return std::string(
      "is no Excel workbook. If it is text with delimiters, call it .csv; else save it as .xlsx.");
}

}  // namespace

ExcelPackage::ExcelPackage(std::shared_ptr<InputFile> input, const OpenFileOptions& options)
    : input_(std::move(input)), limits_(options.limits), stop_(options.stop) {}

Error ExcelPackage::Fault(const std::string& what) const {
  return Error{ErrorKind::kValidation, input_->label() + ": " + what}.With("file", input_->label());
}

Result<void> ExcelPackage::CheckStop() const {
  if (!stop_.stop_requested()) return {};
  return Error{ErrorKind::kCancelled, "Reading " + input_->label() + " was cancelled."};
}

Result<std::shared_ptr<ExcelPackage>> ExcelPackage::Open(std::shared_ptr<InputFile> input,
                                                         const OpenFileOptions& options) {
  std::shared_ptr<ExcelPackage> package(new ExcelPackage(std::move(input), options));
  CORESHED_TRY(package->ReadDirectory());
  return package;
}

Result<void> ExcelPackage::ReadDirectory() {
  CORESHED_ASSIGN(const std::string other, OtherKind(*input_));
  if (!other.empty()) {
    return Error{ErrorKind::kValidation, input_->label() + " " + other}.With("file",
                                                                             input_->label());
  }
  auto entries = ReadZipDirectory(*input_, kPartsMax, stop_);
  if (!entries && entries.error().kind == ErrorKind::kValidation) {
    entries.error().message += " Get it once more, or open it in Excel and save it there.";
  }
  if (!entries) return std::move(entries).error();
  for (auto& entry : *entries) {
    const std::string path = entry.path;
    if (!parts_.try_emplace(LowerAscii(path), std::move(entry)).second) {
      return Fault("the archive has two parts called " + path + ".");
    }
  }
  return {};
}

const ZipEntry* ExcelPackage::Find(std::string_view name) const {
  const auto found = parts_.find(LowerAscii(name));
  return found == parts_.end() ? nullptr : &found->second;
}

Result<void> ExcelPackage::CheckLimits(const ZipEntry& part) {
  if (part.unpacked_size > kRatioFrom &&
      part.unpacked_size / std::max<int64_t>(part.packed_size, 1) > limits_.ratio) {
    return Fault(part.path + " unpacks to " + std::to_string(part.unpacked_size) +
                 " bytes, more than " + std::to_string(limits_.ratio) +
                 " times what it is packed. Is this an attack? The limit can be set.");
  }
  if (!counted_.insert(part.path).second) return {};
  if (part.unpacked_size <= limits_.unpacked_bytes - unpacked_) {
    unpacked_ += part.unpacked_size;
    return {};
  }
  return Fault("it unpacks to more than " + std::to_string(limits_.unpacked_bytes) +
               " bytes. The limit can be set.");
}

Result<std::unique_ptr<ExcelPartStream>> ExcelPackage::Read(const ZipEntry& part) {
  if ((part.flags & (zip::kEncrypted | zip::kStrongEncryption | zip::kMasked)) != 0) {
    return Fault(part.path + " is encrypted. Save the file without a password.");
  }
  if (part.method != zip::kStored && part.method != zip::kDeflated) {
    return Fault(part.path + " is packed by method " + std::to_string(part.method) +
                 ", which no Excel file is. Open it and save it again.");
  }
  CORESHED_TRY(CheckLimits(part));
  CORESHED_ASSIGN(auto reader, ZipEntryReader::Open(input_, part));
  return std::make_unique<ExcelPartStream>(std::move(reader));
}

Result<std::string_view> ExcelPartStream::Next() {
  bytes_.clear();
  const auto keep = [&](std::string_view bytes) -> Result<void> {
    bytes_ += bytes;
    return {};
  };
  for (bool more = true; more && bytes_.empty();) {
    CORESHED_ASSIGN(more, reader_.Step(kPiece, keep));
  }
  return std::string_view(bytes_);
}

}  // namespace coreshed::sources
