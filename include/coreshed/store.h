#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/data.h>
#include <coreshed/error.h>
#include <coreshed/options.h>
#include <coreshed/types.h>
#include <coreshed/upload.h>
#include <coreshed/validation.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace coreshed {

/// One record of many to be written: see Store::CreateMany. An update takes of the options what
/// WriteOptions has.
struct RecordData {
  std::string record_id;
  Data data;
  CreateOptions options;
};

/// What a ref stands for: one version of one record, with how it was found.
struct Resolved {
  std::string record_id;
  Version version;
  std::string table;  ///< the table the ref names, or the only one; empty: several and none named
};

/// A stream of rows read from a version, and what it was read from.
struct Reading {
  Version version;
  std::string table;
  std::shared_ptr<arrow::RecordBatchReader> rows;
};

/// A store of versioned, reviewed tables in a local folder or an S3 bucket.
///
/// Threads  one Store may be used by any number of threads at once, and any number of Stores and
///          processes may use one place at once.
/// Errors   every call: kIo (disk failed), kCorruption (the record is damaged). After any error but
///          kOutcomeUnknown nothing has changed.
/// Refs     `id[@selector][#table]`, see spec/format.md "Refs": `BH-7`, `BH-7@v3`,
///          `BH-7@approved#lab`. In them '@', '#' and '%' of an id are written %40, %23, %25; a
///          `record_id` is the id as it is.
class Store {
 public:
  virtual ~Store() = default;

  /// Open the store at a folder, or at "s3://bucket/prefix" (OpenOptions::s3).
  ///
  /// Errors  kNotFound         no store there (and `create` is off)
  ///         kUnsupported      made by a newer release; or a network file system
  static Result<std::shared_ptr<Store>> Open(const std::string& location,
                                             const OpenOptions& options = {});

  /// Where the store is, as given; its id (32 hex digits).
  virtual const std::string& location() const = 0;
  virtual const std::string& store_id() const = 0;

  /// Whether the call of Open that gave this Store made the store (OpenOptions::create).
  virtual bool is_new() const = 0;

  // ---- writing: each makes one event, durable when the call returns

