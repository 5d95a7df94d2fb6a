#include <coreshed/content.h>

#include "base/canonical_json.h"
#include "base/result.h"
#include "commit/document.h"

namespace coreshed {

Result<void> CheckMetadata(std::string_view metadata_json) {
  CORESHED_ASSIGN(const auto json, ParseJson(metadata_json, "metadata.json"));
  const bool has_id =
      json.is_object() && json.contains("record_id") && json["record_id"].is_string();
  const std::string record_id = has_id ? json["record_id"].get<std::string>() : "";
  CORESHED_ASSIGN(const auto document, commit::ParseDocument(metadata_json, record_id));
  if (const std::string broken = commit::CheckTailChain(document); !broken.empty()) {
    return Error{ErrorKind::kCorruption, "metadata.json of '" + record_id + "': " + broken};
  }
  return {};
}

}  // namespace coreshed
