#include "catalog/nearest.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "catalog/search.h"

namespace coreshed::catalog {
namespace {

constexpr size_t kErrorsMin = 2;      // so many are allowed for the shortest id
constexpr size_t kErrorsMax = 4;      // and for the longest
constexpr size_t kPartBytesMin = 2;   // a single letter is a part of everything
constexpr size_t kBeginningCost = 2;  // counts as so many errors
constexpr size_t kPartCost = 3;

/// Letters to insert, remove, replace or swap with their neighbour to make one text of the other;
/// something above `most` where it is more than that. (Optimal string alignment, over bytes, in the
/// band of the matrix where the answer can lie.)
size_t EditDistance(std::string_view one, std::string_view other, size_t most) {
  if (one.size() < other.size()) std::swap(one, other);
  if (one.size() - other.size() > most) return most + 1;
  thread_local std::array<std::vector<size_t>, 3> rows;
  for (auto& row : rows)
    row.assign(other.size() + 1, most + 1);
  auto& [before, last, now] = rows;
  for (size_t j = 0; j <= std::min(other.size(), most); ++j)
    last[j] = j;
  for (size_t i = 1; i <= one.size(); ++i) {
    const size_t first = i > most ? i - most : 1;
    const size_t end = std::min(other.size(), i + most);
    now[first - 1] = i;  // beside the band: above `most` as well
    size_t least = now[first - 1];
    for (size_t j = first; j <= end; ++j) {
      const size_t replaced = last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
      now[j] = std::min({replaced, last[j] + 1, now[j - 1] + 1});
      const bool is_swapped =
          i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
      if (is_swapped) now[j] = std::min(now[j], before[j - 2] + 1);
      least = std::min(least, now[j]);
    }
    if (least > most) return most + 1;
    before.swap(last);
    last.swap(now);
  }
  return last[other.size()];
}

/// How far apart two folded texts are; above `most`: too far to be meant.
size_t Cost(std::string_view wanted, std::string_view id, size_t most) {
  const size_t errors_max = std::clamp(wanted.size() / 3, kErrorsMin, kErrorsMax);
  size_t cost = EditDistance(wanted, id, std::min(most, errors_max));
  if (cost > errors_max) cost = most + 1;
  const auto [shorter, longer] =
      wanted.size() < id.size() ? std::pair(wanted, id) : std::pair(id, wanted);
  if (shorter.size() < kPartBytesMin || cost <= kBeginningCost) return cost;
  const size_t place = longer.find(shorter);
  if (place == std::string_view::npos) return cost;
  return std::min(cost, place == 0 ? kBeginningCost : kPartCost);
}

size_t CommonBeginning(std::string_view one, std::string_view other) {
  const auto end = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  return static_cast<size_t>(end.first - one.begin());
}

}  // namespace

std::vector<size_t> NearestIds(const std::string& wanted, const std::vector<std::string>& ids,
                               size_t most) {
  const std::string folded_wanted = Folded(wanted);
  size_t cost_max = std::max(kErrorsMax, kPartCost);
  // The best so far, the worst of them last: cost, letters unlike at the beginning, id, place.
  std::set<std::tuple<size_t, size_t, std::string_view, size_t>> best;
  for (size_t i = 0; i < ids.size() && most > 0; ++i) {
    if (ids[i].empty() || ids[i] == wanted) continue;
    const std::string folded = Folded(ids[i]);
    const size_t cost = Cost(folded_wanted, folded, cost_max);
    if (cost > cost_max) continue;
    const size_t unlike = folded_wanted.size() - CommonBeginning(folded_wanted, folded);
    best.emplace(cost, unlike, ids[i], i);
    if (best.size() <= most) continue;
    best.erase(std::prev(best.end()));
    cost_max = std::get<0>(*best.rbegin());  // worse ones need no full look
  }
  std::vector<size_t> places;
  places.reserve(best.size());
  for (const auto& candidate : best)
    places.push_back(std::get<3>(candidate));
  return places;
}

}  // namespace coreshed::catalog
