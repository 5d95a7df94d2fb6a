// The examples in spec/parts.md: stored bytes must never come out otherwise.

#include <arrow/json/from_string.h>

#include "parts/cut.h"
#include "parts/hash.h"
#include "parts/test_store.h"

namespace coreshed::parts {
namespace {

std::shared_ptr<arrow::RecordBatch> Example() {
  const auto from_json = [](const auto& type, const char* json) {
    return Get(arrow::json::ArrayFromJSONString(type, json));
  };
  return arrow::RecordBatch::Make(
      arrow::schema({arrow::field("depth", arrow::int32()), arrow::field("name", arrow::utf8())}),
      3,
      {from_json(arrow::int32(), "[1, null, 3]"), from_json(arrow::utf8(), R"(["a", "", null])")});
}

TEST(Golden, ExactHash) {
  const auto rows = Example();
  EXPECT_EQ(ToHex(Get(ColumnHash(*rows->column(0)))),
            "36bd665f0d95ac95f1d125a9d380bd2c14dc8a4695b523b194fb0e3945d46da9");
  EXPECT_EQ(ToHex(Get(ColumnHash(*rows->column(1)))),
            "dd27defa2d35b7495b0b1a790acf865ca5a21a3115616bd4a59b7d3e755b07b1");
  const auto part = Get(ExactHash(*rows));
  EXPECT_EQ(ToHex(part), "eb0fd7c80479998a547e746959b17aa87fa484ab76747efc837bedc5cbb41d4f");
  EXPECT_EQ(TableExactHash({part}),
            "067b68645899fbeb9a963a1328a3543ea557570de5b8f2807d309434b911e1f0");
  EXPECT_EQ(TableExactHash({}), "cd966f4c51423175913d2cc2e6d6af85111f0e8ad09b2ff690238199b2cc27b9");
  EXPECT_EQ(FileRoot(std::vector<Hash256>{part}), ToHex(part));
  EXPECT_EQ(FileRoot(std::vector<Hash256>{part, part}),
            "70577b427d76549bf6cd9e1dc2001dc7381dca2a60ed8887e659a7ee2e9d03e5");
}

TEST(Golden, ExactHashOfDecimals) {
  const auto hash = [](const std::shared_ptr<arrow::DataType>& type) {
    return ToHex(Get(
        ColumnHash(*Get(arrow::json::ArrayFromJSONString(type, R"(["1.50", null, "-3.00"])")))));
  };
  for (const auto& type : {arrow::decimal32(9, 2), arrow::decimal64(9, 2), arrow::decimal128(9, 2),
                           arrow::decimal256(9, 2)}) {
    EXPECT_EQ(hash(type), "2418d643a6115fa24505f6c8316914e2a58d192886340b921f1f979cb97215b9");
  }
  EXPECT_EQ(hash(arrow::decimal256(39, 2)),
            "71091164366a550b2c7d3ef7d17e4d00179800cf2b5e68cb1b22684fa37bbbf7");
}

TEST(Golden, DuplicateHash) {
  const auto rows = Example();
  EXPECT_EQ(ToHex(Get(DuplicateSum(*rows->Slice(0, 1)))), "d89faeedbb65be0f2193be4089b12bc6");
  const auto sum = Get(DuplicateSum(*rows));
  EXPECT_EQ(ToHex(sum), "3ee63e752062112ed9e8b7f66be65c4a");
  EXPECT_EQ(TableDuplicateHash(sum, 3, {{"depth", "int32"}, {"name", "string"}}, ""),
            "fea0a23819865ffa06d206ab15a04b44");
}

TEST(Golden, CutHash) {
  std::vector<uint64_t> hashes(3);
  const std::vector<int> columns{0, 1};
  ASSERT_TRUE(CutHashes(*Example(), columns, 0, hashes).has_value());
  EXPECT_EQ(hashes[0], 0xc424744085f176baU);
  EXPECT_EQ(hashes[1], 0xd5102e1fc615c100U);
}

}  // namespace
}  // namespace coreshed::parts
