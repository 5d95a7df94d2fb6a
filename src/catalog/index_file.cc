#include "catalog/index_file.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/random.h"
#include "catalog/packed_record.h"
#include "storage/etag.h"

namespace coreshed::catalog {
namespace {

// Long enough for any write of ours, short enough for a person when a process sleeps on its lock.
constexpr int kWaitMs = 1'000;
constexpr int kLockedMax = 3;

constexpr int64_t kApplicationId = 0x43534958;  // "CSIX"

// Nothing is synced, unless something was erased: after a power cut the file may be torn, which its
// reader finds out. The
// rollback journal (not WAL) also holds where the cache folder lies on a network file system. Pages
// stay in memory until the commit, so that readers wait for no long write. Overwritten rows are
// wiped, since what was erased from the store is not to live on here.
constexpr const char* kBeginWriting =
    "PRAGMA page_size=16384; PRAGMA cache_spill=OFF;"
    "PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON; BEGIN IMMEDIATE";

std::string Checksum(const IndexFile::Row& row) {
  std::string bytes;
  bytes.reserve(row.packed.size() + row.stamp.size());
  bytes.append(row.packed).append(row.stamp);
  return storage::EtagOf(bytes);
}

int TakeStep(Database& database) {
  constexpr const char* kForget =
      "DELETE FROM steps WHERE step < (SELECT max(step) FROM steps) - 999";
  const std::string nonce = RandomHex32();
  Statement insert(database,
                   "INSERT INTO steps (step, nonce)"
                   " VALUES ((SELECT coalesce(max(step), 0) + 1 FROM steps), ?)");
  insert.Bind(1, nonce);
  if (const int code = insert.Run(); code != SQLITE_OK) return code;
  return database.Execute(kForget);
}

/// Everything put in one transaction is one step further, but for what another process has put.
int PutRows(Database& database, const std::vector<IndexFile::Row>& rows) {
  if (rows.empty()) return SQLITE_OK;
  if (const int code = TakeStep(database); code != SQLITE_OK) return code;
  Statement put(database,
                "INSERT INTO records (id, stamp, packed, checksum, step)"
                " VALUES (?, ?, ?, ?, (SELECT max(step) FROM steps)) ON CONFLICT (id) DO UPDATE"
                " SET stamp = excluded.stamp, packed = excluded.packed,"
                " checksum = excluded.checksum, step = excluded.step"
                " WHERE checksum <> excluded.checksum");
  for (const IndexFile::Row& row : rows) {
    const std::string checksum = Checksum(row);
    put.Bind(1, PackedId(row.packed));
    put.Bind(2, row.stamp);
    put.Bind(3, row.packed);
    put.Bind(4, checksum);
    if (const int code = put.Run(); code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

int RemoveRows(const Database& database, const std::vector<std::string_view>& ids) {
  Statement remove(database, "DELETE FROM records WHERE id = ?");
  for (const std::string_view id : ids) {
    remove.Bind(1, id);
    if (const int code = remove.Run(); code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

bool IsLocked(int code) {
  return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

/// Only its owner may look into a folder made here: names and attributes are somebody's data.
void EnsureFolderOf(const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(path).parent_path();
  std::error_code ignored;
  if (folder.empty() || fs::exists(folder, ignored)) return;
  if (fs::create_directories(folder, ignored)) {
    fs::permissions(folder, fs::perms::owner_all, ignored);
  }
}

}  // namespace

bool IndexFile::IsThere() const {
  std::error_code ignored;
  return !path_.empty() && std::filesystem::exists(path_, ignored);
}

void IndexFile::Read(const std::function<void(const Row&)>& visit) {
  if (!IsThere()) return;
  const int code = TryRead(visit);
  if (code != SQLITE_OK && !IsLocked(code)) is_damaged_ = true;
}

int IndexFile::TryRead(const std::function<void(const Row&)>& visit) {
  Database database;
  int code = database.Open(path_, SQLITE_OPEN_READWRITE, kWaitMs);
  if (code == SQLITE_OK) code = database.Execute("PRAGMA cell_size_check=ON; BEGIN");
  if (code != SQLITE_OK) return code;
  Layout layout = Layout::kOther;
  code = FindLayout(database, &layout, &generation_);
  if (code != SQLITE_OK || layout == Layout::kEmpty) return code;
  if (layout == Layout::kOther) return SQLITE_NOTADB;

  Statement select(database, "SELECT id, stamp, packed, checksum FROM records");
  RecordView view;
  bool is_sound = true;
  for (code = select.Step(); code == SQLITE_ROW; code = select.Step()) {
    const Row row{select.Bytes(1), select.Bytes(2)};
    if (Checksum(row) == select.Bytes(3) && Unpack(row.packed, &view) &&
        view.record_id == select.Bytes(0)) {
      visit(row);
    } else {
      is_sound = false;
    }
  }
  if (code != SQLITE_DONE) return code;
  return is_sound ? SQLITE_OK : SQLITE_CORRUPT;
}

bool IndexFile::Write(const Changes& changes, const std::function<std::vector<Row>()>& all_rows) {
  if (path_.empty()) return true;
  if (changes.empty() && !is_damaged_ && (IsThere() || all_rows().empty())) return true;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (is_damaged_) RemoveFiles();
    const int code = TryWrite(changes, all_rows);
    if (code == SQLITE_OK) {
      locked_count_ = 0;
      return true;
    }
    if (IsLocked(code)) {
      if (++locked_count_ >= kLockedMax) break;
      return false;
    }
    is_damaged_ = true;
  }
  path_.clear();  // neither as it was nor anew: from now on in memory only
  return true;
}

int IndexFile::TryWrite(const Changes& changes, const std::function<std::vector<Row>()>& all_rows,
                        bool is_for_good) {
  EnsureFolderOf(path_);
  Database database;
  int code = database.Open(path_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kWaitMs);
  if (code == SQLITE_OK) {
    code = database.Execute(is_for_good ? "PRAGMA synchronous=EXTRA" : "PRAGMA synchronous=OFF");
  }
  if (code == SQLITE_OK) code = database.Execute(kBeginWriting);
  if (code != SQLITE_OK) return code;

  Layout layout = Layout::kOther;
  std::string generation;
  code = FindLayout(database, &layout, &generation);
  if (code == SQLITE_OK && layout == Layout::kOther) code = SQLITE_NOTADB;
  if (code == SQLITE_OK && layout == Layout::kEmpty) code = MakeTables(database, &generation);
  if (code != SQLITE_OK) return code;

  const bool is_known = generation == generation_;
  code = PutRows(database, is_known ? changes.put : all_rows());
  if (code == SQLITE_OK) code = RemoveRows(database, changes.removed_ids);
  if (code == SQLITE_OK) code = database.Execute("COMMIT");
  if (code == SQLITE_OK) generation_ = generation;
  return code;
}

void IndexFile::Forget(const std::vector<std::string>& ids,
                       const std::function<std::vector<Row>()>& all_rows) {
  if (!IsThere()) return;
  Changes changes;
  changes.removed_ids.assign(ids.begin(), ids.end());
  if (!is_damaged_ && TryWrite(changes, all_rows, /*is_for_good=*/true) == SQLITE_OK) return;
  RemoveFiles();
}

std::optional<IndexFile::Since> IndexFile::ReadSince(const std::string& place) {
  Since since;
  if (!IsThere()) return std::nullopt;
  if (TryReadSince(place, &since) != SQLITE_OK) return std::nullopt;
  return since;
}

/// A place is the file's generation and the number and the nonce of a step, with dots between them.
/// An older file that was put back, or that lost its last steps in a power cut, may be at the same
/// number again, but not with the same nonce.
int IndexFile::TryReadSince(const std::string& place, Since* since) {
  Database database;
  int code = database.Open(path_, SQLITE_OPEN_READWRITE, kWaitMs);
  if (code == SQLITE_OK) code = database.Execute("PRAGMA cell_size_check=ON; BEGIN");
  if (code != SQLITE_OK) return code;
  Layout layout = Layout::kOther;
  std::string generation;
  code = FindLayout(database, &layout, &generation);
  if (code == SQLITE_OK && (layout != Layout::kOurs || generation != generation_)) {
    return SQLITE_NOTADB;
  }
  if (code != SQLITE_OK) return code;
  int64_t known = 0;
  Statement steps(database, "SELECT step, nonce FROM steps ORDER BY step");
  for (code = steps.Step(); code == SQLITE_ROW; code = steps.Step()) {
    since->place =
        generation + "." + std::to_string(steps.Number(0)) + "." + std::string(steps.Bytes(1));
    if (since->place == place) known = steps.Number(0);
  }
  if (code != SQLITE_DONE) return code;

  Statement select(database, "SELECT id, stamp, step FROM records");
  for (code = select.Step(); code == SQLITE_ROW; code = select.Step()) {
    std::string id(select.Bytes(0));
    if (select.Number(2) > known) since->ids.push_back(id);
    since->stamps.emplace(std::move(id), select.Bytes(1));
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int IndexFile::FindLayout(const Database& database, Layout* layout, std::string* generation) {
  Statement header(database,
                   "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)"
                   " FROM pragma_application_id, pragma_user_version");
  const int code = header.Step();
  if (code != SQLITE_ROW) return code == SQLITE_DONE ? SQLITE_CORRUPT : code;
  const bool is_ours = header.Number(0) == kApplicationId && header.Number(1) == kLayout;
  // Another process may just have made the file and not yet its tables.
  const bool is_empty = header.Number(0) == 0 && header.Number(1) == 0 && header.Number(2) == 0;
  *layout = is_ours ? Layout::kOurs : is_empty ? Layout::kEmpty : Layout::kOther;
  if (!is_ours) return SQLITE_OK;
  Statement select(database, "SELECT generation FROM made");
  const int selected = select.Step();
  if (selected != SQLITE_ROW) return selected == SQLITE_DONE ? SQLITE_CORRUPT : selected;
  *generation = select.Bytes(0);
  return SQLITE_OK;
}

int IndexFile::MakeTables(Database& database, std::string* generation) {
  const std::string sql =
      "PRAGMA application_id=" + std::to_string(kApplicationId) +
      "; PRAGMA user_version=" + std::to_string(kLayout) +
      "; CREATE TABLE made (generation BLOB NOT NULL);"
      "CREATE TABLE steps (step INTEGER PRIMARY KEY, nonce BLOB NOT NULL);"
      "CREATE TABLE records (id BLOB PRIMARY KEY, stamp BLOB NOT NULL, packed BLOB NOT NULL,"
      " checksum BLOB NOT NULL, step INTEGER NOT NULL) WITHOUT ROWID";
  if (const int code = database.Execute(sql.c_str()); code != SQLITE_OK) return code;
  *generation = RandomHex32();
  Statement insert(database, "INSERT INTO made (generation) VALUES (?)");
  insert.Bind(1, *generation);
  return insert.Run();
}

void IndexFile::Remove() {
  if (!path_.empty()) RemoveFiles();
  generation_.clear();
}

void IndexFile::RemoveFiles() {
  std::error_code ignored;
  // The journals too: of another file they would be played into the new one.
  for (const char* ending : {"", "-journal", "-wal", "-shm"}) {
    std::filesystem::remove(path_ + ending, ignored);
  }
  is_damaged_ = false;
}

}  // namespace coreshed::catalog
