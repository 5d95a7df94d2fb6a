#include "store/dataset_name.h"

#include <arrow/type.h>
#include <coreshed/content.h>

#include <filesystem>
#include <utility>

#include "base/result.h"
#include "base/sha256.h"
#include "base/text.h"
#include "sources/file_name.h"
#include "sources/unpack.h"

namespace coreshed {
namespace {

constexpr size_t kSlugBytes = 40;
constexpr size_t kHashDigits = 12;

bool IsSlugByte(unsigned char byte) {
  return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

/// What of a name people recognise: letters and digits of any script, in lower case.
std::string SlugOf(const std::string& name) {
  std::string slug;
  for (const char c : FoldCase(name)) {
    if (IsSlugByte(static_cast<unsigned char>(c))) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  size_t end = std::min(slug.size(), kSlugBytes);
  while (end > 0 && end < slug.size() && (static_cast<unsigned char>(slug[end]) & 0xC0) == 0x80)
    --end;
  slug.resize(end);
  while (slug.ends_with('-'))
    slug.pop_back();
  return slug.empty() ? "dataset" : slug;
}

}  // namespace

std::string DatasetId(const std::string& name) {
  const std::string plain = ToNfc(TrimBlank(name));
  return SlugOf(plain) + "-" + Sha256Hex(plain).substr(0, kHashDigits);
}

namespace store {
namespace {

/// Without the endings of format and packing; a folder has none.
std::string StemOfInput(const FileInput& input) {
  std::error_code code;
  const std::string name = sources::NameOf(input);
  const bool is_folder = input.bytes == nullptr && std::filesystem::is_directory(input.path, code);
  return is_folder ? name : sources::StemOf(sources::PackedNameOf(name).name);
}

}  // namespace

Result<std::string> UploadName(const FileInput& input, const std::string& given) {
  constexpr size_t kNameBytesMax = 200;
  std::string name = given;
  const bool is_stream = input.bytes == nullptr && input.path == "-" && input.file_name.empty();
  if (given.empty() && !is_stream) name = StemOfInput(input);
  if (!IsUtf8(name)) {
    return Error{ErrorKind::kInvalidArgument, "The dataset's name is not valid UTF-8."};
  }
  name = ToNfc(TrimBlank(name));
  if (name.empty()) {
    return Error{ErrorKind::kInvalidArgument,
                 "The dataset has no name: give it one (--name, dataset_name)."};
  }
  if (HasControl(name) || name.size() > kNameBytesMax) {
    return Error{ErrorKind::kInvalidArgument,
                 "A dataset's name has at most 200 bytes and no control characters. Give it "
                 "another one (--name, dataset_name)."};
  }
  return name;
}

std::shared_ptr<arrow::Schema> Renamed(const arrow::Schema& schema, const std::string& table,
                                       const std::map<std::string, std::string>& renames) {
  arrow::FieldVector fields;
  for (const auto& field : schema.fields()) {
    auto renamed = renames.find(table + "." + field->name());
    if (renamed == renames.end()) renamed = renames.find(field->name());
    fields.push_back(renamed == renames.end() ? field : field->WithName(renamed->second));
  }
  return arrow::schema(std::move(fields), schema.metadata());
}

}  // namespace store
}  // namespace coreshed
