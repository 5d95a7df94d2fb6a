#include "cli/error_text.h"

#include "cli/json.h"
#include "cli/text.h"

namespace coreshed::cli {

std::string ErrorHead(ErrorKind kind) {
  return "error (" + std::string(ErrorKindName(kind)) + "):";
}

std::string ErrorText(const Error& error, bool json) {
  if (json) return ToJson(error).dump(2, ' ', false, Json::error_handler_t::replace);
  return ErrorHead(error.kind) + " " + Printable(error.message);
}

}  // namespace coreshed::cli
