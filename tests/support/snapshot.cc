#include "support/snapshot.h"

#include <arrow/table.h>

#include "support/result_checks.h"

namespace coreshed {
namespace {

std::string Rows(Store& store, const std::string& ref) {
  auto table = store.ReadTable(ref);
  return table ? (*table)->ToString() : "unreadable: " + table.error().message;
}

}  // namespace

std::string SnapshotOf(Store& store) {
  std::string text;
  for (const auto& [key, value] : Must(store.Settings()))
    text += key + "=" + value + "\n";
  for (const auto& record : Must(store.ListRecords())) {
    text += "record " + record.record_id + " '" + record.name + "' active " +
            std::to_string(record.current_version) + " of " + std::to_string(record.versions) +
            " " + record.corrupt + "\n";
    for (const auto& [key, value] : record.attributes)
      text += "  " + key + "=" + value + "\n";
    if (!record.corrupt.empty()) continue;
    for (const auto& event : Must(store.History(record.record_id))) {
      text += "  event " + std::to_string(event.seq) + " " + event.event_type + " v" +
              std::to_string(event.version.value_or(0)) + " after v" +
              std::to_string(event.active_before.value_or(0)) + " by " + event.actor + ": " +
              event.comment + "\n";
    }
    for (const auto& version : Must(store.Versions(record.record_id))) {
      text += "  version " + std::to_string(version.version) + " " + StatusName(version.status) +
              (version.active ? " active" : "") + (version.purged ? " purged" : "") + " by " +
              version.created_by + " " + version.exact_hash + "\n";
      for (const auto& tag : version.tags)
        text += "    tag " + tag + "\n";
      if (version.purged) continue;
      for (const auto& table : version.tables) {
        text += Rows(store,
                     record.record_id + "@v" + std::to_string(version.version) + "#" + table.name);
      }
    }
  }
  return text;
}

}  // namespace coreshed
