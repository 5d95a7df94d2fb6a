#include "legacy/version_files.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace coreshed::legacy {
namespace {

constexpr const char* kDefaultTable = "data";
constexpr size_t kShown = 20;

using Tables = std::map<std::string, std::string>;  // name → path

std::string V(int64_t version) {
  return "version " + std::to_string(version);
}

class Assignment {
 public:
  Assignment(const OldFolder& folder, const FoundRecord& found, const OldRecord& record)
      : folder_(folder), found_(found), record_(record) {}

  Result<void> Take(const std::vector<TableFile>& files);
  Result<void> TakeNamed();
  Result<void> PlaceActive();
  Result<std::map<int64_t, std::vector<TableFile>>> Finish() const;
  /// Files that lie there and that no version has.
  std::vector<std::string> Unused(const std::vector<TableFile>& files) const;

 private:
  Result<void> Add(Tables* tables, const std::string& name, const std::string& path,
                   const std::string& what) const;
  Result<std::string> PathOf(const std::string& name) const;
  /// The number of the version whose files have none.
  int64_t NumberOfActive() const;
  Result<bool> IsSame(const Tables& a, const Tables& b) const;

  const OldFolder& folder_;
  const FoundRecord& found_;
  const OldRecord& record_;
  std::map<int64_t, Tables> numbered_;
  Tables active_;  ///< files without a number
};

Result<void> Assignment::Add(Tables* tables, const std::string& name, const std::string& path,
                             const std::string& what) const {
  const auto [there, is_new] = tables->emplace(name, path);
  if (is_new) return {};
  return BadRecord(what + " has two files: '" + there->second + "' and '" + path +
                   "'. Take the wrong one away.");
}

Result<void> Assignment::Take(const std::vector<TableFile>& files) {
  for (const auto& file : files) {
    // A version that names its files has these and no others.
    const auto said = record_.versions.find(file.version);
    if (said != record_.versions.end() && said->second.names_files) continue;
    Tables* tables = file.version > 0 ? &numbered_[file.version] : &active_;
    const std::string what = file.version > 0 ? V(file.version) : "the active version";
    CORESHED_TRY(Add(tables, file.table, file.path, what));
  }
  return {};
}

Result<std::string> Assignment::PathOf(const std::string& name) const {
  for (const auto& path : {found_.folder + name, found_.own + name}) {
    if (folder_.HasFile(path)) return path;
  }
  return BadRecord("'" + name + "' is named as a file of it, and is no file there.");
}

Result<void> Assignment::TakeNamed() {
  for (const auto& [number, version] : record_.versions) {
    for (const auto& [table, name] : version.files) {
      CORESHED_ASSIGN(const auto path, PathOf(name));
      if (!TableStem(path)) {
        return BadRecord("'" + name + "' is neither a CSV nor a Parquet file.");
      }
      CORESHED_TRY(Add(&numbered_[number], table, path, V(number)));
      // The same file, found by its name.
      std::erase_if(active_, [&](const auto& file) { return file.second == path; });
    }
  }
  return {};
}

Result<bool> Assignment::IsSame(const Tables& a, const Tables& b) const {
  if (a.size() != b.size()) return false;
  for (const auto& [name, path] : a) {
    const auto other = b.find(name);
    if (other == b.end()) return false;
    CORESHED_ASSIGN(const auto one, folder_.Digest(path));
    CORESHED_ASSIGN(const auto two, folder_.Digest(other->second));
    if (one != two) return false;
  }
  return true;
}

int64_t Assignment::NumberOfActive() const {
  if (record_.active) return *record_.active;
  int64_t active = 0, last = 0;
  for (const auto& event : record_.history) {
    if (event.kind == OldEvent::Kind::kWrite) active = last = event.version.value_or(last + 1);
    if (event.kind == OldEvent::Kind::kRollback) active = event.version.value_or(active);
  }
  if (active > 0) return active;
  if (!record_.versions.empty()) return record_.versions.rbegin()->first;
  return numbered_.empty() ? 1 : numbered_.rbegin()->first;
}

Result<void> Assignment::PlaceActive() {
  if (active_.empty()) return {};
  const int64_t number = NumberOfActive();
  auto& there = numbered_[number];
  if (there.empty()) {
    there = active_;
    return {};
  }
  CORESHED_ASSIGN(const bool is_same, IsSame(active_, there));
  if (is_same) return {};
  return BadRecord("'" + active_.begin()->second + "' is not what " + V(number) + " has in '" +
                   there.begin()->second +
                   "', and its JSON does not say which version it is. Say it (current_version).");
}

std::vector<std::string> Assignment::Unused(const std::vector<TableFile>& files) const {
  std::set<std::string> used;
  for (const auto& [name, path] : active_)
    used.insert(path);
  for (const auto& [number, tables] : numbered_)
    for (const auto& [name, path] : tables)
      used.insert(path);
  std::vector<std::string> unused;
  for (const auto& file : files) {
    if (!used.contains(file.path)) unused.push_back("'" + file.path + "'");
  }
  return unused;
}

Result<std::map<int64_t, std::vector<TableFile>>> Assignment::Finish() const {
  if (numbered_.empty()) {
    return BadRecord("it has no table: no CSV or Parquet file of its name lies beside its JSON.");
  }
  std::map<int64_t, std::vector<TableFile>> versions;
  for (const auto& [number, tables] : numbered_) {
    if (tables.contains("") && tables.size() > 1) {
      return BadRecord(V(number) + " has a table without a name ('" + tables.at("") +
                       "') and others with names. Name all of them.");
    }
    for (const auto& [name, path] : tables) {
      std::string called = name;
      if (called.empty()) called = record_.table_name.empty() ? kDefaultTable : record_.table_name;
      versions[number].push_back({number, std::move(called), path});
    }
  }
  return versions;
}

}  // namespace

Result<std::map<int64_t, std::vector<TableFile>>> AssignFiles(const OldFolder& folder,
                                                              const FoundRecord& found,
                                                              const OldRecord& record,
                                                              std::vector<std::string>* notes) {
  CORESHED_ASSIGN(const auto files, FilesOf(folder, found, notes));
  Assignment assignment(folder, found, record);
  CORESHED_TRY(assignment.Take(files));
  CORESHED_TRY(assignment.TakeNamed());
  CORESHED_TRY(assignment.PlaceActive());
  const auto unused = assignment.Unused(files);
  if (!unused.empty()) notes->push_back("no version has " + Joined(unused, kShown));
  return assignment.Finish();
}

}  // namespace coreshed::legacy
