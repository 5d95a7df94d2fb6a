#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/sqlite.h"

namespace coreshed::catalog {

/// The index between processes: an SQLite file that anybody may delete, damage, lock or share at
/// any time. No failure ever leaves this class: at worst nothing is read and nothing is kept.
///
/// Each row is a fact that never turns wrong: "the record's content, loaded after its stamp was
/// seen". So it does not matter which of several processes wrote it, or whether an older row came
/// after a newer one: a stamp that isn't the present one is loaded anew. What could give wrong
/// answers are torn rows (the file is hardly ever synced), so each has a checksum. One process of
/// several threads uses it under a lock of its own.
class IndexFile {
 public:
  /// Raised with every change of packed records or of what is loaded into them.
  static constexpr int kLayout = 3;

  struct Row {
    std::string_view stamp;
    std::string_view packed;
  };
  struct Changes {
    std::vector<Row> put;
    std::vector<std::string_view> removed_ids;
    bool empty() const { return put.empty() && removed_ids.empty(); }
  };

  /// Ids that were put since a place, the place that this leads to, and the stamps of all rows.
  struct Since {
    std::vector<std::string> ids;
    std::string place;
    std::unordered_map<std::string, std::string> stamps;  ///< by id
  };

  /// `path` empty: nothing is read or kept.
  explicit IndexFile(std::string path) : path_(std::move(path)) {}

  /// Visit every sound row, in the order of ids.
  void Read(const std::function<void(const Row&)>& visit);

  /// Bring the file up to date. `all_rows` is asked for where the file is gone, damaged, or made
  /// anew by another process, and so has to be filled. False: not now (locked), say it again later.
  bool Write(const Changes& changes, const std::function<std::vector<Row>()>& all_rows);

  /// Take out what it holds of some records, for good. A file that can't be written to now is
  /// removed: others who have it open then write to one that nobody finds.
  void Forget(const std::vector<std::string>& ids,
              const std::function<std::vector<Row>()>& all_rows);

  /// Remove the file: what is written next makes it anew.
  void Remove();

  /// What was put since `place`; everything where that is none of this file. Nothing: it can't be
  /// told.
  std::optional<Since> ReadSince(const std::string& place);

 private:
  enum class Layout { kOurs, kEmpty, kOther };

  bool IsThere() const;
  int TryRead(const std::function<void(const Row&)>& visit);
  int TryWrite(const Changes& changes, const std::function<std::vector<Row>()>& all_rows,
               bool is_for_good = false);
  int TryReadSince(const std::string& place, Since* since);
  static int FindLayout(const Database& database, Layout* layout, std::string* generation);
  static int MakeTables(Database& database, std::string* generation);
  void RemoveFiles();

  std::string path_;         // empty: given up
  std::string generation_;   // drawn when the file was made: of the file whose rows we know
  bool is_damaged_ = false;  // to be made anew
  int locked_count_ = 0;
};

}  // namespace coreshed::catalog
