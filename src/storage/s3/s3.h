#pragma once

#include <memory>
#include <string>

#include "storage/s3/client.h"
#include "storage/storage.h"

namespace coreshed::storage::s3 {

/// A store in a bucket (spec/commit.md, section 7).
std::shared_ptr<Storage> MakeStorage(std::shared_ptr<Client> client);

/// The same at `location`, "s3://bucket/prefix", with the credentials that AWS's tools would use.
///
/// Errors  those of ParseAddress; kUnsupported (libcurl can't be loaded)
Result<std::shared_ptr<Storage>> OpenS3(const std::string& location, const S3Options& options,
                                        std::chrono::milliseconds timeout);

}  // namespace coreshed::storage::s3
