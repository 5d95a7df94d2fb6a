#pragma once

#include <gtest/gtest.h>

#include <string>

#include "catalog/test_records.h"
#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed::catalog {

/// A store of many records whose index is in a file already.
class CatalogFileTest : public testing::Test {
 protected:
  static constexpr int kRecords = 200;

  CatalogFileTest() {
    for (int i = 0; i < kRecords; ++i) {
      RecordInfo info = PlainRecord("BH-" + std::to_string(i));
      info.rows = i;
      store_.Put(info.record_id, info);
    }
    (void)store_.Open(file_)->List({});
    (void)store_.TakeLoads();
  }

  void ExpectTruth(Catalog& catalog) {
    const auto infos = Must(catalog.List({}));
    ASSERT_EQ(infos.size(), store_.records.size());
    size_t i = 0;
    for (const auto& [id, info] : store_.records)
      ASSERT_EQ(Text(infos[i++]), Text(*info));
  }
  /// Right at once, and quick again in the process after.
  void ExpectRecovery(const std::string& what) {
    SCOPED_TRACE(what);
    ExpectTruth(*store_.Open(file_));
    (void)store_.TakeLoads();
    ExpectTruth(*store_.Open(file_));
    EXPECT_EQ(store_.TakeLoads(), 0);
  }

  TempFolder folder_;
  const std::string file_ = folder_.path() + "/cache/index.sqlite";
  FakeStore store_;
};

}  // namespace coreshed::catalog
