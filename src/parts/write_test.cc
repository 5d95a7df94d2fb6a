#include "parts/write.h"

#include "parts/test_store.h"

namespace coreshed::parts {
namespace {

TEST(WriteParts, ReadsBackWhatWasWritten) {
  for (const int64_t rows : {1, 10, 8'191, 50'000, 200'000}) {
    TestRecord record;
    const auto table = ManyRows(rows);
    const auto answer = record.Write(table);
    EXPECT_EQ(answer.parts.rows, rows);
    EXPECT_TRUE(record.Read(answer)->Equals(*table, true)) << rows;
  }
}

}  // namespace
}  // namespace coreshed::parts