  /// Make a record; `data` becomes version 1 (for an id that was deleted: the next number).
  ///
  /// Errors  kAlreadyExists, kInvalidArgument (id, names), kValidation (empty table),
  ///         kUnsupported (a column's type, by name), kCancelled, kOutcomeUnknown
  virtual Result<Version> CreateRecord(const std::string& record_id, const Data& data,
                                       const CreateOptions& options) = 0;
  /// Write `data` as the next version: draft, and active. Tables not in `data` are removed.
  ///
  /// Errors  kNotFound, kConflict (expected_version), kSchemaDrift, and those of CreateRecord
  virtual Result<Version> UpdateRecord(const std::string& record_id, const Data& data,
                                       const WriteOptions& options) = 0;
  /// Create, or update, many records: side by side, in threads of its own, sharing the syncs that
  /// make them durable, which is many times faster than one by one. Each is a write of its own, in
  /// no order, and its result stands where the record stands in `items`. All are checked first:
  /// where an id is wrong or given twice, or a table can't be stored, nothing is written
  /// (kCancelled).
  virtual std::vector<Result<Version>> CreateMany(const std::vector<RecordData>& items,
                                                  const ManyOptions& options = {}) = 0;
  virtual std::vector<Result<Version>> UpdateMany(const std::vector<RecordData>& items,
                                                  const ManyOptions& options = {}) = 0;
  /// The active version with the rows of `data` after its own, as the next version; the tables that
  /// `data` does not name stay. Columns are matched by name.
  virtual Result<Version> AppendRows(const std::string& record_id, const Data& data,
                                     const WriteOptions& options) = 0;
  /// The active version with rows of `data` in the places of those that have the same values in the
  /// columns `keys` (every one of them in its place), and the others after them, as the next
  /// version. Every table of `data` has the columns `keys`; the tables that it does not name stay.
  /// Only parts that may hold such rows are read, and only those that change are written.
  ///
  /// Errors  kValidation (a key that is null, or that two rows of `data` or of the table have),
  ///         kInvalidArgument (no keys), kNotFound (no such column), and those of AppendRows
  virtual Result<Version> UpsertRows(const std::string& record_id, const Data& data,
                                     const std::vector<std::string>& keys,
                                     const WriteOptions& options) = 0;
  /// The active version without the rows of `table` for which `where` is true, as the next version;
  /// `where` as in ReadOptions. `table` may be left empty where there is one. Where no row is
  /// meant, nothing is changed, and a warning says so.
  ///
  /// Errors  those of Read for `where`; kNotFound (no such table); those of UpdateRecord
  virtual Result<Version> DeleteRows(const std::string& record_id, const std::string& where,
                                     const std::string& table, const WriteOptions& options) = 0;
  /// Take a file in as a dataset: version 1 of a new record, or the next version of the one that
  /// has the dataset's name (`overwrite`). Content that the active version has adds nothing; that
  /// of an older one, neither rejected, purged nor damaged, makes it active again. The bytes are
  /// kept with the version if the store's setting `keep_sources` says so.
  ///
  /// Errors  kAlreadyExists (the name is in use, without `overwrite`), those of OpenFile,
  ///         kSchemaDrift, and those of CreateRecord; after any of them nothing is left of the file
  virtual Result<UploadResult> SaveUpload(const FileInput& input, const UploadOptions&) = 0;
  /// Approve the active version, from draft.
  ///
  /// Errors  kInvalidState (says the status and what to do), kConflict (`version` not active),
  ///         kInvalidArgument (meaning not in the store's list), kNotFound
  virtual Result<Version> ApproveRecord(const std::string& record_id, const ReviewOptions&) = 0;
  /// Reject the active version, from draft; `comment` is the reason and required.
  virtual Result<Version> RejectRecord(const std::string& record_id, const ReviewOptions&) = 0;
  /// Make an older version active; copies nothing, adds no version.
  ///
  /// Errors  kNotFound (lists the versions there are), kInvalidState (rejected, without override),
  ///         kCorruption (its parts are missing or damaged)
  virtual Result<Version> RollbackToVersion(const std::string& record_id, int64_t version,
                                            const RollbackOptions&) = 0;
  /// Give the version that `ref` stands for a name; a tag can be moved, which is an event too.
  virtual Result<Version> Tag(const std::string& ref, const std::string& name,
                              const EventOptions&) = 0;
  /// Set attributes; an empty value removes one. `name`, if given, is the new display name.
  virtual Result<RecordInfo> SetAttributes(const std::string& record_id,
                                           const std::map<std::string, std::string>& attributes,
                                           const std::optional<std::string>& name,
                                           const EventOptions&) = 0;
  /// Set what becomes of breaking changes of the record's columns; nothing: what the store's
  /// setting says.
  virtual Result<RecordInfo> SetDriftPolicy(const std::string& record_id,
                                            std::optional<DriftPolicy> policy,
                                            const EventOptions&) = 0;
  /// Change settings of the store (spec/format.md, "Settings"); an empty value restores the
  /// default.
  virtual Result<Version> SetSettings(const std::map<std::string, std::string>& settings,
                                      const EventOptions&) = 0;
  /// Save a schema under a name (1 to 100 bytes, as of tables): number 1, or the next one, which
  /// holds from then on. The one that is there already, said again, adds nothing.
  ///
  /// Errors  kInvalidArgument (the name)
  virtual Result<NamedSchema> SaveSchema(const std::string& name, const SchemaDefinition& schema,
                                         const EventOptions&) = 0;
  /// A schema; `number` 0: the newest.
  ///
  /// Errors  kNotFound (lists those there are)
  virtual Result<NamedSchema> GetSchema(const std::string& name, int64_t number = 0) = 0;
  /// The newest of each name.
  virtual Result<std::vector<NamedSchema>> ListSchemas() = 0;
  /// Set the schema that the record's next versions must keep; empty: none.
  virtual Result<RecordInfo> BindSchema(const std::string& record_id, const std::string& schema,
                                        const EventOptions&) = 0;
  /// What an upload of a file under a schema would reject. Writes nothing.
  ///
  /// Errors  those of OpenFile; kNotFound (no such schema); kValidation (tables and columns that do
  ///         not fit the schema; more rejected rows than can be kept)
  virtual Result<RejectReport> CheckFile(const FileInput& input, const CheckFileOptions&) = 0;
  /// Open the files of one version of a record, with the types that its tables have in the
  /// version that `ref` stands for (without a selector the active one; none, where there is no such
  /// version, or no ref), and those of the schema that the record keeps. Of several
  /// files one that holds one table makes a table of the file's name, or the one that is said.
  ///
  /// Errors  those of OpenFile; kNotFound (a schema that is named); kInvalidArgument (a type for a
  ///         column that no file has; a table's name for a file of several; a ref with a table)
  virtual Result<std::vector<OpenedFile>> OpenFilesFor(const std::string& ref,
                                                       const std::vector<RecordFile>& files,
                                                       const RecordFileOptions&) = 0;
  /// How the columns of tables differ from those of a version (without a selector the active one),
  /// as an update by them would find it, under the schema that the record keeps (or that is named
  /// here). Reads no rows.
  ///
  /// Errors  those of Resolve; kNotFound (the version was purged); kValidation (tables and columns
  ///         that do not fit the schema); kInvalidArgument (a table without a name, or
  ///         given twice; a renaming of a column that is not there)
  virtual Result<Drift> FindDrift(const std::string& ref, const Data& data,
                                  const DriftOptions& options = {}) = 0;
  /// Every setting with its value in force.
  virtual Result<std::map<std::string, std::string>> Settings() = 0;

