#include "support/disk_model.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace coreshed::storage {

namespace fs = std::filesystem;

DiskModel::DiskModel(const std::string& folder) : root_(Load(folder)) {}

int DiskModel::Load(const std::string& path) {
  const int id = next_++;
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename();
    int node = 0;
    if (entry.is_directory()) {
      node = Load(entry.path());
    } else {
      node = next_++;
      std::ifstream file(entry.path(), std::ios::binary);
      std::ostringstream bytes;
      bytes << file.rdbuf();
      files_[node] = {bytes.str(), bytes.str(), true};
    }
    folders_[id].now[name] = node;
  }
  folders_[id].synced = folders_[id].now;
  return id;
}

DiskModel::Place DiskModel::PlaceOf(const std::string& path) const {
  const auto slash = path.rfind('/');
  if (slash == path.npos) return {root_, path};
  return {NodeAt(path.substr(0, slash)), path.substr(slash + 1)};
}

int DiskModel::NodeAt(const std::string& path) const {
  if (path.empty() || path == ".") return root_;
  const Place place = PlaceOf(path);
  if (place.name == ".") return place.folder;
  return folders_.at(place.folder).now.at(place.name);
}

void DiskModel::Add(const Place& place, int node) {
  auto& folder = folders_.at(place.folder);
  folder.now[place.name] = node;
  folder.changes.push_back({"", place.name, node});
}

void DiskModel::Play(const RecordingCalls::Call& call) {
  if (call.error_number != 0 || call.is_left_out) return;
  if (call.name == "Create") {
    const Place place = PlaceOf(call.path);
    if (folders_.at(place.folder).now.contains(place.name)) return;
    const int node = next_++;
    files_[node] = {"", "", false};
    Add(place, node);
  } else if (call.name == "MakeFolder") {
    const int node = next_++;
    folders_[node] = {};
    Add(PlaceOf(call.path), node);
  } else if (call.name == "Write") {
    auto& file = files_.at(NodeAt(call.path));
    file.now += call.data;
    file.is_synced = false;
  } else if (call.name == "SyncFile") {
    auto& file = files_.at(NodeAt(call.path));
    file.synced = file.now;
    file.is_synced = true;
  } else if (call.name == "SyncFolder") {
    auto& folder = folders_.at(NodeAt(call.path));
    folder.synced = folder.now;
    folder.changes.clear();
  } else if (call.name == "SyncFileSystem") {
    for (auto& [id, file] : files_) {
      file.synced = file.now;
      file.is_synced = true;
    }
    for (auto& [id, folder] : folders_) {
      folder.synced = folder.now;
      folder.changes.clear();
    }
  } else if (call.name == "Rename" || call.name == "Link") {
    const Place from = PlaceOf(call.path);
    const Place to = PlaceOf(call.to);
    const bool moves = call.name == "Rename";
    const bool at_once = from.folder == to.folder;
    const int node = NodeAt(call.path);
    auto& left = folders_.at(from.folder);
    auto& folder = folders_.at(to.folder);
    if (moves) left.now.erase(from.name);
    folder.now[to.name] = node;
    folder.changes.push_back({moves && at_once ? from.name : "", to.name, node});
    if (moves && !at_once) left.changes.push_back({from.name, "", 0});  // the one without the other
  } else if (call.name == "Unlink") {
    const Place place = PlaceOf(call.path);
    auto& folder = folders_.at(place.folder);
    folder.now.erase(place.name);
    folder.changes.push_back({place.name, "", 0});
  }
}

size_t DiskModel::uncertain() const {
  size_t count = 0;
  for (const auto& [id, file] : files_)
    count += file.is_synced ? 0 : 1;
  for (const auto& [id, folder] : folders_)
    count += folder.changes.size();
  return count;
}

void DiskModel::Cut(const std::string& path, const std::function<int(size_t)>& choose) const {
  // Each uncertain thing has its number, whatever is reached of it.
  std::map<const void*, int> choices;
  size_t number = 0;
  for (const auto& [id, file] : files_) {
    if (!file.is_synced) choices[&file] = choose(number++);
  }
  for (const auto& [id, folder] : folders_) {
    for (const auto& change : folder.changes)
      choices[&change] = choose(number++);
  }
  Write(root_, path, [&](const void* thing) { return choices.at(thing); });
}

void DiskModel::Write(int node, const std::string& path,
                      const std::function<int(const void*)>& choose) const {
  if (const auto file = files_.find(node); file != files_.end()) {
    const File& bytes = file->second;
    std::string left = bytes.synced;
    const int choice = bytes.is_synced ? 1 : choose(&bytes);
    if (choice == 1) left = bytes.now;
    if (choice == 2) left = bytes.now.substr(0, (bytes.synced.size() + bytes.now.size()) / 2);
    std::ofstream(path, std::ios::binary) << left;
    return;
  }
  const Folder& folder = folders_.at(node);
  auto entries = folder.synced;
  for (const auto& change : folder.changes) {
    if (choose(&change) == 0) continue;
    if (!change.from.empty()) entries.erase(change.from);
    if (!change.to.empty()) entries[change.to] = change.node;
  }
  fs::create_directories(path);
  for (const auto& [name, below] : entries)
    Write(below, path + "/" + name, choose);
}

}  // namespace coreshed::storage
