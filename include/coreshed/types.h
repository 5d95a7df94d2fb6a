#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coreshed {

/// The review status of a version.
enum class Status { kDraft, kApproved, kRejected };

/// "draft", "approved" or "rejected".
std::string StatusName(Status status);

/// One column of a table; `type` is a documented logical type name (spec/schema.md, "Logical
/// types").
struct Column {
  std::string name;
  std::string type;
  bool nullable = true;
  bool operator==(const Column&) const = default;
};

/// How serious a change of schema is (spec.md, "Schema drift").
enum class DriftClass { kNone, kAdditive, kBreaking };

/// "none", "additive" or "breaking".
std::string DriftClassName(DriftClass drift_class);

/// What happens to a breaking change: refused, taken with a warning, or taken.
enum class DriftPolicy { kReject, kWarn, kAllow };

/// "reject", "warn" or "allow".
std::string DriftPolicyName(DriftPolicy policy);
std::optional<DriftPolicy> ParseDriftPolicy(const std::string& name);

/// One difference between two schemas of one table.
struct DriftChange {
  enum class Kind {
    kColumnAdded,
    kColumnRemoved,
    kColumnRetyped,
    kColumnRenamed,
    kReordered,
    kNullableMadeRequired,
    kRequiredMadeNullable,
    kTableAdded,
    kTableRemoved,
    kRenameCandidate,
  };
  Kind kind;
  std::string table;
  std::string column;         ///< empty for tables and reordering
  std::string before, after;  ///< types, or names for a rename
  bool widening = false;      ///< retyped to a type that holds every old value
  DriftClass drift_class = DriftClass::kNone;

  /// One line for a person, e.g. "data: column depth retyped int32 → int64 (widening)".
  std::string Describe() const;
  bool operator==(const DriftChange&) const = default;
};

/// The name of a kind of change as stored and printed, e.g. "column_added".
std::string DriftChangeKindName(DriftChange::Kind kind);

/// All differences against the active version, and the worst class among them.
struct Drift {
  DriftClass drift_class = DriftClass::kNone;
  std::vector<DriftChange> changes;
  bool overridden = false;  ///< a breaking change let in by an explicit override
};

/// The named schema that a version was checked by.
struct CheckedBy {
  std::string name;
  int64_t number = 0;
};

/// One table of a version.
struct TableInfo {
  std::string name;
  int64_t rows = 0;
  std::vector<Column> columns;
  std::string fingerprint;     ///< SHA-256 hex of the schema (spec/schema.md)
  std::string exact_hash;      ///< BLAKE3 hex over the parts
  std::string duplicate_hash;  ///< 32 hex digits
  int64_t parts = 0;
  int64_t files = 0;  ///< Parquet files that hold the parts
};

/// Where the data of a version came from.
struct Source {
  std::string file_name;
  std::string sha256;  ///< hex, of the bytes of the file
  int64_t size_bytes = 0;
};

/// A review: who, when, what it meant and why.
struct Review {
  std::string by, at, meaning, reason;
};

/// An immutable state of all tables of a record, with its mutable review status.
struct Version {
  std::string record_id;
  int64_t version = 0;
  Status status = Status::kDraft;
  bool active = false;
  bool purged = false;
  bool erased = false;  ///< purged, and nothing of its data can come back
  std::string created_by;
  std::string created_at;  ///< UTC, ISO 8601, microseconds, Z
  std::string comment;
  std::string event_type;  ///< of the event that made it: create, update, upload, …
  std::string event_id;    ///< of the event of the call that returned this (or that made it)
  std::string exact_hash;
  std::string duplicate_hash;
  std::optional<Source> source;
  std::optional<Review> review;
  std::optional<CheckedBy> checked;
  std::optional<int64_t> equals_version;  ///< the earlier version with equal content, if any
  Drift drift;
  std::vector<TableInfo> tables;
  std::vector<std::string> tags;
  std::vector<std::string> warnings;  ///< only on what a write returns
};

/// One entry of a record's history.
struct Event {
  int64_t seq = 0;
  std::string event_id;
  std::string event_type;
  std::optional<int64_t> version;
  std::optional<int64_t> active_before;
  std::string actor;
  std::string time;
  std::string comment;                       ///< comment or reason
  std::string details;                       ///< JSON object, as the chain covers it
  std::map<std::string, std::string> texts;  ///< further free texts: meaning, file_name, …
  std::string prev_hash, hash;               ///< SHA-256 hex
};

