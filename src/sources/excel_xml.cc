#include "sources/excel_xml.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr size_t kPiece = 16 << 10;
constexpr size_t kLongPiece = 64 << 10;

/// What the parser may hold: it keeps each element that is open, each name it has seen, and what it
/// has of a tag that is not complete; and it looks at the latter from its beginning with each
/// piece. Conditional formats may list the ranges that they are for in an attribute of a megabyte.
constexpr size_t kMemoryMax = 8 << 20;

/// Where the parser at work in this thread counts its memory: it has no other way to tell its
/// allocator who it is.
thread_local size_t* counter = nullptr;

class CountHere {
 public:
  explicit CountHere(size_t* here) : before_(std::exchange(counter, here)) {}
  ~CountHere() { counter = before_; }
  CountHere(const CountHere&) = delete;

 private:
  size_t* const before_;
};

constexpr size_t kSizeField = alignof(std::max_align_t);  // before each block

void* Resize(void* block, size_t size) {
  auto* old = block == nullptr ? nullptr : static_cast<char*>(block) - kSizeField;
  size_t old_size = 0;
  if (old != nullptr) std::memcpy(&old_size, old, sizeof old_size);
  if (size > kMemoryMax || *counter - old_size + size > kMemoryMax) return nullptr;
  auto* made = static_cast<char*>(std::realloc(old, kSizeField + size));
  if (made == nullptr) return nullptr;
  *counter = *counter - old_size + size;
  std::memcpy(made, &size, sizeof size);
  return made + kSizeField;
}

void* Allocate(size_t size) {
  return Resize(nullptr, size);
}

void Free(void* block) {
  if (block == nullptr) return;
  auto* whole = static_cast<char*>(block) - kSizeField;
  size_t size = 0;
  std::memcpy(&size, whole, sizeof size);
  *counter -= size;
  std::free(whole);
}

std::string_view WithoutPrefix(std::string_view name) {
  const auto colon = name.find(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

}  // namespace

std::optional<std::string_view> XmlAttributes::Get(std::string_view name, bool with_prefix) const {
  for (const XML_Char** pair = pairs_; *pair != nullptr; pair += 2) {
    const std::string_view key = pair[0];
    const auto bare = WithoutPrefix(key);
    if (bare == name && (bare.size() != key.size()) == with_prefix) return pair[1];
  }
  return std::nullopt;
}

XmlReader::XmlReader(std::shared_ptr<ExcelPackage> package, std::string part, XmlHandler* handler)
    : package_(std::move(package)), part_(std::move(part)), handler_(handler) {}

XmlReader::~XmlReader() {
  const CountHere here(&memory_);
  if (parser_ != nullptr) XML_ParserFree(parser_);
}

Result<void> XmlReader::Open() {
  const ZipEntry* part = package_->Find(part_);
  if (part == nullptr) {
    return package_->Fault("its part " + part_ +
                           " is missing. Open the file in Excel and save it again.");
  }
  CORESHED_ASSIGN(stream_, package_->Read(*part));
  const XML_Memory_Handling_Suite memory{Allocate, Resize, Free};
  parser_ = XML_ParserCreate_MM(nullptr, &memory, nullptr);
  if (parser_ == nullptr) return Error{ErrorKind::kIo, "There is no memory for reading XML."};
  XML_SetUserData(parser_, this);
  XML_SetElementHandler(parser_, OnStart, OnEnd);
  XML_SetCharacterDataHandler(parser_, OnText);
  XML_SetStartDoctypeDeclHandler(parser_, OnDoctype);
  return {};
}

Result<bool> XmlReader::Step() {
  const CountHere here(&memory_);
  if (parser_ == nullptr) CORESHED_TRY(Open());
  if (piece_.empty()) {
    CORESHED_TRY(package_->CheckStop());
    CORESHED_ASSIGN(piece_, stream_->Next());
  }
  const bool ended = piece_.empty();
  // Within a long tag nothing comes out, so that larger pieces do no harm.
  const auto bytes = piece_.substr(0, std::exchange(is_in_tag_, true) ? kLongPiece : kPiece);
  piece_.remove_prefix(bytes.size());
  const auto status = XML_Parse(parser_, bytes.data(), static_cast<int>(bytes.size()), ended);
  if (error_) return *error_;
  if (status != XML_STATUS_OK) return Broken();
  return !ended;
}

Result<void> XmlReader::ReadAll() {
  for (bool more = true; more;) {
    CORESHED_ASSIGN(more, Step());
  }
  return {};
}

Error XmlReader::Broken() const {
  const auto code = XML_GetErrorCode(parser_);
  const std::string place = part_ + ", line " + std::to_string(XML_GetCurrentLineNumber(parser_));
  if (code == XML_ERROR_NO_MEMORY) {
    return package_->Fault(place + ": a tag is too long, or too many are within one another.");
  }
  return package_->Fault(place + ": the XML is broken (" + XML_ErrorString(code) +
                         "). Open the file in Excel and save it again.");
}

void XmlReader::Stop(Error error) {
  if (!error_) error_ = std::move(error);
  XML_StopParser(parser_, XML_FALSE);
}

void XMLCALL XmlReader::OnStart(void* self, const XML_Char* name, const XML_Char** attributes) {
  auto& reader = *static_cast<XmlReader*>(self);
  reader.is_in_tag_ = false;
  if (reader.error_) return;
  auto done = reader.handler_->Start(WithoutPrefix(name), XmlAttributes(attributes));
  if (!done) reader.Stop(std::move(done).error());
}

void XMLCALL XmlReader::OnEnd(void* self, const XML_Char* name) {
  auto& reader = *static_cast<XmlReader*>(self);
  reader.is_in_tag_ = false;
  if (reader.error_) return;
  auto done = reader.handler_->End(WithoutPrefix(name));
  if (!done) reader.Stop(std::move(done).error());
}

void XMLCALL XmlReader::OnText(void* self, const XML_Char* text, int size) {
  auto& reader = *static_cast<XmlReader*>(self);
  reader.is_in_tag_ = false;
  if (!reader.error_) reader.handler_->Text({text, static_cast<size_t>(size)});
}

void XMLCALL XmlReader::OnDoctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*,
                                  int) {
  auto& reader = *static_cast<XmlReader*>(self);
  reader.Stop(
      reader.package_->Fault(reader.part_ + " has a DOCTYPE, which no part of an Excel file has."));
}

}  // namespace coreshed::sources
