#pragma once

#include <arrow/util/compression.h>
#include <arrow/util/crc32.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coreshed::sources {

/// A ZIP archive made for a test, with whatever faults it wants.
class TestZip {
 public:
  struct Member {
    std::string name, bytes;
    bool deflated = true;
    uint16_t flags = 0;
    uint16_t method = 0;         ///< 0: as it is packed
    int64_t told_unpacked = -1;  ///< not the truth
    uint32_t crc_fault = 0;
  };

  void Add(Member member) { members_.push_back(std::move(member)); }

  /// `wide`: every size and place in the directory has 64 bits.
  std::string Bytes(bool wide = false) const {
    std::string file, directory;
    for (const auto& member : members_) {
      const std::string packed = member.deflated ? Deflate(member.bytes) : member.bytes;
      const uint64_t unpacked = member.told_unpacked >= 0
                                    ? static_cast<uint64_t>(member.told_unpacked)
                                    : member.bytes.size();
      const std::string common = Common(member), name_size = U16(member.name.size());
      if (wide) {
        directory += "PK\x01\x02" + U16(45) + common + std::string(8, '\xFF') + name_size +
                     U16(33) + Zeros(10) + std::string(4, '\xFF') + member.name + U16(77) + U16(1) +
                     "?" + U16(1) + U16(24) + U64(unpacked) + U64(packed.size()) + U64(file.size());
      } else {
        directory += "PK\x01\x02" + U16(20) + common + U32(packed.size()) + U32(unpacked) +
                     name_size + U16(0) + Zeros(10) + U32(file.size()) + member.name;
      }
      file += "PK\x03\x04" + common + U32(packed.size()) + U32(unpacked) + name_size + U16(0) +
              member.name + packed;
    }
    const std::string wide_end = "PK\x06\x06" + U64(44) + U16(45) + U16(45) + U32(0) + U32(0) +
                                 U64(members_.size()) + U64(members_.size()) +
                                 U64(directory.size()) + U64(file.size()) + "PK\x06\x07" + U32(0) +
                                 U64(file.size() + directory.size()) + U32(1);
    const std::string end = "PK\x05\x06" + U32(0) +
                            (wide ? std::string(12, '\xFF')
                                  : U16(members_.size()) + U16(members_.size()) +
                                        U32(directory.size()) + U32(file.size())) +
                            U16(0);
    return file + directory + (wide ? wide_end : "") + end;
  }

 private:
  static std::string Number(uint64_t number, int size) {
    std::string bytes;
    for (int i = 0; i < size; ++i)
      bytes += static_cast<char>(number >> (8 * i) & 0xFF);
    return bytes;
  }
  static std::string U16(uint64_t number) { return Number(number, 2); }
  static std::string U32(uint64_t number) { return Number(number, 4); }
  static std::string U64(uint64_t number) { return Number(number, 8); }
  static std::string Zeros(size_t size) { return std::string(size, '\0'); }

  /// What a member's header and its entry in the directory have in common, to its checksum.
  static std::string Common(const Member& member) {
    const uint32_t crc =
        arrow::internal::crc32(0, member.bytes.data(), member.bytes.size()) ^ member.crc_fault;
    const int method = member.method != 0 ? member.method : (member.deflated ? 8 : 0);
    return U16(20) + U16(member.flags) + U16(static_cast<uint64_t>(method)) + U32(0) + U32(crc);
  }

  static std::string Deflate(const std::string& bytes) {
    arrow::util::GZipCodecOptions raw;
    raw.gzip_format = arrow::util::GZipFormat::DEFLATE;
    const auto codec = arrow::util::Codec::Create(arrow::Compression::GZIP, raw).ValueOrDie();
    const auto* input = reinterpret_cast<const uint8_t*>(bytes.data());
    const auto size = static_cast<int64_t>(bytes.size());
    std::string packed(static_cast<size_t>(codec->MaxCompressedLen(size, input)), '\0');
    packed.resize(
        static_cast<size_t>(codec
                                ->Compress(size, input, static_cast<int64_t>(packed.size()),
                                           reinterpret_cast<uint8_t*>(packed.data()))
                                .ValueOrDie()));
    return packed;
  }

