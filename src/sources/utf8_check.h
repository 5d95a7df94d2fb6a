#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace coreshed::sources {

/// Finds the first line of a file that is not UTF-8, over pieces that may cut characters in two.
class Utf8Check {
 public:
  explicit Utf8Check(std::string label) : label_(std::move(label)) {}

  Result<void> Feed(std::string_view piece);
  Result<void> Finish() const;

 private:
  Error NotUtf8(std::string_view text) const;

  const std::string label_;
  bool first_ = true;
  std::string cut_;   ///< the beginning of a character that the next piece goes on with
  int64_t line_ = 1;  ///< where the next piece begins
};

}  // namespace coreshed::sources
