#include "commit/edit_pages.h"

#include <utility>

#include "base/paths.h"
#include "base/random.h"
#include "base/result.h"
#include "base/sha256.h"
#include "commit/page_check.h"

namespace coreshed::commit {
namespace {

/// One pass over a record's pages.
class Editor {
 public:
  Editor(const PageEdit& edit, const std::string& record_id, PageReader& reader,
         storage::Stage& stage)
      : edit_(edit), record_id_(record_id), reader_(reader), stage_(stage) {}

  /// Go through references; true: one of them is another now.
  Result<bool> Edit(std::vector<PageRef>* refs) {
    bool changed = false;
    for (auto& ref : *refs) {
      if (!edit_.may_change(ref)) continue;
      CORESHED_ASSIGN(const bool one, EditOne(&ref));
      changed = changed || one;
    }
    return changed;
  }

 private:
  Result<bool> EditOne(PageRef* ref) {
    CORESHED_ASSIGN(const auto old_page, reader_.Read(record_id_, *ref));
    Page page = *old_page;
    bool changed = false;
    if (page.level > 0) {
      CORESHED_ASSIGN(changed, Edit(&page.pages));
    } else {
      CORESHED_ASSIGN(changed, edit_.change(&page));
      if (changed) DropUnusedSchemas(page.versions, &page.schemas);
    }
    if (!changed) return false;
    const std::string bytes = SerializePage(page, record_id_);
    CORESHED_ASSIGN(*ref, WritePage(std::move(page), bytes, record_id_, reader_, stage_));
    return true;
  }

  const PageEdit& edit_;
  const std::string& record_id_;
  PageReader& reader_;
  storage::Stage& stage_;
};

}  // namespace

Result<PageRef> WritePage(Page page, const std::string& bytes, const std::string& record_id,
                          PageReader& reader, storage::Stage& stage) {
  PageRef ref = Summary(page);
  // A page's name is its writer's own: what happens to lie under a name is never adopted.
  const std::string name = paths::Page(ref.level, ref.first_seq, ref.last_seq, RandomHex32());
  CORESHED_ASSIGN(auto upload, stage.NewObject(name, name));
  CORESHED_TRY(upload->Write(bytes.data(), static_cast<int64_t>(bytes.size())));
  CORESHED_ASSIGN(ref.name, upload->Finish());
  ref.sha256 = Sha256Hex(bytes);
  ref.size_bytes = static_cast<int64_t>(bytes.size());
  reader.Remember(record_id, ref, std::move(page));
  return ref;
}

Result<void> EditPages(const PageEdit& edit, RecordDocument* document, PageReader& reader,
                       storage::Stage& stage) {
  CORESHED_TRY(Editor(edit, document->record_id, reader, stage).Edit(&document->pages));
  return {};
}

}  // namespace coreshed::commit
