#pragma once

#include <coreshed/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace coreshed {

/// How to reach a store on S3. What is left empty is found as AWS's tools find it: in the
/// environment (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION,
/// AWS_CA_BUNDLE), then in the profile. Credentials are always found so.
struct S3Options {
  /// "https://minio.example.org:9000"; empty everywhere: AWS.
  std::string endpoint;
  std::string region;
  /// The bucket stands in the path (true) or in the host's name; by default the latter on AWS
  /// alone.
  std::optional<bool> path_style;
  /// A PEM file of the authorities that may vouch for the server; empty everywhere: the system's.
  std::string ca_file;
};

/// How to open a store.
struct OpenOptions {
  /// Make the store if there is none at the place.
  bool create = false;
  /// How long a commit may wait for locks and try again after losing races.
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
  /// Memory for decoded tables and metadata kept between reads, in bytes; 0 keeps nothing.
  int64_t cache_bytes = int64_t{256} << 20;
  /// Most bytes of rows held in memory by one streaming read or write.
  int64_t memory_bytes = int64_t{256} << 20;
  /// Threads for encoding, decoding and hashing; 0 takes one for each core.
  int threads = 0;
  /// Of a location that begins with "s3://".
  S3Options s3 = {};
};

/// Phase ("write", "verify", …), fraction from 0 to 1 (never falling; negative: unknown), message.
using Progress =
    std::function<void(const std::string& phase, double fraction, const std::string& message)>;

/// What every call that commits an event takes.
struct EventOptions {
  /// Who does it: an opaque user id, never empty.
  std::string actor;
  std::string comment;
  /// 32 hex digits chosen by the caller (UUID4): a repeated call with the same id commits once and
  /// returns what the first one did. Empty: the library makes one.
  std::string event_id;
  /// Ask the call to stop: before the commit it ends with kCancelled.
  std::stop_token stop = {};
};

/// For Store::FindDrift.
struct DriftOptions {
  std::map<std::string, std::string> renames = {};  ///< columns, old → new
  std::string schema = {};                          ///< as WriteOptions::schema
  /// As SaveUpload has it: of one table given and one there the name does not count.
  bool of_upload = false;
};

/// For writes of data.
struct WriteOptions : EventOptions {
  /// Written only if this version is still the active one; else kConflict.
  std::optional<int64_t> expected_version;
  /// Overrides the record's and the store's policy for this call.
  std::optional<DriftPolicy> drift_policy;
  /// Lets one breaking change in; the event says so.
  bool allow_breaking = false;
  /// Columns renamed by this write, old name → new name (in every table that has the old one).
  std::map<std::string, std::string> renames;
  /// Name of the schema that the tables must keep; the record is bound to it. Empty: the one that
  /// the record is bound to, if it is.
  std::string schema;
  /// Tables without rows are refused unless allowed here or by the store's setting.
  bool allow_empty = false;
  /// Where the data came from, recorded on the version.
  std::optional<Source> source;
  Progress progress = {};
};

/// For Store::CreateRecord.
struct CreateOptions : WriteOptions {
  /// Display name; empty: the record id.
  std::string name;
  /// Free attributes to find the record by.
  std::map<std::string, std::string> attributes;
  /// The record's own drift policy, for later writes.
  std::optional<DriftPolicy> record_drift_policy;
};

/// For Store::CreateMany and UpdateMany, beside the options of each record.
struct ManyOptions {
  std::stop_token stop = {};  ///< records whose turn has not come are left
  Progress progress = {};
};

/// For approve and reject.
struct ReviewOptions : EventOptions {
  /// "reviewed", "approved for design", …; a store may list its own.
  std::string meaning;
  /// The version the reviewer looked at: kConflict if it is no longer the active one.
  std::optional<int64_t> version;
};

/// For Store::RollbackToVersion; `comment` is the reason.
struct RollbackOptions : EventOptions {
  /// Allows going back to a rejected version.
  bool allow_rejected = false;
};

/// What to read of a table.
struct ReadOptions {
  /// These columns in this order; empty: all.
  std::vector<std::string> columns;
  /// One scalar SQL expression over the table's columns; rows for which it is true are kept.
  std::string where;
  /// At most so many rows; negative: all.
  int64_t limit = -1;
};

/// Which records to list, all conditions together; sorted by id.
struct ListOptions {
  std::optional<Status> status;
  std::map<std::string, std::string> attributes;
  std::string created_by;
  std::string table_name;
  std::string text;           ///< somewhere in id, name or an attribute's value, in any case
  std::string updated_since;  ///< ISO 8601; updated then or later
  int64_t limit = -1;         ///< page size; negative: all
  std::string after;          ///< only ids after this one: the last id of the page before
  bool with_corrupt = true;   ///< also records that can't be read, with what is broken
};

/// For Store::Verify.
struct VerifyOptions {
  std::vector<std::string> records;  ///< only these ids; empty: all
  bool deep = false;                 ///< read and hash all data, not only sizes
  std::string seal;                  ///< a seal made earlier (its text): compare with it
  std::string public_key_pem;        ///< the key that must have signed the seal
  int64_t faults_max = 1000;
  std::stop_token stop = {};
  Progress progress = {};
};

/// For Store::Copy.
struct CopyOptions {
  std::vector<std::string> records;  ///< only these ids; empty: all, and the settings
  /// How to reach the place that is copied to, if it begins with "s3://".
  S3Options s3 = {};
  std::stop_token stop = {};
  Progress progress = {};
};

/// For Store::Import.
struct ImportOptions {
  /// Who imports: an opaque user id, never empty. Those who did what is told keep their names.
  std::string actor;
  std::stop_token stop = {};
  Progress progress = {};
};

/// For Store::Repair.
struct RepairOptions {
  std::stop_token stop = {};
  Progress progress = {};
};

/// For Store::Vacuum.
struct VacuumOptions {
  bool dry_run = false;
  /// Remains younger than this, by the storage's clock, are left alone: it spares slow writers
  /// work.
  std::chrono::seconds grace = std::chrono::hours(24);
  std::stop_token stop = {};
  Progress progress = {};
};

}  // namespace coreshed
