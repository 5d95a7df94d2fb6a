#pragma once

#include <cstdint>
#include <vector>

namespace coreshed::sources {

/// In which lines of a file its records begin, where all but a few follow one another.
class RecordLines {
 public:
  /// The line of the next record.
  void Add(int64_t line) {
    ++records_;
    const int64_t shift = line - records_;
    if (shifts_.empty() || shifts_.back().lines != shift) shifts_.push_back({records_, shift});
  }
  /// Of a record, from 1.
  int64_t LineOf(int64_t record) const;

 private:
  /// From this record on a record's line is its number and this.
  struct Shift {
    int64_t record = 0, lines = 0;
  };

  int64_t records_ = 0;
  std::vector<Shift> shifts_;  ///< ascending
};

}  // namespace coreshed::sources
