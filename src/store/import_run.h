#pragma once

#include <coreshed/options.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "legacy/old_folder.h"
#include "store/settings.h"

namespace coreshed::store {

/// One call of Import: what all its records share.
struct ImportRun {
  const ImportOptions& options;
  std::shared_ptr<const legacy::OldFolder> folder = nullptr;
  Settings settings = {};
  int64_t now_us = 0;                    ///< the clock when it began
  std::set<std::string> ids_twice = {};  ///< that two records have
};

/// What became of one record.
struct OneImport {
  std::string record_id;  ///< empty: not known
  int64_t versions = 0, events = 0;
  std::vector<std::string> notes;
  std::optional<Error> fault;
};

}  // namespace coreshed::store