  // ---- reading: writes nothing

  /// Find the version that a ref stands for.
  ///
  /// Errors  kNotFound (names what exists), kInvalidArgument (not a ref)
  virtual Result<Resolved> Resolve(const std::string& ref) = 0;
  /// Read a table as a stream of batches, in bounded memory.
  ///
  /// Errors  kInvalidArgument (several tables and none named; a bad `where`), kNotFound (a column)
  virtual Result<Reading> Read(const std::string& ref, const ReadOptions& options = {}) = 0;
  /// Read the table that a ref names, or all tables of its version, of one and the same state.
  virtual Result<std::vector<Reading>> ReadTables(const std::string& ref,
                                                  const ReadOptions& options = {}) = 0;
  /// Rows of a dataset's active version, whatever the store's default selector is, for an analysis
  /// that is to be repeated: which version that was, its exact hash and event type stand beside the
  /// rows, and in the process's log (SetLog). `table` may be left empty where there is one.
  ///
  /// Errors  those of Read; an unknown column is named with the version
  virtual Result<Reading> GetCohort(const std::string& upload_id, const ReadOptions& options = {},
                                    const std::string& table = "") = 0;
  /// The schemas of a version's tables, by name, exactly as they were handed in. Opens no file.
  ///
  /// Errors  those of Resolve; kNotFound (the version was purged)
  virtual Result<std::map<std::string, std::shared_ptr<arrow::Schema>>> Schemas(
      const std::string& ref) = 0;
  /// Read a table whole; from memory when it was read before and nothing changed.
  virtual Result<std::shared_ptr<arrow::Table>> ReadTable(const std::string& ref,
                                                          const ReadOptions& options = {}) = 0;
  /// The file that a version was uploaded as, byte for byte.
  ///
  /// Errors  kNotFound (it was not kept; the version was purged), those of Resolve
  virtual Result<KeptSource> ReadSource(const std::string& ref) = 0;
  /// The rows that were rejected when a version was uploaded, as they were written: a CSV file, of
  /// several tables a ZIP file of them.
  ///
  /// Errors  kNotFound (none were; it was not kept; the version was purged), those of Resolve
  virtual Result<KeptSource> ReadRejects(const std::string& ref) = 0;
  /// One version's entry; all versions, oldest first (`after`: only higher numbers; `limit` < 0:
  /// all).
  virtual Result<std::vector<Version>> Versions(const std::string& record_id, int64_t after = 0,
                                                int64_t limit = -1) = 0;
  /// Events, oldest first (`after`: only higher sequence numbers; `limit` < 0: all); also of a
  /// record that was deleted.
  virtual Result<std::vector<Event>> History(const std::string& record_id, int64_t after = 0,
                                             int64_t limit = -1) = 0;
  /// The list's view of one record.
  virtual Result<RecordInfo> GetRecord(const std::string& record_id) = 0;
  /// metadata.json, byte for byte as it is stored, also where it is damaged.
  virtual Result<std::string> GetMetadata(const std::string& record_id) = 0;
  /// Records by condition, sorted by id.
  virtual Result<std::vector<RecordInfo>> ListRecords(const ListOptions& options = {}) = 0;
  /// Records that were created, changed or deleted since an earlier call gave `since` (empty: all
  /// there are). Each change is told at least once, some twice, whatever the clocks of those who
  /// wrote say; what happened to a record is in its history. The token is one of this user's index
  /// of the store on this machine: with another one, or where there is no cache folder to keep it
  /// in, all records come.
  virtual Result<RecordChanges> Changes(const std::string& since = "") = 0;
  /// Every version with this duplicate hash (32 hex digits), without scanning the store; sorted by
  /// record and version.
  virtual Result<std::vector<ContentMatch>> FindByContentHash(const std::string& hash) = 0;

