#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/options.h>
#include <coreshed/sources.h>
#include <coreshed/types.h>
#include <coreshed/validation.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace coreshed {

/// What becomes of an upload with rows that break its schema.
enum class OnInvalid { kRefuse, kSplit };

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
  /// Of rows that break the schema: the whole upload is refused, or only they are (kSplit).
  OnInvalid on_invalid = OnInvalid::kRefuse;
  /// How the file is read. `like` is the active version's, `limits` and `stop` are the store's and
  /// the call's.
  OpenFileOptions reading;
};

/// Rows that broke a schema.
struct RejectReport {
  std::vector<Reject> faults;              ///< two faults of a row are two
  std::map<std::string, int64_t> by_rule;  ///< how many
  int64_t good_rows = 0, rejected_rows = 0;
  /// The rejected rows as they were written, to be mended and sent again: a CSV file, of several
  /// tables a ZIP file of them. Null: there are none.
  std::shared_ptr<arrow::Buffer> file = nullptr;
  std::string file_name = {};
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
  RejectReport rejects;                  ///< of an upload that was split
};

/// For Store::CheckFile.
struct CheckFileOptions {
  std::string schema;       ///< its name
  OpenFileOptions reading;  ///< its `schema` is that one
  std::stop_token stop = {};
};

/// The file that a version came from, as its bytes were uploaded.
struct KeptSource {
  Source source;
  std::shared_ptr<arrow::Buffer> bytes;
};

}  // namespace coreshed
