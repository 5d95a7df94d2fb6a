#pragma once

#include <coreshed/error.h>
#include <coreshed/options.h>

#include <optional>
#include <string>

#include "catalog/packed_record.h"
#include "catalog/search.h"

namespace coreshed::catalog {

/// The conditions of ListOptions, but for paging.
///
/// A corrupt record meets all of them where corrupt ones are wanted: what it holds isn't known, and
/// leaving it out would answer it as missing.
class Filter {
 public:
  /// kInvalidArgument where `updated_since` is no time.
  static Result<Filter> Make(const ListOptions& options);

  bool Accepts(const RecordView& record) const;

 private:
  explicit Filter(const ListOptions& options) : options_(options) {}

  bool HasAttributes(const RecordView& record) const;

  ListOptions options_;
  std::string updated_since_;  ///< written as stored times are; empty: any
  std::optional<SearchWord> word_;
};

}  // namespace coreshed::catalog
