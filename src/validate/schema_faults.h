#pragma once

#include <coreshed/error.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "validate/values.h"

namespace coreshed::validate {

/// What is wrong in a schema that somebody wrote, each with its place.
class SchemaFaults {
 public:
  static std::string Place(const std::string& place, std::string_view key) {
    return place.empty() ? std::string(key) : place + "." + std::string(key);
  }

  void Add(const std::string& place, std::string what) {
    if (what.ends_with('.')) what.pop_back();
    ++count_;
    if (lines_.size() == kLinesMax) return;
    lines_.push_back(CutText(place.empty() ? "The schema" : place, kPlaceBytesMax) + ": " +
                     CutText(std::move(what), kWhatBytesMax));
  }

  Result<void> Get() const {
    if (count_ == 0) return {};
    std::string all;
    for (const auto& line : lines_)
      all += (all.empty() ? "" : "\n") + line;
    const std::string more =
        count_ > lines_.size() ? "; and " + std::to_string(count_ - lines_.size()) + " more" : "";
    const std::string count = std::to_string(count_);
    return Error{ErrorKind::kValidation, "The schema has " + count +
                                             (count_ == 1 ? " fault: " : " faults: ") +
                                             Joined(lines_, lines_.size(), "; ") + more + "."}
        .With("faults", all);
  }

 private:
  static constexpr size_t kLinesMax = 100, kPlaceBytesMax = 300, kWhatBytesMax = 1'000;
  std::vector<std::string> lines_;
  size_t count_ = 0;
};

}  // namespace coreshed::validate