  std::vector<Member> members_;
};

/// An Excel workbook made for a test: its parts can be replaced, left out and added to.
struct TestXlsx {
  std::map<std::string, std::string> parts;

  static std::string Type(const std::string& word) {
    return "http://schemas.openxmlformats.org/officeDocument/2006/relationships/" + word;
  }
  static std::string Relation(const std::string& id, const std::string& word,
                              const std::string& target, const std::string& more = "") {
    return "<Relationship Id='" + id + "' Type='" + Type(word) + "' Target='" + target + "' " +
           more + "/>";
  }

  /// One sheet for each of `sheets`, called S1, S2, …: what stands in its sheetData.
  explicit TestXlsx(const std::vector<std::string>& sheets) {
    std::string listed, relations = Relation("st", "styles", "styles.xml") +
                                    Relation("sh", "sharedStrings", "/xl/sharedStrings.xml");
    for (size_t i = 1; i <= sheets.size(); ++i) {
      const std::string n = std::to_string(i);
      listed += "<sheet name='S" + n + "' sheetId='" + n + "' r:id='r" + n + "'/>";
      relations += Relation("r" + n, "worksheet", "worksheets/sheet" + n + ".xml");
      parts["xl/worksheets/sheet" + n + ".xml"] =
          "<worksheet><sheetData>" + sheets[i - 1] + "</sheetData></worksheet>";
    }
    parts["_rels/.rels"] = "<Relationships>" + Relation("r1", "officeDocument", "xl/workbook.xml") +
                           "</Relationships>";
    parts["xl/_rels/workbook.xml.rels"] = "<Relationships>" + relations + "</Relationships>";
    SetWorkbook("", listed);
    SetStyles({});
    SetStrings({});
  }

  void SetWorkbook(const std::string& before, const std::string& sheets) {
    parts["xl/workbook.xml"] =
        "<workbook xmlns:r='x'>" + before + "<sheets>" + sheets + "</sheets></workbook>";
  }
  /// Style 1 is a date, 2 a date with time, 3 a time, 4 elapsed; from 5 on these codes.
  void SetStyles(const std::vector<std::string>& codes) {
    std::string formats, cells;
    for (const int id : {0, 14, 22, 21, 46})
      cells += "<xf numFmtId='" + std::to_string(id) + "'/>";
    for (size_t i = 0; i < codes.size(); ++i) {
      const std::string id = std::to_string(164 + i);
      formats += "<numFmt numFmtId='" + id + "' formatCode='" + codes[i] + "'/>";
      cells += "<xf numFmtId='" + id + "'/>";
    }
    parts["xl/styles.xml"] = "<styleSheet><numFmts>" + formats +
                             "</numFmts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs>" +
                             cells + "</cellXfs></styleSheet>";
  }
  void SetStrings(const std::vector<std::string>& items) {
    std::string all;
    for (const auto& item : items)
      all += "<si>" + item + "</si>";
    parts["xl/sharedStrings.xml"] = "<sst>" + all + "</sst>";
  }

  TestZip Zip() const {
    TestZip zip;
    for (const auto& [name, bytes] : parts)
      zip.Add({name, bytes});
    return zip;
  }
  std::string Bytes() const { return Zip().Bytes(); }
};

/// <row> of cells as they stand.
inline std::string Row(const std::string& cells, const std::string& attributes = "") {
  return "<row " + attributes + ">" + cells + "</row>";
}
/// A cell with a number, or as `attributes` say; `-`: an empty one.
inline std::string Cell(const std::string& value, const std::string& attributes = "") {
  if (value == "-") return "<c " + attributes + "/>";
  return "<c " + attributes + "><v>" + value + "</v></c>";
}
inline std::string TextCell(const std::string& text) {
  return "<c t='inlineStr'><is><t>" + text + "</t></is></c>";
}
inline std::string Texts(const std::vector<std::string>& texts) {
  std::string cells;
  for (const auto& text : texts)
    cells += text == "-" ? Cell("-") : TextCell(text);
  return Row(cells);
}

}  // namespace coreshed::sources
