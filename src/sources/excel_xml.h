#pragma once

#include <coreshed/error.h>
#include <expat.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sources/excel_package.h"

namespace coreshed::sources {

/// The attributes of an element.
class XmlAttributes {
 public:
  explicit XmlAttributes(const XML_Char** pairs) : pairs_(pairs) {}
  /// By its name without prefix; `with_prefix`: only one that has one.
  std::optional<std::string_view> Get(std::string_view name, bool with_prefix = false) const;

 private:
  const XML_Char** pairs_;
};

/// What is done with the elements of a part. Names come without their prefix.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual Result<void> Start(std::string_view name, const XmlAttributes& attributes) = 0;
  virtual Result<void> End(std::string_view name) = 0;
  virtual void Text(std::string_view /*text*/) {}
};

/// Reads the XML of a part piece by piece, in bounded memory; no DOCTYPE, hence no entities.
class XmlReader {
 public:
  XmlReader(std::shared_ptr<ExcelPackage> package, std::string part, XmlHandler* handler);
  XmlReader(const XmlReader&) = delete;
  ~XmlReader();

  /// Read the next piece, of 16 KiB at most, or more of a long tag; false: that was the last.
  Result<bool> Step();
  Result<void> ReadAll();

 private:
  static void XMLCALL OnStart(void* self, const XML_Char* name, const XML_Char** attributes);
  static void XMLCALL OnEnd(void* self, const XML_Char* name);
  static void XMLCALL OnText(void* self, const XML_Char* text, int size);
  static void XMLCALL OnDoctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int);
  void Stop(Error error);
  Result<void> Open();
  Error Broken() const;

  const std::shared_ptr<ExcelPackage> package_;
  const std::string part_;
  XmlHandler* const handler_;
  size_t memory_ = 0;  ///< what the parser holds
  XML_Parser parser_ = nullptr;
  std::unique_ptr<ExcelPartStream> stream_;
  std::string_view piece_;  ///< of it, not yet parsed
  bool is_in_tag_ = false;  ///< the last piece had no end of one
  std::optional<Error> error_;
};

}  // namespace coreshed::sources
