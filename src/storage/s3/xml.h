#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace coreshed::storage::s3 {

/// The text of the first element `name` anywhere in an XML document; empty: there is none.
std::string XmlText(const std::string& xml, const char* name);

struct ListedObject {
  std::string key;
  std::string etag;
  int64_t size_bytes = 0;
  int64_t modified_us = 0;
};

/// An answer to ListObjectsV2: visits its objects, and gives the token to go on with; empty: that
/// was all, or `visit` returned false.
///
/// Errors  kIo   it is no such answer
Result<std::string> ReadListPage(const std::string& xml,
                                 const std::function<bool(ListedObject)>& visit);

/// A multipart upload that was begun and not completed.
struct OpenUpload {
  std::string key;
  std::string upload_id;
  int64_t begun_us = 0;
};

/// An answer to ListMultipartUploads: visits the uploads; true: there are more behind the markers.
struct UploadsPage {
  bool is_truncated = false;
  std::string next_key;
  std::string next_upload_id;
};
Result<UploadsPage> ReadUploadsPage(const std::string& xml,
                                    const std::function<void(OpenUpload)>& visit);

/// What a versioned bucket keeps of an object beside what can be seen.
struct OldVersion {
  std::string key;
  std::string version_id;
  bool is_marker = false;  ///< says that the object was deleted
};

/// An answer to ListObjectVersions: visits the versions that can't be seen, and the marks of
/// deletions.
struct VersionsPage {
  bool is_truncated = false;
  std::string next_key;
  std::string next_version_id;
};
Result<VersionsPage> ReadVersionsPage(const std::string& xml,
                                      const std::function<void(OldVersion)>& visit);

/// The body of CompleteMultipartUpload.
std::string CompletionXml(const std::vector<std::string>& part_etags);

}  // namespace coreshed::storage::s3