/// One record as the list shows it.
struct RecordInfo {
  std::string record_id;
  std::string name;
  std::vector<std::string> tables;
  int64_t current_version = 0;
  int64_t versions = 0;  ///< highest version number
  Status status = Status::kDraft;
  int64_t rows = 0;  ///< of the active version, all tables
  std::string created_by, created_at;
  std::string updated_by, updated_at;  ///< of the newest event
  std::map<std::string, std::string> attributes;
  std::optional<DriftPolicy> drift_policy;  ///< the record's own; nothing: the store's
  std::string bound_schema;  ///< name of the schema that its versions must keep; empty: none
  std::string corrupt;       ///< what is broken; empty for a whole record
};

/// A record that was created, changed or deleted: see Store::Changes.
struct RecordChange {
  RecordInfo record;     ///< as it is now; of one that is not there its id alone
  bool is_gone = false;  ///< deleted
};
struct RecordChanges {
  std::vector<RecordChange> records;  ///< sorted by id
  std::string token;                  ///< for the next call
};

/// What Store::Repair did.
struct RepairReport {
  int64_t records = 0, versions = 0;  ///< looked at
  int64_t markers = 0;                ///< content markers that were missing, and are there again
};

/// A (record, version) with given content.
struct ContentMatch {
  std::string record_id;
  int64_t version = 0;
  Status status = Status::kDraft;
  bool active = false;
  /// What is broken in the record, so that nobody can tell whether the version still has this
  /// content, or ever had; empty for a whole record.
  std::string corrupt;
};

/// Versions of several records with the same content.
struct DuplicateGroup {
  std::string hash;                   ///< their duplicate hash
  std::vector<ContentMatch> matches;  ///< sorted by record and version
};

/// One fault found by Store::Verify.
struct Fault {
  std::string record_id;  ///< empty for the store itself
  std::string object;     ///< key of the object, if one
  std::string rule;       ///< short name of the broken rule, e.g. "chain"
  std::string message;
};

/// What Store::Verify found.
struct VerifyReport {
  int64_t records = 0, versions = 0, events = 0, files = 0;
  int64_t bytes_read = 0;
  std::vector<Fault> faults;       ///< at most VerifyOptions::faults_max
  std::vector<std::string> notes;  ///< e.g. what happened since a seal
  bool ok() const { return faults.empty(); }
};

/// What Store::Copy did.
struct CopyReport {
  int64_t records = 0;        ///< looked at
  int64_t copied = 0;         ///< of these, new at the other place or brought up to date there
  int64_t files = 0;          ///< data files and pages copied
  int64_t bytes = 0;          ///< of them
  std::vector<Fault> faults;  ///< records that could not be copied, or did not come out whole
  /// What was erased here is gone there, but requests from before may still bring it back: the same
  /// call after this time makes that certain. Empty: it is certain, or nothing was erased.
  std::string again_after;
  /// Keys at the copy of data files that nothing refers to and that could not be removed with what
  /// was erased, since a writer may still claim their names: each copy tries again.
  std::vector<std::string> left;
  bool ok() const { return faults.empty(); }
};

/// What Store::Import did.
struct ImportReport {
  int64_t records = 0;               ///< found in the folder
  int64_t imported = 0;              ///< of these, new here, or with events that were not here yet
  int64_t unchanged = 0;             ///< of these, here already from an earlier import
  int64_t versions = 0, events = 0;  ///< written by this call
  std::vector<Fault> faults;         ///< records that were not imported, or did not come out whole
  std::vector<std::string> notes;    ///< what was not kept, and what nobody told
  bool ok() const { return faults.empty(); }
};

/// What Store::Vacuum removed or would remove.
struct VacuumReport {
  int64_t records = 0;          ///< looked at
  int64_t records_cleaned = 0;  ///< of these, with something to remove
  int64_t files = 0;
  int64_t temporary = 0;  ///< of these, temporary ones: of records half made, or to be renamed
  int64_t bytes = 0;
  std::vector<std::string> objects;  ///< keys, at most 1,000
};

/// What became of Store::Purge, DeleteRecord or Redact, once their event was committed.
struct Erasure {
  int64_t files = 0, bytes = 0;  ///< deleted by this call, remains of earlier writes among them
  /// Nothing is left and nothing can come back; of purge and delete the history says so.
  bool erased = false;
  /// Keys of data files that nothing refers to and that could not be removed, since a writer may
  /// still claim their names: a vacuum removes them after the record's next version.
  std::vector<std::string> left;
  /// Else: when the same call, made again, finishes it. A request that is still on its way to an
  /// object store may bring back what was deleted, for as long as its signature holds.
  std::string again_after;
};

/// Sizes and counts of a store.
struct Stats {
  int64_t records = 0, versions = 0, events = 0, corrupt = 0;
  int64_t data_files = 0, data_bytes = 0;    ///< Parquet
  int64_t metadata_bytes = 0;                ///< metadata.json and pages
  std::map<std::string, int64_t> by_status;  ///< records by status of the active version
};

}  // namespace coreshed
