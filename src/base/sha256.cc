#include "base/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstdlib>

#include "base/hex.h"

namespace coreshed {
namespace {

constexpr size_t kDigestBytes = 32;

// OpenSSL fails here only when memory is gone or its SHA-256 provider is missing.
void Require(int ok) {
  if (ok != 1) std::abort();
}

/// Fetched once: a fetch by name for each digest costs more than the digest of a short text.
const EVP_MD* Sha256Method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  Require(EVP_DigestInit_ex(context_->evp, Sha256Method(), nullptr));
}

Sha256::~Sha256() = default;

void Sha256::Update(const void* data, size_t size) {
  Require(EVP_DigestUpdate(context_->evp, data, size));
}

std::string Sha256::Finish() {
  std::array<uint8_t, kDigestBytes> digest;
  unsigned size = 0;
  Require(EVP_DigestFinal_ex(context_->evp, digest.data(), &size));
  return ToHex(digest.data(), digest.size());
}

std::string Sha256Hex(std::string_view bytes) {
  Sha256 sha;
  sha.Update(bytes.data(), bytes.size());
  return sha.Finish();
}

}  // namespace coreshed
