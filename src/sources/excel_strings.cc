#include "sources/excel_strings.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>

#include <charconv>
#include <cstring>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/excel_xml.h"

namespace coreshed::sources {
namespace {

constexpr size_t kEscapeSize = 7;  // _x000D_
constexpr size_t kBufferSize = 64 << 10;

/// The number of an escape that begins the text.
std::optional<uint32_t> EscapedAt(std::string_view text) {
  if (text.size() < kEscapeSize || text[0] != '_' || text[1] != 'x' || text[6] != '_') {
    return std::nullopt;
  }
  uint32_t number = 0;
  const auto [end, fault] = std::from_chars(text.data() + 2, text.data() + 6, number, 16);
  if (fault != std::errc() || end != text.data() + 6) return std::nullopt;
  return number;
}

void AppendUtf8(uint32_t code, std::string* text) {
  const auto byte = [](uint32_t value) { return static_cast<char>(value); };
  if (code < 0x80) {
    *text += byte(code);
  } else if (code < 0x800) {
    *text += {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
  } else if (code < 0x10000) {
    *text += {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
  } else {
    *text += {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 0x3F)),
              byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
  }
}

bool IsHighHalf(uint32_t code) {
  return code >= 0xD800 && code < 0xDC00;
}
bool IsLowHalf(uint32_t code) {
  return code >= 0xDC00 && code < 0xE000;
}

/// Append what stands at the beginning of the text, and return how long it is there.
size_t AppendNext(std::string_view text, std::string* to) {
  const auto code = EscapedAt(text);
  if (!code || *code == 0 || IsLowHalf(*code)) {
    *to += text[0];
    return 1;
  }
  if (!IsHighHalf(*code)) {
    AppendUtf8(*code, to);
    return kEscapeSize;
  }
  const auto low = EscapedAt(text.substr(kEscapeSize));
  if (!low || !IsLowHalf(*low)) {
    *to += text[0];
    return 1;
  }
  AppendUtf8(0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00), to);
  return 2 * kEscapeSize;
}

/// A temporary file that is written in pieces of some size.
class BufferedSink {
 public:
  explicit BufferedSink(const InputFile::Sink& sink) : sink_(sink) {}
  Result<void> Add(std::string_view bytes) {
    buffer_ += bytes;
    return buffer_.size() < kBufferSize ? Result<void>() : Flush();
  }
  Result<void> Flush() {
    CORESHED_TRY(sink_(buffer_));
    buffer_.clear();
    return {};
  }

 private:
  const InputFile::Sink& sink_;
  std::string buffer_;
};

/// Writes each text, and where it ends.
class StringsHandler : public XmlHandler {
 public:
  StringsHandler(const ExcelPackage& package, BufferedSink* texts, BufferedSink* ends)
      : package_(package), texts_(texts), ends_(ends) {}

  Result<void> Start(std::string_view name, const XmlAttributes&) override {
    if (++depth_ == 1 && name != "sst") {
      return package_.Fault("the part of its texts has no texts. Open it and save it again.");
    }
    if (depth_ == 2) in_item_ = name == "si";
    if (depth_ == 2) text_.Clear();
    if (depth_ > 2 && in_item_) text_.Start(name);
    return {};
  }
  Result<void> End(std::string_view name) override {
    --depth_;
    if (!in_item_) return {};
    if (depth_ > 1) {
      text_.End(name);
    } else if (depth_ == 1) {
      in_item_ = false;
      return Finish();
    }
    return {};
  }
  void Text(std::string_view text) override { text_.Text(text); }

  int64_t size() const { return size_; }

 private:
  Result<void> Finish() {
    const std::string text = text_.Take();
    if (text_.is_too_long() || text.size() > kExcelTextMax) {
      return package_.Fault("a shared text, number " + std::to_string(size_) +
                            ", has more than 128 KiB.");
    }
    end_ += text.size();
    ++size_;
    CORESHED_TRY(texts_->Add(text));
    return ends_->Add({reinterpret_cast<const char*>(&end_), sizeof end_});
  }

