#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// Each program's function has its name here (CMakeLists.txt), as in Fuzz_csv.
#define FUZZ(name) extern "C" int Fuzz_##name(const uint8_t* data, size_t size);
CORESHED_FUZZERS
#undef FUZZ

namespace {

using FuzzFunction = int (*)(const uint8_t* data, size_t size);

/// All files of the corpus, each also cut short, in steps.
void RunCorpus(const std::string& name, FuzzFunction run) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(CORESHED_FUZZ_CORPUS "/" + name))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  ASSERT_FALSE(paths.empty());
  constexpr size_t kSteps = 8;
  for (const auto& path : paths) {
    SCOPED_TRACE(path.string());
    std::ifstream file(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    for (size_t step = 0; step <= kSteps; ++step) {
      const std::string part = bytes.substr(0, bytes.size() * step / kSteps);
      EXPECT_EQ(run(reinterpret_cast<const uint8_t*>(part.data()), part.size()), 0);
    }
  }
}

#define FUZZ(name)                  \
  TEST(Corpus, name) {              \
    RunCorpus(#name, &Fuzz_##name); \
  }
CORESHED_FUZZERS
#undef FUZZ

}  // namespace
