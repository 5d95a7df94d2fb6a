#pragma once

#include <coreshed/store.h>

#include "cli/output.h"

/// The store's structs as `--json` prints them; names as in the structs.
namespace coreshed::cli {

Json ToJson(const Version& version);
Json ToJson(const Event& event);
Json ToJson(const RecordInfo& record);
Json ToJson(const ContentMatch& match);
Json ToJson(const VerifyReport& report);
Json ToJson(const VacuumReport& report);
Json ToJson(const Erasure& erasure);
Json ToJson(const CopyReport& report);
Json ToJson(const ImportReport& report);
Json ToJson(const RepairReport& report);
Json ToJson(const RecordChange& change);
Json ToJson(const RecordChanges& changes);
Json ToJson(const Stats& stats);
Json ToJson(const Drift& drift);
Json ToJson(const std::vector<Column>& columns);
Json ToJson(const Error& error);

template <typename T>
Json ToJson(const std::vector<T>& items) {
  Json array = Json::array();
  for (const auto& item : items)
    array.push_back(ToJson(item));
  return array;
}

}  // namespace coreshed::cli
