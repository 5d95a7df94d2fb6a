#pragma once

#include <arrow/buffer.h>
#include <coreshed/store.h>
#include <coreshed/upload.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/result_checks.h"
#include "support/tables.h"

namespace coreshed {

/// A write path: how the store looks before, and the one call that is disturbed.
struct WritePath {
  std::string name;
  std::function<void(Store&)> prepare;
  std::function<Result<void>(Store&)> act;
};

template <typename T>
Result<void> Drop(Result<T> result) {
  if (!result) return std::move(result).error();
  return {};
}

inline void MakeVersions(Store& store, int count) {
  Must(store.CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
  for (int v = 2; v <= count; ++v) {
    Must(store.UpdateRecord("BH-7", SoilTable(v), By<WriteOptions>("a.meier")));
  }
}

/// Those that write rows.
inline std::vector<WritePath> RowPaths() {
  const auto one = [](Store& store) { MakeVersions(store, 1); };
  const auto three = [](Store& store) { MakeVersions(store, 3); };
  const auto update = [](Store& store) {
    return Drop(store.UpdateRecord("BH-7", SoilTable(99), By<WriteOptions>("b.roth", "mended")));
  };
  return {
      {"create", one,
       [](Store& store) {
         return Drop(store.CreateRecord("BH-8", SoilTable(8), By<CreateOptions>("b.roth")));
       }},
      {"create_many", one,
       [](Store& store) {
         return Drop(
             store.CreateMany({{"BH-9", SoilTable(9), By<CreateOptions>("b.roth")}}).front());
       }},
      {"update_many", three,
       [](Store& store) {
         return Drop(
             store.UpdateMany({{"BH-7", SoilTable(96), By<CreateOptions>("b.roth")}}).front());
       }},
      {"first_update", one, update},
      {"update", three, update},
      {"update_that_seals", [](Store& store) { MakeVersions(store, 16); }, update},
      {"update_with_event_id", three,
       [](Store& store) {
         auto options = By<WriteOptions>("b.roth");
         options.event_id = "0123456789abcdef0123456789abcdef";
         return Drop(store.UpdateRecord("BH-7", SoilTable(99), options));
       }},
      {"append", three,
       [](Store& store) {
         return Drop(store.AppendRows("BH-7", SoilTable(98), By<WriteOptions>("b.roth")));
       }},
      {"upsert", three,
       [](Store& store) {
         return Drop(
             store.UpsertRows("BH-7", SoilTable(97), {"depth_m"}, By<WriteOptions>("b.roth")));
       }},
      {"delete_rows", three,
       [](Store& store) {
         return Drop(store.DeleteRows("BH-7", "depth_m > 0.3", "", By<WriteOptions>("b.roth")));
       }},
  };
}

inline Result<void> UploadHoles(Store& store, const std::string& rows) {
  auto options = By<UploadOptions>("b.roth");
  options.overwrite = true;
  options.attributes = {{"site", "HKZ1"}};
  const std::string bytes = "hole,depth\n" + rows;
  return Drop(store.SaveUpload({"", arrow::Buffer::FromString(bytes), "holes.csv"}, options));
}

/// Those that write a file that somebody uploaded.
inline std::vector<WritePath> UploadPaths() {
  const auto two = [](Store& store) {
    Must(store.CreateRecord("BH-7", SoilTable(1), By<CreateOptions>("a.meier")));
    Must(UploadHoles(store, "BH-7,1.5\n"));
    Must(UploadHoles(store, "BH-7,2.5\n"));
  };
  return {
      {"upload", [](Store& store) { MakeVersions(store, 1); },
       [](Store& store) { return UploadHoles(store, "BH-7,1.5\n"); }},
      {"upload_over_it", two, [](Store& store) { return UploadHoles(store, "BH-7,3.5\n"); }},
      {"upload_of_what_was", two, [](Store& store) { return UploadHoles(store, "BH-7,1.5\n"); }},
  };
}

/// Those that write events alone.
inline std::vector<WritePath> EventPaths() {
  const auto one = [](Store& store) { MakeVersions(store, 1); };
  const auto three = [](Store& store) { MakeVersions(store, 3); };
  return {
      {"approve", three,
       [](Store& store) { return Drop(store.ApproveRecord("BH-7", By<ReviewOptions>("c.ito"))); }},
      {"reject", three,
       [](Store& store) {
         return Drop(store.RejectRecord("BH-7", By<ReviewOptions>("c.ito", "depth is wrong")));
       }},
      {"rollback", three,
       [](Store& store) {
         return Drop(store.RollbackToVersion("BH-7", 1, By<RollbackOptions>("c.ito", "mistake")));
       }},
      {"tag", three,
       [](Store& store) {
         return Drop(store.Tag("BH-7@v2", "issue-A", By<EventOptions>("c.ito")));
       }},
      {"settings", one,
       [](Store& store) {
         return Drop(store.SetSettings({{"drift_policy", "warn"}}, By<EventOptions>("c.ito")));
       }},
      {"drift_policy", one,
       [](Store& store) {
         return Drop(store.SetDriftPolicy("BH-7", DriftPolicy::kWarn, By<EventOptions>("c.ito")));
       }},
      {"attributes", one,
       [](Store& store) {
         return Drop(
             store.SetAttributes("BH-7", {{"project_id", "P1"}}, {}, By<EventOptions>("c.ito")));
       }},
  };
}

inline std::vector<WritePath> WritePaths() {
  auto paths = RowPaths();
  for (auto& path : UploadPaths())
    paths.push_back(std::move(path));
  for (auto& path : EventPaths())
    paths.push_back(std::move(path));
  return paths;
}

}  // namespace coreshed
