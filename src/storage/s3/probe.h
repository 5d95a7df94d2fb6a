#pragma once

#include "storage/s3/client.h"

namespace coreshed::storage::s3 {

/// Make a place for a new store show that it keeps what commits rest on (spec/commit.md, section
/// 7), with objects below `probe-<random>/` that are deleted again.
///
/// Errors  kUnsupported   it does not, or has rules that expire or move objects; what, in words
///         kIo            it could not be asked
Result<void> ProbePlace(Client& client);

/// One request that shows that a condition is looked at: `store_file`, the bytes of coreshed.json,
/// are put where there is one.
///
/// Errors  kUnsupported, kIo
Result<void> ProbeConditions(Client& client, std::string_view store_file);

}  // namespace coreshed::storage::s3
