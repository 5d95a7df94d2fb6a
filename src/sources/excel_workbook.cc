#include "sources/excel_workbook.h"

#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "sources/excel_xml.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kSmallPartMax = int64_t{32} << 20;
constexpr size_t kTableNameMax = 100;

struct Relation {
  std::string type;  ///< the last word of it: worksheet, styles
  std::string target;
  bool is_external = false;
};
using Relations = std::map<std::string, Relation>;  // by id

std::string_view LastWord(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

bool IsTrue(std::optional<std::string_view> value) {
  return value == "1" || value == "true";
}

class RelationsHandler : public XmlHandler {
 public:
  Result<void> Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name != "Relationship") return {};
    const auto get = [&](std::string_view key) {
      return std::string(attributes.Get(key).value_or(""));
    };
    relations[get("Id")] = {std::string(LastWord(get("Type"))), get("Target"),
                            get("TargetMode") == "External"};
    return {};
  }
  Result<void> End(std::string_view) override { return {}; }

  Relations relations;
};

struct ListedSheet {
  std::string name, relation;
  bool hidden = false;
};

class WorkbookHandler : public XmlHandler {
 public:
  explicit WorkbookHandler(const ExcelPackage& package) : package_(package) {}

  Result<void> Start(std::string_view name, const XmlAttributes& attributes) override {
    if (root.empty()) root = name;
    if (name == "workbookPr") from_1904 = IsTrue(attributes.Get("date1904"));
    if (name == "calcPr") wants_calculation = IsTrue(attributes.Get("fullCalcOnLoad"));
    if (name == "sheet") return AddSheet(attributes);
    return {};
  }
  Result<void> End(std::string_view) override { return {}; }

  std::string root;
  std::vector<ListedSheet> sheets;
  bool from_1904 = false, wants_calculation = false;

 private:
  Result<void> AddSheet(const XmlAttributes& attributes) {
    const auto most = static_cast<size_t>(package_.limits().entries);
    if (sheets.size() >= most) {
      return package_.Fault("it has more than " + std::to_string(most) +
                            " sheets. The limit can be set.");
    }
    const auto state = attributes.Get("state").value_or("visible");
    sheets.push_back({std::string(attributes.Get("name").value_or("")),
                      std::string(attributes.Get("id", true).value_or("")),
                      state == "hidden" || state == "veryHidden"});
    return {};
  }

  const ExcelPackage& package_;
};

class StylesHandler : public XmlHandler {
 public:
  Result<void> Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "cellXfs") in_cells_ = true;
    if (name != "numFmt" && !(name == "xf" && in_cells_)) return {};
    uint32_t id = 0;
    const auto text = attributes.Get("numFmtId").value_or("0");
    std::from_chars(text.data(), text.data() + text.size(), id);
    if (name == "numFmt") {
      described_[id] = ExcelFormatOf(attributes.Get("formatCode").value_or(""));
    } else {
      ids_.push_back(id);
    }
    return {};
  }
  Result<void> End(std::string_view name) override {
    if (name == "cellXfs") in_cells_ = false;
    return {};
  }

  std::vector<ExcelFormat> Formats() const {
    std::vector<ExcelFormat> formats;
    for (const uint32_t id : ids_) {
      const auto found = described_.find(id);
      formats.push_back(found != described_.end() ? found->second : BuiltInExcelFormat(id));
    }
    return formats;
  }

 private:
  bool in_cells_ = false;
  std::map<uint32_t, ExcelFormat> described_;
  std::vector<uint32_t> ids_;
};

/// Follows a workbook's relationships to its parts.
class WorkbookOpener {
 public:
  explicit WorkbookOpener(std::shared_ptr<ExcelPackage> package) : package_(std::move(package)) {}

  Result<std::shared_ptr<const ExcelWorkbook>> Open() {
    auto workbook = std::make_shared<ExcelWorkbook>();
    workbook->package = package_;
    CORESHED_ASSIGN(const std::string part, FindWorkbook());
    WorkbookHandler listed(*package_);
    CORESHED_TRY(ReadSmall(part, &listed));
    if (listed.root != "workbook") return NoWorkbook();
    workbook->from_1904 = listed.from_1904;
    workbook->wants_calculation = listed.wants_calculation;
    CORESHED_ASSIGN(const auto relations, RelationsOf(part));
    for (const auto& sheet : listed.sheets)
      CORESHED_TRY(AddSheet(part, sheet, relations, workbook.get()));
    for (const auto& [id, relation] : relations) {
      if (relation.type == "styles") {
        CORESHED_ASSIGN(const auto styles, Resolve(part, relation));
        StylesHandler handler;
        CORESHED_TRY(ReadSmall(styles, &handler));
        workbook->formats = handler.Formats();
      } else if (relation.type == "sharedStrings") {
        CORESHED_ASSIGN(const auto strings, Resolve(part, relation));
        CORESHED_ASSIGN(workbook->strings, ExcelStrings::Read(package_, strings));
      }
    }
    return std::shared_ptr<const ExcelWorkbook>(std::move(workbook));
  }

