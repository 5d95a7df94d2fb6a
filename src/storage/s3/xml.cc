#include "storage/s3/xml.h"

#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "storage/s3/server_clock.h"

namespace coreshed::storage::s3 {
namespace {

/// Percent-encoded, '+' for a blank, as lists with encoding-type=url have keys.
std::string Decoded(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool has_two = i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (text[i] == '%' && has_two) {
      plain += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

Result<pugi::xml_node> Root(pugi::xml_document& document, const std::string& xml,
                            const char* name) {
  const bool is_xml = static_cast<bool>(document.load_buffer(xml.data(), xml.size()));
  const auto root = is_xml ? document.child(name) : pugi::xml_node();
  if (root) return root;
  return Error{ErrorKind::kIo, std::string("the answer is no ") + name};
}

std::string Child(const pugi::xml_node& node, const char* name) {
  return node.child(name).text().as_string();
}

}  // namespace

std::string XmlText(const std::string& xml, const char* name) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return "";
  const auto found = document.find_node(
      [&](const pugi::xml_node& node) { return std::string_view(node.name()) == name; });
  return found.text().as_string();
}

Result<std::string> ReadListPage(const std::string& xml,
                                 const std::function<bool(ListedObject)>& visit) {
  pugi::xml_document document;
  CORESHED_ASSIGN(const auto root, Root(document, xml, "ListBucketResult"));
  const bool is_encoded = Child(root, "EncodingType") == "url";
  for (const auto& item : root.children("Contents")) {
    ListedObject object;
    object.key = is_encoded ? Decoded(Child(item, "Key")) : Child(item, "Key");
    object.etag = Child(item, "ETag");
    object.size_bytes = item.child("Size").text().as_llong();
    object.modified_us = IsoDateMicros(Child(item, "LastModified"));
    if (!visit(std::move(object))) return std::string();
  }
  if (!root.child("IsTruncated").text().as_bool()) return std::string();
  std::string token = Child(root, "NextContinuationToken");
  if (!token.empty()) return token;
  return Error{ErrorKind::kIo, "the list is cut off and does not say how to go on"};
}

Result<UploadsPage> ReadUploadsPage(const std::string& xml,
                                    const std::function<void(OpenUpload)>& visit) {
  pugi::xml_document document;
  CORESHED_ASSIGN(const auto root, Root(document, xml, "ListMultipartUploadsResult"));
  const bool is_encoded = Child(root, "EncodingType") == "url";
  const auto key_of = [&](const pugi::xml_node& node, const char* name) {
    return is_encoded ? Decoded(Child(node, name)) : Child(node, name);
  };
  for (const auto& item : root.children("Upload")) {
    visit({key_of(item, "Key"), Child(item, "UploadId"), IsoDateMicros(Child(item, "Initiated"))});
  }
  return UploadsPage{root.child("IsTruncated").text().as_bool(), key_of(root, "NextKeyMarker"),
                     Child(root, "NextUploadIdMarker")};
}

Result<VersionsPage> ReadVersionsPage(const std::string& xml,
                                      const std::function<void(OldVersion)>& visit) {
  pugi::xml_document document;
  CORESHED_ASSIGN(const auto root, Root(document, xml, "ListVersionsResult"));
  const bool is_encoded = Child(root, "EncodingType") == "url";
  const auto key_of = [&](const pugi::xml_node& node, const char* name) {
    return is_encoded ? Decoded(Child(node, name)) : Child(node, name);
  };
  for (const auto& item : root.children()) {
    const std::string_view kind = item.name();
    const bool is_marker = kind == "DeleteMarker";
    const bool is_old = kind == "Version" && Child(item, "IsLatest") == "false";
    if (is_marker || is_old) visit({key_of(item, "Key"), Child(item, "VersionId"), is_marker});
  }
  return VersionsPage{root.child("IsTruncated").text().as_bool(), key_of(root, "NextKeyMarker"),
                      Child(root, "NextVersionIdMarker")};
}

std::string CompletionXml(const std::vector<std::string>& part_etags) {
  pugi::xml_document document;
  auto root = document.append_child("CompleteMultipartUpload");
  for (size_t i = 0; i < part_etags.size(); ++i) {
    auto part = root.append_child("Part");
    part.append_child("PartNumber").text().set(static_cast<unsigned long long>(i + 1));
    part.append_child("ETag").text().set(part_etags[i].c_str());
  }
  std::ostringstream text;
  document.save(text, "", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

}  // namespace coreshed::storage::s3
