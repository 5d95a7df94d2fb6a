#pragma once

#include <coreshed/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coreshed::catalog {

/// A record as the index keeps it is one run of bytes, in memory and on disk: a hundred thousand
/// are read, compared and filtered without building a hundred thousand RecordInfo. The layout is
/// this machine's own; whoever changes it, or what goes into it, raises IndexFile::kLayout.

/// The bytes of a record. `info` is nothing for one that is deleted or void: kept so that it is not
/// loaded again, and never listed.
std::string Pack(std::string_view record_id, const std::optional<RecordInfo>& info);

/// What packed bytes say, pointing into them.
struct RecordView {
  std::string_view record_id;
  bool is_listed = false;  ///< false: deleted or void, and the rest says nothing
  Status status = Status::kDraft;
  std::optional<DriftPolicy> drift_policy;
  int64_t current_version = 0, versions = 0, rows = 0;
  std::string_view name;
  std::string_view created_by, created_at;
  std::string_view updated_by, updated_at;
  std::string_view corrupt;
  std::vector<std::string_view> tables;
  std::vector<std::pair<std::string_view, std::string_view>> attributes;
  /// What text is searched in, case folded (see SearchedText); empty where id, name and values are
  /// all ASCII, which is folded as fast as it is read.
  std::string_view folded;

  RecordInfo ToInfo() const;
};

/// Take packed bytes apart; `view` is handed in so that its vectors are used again. False: no
/// packed bytes.
bool Unpack(std::string_view packed, RecordView* view);

/// The record id alone, of bytes known to be packed ones.
std::string_view PackedId(std::string_view packed);

}  // namespace coreshed::catalog
