#pragma once

#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sources/ags_column.h"
#include "sources/ags_faults.h"
#include "sources/ags_records.h"
#include "sources/input.h"

namespace coreshed::sources {

/// A group of an AGS file: its columns, and where its rows are.
struct AgsGroup {
  std::string name;
  std::vector<AgsColumn> columns;
  std::vector<AgsRange> ranges;  ///< from a first DATA row to the last one before another group
  int64_t rows = 0;
  size_t fields_max = 0;    ///< of a DATA row
  int64_t blank_lines = 0;  ///< before it
};

/// All of an AGS file but its rows.
struct AgsOutline {
  std::vector<AgsGroup> groups;
  bool ends_lines_with_lf = false;  ///< all of them
  int64_t blank_lines_after = 0;    ///< at the end
  AgsFaults faults;
};

/// Looks once over an AGS file (spec/ags.md, "Rows", "Faults"): its groups, the types of their
/// columns from all values, and what is wrong with it.
class AgsScan {
 public:
  AgsScan(std::shared_ptr<InputFile> input, const OpenFileOptions& options);

  Result<AgsOutline> Run();

 private:
  /// The rows of a group before its DATA.
  struct Header {
    std::vector<std::string> headings, units, types;
    int64_t line = 0;          ///< of the GROUP row
    int64_t heading_line = 0;  ///< 0: not there, as the two below
    int64_t unit_line = 0, type_line = 0;
  };

  Result<void> Take(const AgsRecord& record);
  void LookAtBytes(const AgsRecord& record);
  void TellPadding(int64_t line);
  Result<void> BeginGroup(const AgsRecord& record);
  Result<void> TakeHeader(const AgsRecord& record, std::vector<std::string> Header::*texts,
                          int64_t Header::*line);
  Result<void> TakeRow(const AgsRecord& record);
  Result<void> SettleHeader();
  Result<void> CheckHeadings() const;
  Result<void> FitHeader(std::vector<std::string>* texts, const std::string& row, int64_t line);
  Result<void> AddColumns(AgsGroup* group);
  Result<void> CheckSame(const AgsGroup& group) const;
  void CheckOrder();
  Result<void> EndGroup();
  void LookAtNames(const AgsGroup& group, int64_t line);
  void LookForGroups();
  void LookForOneRow(const std::string& name, const std::string& rule);
  std::shared_ptr<arrow::Schema> LikeOf(const std::string& group) const;
  Error Fault(int64_t line, const std::string& rule, const std::string& what) const {
    return AgsFault(*input_, line, rule, what);
  }

  const std::shared_ptr<InputFile> input_;
  const OpenFileOptions& options_;
  AgsOutline outline_;
  std::map<std::string, size_t> places_;  ///< of groups, by name
  size_t group_ = 0;                      ///< the present one
  bool in_group_ = false;
  bool is_repeated_ = false;  ///< the present one was there before
  bool is_settled_ = false;   ///< its header is complete
  Header header_;
  AgsRange range_;                            ///< of the present one's rows so far
  int64_t group_rows_ = 0;                    ///< GROUP rows so far
  int64_t headings_ = 0;                      ///< of all groups so far
  int64_t blank_lines_ = 0;                   ///< just before
  int64_t lines_ = 0, lf_lines_ = 0;          ///< those that have an end; by LF
  int64_t bad_ends_ = 0, first_bad_end_ = 0;  ///< lines ended by other than CR LF; the first
};

}  // namespace coreshed::sources
