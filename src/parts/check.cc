#include "parts/hash.h"
#include "parts/read.h"
#include "base/result.h"
#include "parts/table_source.h"

namespace coreshed::parts {

Result<CheckAnswer> CheckParts(const ReadRequest& request, storage::Storage& storage, bool deep) {
  CheckAnswer answer;
  answer.files = static_cast<int64_t>(request.parts->files.size());
  auto source = TableSource::Open(request, storage);
  if (!source) {
    answer.faults.push_back(source.error().message);
    return answer;
  }
  if (!deep) return answer;
  for (const auto& place : source.value()->places()) {
    auto part = source.value()->ReadPart(place);
    if (!part) answer.faults.push_back(part.error().message);
  }
  return answer;
}

}  // namespace coreshed::parts
