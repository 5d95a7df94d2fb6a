#pragma once

#include <arrow/buffer.h>
#include <arrow/io/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coreshed::storage {

// Keys are paths below the store, segments parted by '/', already escaped (base/paths.h).

/// An object as read: its bytes, a tag that no other content of this key ever has, and the
/// storage's clock at the answer, in microseconds since 1970 (local: the system clock).
struct Blob {
  std::shared_ptr<arrow::Buffer> bytes;
  std::string etag;
  int64_t now_us = 0;
};

/// An object as listed.
struct ObjectStat {
  std::string key;
  int64_t size_bytes = 0;
  int64_t modified_us = 0;
};

/// A record's folder as swept: its segment below records/, and a stamp that differs after every
/// commit of that record. An empty stamp says "unknown: read it".
struct RecordStamp {
  std::string segment;
  std::string stamp;
};

/// What became of a compare-and-swap.
enum class SwapOutcome {
  kSwapped,     ///< ours is in place and durable
  kMoved,       ///< the object is not what was expected: read again
  kUnclear,     ///< no answer: it may have happened, or happen later. Read back; delete nothing
  kNotDurable,  ///< ours is visible, but a power cut may undo it (a sync failed after the rename)
};

/// A new immutable object of a record while its bytes are written. Destroyed without Finish, it was
/// never there (or is a remain that nothing refers to).
class Upload {
 public:
  virtual ~Upload() = default;
  virtual Result<void> Write(const void* data, int64_t size) = 0;
  /// Complete the object and claim its name. Returns the name, relative to the record's folder: the
  /// wanted one, or the fallback where the wanted one was taken (which may be found out later: see
  /// Stage::Settle). Not durable before Stage::Swap.
  virtual Result<std::string> Finish() = 0;
};

/// The writing side of one record for one operation. Everything put through a stage is durable
/// before that stage's Swap can take effect, whatever order the storage needs for that.
///
/// A stage of a new record (`fresh`) may build aside: its files are seen under the record's name
/// only from a Swap with an empty expectation on; after kMoved such a stage is of no more use.
///
/// What puts may be called by several threads at once (the tables of a record are written side by
/// side); Settle and Swap by one, after them.
class Stage {
 public:
  virtual ~Stage() = default;
  /// Begin an object; names are relative to the record's folder, e.g. `versions/v2.parquet`. The
  /// fallback holds 32 random hex digits that nobody else knows (as the wanted one may: then they
  /// may be the same), so that it is taken, too, is an error.
  virtual Result<std::unique_ptr<Upload>> NewObject(const std::string& wanted,
                                                    const std::string& fallback) = 0;
  /// Put an empty object with this key of the store (content/…, or in the record's own folder:
  /// records/<segment>/events/…). That it is there already is success.
  virtual Result<void> PutMarker(const std::string& key) = 0;
  /// Make sure that the next swap makes the entry of an object durable that was put beside this
  /// stage (Storage::CopyIn, PutIfAbsent), by whomever; relative to the record's folder.
  virtual Result<void> Include(const std::string& name) = 0;
  /// Wait for all that is on its way, which may be done side by side until then. Returns the names
  /// that turned out to be taken after Finish had returned them, each with the one used instead:
  /// what refers to them has to be written again. To be called before each Swap.
  virtual Result<std::map<std::string, std::string>> Settle() {
    return std::map<std::string, std::string>();
  }
  /// Replace metadata.json by `bytes` where its tag is still `expected_etag` (empty: where there is
  /// none). `base_is_first`: the replaced metadata is that of a record's first commit, whose
  /// creator may have died before the record's own entry was durable. An Error means that it did
  /// not and will not happen.
  virtual Result<SwapOutcome> Swap(const std::string& expected_etag, std::string_view bytes,
                                   bool base_is_first) = 0;
  /// An object put through this stage under a name that nobody else knows is not needed after all.
  virtual void Withdraw(const std::string& /*name*/) {}
  /// Whether this error came because somebody took what was put through this stage for remains and
  /// removed it, so that all of it has to be put again, through another stage.
  virtual bool IsSwept(const Error& /*error*/) const { return false; }
  /// After kMoved: whether others who want to swap now wait for this stage, as long as it does not
  /// take its time.
  virtual bool has_turn() const { return false; }
};

/// Where a copy of an object is to lie: in the record `segment`, whose metadata.json has the tag
/// `etag` as long as a copy into it is under way.
struct CopyPlace {
  std::string segment;
  std::string name;  ///< relative to the record's folder
  std::string etag;
};

