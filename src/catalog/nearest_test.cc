#include "catalog/nearest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace coreshed::catalog {
namespace {

std::vector<std::string> Nearest(const std::string& wanted, const std::vector<std::string>& ids,
                                 size_t most = 5) {
  std::vector<std::string> nearest;
  for (const size_t place : NearestIds(wanted, ids, most))
    nearest.push_back(ids[place]);
  return nearest;
}

using Ids = std::vector<std::string>;

TEST(Nearest, ByTypingErrors) {
  const Ids ids = {"BH-7", "BH-80", "bh-8", "HB-8", "XY-99", "tunnel"};
  EXPECT_EQ(Nearest("BH-8", ids), (Ids{"bh-8", "BH-80", "BH-7", "HB-8"}));
  EXPECT_EQ(Nearest("BH-8", ids, 2), (Ids{"bh-8", "BH-80"}));
  EXPECT_EQ(Nearest("BH-8", ids, 0), Ids());
  EXPECT_EQ(Nearest("tunel", ids), Ids{"tunnel"});
  EXPECT_EQ(Nearest("tunenl", ids), Ids{"tunnel"});
}

TEST(Nearest, ByParts) {
  const Ids ids = {"site-7/BH-000012", "BH-000012", "lab-000077"};
  EXPECT_EQ(Nearest("BH", ids), (Ids{"BH-000012", "site-7/BH-000012"}));
  EXPECT_EQ(Nearest("lab-000077-old-copy", ids), Ids{"lab-000077"});
  EXPECT_EQ(Nearest("b", ids), Ids());
}

TEST(Nearest, LeavesOutItselfAndTheFarOnes) {
  EXPECT_EQ(Nearest("BH-8", {"BH-8", "", "quite another"}), Ids());
  EXPECT_EQ(Nearest("", {"abc"}), Ids());
}

TEST(Nearest, DoesNotCareForCaseInOtherScripts) {
  EXPECT_EQ(Nearest("SÜD-7", {"süd-7", "nord-7"}), Ids{"süd-7"});
}

/// The same without band and bounds.
size_t SlowDistance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

TEST(Nearest, AgreesWithTheSlowDistance) {
  std::mt19937 random(11);
  const auto draw = [&](size_t size) {
    std::string text(size, 'a');
    for (char& c : text)
      c = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int round = 0; round < 3'000; ++round) {
    const std::string wanted = draw(random() % 16);
    const std::string id = draw(1 + random() % 16);
    const bool is_part = (wanted.size() > 1 && id.find(wanted) != id.npos) ||
                         (id.size() > 1 && wanted.find(id) != wanted.npos);
    const size_t errors_max = std::clamp<size_t>(wanted.size() / 3, 2, 4);
    const bool is_near = is_part || SlowDistance(wanted, id) <= errors_max;
    EXPECT_EQ(!Nearest(wanted, {id}).empty(), is_near && wanted != id) << wanted << " " << id;
  }
}

TEST(Nearest, IsTheBestOfMany) {
  std::mt19937 random(12);
  Ids ids;
  for (int i = 0; i < 2'000; ++i)
    ids.push_back("BH-" + std::to_string(random() % 100'000));
  const Ids all = Nearest("BH-12345", ids, ids.size());
  for (const size_t most : {1U, 3U, 10U}) {
    EXPECT_EQ(Nearest("BH-12345", ids, most),
              Ids(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(most)));
  }
}

}  // namespace
}  // namespace coreshed::catalog
