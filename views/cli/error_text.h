#pragma once

#include <coreshed/error.h>

#include <string>

namespace coreshed::cli {

/// "NotFound" as it begins what is printed of an error: "error (NotFound):".
std::string ErrorHead(ErrorKind kind);

/// An error in one line, or as the JSON object that `--json` answers with.
std::string ErrorText(const Error& error, bool json);

}  // namespace coreshed::cli
