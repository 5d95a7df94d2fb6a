// Any bytes opened as an Excel workbook, or as one of its parts within a good one, and all rows
// read: an error or a table, never a crash, a hang or memory without bound.
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <coreshed/sources.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "sources/test_xlsx.h"

namespace {

using coreshed::sources::TestXlsx;

/// A small workbook with something of everything, to begin with.
TestXlsx GoodBook() {
  using namespace coreshed::sources;
  TestXlsx book(
      {Texts({"a", "b", "c"}) + Row(Cell("1") + Cell("46049.5", "s='2'") + Cell("0", "t='s'"))});
  book.SetStyles({"[h]:mm", "yyyy-mm-dd"});
  book.SetStrings({"<t>x</t>", "<r><t>y</t></r>"});
  return book;
}

/// The first byte tells which part the others are; of most, the whole file.
std::string FileOf(const std::string& input) {
  constexpr const char* kParts[] = {
      "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml",
      "xl/workbook.xml",          "_rels/.rels",          "xl/_rels/workbook.xml.rels"};
  const size_t part = input.empty() ? SIZE_MAX : static_cast<size_t>(input[0] - '0');
  if (part >= std::size(kParts)) return input;
  auto book = GoodBook();
  book.parts[kParts[part]] = input.substr(1);
  return book.Bytes();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes = FileOf({reinterpret_cast<const char*>(data), size});
  coreshed::OpenFileOptions options;
  options.limits.unpacked_bytes = int64_t{16} << 20;
  const auto opened =
      coreshed::OpenFile({"", arrow::Buffer::FromString(bytes), "fuzz.xlsx"}, options);
  if (!opened) return 0;
  for (const auto& table : opened->tables) {
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      if (!table.reader->ReadNext(&batch).ok()) break;
      if (batch != nullptr && !batch->ValidateFull().ok()) __builtin_trap();
    } while (batch != nullptr);
  }
  return 0;
}
