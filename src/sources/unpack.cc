#include "sources/unpack.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kPiece = int64_t{1} << 20;
/// What unpacks to less does no harm, and short texts of one letter pack as well as bombs do.
constexpr int64_t kRatioBytes = int64_t{64} << 20;

constexpr std::array<std::pair<std::string_view, Packing>, 2> kEndings = {
    {{".gz", Packing::kGzip}, {".zst", Packing::kZstd}}};

bool EndsWith(std::string_view name, std::string_view ending) {
  if (name.size() <= ending.size()) return false;
  name.remove_prefix(name.size() - ending.size());
  for (size_t i = 0; i < ending.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(name[i])) != ending[i]) return false;
  }
  return true;
}

}  // namespace

Error PacksItself(const std::string& path) {
  return Error{ErrorKind::kInvalidArgument,
               path +
                   " is packed, which only text formats are read from: its format packs its "
                   "own contents. Unpack it."}
      .With("file", path);
}

PackedName PackedNameOf(const std::string& name) {
  for (const auto& [ending, packing] : kEndings) {
    if (EndsWith(name, ending)) return {packing, name.substr(0, name.size() - ending.size())};
  }
  return {Packing::kNone, name};
}

Packing PackingOfBytes(std::string_view head) {
  if (head.starts_with("\x1F\x8B")) return Packing::kGzip;
  if (head.starts_with("\x28\xB5\x2F\xFD")) return Packing::kZstd;
  return Packing::kNone;
}

Result<void> UnpackMeter::Add(size_t bytes) {
  if (stop_.stop_requested()) {
    return Error{ErrorKind::kCancelled, "Unpacking " + label_ + " was cancelled."};
  }
  unpacked_ += static_cast<int64_t>(bytes);
  if (unpacked_ > limits_.unpacked_bytes) {
    return Error{ErrorKind::kValidation, label_ + " unpacks to more than " +
                                             std::to_string(limits_.unpacked_bytes) +
                                             " bytes, the limit. Split it."}
        .With("file", label_)
        .With("limit", "unpacked_bytes");
  }
  if (unpacked_ > kRatioBytes && unpacked_ / std::max<int64_t>(limits_.ratio, 1) > packed_) {
    return Error{ErrorKind::kValidation,
                 label_ + " unpacks to more than " + std::to_string(limits_.ratio) +
                     " times its size, the limit: it may be made to fill a disk. If you know "
                     "better, unpack it first."}
        .With("file", label_)
        .With("limit", "ratio");
  }
  return {};
}

Result<std::shared_ptr<InputFile>> Unpack(const InputFile& packed, Packing packing,
                                          const std::string& name, const FileLimits& limits,
                                          const std::stop_token& stop) {
  const std::string& label = packed.label();
  if (packed.size() == 0) {
    return Error{ErrorKind::kValidation, label + " is empty."}.With("file", label);
  }
  UnpackMeter meter(label, packed.size(), limits, stop);
  const auto fill = [&](const InputFile::Sink& sink) -> Result<void> {
    CORESHED_ASSIGN(auto decoder, Decoder::Make(packing, label));
    const auto metered = [&](std::string_view bytes) -> Result<void> {
      CORESHED_TRY(meter.Add(bytes.size()));
      return sink(bytes);
    };
    for (int64_t at = 0; at < packed.size(); at += kPiece) {
      CORESHED_TRY(meter.Add(0));
      CORESHED_ARROW_ASSIGN(const auto piece, packed.file()->ReadAt(at, kPiece),
                            "reading " + label);
      CORESHED_TRY(decoder.Feed(std::string_view(*piece), metered));
    }
    return decoder.Finish();
  };
  auto unpacked = InputFile::Make(label, name, fill);
  CORESHED_TRY(packed.CheckUnchanged());
  return unpacked;
}

}  // namespace coreshed::sources
