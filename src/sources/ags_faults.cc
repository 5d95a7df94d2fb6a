#include "sources/ags_faults.h"

namespace coreshed::sources {
namespace {

constexpr size_t kToldMax = 100;

}  // namespace

void AgsFaults::Add(const std::string& rule, int64_t line, const std::string& what, int64_t count) {
  const auto found = places_.find({rule, what});
  if (found != places_.end()) {
    faults_[found->second].more += count;
  } else if (faults_.size() < kToldMax) {
    places_.emplace(std::pair(rule, what), faults_.size());
    faults_.push_back({rule, what, line, count - 1});
  } else {
    others_ += count;
  }
}

std::vector<std::string> AgsFaults::Texts(const std::string& file) const {
  std::vector<std::string> texts;
  for (const auto& fault : faults_) {
    std::string text = file;
    if (fault.first_line > 0) text += ", line " + std::to_string(fault.first_line);
    if (fault.more > 0) text += " (and " + std::to_string(fault.more) + " more)";
    texts.push_back(text + ": Rule " + fault.rule + ": " + fault.what);
  }
  if (others_ > 0) {
    texts.push_back(file + ": " + std::to_string(others_) +
                    " other faults. Mend those above first.");
  }
  return texts;
}

}  // namespace coreshed::sources
