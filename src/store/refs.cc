#include "store/refs.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/paths.h"
#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "commit/rollback.h"

namespace coreshed::store {
namespace {

constexpr size_t kHashDigitsMin = 8;

Error NotARef(const std::string& text, const std::string& why) {
  return Error{ErrorKind::kInvalidArgument,
               "'" + text + "' is no ref: " + why +
                   ". A ref is id[@selector][#table], for example BH-7, BH-7@v3, "
                   "BH-7@approved#lab; in an id '@', '#' and '%' are written %40, %23, %25."};
}

std::optional<std::string> Decode(const std::string& part) {
  std::string text;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '%') {
      text += part[i];
      continue;
    }
    const std::string code = part.substr(i, 3);
    if (code == "%40")
      text += '@';
    else if (code == "%23")
      text += '#';
    else if (code == "%25")
      text += '%';
    else
      return std::nullopt;
    i += 2;
  }
  return text;
}

/// A number too large for a version stays one that no record has.
std::optional<int64_t> ParseVersion(const std::string& selector) {
  if (selector.size() < 2 || selector[0] != 'v') return std::nullopt;
  int64_t version = 0;
  const char* end = selector.data() + selector.size();
  const auto [stop, error] = std::from_chars(selector.data() + 1, end, version);
  if (stop != end || version < 0) return std::nullopt;
  return error == std::errc() ? version : std::numeric_limits<int64_t>::max();
}

Result<void> ParseSelector(const std::string& whole, const std::string& selector, Ref* ref) {
  using Selector = Ref::Selector;
  if (selector.empty()) return NotARef(whole, "there is nothing after '@'");
  if (const auto version = ParseVersion(selector)) {
    ref->selector = Selector::kVersion;
    ref->version = *version;
  } else if (selector == "head") {
    ref->selector = Selector::kHead;
  } else if (selector == "approved") {
    ref->selector = Selector::kApproved;
  } else if (selector == "active") {
    ref->selector = Selector::kActive;
  } else if (selector.starts_with("sha:")) {
    ref->selector = Selector::kHash;
    ref->text = FoldCase(selector.substr(4));
    const bool hex = ref->text.find_first_not_of("0123456789abcdef") == ref->text.npos;
    if (!hex || ref->text.size() < kHashDigitsMin || ref->text.size() > 64) {
      return NotARef(whole, "'sha:' needs 8 to 64 hex digits of the exact hash");
    }
  } else if (const auto time = ParseTime(selector)) {
    ref->selector = Selector::kTime;
    ref->text = FormatTime(*time);
  } else {
    ref->selector = Selector::kTag;
    ref->text = selector;
  }
  return {};
}

Error NothingThere(const commit::RecordDocument& document, const std::string& what) {
  std::string message =
      "'" + document.record_id + "' has no " + what + "; " + commit::VersionsThereAre(document);
  if (!document.tags.empty()) {
    std::string tags;
    for (const auto& [tag, version] : document.tags)
      tags += (tags.empty() ? "" : ", ") + tag;
    message += ", and the tags " + tags;
  }
  return Error{ErrorKind::kNotFound, message + "."}.With("record_id", document.record_id);
}

Result<commit::FoundEntry> Entry(const commit::RecordDocument& document, int64_t version,
                                 commit::PageReader& pages) {
  CORESHED_ASSIGN(auto found, commit::FindVersion(document, version, pages));
  if (!found || version <= document.deleted_through) {
    return NothingThere(document, "version " + std::to_string(version));
  }
  return std::move(*found);
}

Result<commit::FoundEntry> ByHash(const Ref& ref, const commit::RecordDocument& document,
                                  commit::PageReader& pages) {
  std::optional<commit::FoundEntry> match;
  bool several = false;
  CORESHED_TRY(commit::EachVersion(
      document, document.deleted_through, pages,
      [&](const commit::VersionEntry& entry, const auto& schemas) -> Result<bool> {
        if (!entry.exact_hash.starts_with(ref.text)) return true;
        several = several || (match && match->entry->exact_hash != entry.exact_hash);
        // Of equal content the newest one, and if possible one whose data are there.
        if (!match || !entry.purged || match->entry->purged)
          match = commit::FoundEntry{entry, schemas};
        return true;
      }));
  if (!match) return NothingThere(document, "version whose exact hash begins with " + ref.text);
  if (several) {
    return Error{ErrorKind::kInvalidArgument, "Several versions of '" + document.record_id +
                                                  "' have exact hashes that begin with " +
                                                  ref.text + ": give more digits."};
  }
  return std::move(*match);
}

Result<commit::FoundEntry> ByTime(const Ref& ref, const commit::RecordDocument& document,
                                  commit::PageReader& pages) {
  CORESHED_ASSIGN(auto event, commit::FindEventAt(document, ref.text, pages));
  const auto active = event ? commit::ActiveAfter(*event) : std::nullopt;
  if (!active) {
    return NothingThere(
        document, "version that was active at " + ref.text + " (made " + document.created_at + ")");
  }
  return Entry(document, *active, pages);
}

}  // namespace

Result<Ref> ParseRef(const std::string& text) {
  Ref ref;
  std::string rest = text;
  if (const size_t hash = rest.find('#'); hash != rest.npos) {
    const auto table = Decode(rest.substr(hash + 1));
    if (!table || table->empty()) return NotARef(text, "the table after '#' is not readable");
    ref.table = *table;
    rest.resize(hash);
  }
  if (const size_t at = rest.find('@'); at != rest.npos) {
    CORESHED_TRY(ParseSelector(text, rest.substr(at + 1), &ref));
    rest.resize(at);
  }
  const auto id = Decode(rest);
  if (!id) return NotARef(text, "'%' stands for nothing here");
  CORESHED_ASSIGN(ref.record_id, paths::CheckAnyRecordId(*id));
  return ref;
}

Result<commit::FoundEntry> SelectVersion(const Ref& ref, const commit::RecordDocument& document,
                                         commit::PageReader& pages) {
  using Selector = Ref::Selector;
  switch (ref.selector) {
    case Selector::kDefault:
    case Selector::kActive:
      return Entry(document, document.current_version, pages);
    case Selector::kVersion:
      return Entry(document, ref.version, pages);
    case Selector::kHead:
      return Entry(document, document.last_version, pages);
    case Selector::kApproved:
      if (document.last_approved == 0) return NothingThere(document, "approved version");
      return Entry(document, document.last_approved, pages);
    case Selector::kTime:
      return ByTime(ref, document, pages);
    case Selector::kHash:
      return ByHash(ref, document, pages);
    case Selector::kTag:
      break;
  }
  const auto tag = document.tags.find(ref.text);
  if (tag == document.tags.end()) {
    const bool may_be_time = !ref.text.empty() && ref.text[0] >= '0' && ref.text[0] <= '9';
    return NothingThere(document,
                        "tag '" + ref.text + "'" +
                            (may_be_time ? " (a time is written 2026-01-27T10:00:00Z)" : ""));
  }
  return Entry(document, tag->second, pages);
}

}  // namespace coreshed::store
