#include <algorithm>
#include <sstream>

#include "base/canonical_json.h"
#include "base/ed25519.h"
#include "base/paths.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "commit/fields.h"
#include "store/store_impl.h"

/// Seals (spec/format.md, "Seals"): a first line of JSON with the Merkle root over the records'
/// chain heads, then one line of JSON for each record, in the order of ids.
namespace coreshed::store {
namespace {

using nlohmann::json;

struct Leaf {
  std::string record_id;
  int64_t seq = 0;
  std::string hash;
};

json LeafToJson(const Leaf& leaf) {
  return {leaf.record_id, leaf.seq, leaf.hash};
}

/// RFC 9162, section 2.1.1, over hex digests: leaves begin with "0", nodes with "1".
std::string MerkleRoot(std::vector<std::string> level) {
  if (level.empty()) return Sha256Hex("");
  while (level.size() > 1) {
    std::vector<std::string> next;
    for (size_t i = 0; i + 1 < level.size(); i += 2) {
      next.push_back(Sha256Hex("1" + level[i] + level[i + 1]));
    }
    if (level.size() % 2 == 1) next.push_back(level.back());
    level = std::move(next);
  }
  return level[0];
}

std::string RootOf(const std::vector<Leaf>& leaves) {
  std::vector<std::string> hashes;
  for (const auto& leaf : leaves)
    hashes.push_back(Sha256Hex("0" + CanonicalJson(LeafToJson(leaf))));
  return MerkleRoot(std::move(hashes));
}

struct ParsedSeal {
  json head;              ///< without the signature: what is signed
  std::string signature;  ///< empty: none
  std::string store_id, time, root;
  std::vector<Leaf> leaves;
};

Result<Leaf> ParseLeaf(const std::string& line) {
  CORESHED_ASSIGN(const json leaf, ParseJson(line, "a line of the seal"));
  const bool shape = leaf.is_array() && leaf.size() == 3 && leaf[0].is_string() &&
                     leaf[1].is_number_integer() && leaf[2].is_string();
  if (!shape) return Error{ErrorKind::kValidation, "A line of the seal is damaged."};
  return Leaf{leaf[0].get<std::string>(), leaf[1].get<int64_t>(), leaf[2].get<std::string>()};
}

Result<ParsedSeal> ParseSeal(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  ParsedSeal seal;
  auto head = ParseJson(line, "the first line of the seal");
  if (!head) {
    return Error{ErrorKind::kValidation, "That is no seal: its first line is not readable JSON."};
  }
  seal.head = std::move(head).value();
  commit::Fields fields(seal.head, "the seal");
  seal.store_id = fields.Hex("store_id", 32);
  seal.time = fields.Text("time");
  seal.root = fields.Hex("root", 64);
  const int64_t records = fields.Number("records");
  seal.signature = fields.TextOr("signature", "");
  if (!fields.ok()) return Error{ErrorKind::kValidation, fields.error().message};
  seal.head.erase("signature");
  while (std::getline(lines, line)) {
    if (line.empty()) continue;
    CORESHED_ASSIGN(auto leaf, ParseLeaf(line));
    seal.leaves.push_back(std::move(leaf));
  }
  if (records != static_cast<int64_t>(seal.leaves.size()) || RootOf(seal.leaves) != seal.root) {
    return Error{ErrorKind::kValidation,
                 "The seal itself was changed: its lines do not give its root. Use an untouched "
                 "copy of it."};
  }
  return seal;
}

}  // namespace

Result<std::string> StoreImpl::Seal(const std::string& private_key_pem) {
  CORESHED_ASSIGN(const auto ids, RecordIds());
  std::vector<Leaf> leaves;
  for (const auto& id : ids) {
    CORESHED_ASSIGN(const auto base, documents_.Read(id));
    if (!base || base->document->head_seq == 0) continue;
    leaves.push_back({id, base->document->head_seq, base->document->head_hash});
  }
  CORESHED_ASSIGN(const int64_t now, storage_->NowMicros());
  json head = {{"coreshed_seal", 1},
               {"store_id", store_id_},
               {"time", FormatTime(now)},
               {"records", leaves.size()},
               {"root", RootOf(leaves)}};
  if (!private_key_pem.empty()) {
    CORESHED_ASSIGN(head["signature"], SignEd25519(private_key_pem, CanonicalJson(head)));
  }
  std::string text = CanonicalJson(head) + "\n";
  for (const auto& leaf : leaves)
    text += CanonicalJson(LeafToJson(leaf)) + "\n";
  return text;
}

Result<void> StoreImpl::VerifySeal(const VerifyOptions& options, VerifyReport* report) {
  CORESHED_ASSIGN(const ParsedSeal seal, ParseSeal(options.seal));
  const auto fault = [&](const std::string& id, const std::string& message) {
    report->faults.push_back({id, "", "seal", message});
  };
  if (seal.store_id != store_id_) {
    return Error{ErrorKind::kInvalidArgument,
                 "That seal was made of another store (" + seal.store_id + ")."};
  }
  if (!options.public_key_pem.empty()) {
    CORESHED_ASSIGN(const bool genuine,
                    CheckEd25519(options.public_key_pem, CanonicalJson(seal.head), seal.signature));
    if (!genuine) fault("", "the seal is not signed with this key");
  }
  int64_t events = 0;
  int64_t changed = 0;
  for (const auto& leaf : seal.leaves) {
    int64_t head_seq = leaf.seq;
    const auto fault_of_leaf =
        commit::ReadAgain([&](std::string* commit_id) -> Result<std::string> {
          CORESHED_ASSIGN(const auto base, documents_.Read(leaf.record_id));
          if (!base) return std::string("the record is gone since the seal");
          *commit_id = base->document->commit_id;
          head_seq = base->document->head_seq;
          CORESHED_ASSIGN(const auto event, commit::FindEvent(*base->document, leaf.seq, pages_));
          const std::string what = "event " + std::to_string(leaf.seq);
          if (!event) return "its history was cut: " + what + " that the seal knows is gone";
          if (event->hash == leaf.hash) return std::string();
          return "its history was rewritten: " + what + " is not the one that the seal knows";
        });
    if (!fault_of_leaf) continue;  // reported by the record's own check
    if (!fault_of_leaf->empty()) fault(leaf.record_id, *fault_of_leaf);
    events += std::max<int64_t>(0, head_seq - leaf.seq);
    changed += head_seq > leaf.seq ? 1 : 0;
  }
  CORESHED_ASSIGN(const auto ids, RecordIds());
  const auto added = static_cast<int64_t>(ids.size()) - static_cast<int64_t>(seal.leaves.size());
  report->notes.push_back("since the seal of " + seal.time + ": " + std::to_string(events) +
                          " events in " + std::to_string(changed) + " of " +
                          std::to_string(seal.leaves.size()) + " records, and " +
                          std::to_string(std::max<int64_t>(0, added)) + " new records");
  return {};
}

}  // namespace coreshed::store
