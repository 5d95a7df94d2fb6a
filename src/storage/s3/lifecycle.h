#pragma once

#include <string>
#include <vector>

#include "storage/s3/client.h"

namespace coreshed::storage::s3 {

/// A bucket's rules that reach objects below a prefix and would expire or move them, each in words;
/// rules for incomplete uploads and old versions do no harm. `xml`: a LifecycleConfiguration.
std::vector<std::string> HarmfulRules(const std::string& xml, const std::string& prefix);

/// Whether the bucket has such rules. One that does not tell its rules passes.
///
/// Errors  kUnsupported   it has
Result<void> CheckLifecycle(Client& client);

}  // namespace coreshed::storage::s3
