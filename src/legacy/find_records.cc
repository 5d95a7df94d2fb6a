#include "legacy/find_records.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace coreshed::legacy {
namespace {

constexpr const char* kRecords = "records";

/// The stem of a name that ends so, in any case.
std::optional<std::string> WithoutEnding(const std::string& name, std::string_view ending) {
  if (name.size() <= ending.size()) return std::nullopt;
  const size_t end = name.size() - ending.size();
  if (FoldCase(name.substr(end)) != ending) return std::nullopt;
  return name.substr(0, end);
}

/// 7 of "v7"; 0: it is none.
int64_t VersionOf(std::string_view text) {
  constexpr size_t kDigitsMax = 9;
  if (text.size() < 2 || text.size() > kDigitsMax + 1 || (text[0] != 'v' && text[0] != 'V')) {
    return 0;
  }
  int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), version);
  return error == std::errc() && end == text.data() + text.size() ? version : 0;
}

/// "BH-7" and 3 of "BH-7_v3", "BH-7.v3" and "BH-7-v3".
std::optional<std::pair<std::string, int64_t>> NumberedName(const std::string& stem) {
  const auto mark = stem.find_last_of("_.-");
  if (mark == stem.npos || mark == 0) return std::nullopt;
  const int64_t version = VersionOf(std::string_view(stem).substr(mark + 1));
  if (version == 0) return std::nullopt;
  return std::pair(stem.substr(0, mark), version);
}

/// The flat layout's records, and which of them a file belongs to.
class FlatLayout {
 public:
  explicit FlatLayout(FoundRecords* found) : found_(found) {}

  void AddRecord(const std::string& stem, const std::string& json) {
    if (!by_stem_.emplace(stem, found_->records.size()).second) {
      found_->faults.push_back(
          {"", json, "import",
           "There are two JSON files for '" + stem + "': only one was looked at."});
      return;
    }
    found_->records.push_back({stem, json, "", stem + "/", {}});
  }
  bool Has(const std::string& stem) const { return by_stem_.contains(stem); }
  /// False: it is no record's.
  bool AddFile(const std::string& name, const std::string& stem) {
    if (const auto whole = by_stem_.find(stem); whole != by_stem_.end()) {
      found_->records[whole->second].files.push_back({0, "", name});
      return true;
    }
    const auto numbered = NumberedName(stem);
    if (!numbered) return false;
    const auto owner = by_stem_.find(numbered->first);
    if (owner == by_stem_.end()) return false;
    found_->records[owner->second].files.push_back({numbered->second, "", name});
    return true;
  }

 private:
  FoundRecords* found_;
  std::map<std::string, size_t> by_stem_;
};

Result<void> FindFolders(const OldFolder& folder, FoundRecords* found) {
  const std::string records = std::string(kRecords) + "/";
  CORESHED_ASSIGN(const auto entries, folder.List(kRecords));
  for (const auto& [name, kind] : entries) {
    const std::string path = records + name + "/";
    if (kind == OldFolder::Kind::kFolder) {
      found->records.push_back({name, path + "metadata.json", path, path + "versions/", {}});
    } else if (kind == OldFolder::Kind::kOther) {
      found->faults.push_back({"", records + name, "import",
                               "'" + records + name +
                                   "' is a link, or no folder. Put the folder itself in its "
                                   "place."});
    } else {
      found->notes.push_back("'" + records + name + "' is no folder, and was passed over");
    }
  }
  return {};
}

/// The tables of one version that has a folder of its own.
Result<void> AddVersionFolder(const OldFolder& folder, const std::string& path, int64_t version,
                              std::vector<TableFile>* files, std::vector<std::string>* notes) {
  CORESHED_ASSIGN(const auto entries, folder.List(path));
  for (const auto& [name, kind] : entries) {
    const auto stem = TableStem(name);
    if (stem && kind != OldFolder::Kind::kFolder) {
      files->push_back({version, *stem, path + "/" + name});
    } else {
      notes->push_back("'" + path + "/" + name + "' was not read");
    }
  }
  return {};
}

}  // namespace

std::optional<std::string> TableStem(const std::string& name) {
  auto stem = WithoutEnding(name, ".csv");
  return stem ? stem : WithoutEnding(name, ".parquet");
}

Result<FoundRecords> FindRecords(const OldFolder& folder) {
  if (folder.HasFile("coreshed.json")) {
    return Error{ErrorKind::kInvalidArgument,
                 "This is a store of Coreshed, not an older one. Use copy."};
  }
  FoundRecords found;
  FlatLayout flat(&found);
  CORESHED_ASSIGN(const auto entries, folder.List(""));
  for (const auto& [name, kind] : entries) {
    const auto stem = WithoutEnding(name, ".json");
    if (stem && kind != OldFolder::Kind::kFolder) flat.AddRecord(*stem, name);
  }
  for (const auto& [name, kind] : entries) {
    if (kind == OldFolder::Kind::kFolder) {
      if (name != kRecords && !flat.Has(name)) {
        found.notes.push_back("the folder '" + name + "' is no record's, and was passed over");
      }
      continue;
    }
    if (WithoutEnding(name, ".json")) continue;
    const auto stem = TableStem(name);
    if (!stem) {
      found.notes.push_back("'" + name + "' is neither JSON nor a table, and was passed over");
    } else if (!flat.AddFile(name, *stem)) {
      found.faults.push_back({"", name, "import",
                              "'" + name +
                                  "' is no record's: no JSON file of "
                                  "its name describes it."});
    }
  }
  CORESHED_TRY(FindFolders(folder, &found));
  return found;
}

Result<std::vector<TableFile>> FilesOf(const OldFolder& folder, const FoundRecord& record,
                                       std::vector<std::string>* notes) {
  std::vector<TableFile> files = record.files;
  // `records` is a folder of records, whatever lies beside it.
  if (record.own == std::string(kRecords) + "/") return files;
  const std::string own = record.own.substr(0, record.own.size() - 1);
  CORESHED_ASSIGN(const auto entries, folder.List(own));
  for (const auto& [name, kind] : entries) {
    const std::string path = own + "/" + name;
    if (kind == OldFolder::Kind::kFolder && VersionOf(name) > 0) {
      CORESHED_TRY(AddVersionFolder(folder, path, VersionOf(name), &files, notes));
      continue;
    }
    const auto stem = TableStem(name);
    const int64_t version = stem ? VersionOf(*stem) : 0;
    const bool is_named = version == 0 && record.folder.empty();
    if (kind == OldFolder::Kind::kFolder || !stem || (version == 0 && !is_named)) {
      notes->push_back("'" + path + "' was not read");
    } else {
      files.push_back({version, is_named ? *stem : "", path});
    }
  }
  return files;
}

}  // namespace coreshed::legacy
