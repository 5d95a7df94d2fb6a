#pragma once

#include <coreshed/error.h>

#include <string>
#include <utility>

#include "base/missing.h"

namespace coreshed::commit {

/// Do `pass(std::string* commit_id)`, which reads a record's metadata, puts their commit id there,
/// and goes on to what they refer to. Where something of that is missing and the record has moved
/// on meanwhile, it is done again from the metadata of then, three times at most. Else the record
/// is damaged, and what the pass says of it is the answer.
///
/// Every reading of pages and files goes through here: nothing read from one metadata.json may be
/// combined with another one (spec/format.md, "When something is missing").
template <typename Pass>
auto ReadAgain(const Pass& pass) -> decltype(pass(std::declval<std::string*>())) {
  constexpr int kAgainMax = 3;
  std::string seen;
  for (int again = 0;; ++again) {
    std::string commit_id;
    auto answer = pass(&commit_id);
    const bool missed = !answer && SaysMissing(answer.error());
    if (!missed || commit_id == seen || again == kAgainMax) return answer;
    seen = std::move(commit_id);
  }
}

}  // namespace coreshed::commit