 private:
  Error NoWorkbook() const {
    return package_->Fault("it is an archive, but no Excel workbook is in it.");
  }

  Result<std::string> FindWorkbook() {
    if (package_->Find("_rels/.rels") == nullptr) return NoWorkbook();
    CORESHED_ASSIGN(const auto relations, RelationsOf(""));
    for (const auto& [id, relation] : relations) {
      if (relation.type != "officeDocument") continue;
      if (relation.target.ends_with(".bin")) {
        return package_->Fault(
            "it is a binary Excel workbook (.xlsb). Open it and save it as .xlsx.");
      }
      return Resolve("", relation);
    }
    return NoWorkbook();
  }

  /// The name of the part that a relationship of `from` leads to.
  Result<std::string> Resolve(const std::string& from, const Relation& relation) const {
    if (relation.is_external) {
      return package_->Fault("its " + relation.type + " lies in another file (" +
                             ShortenedExcelText(relation.target) + "), which is never followed.");
    }
    const std::string_view target = relation.target;
    std::string path(target.starts_with('/') ? "" : from.substr(0, from.rfind('/') + 1));
    for (size_t at = target.starts_with('/') ? 1 : 0; at <= target.size();) {
      const auto end = std::min(target.find('/', at), target.size());
      const auto step = target.substr(at, end - at);
      at = end + 1;
      if (step.empty() || step == ".") continue;
      if (step != "..") {
        path.append(step) += '/';
      } else if (path.empty()) {
        return package_->Fault("a relationship climbs out of the file: " +
                               ShortenedExcelText(relation.target));
      } else {
        path.pop_back();
        path.resize(path.rfind('/') + 1);
      }
    }
    if (!path.empty()) path.pop_back();
    return path;
  }

  Result<void> ReadSmall(const std::string& part, XmlHandler* handler) {
    const ZipEntry* found = package_->Find(part);
    if (found != nullptr && found->unpacked_size > kSmallPartMax) {
      return package_->Fault(part + " unpacks to " + std::to_string(found->unpacked_size) +
                             " bytes, and " + std::to_string(kSmallPartMax) + " are the most.");
    }
    return XmlReader(package_, part, handler).ReadAll();
  }

  Result<Relations> RelationsOf(const std::string& part) {
    const auto slash = part.rfind('/') + 1;
    const std::string name = part.substr(0, slash) + "_rels/" + part.substr(slash) + ".rels";
    RelationsHandler handler;
    CORESHED_TRY(ReadSmall(name, &handler));
    return std::move(handler.relations);
  }

  Result<void> AddSheet(const std::string& from, const ListedSheet& sheet,
                        const Relations& relations, ExcelWorkbook* workbook) {
    const std::string called = "sheet '" + sheet.name + "'";
    if (sheet.name.empty() || sheet.name.size() > kTableNameMax || HasControl(sheet.name) ||
        sheet.name == "." || sheet.name == "..") {
      return package_->Fault("no table can be called as its " + called + ". Rename it.");
    }
    if (!names_.insert(sheet.name).second) {
      return package_->Fault("two sheets are called '" + sheet.name + "'. Rename one.");
    }
    const auto found = relations.find(sheet.relation);
    if (found == relations.end()) {
      return package_->Fault(called + " is missing. Open the file in Excel and save it again.");
    }
    if (found->second.type != "worksheet") {
      workbook->other_sheets.push_back(sheet.name);
      return {};
    }
    CORESHED_ASSIGN(const auto part, Resolve(from, found->second));
    const ZipEntry* known = package_->Find(part);
    if (known != nullptr && !parts_.insert(known->path).second) {
      return package_->Fault(called + " lies where another sheet lies (" + part + ").");
    }
    workbook->sheets.push_back({sheet.name, part, sheet.hidden});
    return {};
  }

  std::shared_ptr<ExcelPackage> package_;
  std::set<std::string> names_, parts_;
};

}  // namespace

Result<std::shared_ptr<const ExcelWorkbook>> ExcelWorkbook::Open(std::shared_ptr<InputFile> input,
                                                                 const OpenFileOptions& options) {
  CORESHED_ASSIGN(auto package, ExcelPackage::Open(std::move(input), options));
  return WorkbookOpener(std::move(package)).Open();
}

}  // namespace coreshed::sources
