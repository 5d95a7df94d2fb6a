#pragma once

#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "sources/decoder.h"
#include "sources/input.h"

namespace coreshed::sources {

/// The packing that a file's last ending tells (.gz, .zst; in any case), and its name without that
/// ending.
struct PackedName {
  Packing packing = Packing::kNone;
  std::string name;
};
PackedName PackedNameOf(const std::string& name);
/// The packing that the first bytes of a file tell.
Packing PackingOfBytes(std::string_view head);

/// A packed file of a format that packs its own contents: kInvalidArgument.
Error PacksItself(const std::string& path);

/// Watches how much comes out of packed bytes, whatever a header says of it.
class UnpackMeter {
 public:
  /// `label`: how messages call the file; `packed`: its size.
  UnpackMeter(std::string label, int64_t packed, const FileLimits& limits, std::stop_token stop)
      : label_(std::move(label)), packed_(packed), limits_(limits), stop_(std::move(stop)) {}

  /// So many more bytes.
  ///
  /// Errors  kValidation (a limit), kCancelled
  Result<void> Add(size_t bytes);
  int64_t unpacked() const { return unpacked_; }

 private:
  const std::string label_;
  const int64_t packed_;
  const FileLimits limits_;
  const std::stop_token stop_;
  int64_t unpacked_ = 0;
};

/// A packed file unpacked, whole or not at all. `name`: what it is called then.
///
/// Errors  kValidation (damaged, cut short, followed by other bytes, over a limit), kCancelled
Result<std::shared_ptr<InputFile>> Unpack(const InputFile& packed, Packing packing,
                                          const std::string& name, const FileLimits& limits,
                                          const std::stop_token& stop);

}  // namespace coreshed::sources
