#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cli/terminal.h"

namespace coreshed::cli {

using Json = nlohmann::ordered_json;

/// Field of the error of an answer that can't be printed.
inline constexpr const char* kOutputField = "stream";

/// What a command prints: the answer to standard output, remarks to standard error. Throws Failure
/// (kIo) where standard output takes no more, so that nobody takes half an answer for the whole.
class Output {
 public:
  Output();

  const Terminal& terminal() const { return out_; }
  const Terminal& error_terminal() const { return error_; }

  void Print(std::string_view text);
  void PrintJson(const Json& document);
  void Flush();
  /// A line about the answer that must not stand in it.
  void Remark(std::string_view line);

 private:
  Terminal out_, error_;
};

}  // namespace coreshed::cli
