#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace coreshed::sources {

/// Faults of an AGS file that did not keep it from being read. Equal ones are told once.
class AgsFaults {
 public:
  /// `rule`: of AGS 4; `line` 0: none; `what`: a sentence that is the same for all like it.
  /// `count`: how many there are, the first in `line`.
  void Add(const std::string& rule, int64_t line, const std::string& what, int64_t count = 1);

  /// In the order in which they were first met.
  std::vector<std::string> Texts(const std::string& file) const;

 private:
  struct Fault {
    std::string rule, what;
    int64_t first_line = 0;
    int64_t more = 0;
  };
  std::vector<Fault> faults_;
  std::map<std::pair<std::string, std::string>, size_t> places_;
  int64_t others_ = 0;  ///< that are not told
};

}  // namespace coreshed::sources
