#include "sources/decoder.h"

#include <arrow/util/compression.h>

#include <utility>

#include "base/result.h"

namespace coreshed::sources {
namespace {

constexpr size_t kRoom = size_t{1} << 20;

arrow::Result<std::shared_ptr<arrow::util::Decompressor>> MakeDecompressor(Packing packing) {
  arrow::util::GZipCodecOptions options;
  options.gzip_format = packing == Packing::kDeflate ? arrow::util::GZipFormat::DEFLATE
                                                     : arrow::util::GZipFormat::GZIP;
  std::unique_ptr<arrow::util::Codec> codec;
  if (packing == Packing::kZstd) {
    ARROW_ASSIGN_OR_RAISE(codec, arrow::util::Codec::Create(arrow::Compression::ZSTD));
  } else {
    ARROW_ASSIGN_OR_RAISE(codec, arrow::util::Codec::Create(arrow::Compression::GZIP, options));
  }
  return codec->MakeDecompressor();
}

}  // namespace

Decoder::Decoder(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

Result<Decoder> Decoder::Make(Packing packing, const std::string& label) {
  Decoder decoder;
  decoder.packing_ = packing;
  decoder.label_ = label;
  if (packing == Packing::kNone) return decoder;
  auto made = MakeDecompressor(packing);
  if (!made.ok()) {
    return Error{ErrorKind::kUnsupported, label + " can't be unpacked: " + made.status().message()};
  }
  decoder.decompressor_ = *std::move(made);
  decoder.unpacked_.resize(kRoom);
  return decoder;
}

Error Decoder::Damaged(const std::string& reason) const {
  const std::string what =
      ended_ ? "goes on with other bytes after its end, or is damaged" : "is damaged";
  return Fault(what + " (" + reason + ")");
}

Error Decoder::Fault(const std::string& what) const {
  return Error{ErrorKind::kValidation, label_ + " " + what + "."}.With("file", label_);
}

Result<void> Decoder::Begin() {
  if (ended_) {
    if (packing_ == Packing::kDeflate) return Damaged("more packed bytes than it needs");
    if (const auto reset = decompressor_->Reset(); !reset.ok()) return Damaged(reset.message());
  }
  within_ = true;
  return {};
}

/// One call of the decompressor; returns how many packed bytes it took.
Result<size_t> Decoder::Step(std::string_view packed, const Sink& sink) {
  const auto step = decompressor_->Decompress(
      static_cast<int64_t>(packed.size()), reinterpret_cast<const uint8_t*>(packed.data()),
      static_cast<int64_t>(unpacked_.size()), unpacked_.data());
  if (!step.ok()) return Damaged(step.status().message());
  const auto written = static_cast<size_t>(step->bytes_written);
  is_full_ = written == unpacked_.size();
  if (written > 0) {
    CORESHED_TRY(sink({reinterpret_cast<const char*>(unpacked_.data()), written}));
  }
  if (decompressor_->IsFinished()) {
    within_ = is_full_ = false;
    ended_ = true;
  } else if (step->bytes_read == 0 && written == 0 && !packed.empty()) {
    return Damaged("it makes no progress");
  }
  return static_cast<size_t>(step->bytes_read);
}

Result<void> Decoder::Feed(std::string_view packed, const Sink& sink) {
  if (decompressor_ == nullptr) return packed.empty() ? Result<void>() : sink(packed);
  while (!packed.empty() || is_full_) {
    if (!within_) {
      CORESHED_TRY(Begin());
    }
    CORESHED_ASSIGN(const size_t taken, Step(packed, sink));
    packed.remove_prefix(taken);
  }
  return {};
}

Result<void> Decoder::Finish() const {
  if (decompressor_ == nullptr || (ended_ && !within_)) return {};
  return Fault(ended_ ? "goes on with other bytes after its end, or is cut short in what follows"
                      : "is cut short: it ends before all of it is unpacked");
}

}  // namespace coreshed::sources
