#include "base/ed25519.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <memory>
#include <vector>

#include "base/hex.h"
#include "base/result.h"

namespace coreshed {
namespace {

constexpr size_t kSignatureBytes = 64;

template <typename T, void (*Free)(T*)>
struct Freer {
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;

Error NoKey(const std::string& which) {
  return Error{
      ErrorKind::kInvalidArgument,
      "The " + which +
          " key is not an Ed25519 key in PEM. To make one: openssl genpkey "
          "-algorithm ed25519 -out key.pem; openssl pkey -in key.pem -pubout -out public.pem"};
}

Result<Key> ReadKey(const std::string& pem, bool private_key) {
  const std::string which = private_key ? "private" : "public";
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(private_key ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)
                      : PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) return NoKey(which);
  return key;
}

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::vector<uint8_t> FromHex(const std::string& hex) {
  std::vector<uint8_t> bytes;
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(value(hex[i]) * 16 + value(hex[i + 1])));
  }
  return bytes;
}

}  // namespace

Result<std::string> SignEd25519(const std::string& private_key_pem, std::string_view message) {
  CORESHED_ASSIGN(const Key key, ReadKey(private_key_pem, true));
  const Context context(EVP_MD_CTX_new());
  std::array<uint8_t, kSignatureBytes> signature;
  size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, Bytes(message), message.size()) != 1) {
    return NoKey("private");
  }
  return ToHex(signature.data(), size);
}

Result<bool> CheckEd25519(const std::string& public_key_pem, std::string_view message,
                          const std::string& signature) {
  CORESHED_ASSIGN(const Key key, ReadKey(public_key_pem, false));
  if (!IsHex(signature, 2 * kSignatureBytes)) return false;
  const auto bytes = FromHex(signature);
  const Context context(EVP_MD_CTX_new());
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) {
    return NoKey("public");
  }
  return EVP_DigestVerify(context.get(), bytes.data(), bytes.size(), Bytes(message),
                          message.size()) == 1;
}

}  // namespace coreshed
