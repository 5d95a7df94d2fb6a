#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/recording_calls.h"

namespace coreshed::storage {

/// A disk behind a page cache. Recorded calls are played on it; a power cut then leaves the bytes
/// of a file that were synced, and of those that were not all, none, or the beginning; and of the
/// entries of a folder those that were synced, and of later changes any.
class DiskModel {
 public:
  /// Everything below `folder` is there, and durable.
  explicit DiskModel(const std::string& folder);

  void Play(const RecordingCalls::Call& call);

  /// What is not certain: a file's bytes, a change of a folder.
  size_t uncertain() const;
  /// Make below `folder` what a power cut leaves. `choose(i)` decides on the i-th uncertain thing:
  /// 0 lost, 1 there, 2 there in part (of a file's bytes; of an entry: there).
  void Cut(const std::string& folder, const std::function<int(size_t)>& choose) const;

 private:
  struct File {
    std::string now, synced;
    bool is_synced = true;
  };
  struct Change {
    std::string from, to;  ///< empty: nothing goes, nothing comes
    int node = 0;
  };
  struct Folder {
    std::map<std::string, int> now, synced;
    std::vector<Change> changes;
  };
  struct Place {
    int folder;
    std::string name;
  };

  int Load(const std::string& folder);
  int NodeAt(const std::string& path) const;
  Place PlaceOf(const std::string& path) const;
  void Add(const Place& place, int node);
  void Write(int node, const std::string& path,
             const std::function<int(const void*)>& choose) const;

  std::map<int, File> files_;
  std::map<int, Folder> folders_;
  int next_ = 1;
  int root_ = 0;
};

}  // namespace coreshed::storage