  /// All content that versions of two or more records have, without reading any data.
  virtual Result<std::vector<DuplicateGroup>> FindDuplicates() = 0;

  // ---- erasure: each needs a reason (`comment`), and says in the history what was done. An error
  // after that says so, and the same call, made again, goes on

  /// Erase the data of a version: its files, where no other version needs them, its markers, and
  /// what crashes and lost races left in the record's folder. Its line in the history stays.
  /// Backups and copies are not reached.
  ///
  /// Errors  kNotFound (lists the versions there are), kInvalidState (it is the active one)
  virtual Result<Erasure> Purge(const std::string& record_id, int64_t version,
                                const EventOptions&) = 0;
  /// Take a record out of the lists and erase the data of all its versions. A tombstone with its
  /// history stays, and the id can be created again.
  ///
  /// Errors  kNotFound; kInvalidState (the store's settings do not allow it)
  virtual Result<Erasure> DeleteRecord(const std::string& record_id, const EventOptions&) = 0;
  /// Take free texts (`actor`, `comment`, `name`, …) out of events, and out of whatever repeats
  /// them. The chain still holds: it covers their digests.
  ///
  /// Errors  kNotFound (no such event; none has such a text)
  virtual Result<Erasure> Redact(const std::string& record_id, const std::vector<int64_t>& events,
                                 const std::vector<std::string>& texts, const EventOptions&) = 0;

  // ---- care

  /// Check invariants, chains, replayed histories and data; names every fault.
  virtual Result<VerifyReport> Verify(const VerifyOptions& options = {}) = 0;
  /// A digest of the whole store to keep elsewhere (spec/format.md, "Seals"), signed with an
  /// Ed25519 private key in PEM if one is given. Returns the text of the seal.
  virtual Result<std::string> Seal(const std::string& private_key_pem = "") = 0;
  /// Remove what crashes and lost races left behind; never anything a version refers to.
  virtual Result<VacuumReport> Vacuum(const VacuumOptions& options = {}) = 0;
  /// Bring a copy of this store at another place (a folder, "s3://bucket/prefix") up to date, or
  /// make one: backup, and restore the other way round. Only what is not there yet is copied,
  /// record by record, each in one atomic step; a copy that was interrupted goes on. What was
  /// copied is read back and checked. What was erased here goes there as well.
  ///
  /// Errors  kInvalidArgument (another store lies there), kCancelled; faults of single records are
  ///         in the report, among them those that were changed at the other place by somebody else
  virtual Result<CopyReport> Copy(const std::string& location, const CopyOptions& options = {}) = 0;
  /// Take in what people kept before: a folder of JSON beside CSV or Parquet tables
  /// (spec/import.md). Its records keep their ids, and their history with its people, times and
  /// comments; each event says that it was told and not witnessed. All versions are read back and
  /// compared. What was imported before, by this call or one that was interrupted, is not imported
  /// again.
  ///
  /// Errors  kNotFound, kInvalidArgument (no actor; a store of Coreshed), kCancelled, kIo; faults
  /// of
  ///         single records are in the report
  virtual Result<ImportReport> Import(const std::string& folder, const ImportOptions& options) = 0;
  /// Make anew what is derived from the records and can be lost without harm: content markers that
  /// are missing, this user's index.
  virtual Result<RepairReport> Repair(const RepairOptions& options = {}) = 0;
  virtual Result<coreshed::Stats> Stats() = 0;
  /// What became of a call that ended with kOutcomeUnknown: the event, or nothing if it can no
  /// longer happen (a commit of this call's own makes sure of that). For settings the record is
  /// `_store`.
  ///
  /// Errors  kInvalidArgument   no event id; a `base_seq` that the record never had
  virtual Result<std::optional<Event>> ResolveOutcome(const std::string& record_id,
                                                      const std::string& event_id,
                                                      int64_t base_seq) = 0;
};

}  // namespace coreshed
