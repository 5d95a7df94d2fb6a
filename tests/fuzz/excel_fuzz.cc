// An Excel workbook, or one of its parts within a good one.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include "fuzz/read_all.h"
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
  coreshed::fuzz::ReadAll(FileOf({reinterpret_cast<const char*>(data), size}), "fuzz.xlsx");
  return 0;
}
