#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/options.h>
#include <coreshed/sources.h>
#include <coreshed/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace coreshed {

/// For Store::SaveUpload. `source`, if given, is passed over: it is the file.
struct UploadOptions : WriteOptions {
  /// Name of the dataset; empty: the file's stem. Its record's id is made of it (DatasetId).
  std::string dataset_name;
  /// A dataset of this name that is there gets its next version; else kAlreadyExists.
  bool overwrite = false;
  /// Also where the active version, or an older one, has this content.
  bool as_new_version = false;
  /// Free attributes to find the record by; of a dataset that is there they are changed, and an
  /// empty value removes one.
  std::map<std::string, std::string> attributes;
  /// How the file is read. `like` is the active version's, `limits` and `stop` are the store's and
  /// the call's.
  OpenFileOptions reading;
};

/// What an upload came to.
enum class UploadOutcome {
  kCreated,      ///< a new dataset
  kNewVersion,   ///< the next version of one
  kUnchanged,    ///< the active version has this content: nothing was written
  kReactivated,  ///< an older version has it, and is the active one again
};

/// "created", "new_version", "unchanged" or "reactivated".
std::string UploadOutcomeName(UploadOutcome outcome);

struct UploadResult {
  std::string upload_id;  ///< the dataset's record id
  UploadOutcome outcome = UploadOutcome::kCreated;
  /// The version with the file's content, which is the active one now. Its warnings tell of drift,
  /// of how the file was read, and of other records with the same content.
  Version version;
  std::vector<ContentMatch> duplicates;  ///< of other records
};

/// The file that a version came from, as its bytes were uploaded.
struct KeptSource {
  Source source;
  std::shared_ptr<arrow::Buffer> bytes;
};

}  // namespace coreshed