  const ExcelPackage& package_;
  BufferedSink* const texts_;
  BufferedSink* const ends_;
  ExcelTextBuilder text_;
  int depth_ = 0;
  bool in_item_ = false;
  uint64_t end_ = 0;
  int64_t size_ = 0;
};

Result<std::shared_ptr<arrow::Buffer>> Map(const InputFile& file) {
  if (file.size() == 0) return std::make_shared<arrow::Buffer>(nullptr, 0);
  CORESHED_ARROW_ASSIGN(
      auto mapped,
      arrow::io::MemoryMappedFile::Open(file.descriptor_path(), arrow::io::FileMode::READ),
      "reading texts");
  CORESHED_ARROW_ASSIGN(auto bytes, mapped->ReadAt(0, file.size()), "reading texts");
  return bytes;
}

}  // namespace

std::string UnescapedExcelText(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t plain = std::min(text.find("_x"), text.size());
    result += text.substr(0, plain);
    text.remove_prefix(plain);
    if (!text.empty()) text.remove_prefix(AppendNext(text, &result));
  }
  return result;
}

std::string ShortenedExcelText(std::string_view text) {
  constexpr size_t kShown = 40;
  if (text.size() <= kShown) return std::string(text);
  size_t end = kShown;
  while (end > 0 && (text[end] & 0xC0) == 0x80)  // within a character
    --end;
  return std::string(text.substr(0, end)) + "…";
}

void ExcelTextBuilder::Clear() {
  text_.clear();
  in_text_ = false;
  readings_ = 0;
}

void ExcelTextBuilder::Start(std::string_view name) {
  if (name == "rPh") ++readings_;
  if (name == "t") in_text_ = readings_ == 0;
}

void ExcelTextBuilder::End(std::string_view name) {
  if (name == "rPh") --readings_;
  if (name == "t") in_text_ = false;
}

void ExcelTextBuilder::Text(std::string_view text) {
  if (in_text_ && !is_too_long()) text_ += text;
}

Result<std::shared_ptr<ExcelStrings>> ExcelStrings::Read(
    const std::shared_ptr<ExcelPackage>& package, const std::string& part) {
  auto strings = std::make_shared<ExcelStrings>();
  std::shared_ptr<InputFile> ends_file;
  const std::string label = package->input().label();
  const auto fill = [&](const InputFile::Sink& texts_sink) -> Result<void> {
    const auto fill_ends = [&](const InputFile::Sink& ends_sink) -> Result<void> {
      BufferedSink texts(texts_sink), ends(ends_sink);
      StringsHandler handler(*package, &texts, &ends);
      CORESHED_TRY(XmlReader(package, part, &handler).ReadAll());
      strings->size_ = handler.size();
      CORESHED_TRY(texts.Flush());
      return ends.Flush();
    };
    CORESHED_ASSIGN(ends_file, InputFile::Make(label, "ends", fill_ends));
    return {};
  };
  CORESHED_ASSIGN(const auto texts_file, InputFile::Make(label, "texts", fill));
  CORESHED_ASSIGN(strings->texts_, Map(*texts_file));
  CORESHED_ASSIGN(strings->ends_, Map(*ends_file));
  return strings;
}

std::optional<std::string_view> ExcelStrings::Get(uint64_t index) const {
  if (index >= static_cast<uint64_t>(size_)) return std::nullopt;
  const auto end_of = [&](uint64_t which) {
    uint64_t end = 0;
    std::memcpy(&end, ends_->data() + which * sizeof end, sizeof end);
    return end;
  };
  const uint64_t begin = index == 0 ? 0 : end_of(index - 1);
  return std::string_view(reinterpret_cast<const char*>(texts_->data()) + begin,
                          end_of(index) - begin);
}

}  // namespace coreshed::sources
