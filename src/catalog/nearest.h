#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace coreshed::catalog {

/// Those of `ids` that somebody who wrote `wanted` may have meant, nearest first, at most `most`,
/// as places in `ids`: few typing errors away, or one is a part of the other. Case does not count;
/// `wanted` itself is not among them, nor is an empty id.
std::vector<size_t> NearestIds(const std::string& wanted, const std::vector<std::string>& ids,
                               size_t most);

}  // namespace coreshed::catalog
