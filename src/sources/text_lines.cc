#include "sources/text_lines.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>

#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kPiece = int64_t{1} << 20;
constexpr size_t kLineMax = size_t{64} << 20;

}  // namespace

TextLines::TextLines(std::shared_ptr<InputFile> input, std::stop_token stop)
    : input_(std::move(input)), stop_(std::move(stop)) {}

/// Whether there was one.
Result<bool> TextLines::ReadPiece() {
  if (stop_.stop_requested()) {
    return Error{ErrorKind::kCancelled, "Reading " + input_->label() + " was cancelled."};
  }
  bytes_.erase(0, std::exchange(begin_, 0));
  CORESHED_ARROW_ASSIGN(const auto piece, input_->file()->ReadAt(at_, kPiece),
                        "reading " + input_->label());
  at_ += piece->size();
  bytes_ += std::string_view(*piece);
  return piece->size() > 0;
}

Result<std::optional<std::string_view>> TextLines::Next() {
  ++number_;
  size_t searched = 0;
  while (true) {
    const auto end = bytes_.find('\n', begin_ + searched);
    const size_t size = (end == bytes_.npos ? bytes_.size() : end) - begin_;
    if (size > kLineMax) {
      return Error{ErrorKind::kValidation,
                   input_->label() + ", line " + std::to_string(number_) + ": longer than 64 MiB."}
          .With("file", input_->label())
          .With("line", std::to_string(number_));
    }
    if (end != bytes_.npos) {
      const auto line = std::string_view(bytes_).substr(begin_, size);
      begin_ = end + 1;
      return std::optional(line);
    }
    searched = size;
    CORESHED_ASSIGN(const bool more, ReadPiece());
    if (more) continue;
    if (size == 0) return std::optional<std::string_view>();
    begin_ = bytes_.size();
    return std::optional(std::string_view(bytes_).substr(0, size));
  }
}

}  // namespace coreshed::sources