enum class CopyOutcome {
  kPut,
  /// On an object store: the name is taken, perhaps by this very copy, where no answer came. In a
  /// folder whatever lies there is replaced.
  kTaken,
  /// In a folder: the metadata have changed, and nothing was put.
  kMoved,
};

/// Where a store's objects are. The only code that touches disk or network. Thread-safe.
///
/// Errors of every call: kIo. What may have changed something is never done again below this
/// interface, but for a marker, a deletion, and an object under a name that nobody else knows.
class Storage {
 public:
  virtual ~Storage() = default;
  /// For messages: the path or URI.
  virtual std::string Describe() const = 0;
  /// Every answer is waited for, however small: what is needed is worth asking for at once.
  virtual bool is_remote() const { return false; }

  /// Read a whole object. kNotFound where there is none.
  virtual Result<Blob> Get(const std::string& key) = 0;
  /// Open an object for reads at any place (`size_bytes` as known from metadata; negative: ask).
  virtual Result<std::shared_ptr<arrow::io::RandomAccessFile>> Open(const std::string& key,
                                                                    int64_t size_bytes) = 0;
  /// Make an object, durable at return. False: there is one already, untouched.
  virtual Result<bool> PutIfAbsent(const std::string& key, std::string_view bytes) = 0;
  /// Make the place ready for a new store, durable at return: its empty folders; on object stores
  /// nothing, but they are made to show that they keep the conditions that commits rest on.
  virtual Result<void> PrepareNew(const std::vector<std::string>& keys) = 0;
  /// Visit every object whose key begins with `prefix`, in no particular order, without temporary
  /// ones; ends early when `visit` returns false.
  virtual Result<void> List(const std::string& prefix,
                            const std::function<bool(const ObjectStat&)>& visit) = 0;
  /// Every record's folder with its stamp, in no particular order.
  virtual Result<std::vector<RecordStamp>> SweepRecords() = 0;
  /// Make durable whatever can be seen of the record `segment` now, whoever wrote it: for a commit
  /// that was found, not answered.
  virtual Result<void> MakeDurable(const std::string& segment) = 0;
  /// Delete an object; that there is none is success.
  virtual Result<void> Delete(const std::string& key) = 0;
  /// Delete what the storage keeps of objects whose keys begin with `prefix` and that were replaced
  /// or deleted (a versioned bucket).
  virtual Result<void> DeleteOldVersions(const std::string& /*prefix*/) { return {}; }
  /// The same objects, written to by many commits at once, each in a thread of its own: what they
  /// make durable, they make durable together. What is put outside of stages is durable with the
  /// next swap.
  class Group {
   public:
    virtual ~Group() = default;
    virtual std::shared_ptr<Storage> storage() = 0;
    /// Held by each thread while it commits.
    virtual std::shared_ptr<void> Join() = 0;
    /// How many threads there may be.
    virtual int workers_max() const = 0;
  };
  /// Null: commits have nothing to gain from each other here.
  virtual std::unique_ptr<Group> MakeGroup() { return nullptr; }
  /// Put a copy of another storage's object (its first `size_bytes`), whole as soon as it can be
  /// seen, and durable before whatever is swapped after it through this storage.
  virtual Result<CopyOutcome> CopyIn(const CopyPlace& to, arrow::io::RandomAccessFile& from,
                                     int64_t size_bytes) = 0;
  /// Whether an object of this size lies there that CopyIn may have put, and no writer takes away.
  virtual Result<bool> HoldsCopy(const CopyPlace& to, int64_t size_bytes) = 0;
  /// Make durable whatever can be seen here now, whoever wrote it.
  virtual Result<void> MakeAllDurable() { return {}; }
  /// Begin writing to the record `segment` (below records/). `fresh`: it does not exist.
  virtual Result<std::unique_ptr<Stage>> OpenStage(const std::string& segment, bool fresh) = 0;
  /// Temporary objects last touched before `before_us`: visited, and removed unless `dry_run`.
  virtual Result<void> SweepTemporary(int64_t before_us, bool dry_run,
                                      const std::function<void(const ObjectStat&)>& visit) = 0;
  /// Remove the temporary objects of a record that is there, whatever their age: what commits have
  /// left, or are making, who then make it anew. Visits what it removed. Durable.
  virtual Result<void> SweepTemporaryOf(const std::string& segment,
                                        const std::function<void(const ObjectStat&)>& visit) = 0;
  /// The storage's clock, in microseconds since 1970.
  virtual Result<int64_t> NowMicros() = 0;
};

}  // namespace coreshed::storage
