#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "sources/input.h"

namespace coreshed::sources {

/// The lines of a text file, one after another, in memory for one of them.
class TextLines {
 public:
  /// `input`: in UTF-8 (AsUtf8).
  TextLines(std::shared_ptr<InputFile> input, std::stop_token stop);

  /// The next line without its LF; nothing at the end. It stays until the next call.
  ///
  /// Errors  kValidation (longer than 64 MiB), kCancelled, kIo
  Result<std::optional<std::string_view>> Next();
  /// Of the last line, from 1.
  int64_t number() const { return number_; }

 private:
  Result<bool> ReadPiece();

  const std::shared_ptr<InputFile> input_;
  const std::stop_token stop_;
  std::string bytes_;
  size_t begin_ = 0;  ///< of what is not given yet, in `bytes_`
  int64_t at_ = 0;    ///< in the file
  int64_t number_ = 0;
};

}  // namespace coreshed::sources
